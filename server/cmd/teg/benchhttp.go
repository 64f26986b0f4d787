package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/server/config"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegbench"
)

// overHTTP puts the load on a server.
func (f *benchFlags) overHTTP(cmd *cobra.Command) error {
	if f.ceiling || f.ones {
		return misused("--ceiling and --groups-of-one go with --database")
	}
	c, err := load(cmd)
	if err != nil {
		return err
	}
	ctx, stop := untilSignalled(cmd.Context())
	defer stop()
	target, err := newHTTPTarget(c, f.url, f.Accounts, f.Clients)
	if err != nil {
		return err
	}
	cmd.PrintErrln("preparing", f.Accounts, "accounts")
	if err := target.populate(ctx); err != nil {
		return err
	}
	var runs []tegbench.Result
	for i := range f.runs {
		cmd.PrintErrf("run %d of %d\n", i+1, f.runs)
		r, err := tegbench.Run(ctx, f.Load, target)
		if err != nil {
			return err
		}
		runs = append(runs, r)
	}
	return f.tell(cmd.OutOrStdout(), tegbench.ReportOf("over HTTP", runs))
}

// httpTarget pays over HTTP, each agent with its own token.
type httpTarget struct {
	root   string // URL
	base   string // with the prefix of the API
	client *http.Client
	admin  string
	agents []string // DIDs
	tokens []string

	connections int
}

func newHTTPTarget(c *config.Config, url string, accounts, connections int) (*httpTarget, error) {
	signer, err := auth.NewSigner(tokenConfig(c), nil)
	if err != nil {
		return nil, usageError{err}
	}
	t := &httpTarget{
		root: strings.TrimSuffix(url, "/"), base: strings.TrimSuffix(url, "/") + c.APIPrefix, agents: make([]string, accounts), tokens: make([]string, accounts),
		client: &http.Client{Transport: transportFor(url, connections)}, connections: connections,
	}
	mint := func(agent teg.DID, roles auth.Roles) (token string) {
		if err == nil {
			token, err = signer.Mint(auth.Identity{Agent: agent, Roles: roles}, c.JWTMaxLifetime)
		}
		return token
	}
	t.admin = mint(teg.Agent("did:bench:admin"), auth.RolesOf(auth.Admin))
	for i := range t.agents {
		agent := tegbench.AgentDID(i)
		t.agents[i], t.tokens[i] = agent.String(), mint(agent, auth.RolesOf(auth.Agent))
	}
	return t, err
}

// populate gives every agent value. The keys make that happen once a day at
// most, however often it is asked for.
func (t *httpTarget) populate(ctx context.Context) error {
	return tegbench.ForEach(len(t.agents), t.connections, func(i int) error {
		return t.post(ctx, "/admin/tokens/issue", t.admin, "bench-"+t.agents[i], map[string]any{
			"recipient_agent_id": t.agents[i], "amount": tegbench.Deposit, "reason": "benchmark",
		})
	})
}

// Pay posts a transfer, or a batch of them.
func (t *httpTarget) Pay(ctx context.Context, from int, to []int, sums []teg.Amount, key string) error {
	items := make([]map[string]any, len(to))
	for i := range to {
		items[i] = map[string]any{"receiver_agent_id": t.agents[to[i]], "amount": sums[i]}
	}
	if len(items) == 1 {
		return t.post(ctx, "/token/transfer", t.tokens[from], key, items[0])
	}
	return t.post(ctx, "/token/transfer/bulk", t.tokens[from], key, map[string]any{"transfers": items, "atomic": true})
}

func (t *httpTarget) post(ctx context.Context, path, token, key string, body any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, t.base+path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	request.Header = http.Header{
		"Authorization": {"Bearer " + token}, "Content-Type": {"application/json"}, "Idempotency-Key": {key},
	}
	_, err = t.send(request)
	return err
}

// get asks for a page of the API.
func (t *httpTarget) get(ctx context.Context, path, token string) ([]byte, error) {
	return t.fetch(ctx, t.base+path, token)
}

// metrics is what the server says of itself.
func (t *httpTarget) metrics(ctx context.Context) ([]byte, error) {
	return t.fetch(ctx, t.root+"/metrics", t.admin)
}

func (t *httpTarget) fetch(ctx context.Context, url, token string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	request.Header = http.Header{"Authorization": {"Bearer " + token}}
	return t.send(request)
}

// send returns the answer to a request, which has to be a good one.
func (t *httpTarget) send(request *http.Request) ([]byte, error) {
	response, err := t.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if err != nil {
		return nil, err
	}
	if !slices.Contains([]int{http.StatusOK, http.StatusCreated}, response.StatusCode) {
		return nil, fmt.Errorf("%s answered %s: %.300s", request.URL.Path, response.Status, answer)
	}
	return answer, nil
}
