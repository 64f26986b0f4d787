package opa_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/open-policy-agent/opa/v1/plugins"
	"github.com/open-policy-agent/opa/v1/server"
	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/decider/opa"
	"github.com/agentvault/teg-layer/teg/outside"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

const token = "a-token-that-nobody-is-to-see"

// only lets OPA answer those who know the token, by OPA's own means.
const only = `package system.authz
default allow := false
allow if input.identity == "` + token + `"`

const policy = `package teg
decision := [{"allow": a.receiver != "did:example:carol", "reason": "not her"} | some a in input.acts]
`

// startOPA runs the server of an Open Policy Agent on loopback, with these policies.
func startOPA(t *testing.T, policies map[string]string) (url string) {
	t.Helper()
	ctx, st := context.Background(), inmem.New()
	require.NoError(t, storage.Txn(ctx, st, storage.WriteParams, func(txn storage.Transaction) error {
		for name, text := range policies {
			if err := st.UpsertPolicy(ctx, txn, name, []byte(text)); err != nil {
				return err
			}
		}
		return nil
	}))
	manager, err := plugins.New(nil, "opa", st)
	require.NoError(t, err)
	require.NoError(t, manager.Start(ctx))
	t.Cleanup(func() { manager.Stop(ctx) })
	agent, err := server.New().WithStore(st).WithManager(manager).
		WithAuthentication(server.AuthenticationToken).WithAuthorization(server.AuthorizationBasic).Init(ctx)
	require.NoError(t, err)
	listening := httptest.NewServer(agent.Handler)
	t.Cleanup(listening.Close)
	return listening.URL
}

func decideBy(t *testing.T, c opa.Config) *opa.Decider {
	t.Helper()
	d, err := opa.New(c)
	require.NoError(t, err)
	t.Cleanup(d.Close)
	return d
}

// An Open Policy Agent decides what an engine does: one act, a thousand at once, and
// nothing where it has no answer or is not there.
func TestDecideByOPA(t *testing.T) {
	t.Parallel()
	base := startOPA(t, map[string]string{"authz.rego": only, "teg.rego": policy})
	st := storetest.OpenSQLite(t)
	eng := tegtest.Over(t, st)
	alice, bob, carol := tegtest.Fund(t, eng, "did:example:alice", "3000"), tegtest.Fund(t, eng, "did:example:bob", "0"), tegtest.Fund(t, eng, "did:example:carol", "0")
	under := func(c opa.Config) *teg.Engine {
		c.Timeout = time.Minute
		return tegtest.Over(t, st, func(config *teg.Config) { config.Decider, config.DeciderTimeout = decideBy(t, c), time.Minute })
	}
	ctx := context.Background()
	watched := under(opa.Config{URL: base + "/v1/data/teg/decision", Token: token})
	_, err := watched.Transfer(ctx, teg.TransferParams{From: alice, To: bob, Amount: teg.AVT("1")})
	require.NoError(t, err)
	_, err = watched.Transfer(ctx, teg.TransferParams{From: alice, To: carol, Amount: teg.AVT("1")})
	require.ErrorIs(t, err, teg.ErrPolicyDenied)
	require.ErrorContains(t, err, "not her")
	batch := teg.BatchParams{From: alice}
	for i := range teg.MaxBatch {
		batch.Transfers = append(batch.Transfers, teg.BatchTransfer{To: []teg.DID{bob, carol}[i%2], Amount: teg.AVT("1")})
	}
	r, err := watched.TransferBatch(ctx, batch)
	require.NoError(t, err)
	require.Equal(t, []int{teg.MaxBatch / 2, teg.MaxBatch / 2}, []int{r.Succeeded, r.Failed})
	require.NoError(t, decideBy(t, opa.Config{URL: base + "/v1/data/teg/decision", Token: token}).Check(ctx))

	pay := teg.TransferParams{From: alice, To: bob, Amount: teg.AVT("1")}
	_, err = under(opa.Config{URL: base + "/v1/data/teg/nothing", Token: token}).Transfer(ctx, pay)
	require.ErrorIs(t, err, teg.ErrPolicyDenied, "a rule that is undefined denies")
	_, err = under(opa.Config{URL: base + "/v1/data/teg/decision", Token: "another"}).Transfer(ctx, pay)
	require.ErrorIs(t, err, teg.ErrUndecided)
	require.ErrorIs(t, err, outside.ErrAnswer)
	_, err = under(opa.Config{URL: "http://127.0.0.1:1/v1/data/teg/decision", Token: token}).Transfer(ctx, pay)
	require.ErrorIs(t, err, teg.ErrUndecided)
	require.ErrorIs(t, err, outside.ErrAway)
	require.NotContains(t, err.Error(), token)
	require.Equal(t, "501", tegtest.Available(t, eng, bob))
	require.Equal(t, "0", tegtest.Available(t, eng, carol))
}

// A stand-in that answers what no Open Policy Agent would: nobody is allowed anything by
// it.
func TestHostileAnswers(t *testing.T) {
	t.Parallel()
	says := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, text)
		}
	}
	for name, answer := range map[string]http.HandlerFunc{
		"nothing":   says(""),
		"no object": says(`[true]`),
		"null":      says(`null`),
		"half":      says(`{"result":tr`),
		"two":       says(`{"result":true}{"result":true}`),
		"a text":    says(`{"result":"true"}`),
		"too few":   says(`{"result":[]}`),
		"no JSON":   func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"result":true}`) },
		"too much":  says(`{"result":true,"x":"` + strings.Repeat("x", 1<<20) + `"}`),
		"elsewhere": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/other", http.StatusTemporaryRedirect)
		},
		"an accident": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) },
		"created": func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusCreated)
			says(`{"result":true}`)(w, r)
		},
		"dropped": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		stub := httptest.NewServer(answer)
		d := decideBy(t, opa.Config{URL: stub.URL + "/v1/data/teg/decision", Token: token, Timeout: time.Minute})
		verdicts, err := d.Decide(context.Background(), []teg.Intent{{}})
		require.Error(t, err, name)
		require.Empty(t, verdicts, name)
		require.NotContains(t, err.Error(), token, name)
		d.Close()
		stub.Close()
	}
}

func TestCheckURL(t *testing.T) {
	t.Parallel()
	for text, ok := range map[string]bool{
		"http://127.0.0.1:8181/v1/data/teg/decision": true, "https://opa.example/base/v1/data/teg/allow": true, "http://localhost:1/v1/data/x": true,
		"http://opa.example/v1/data/teg/decision": false, "http://127.0.0.1:8181": false, "http://127.0.0.1:8181/v1/data/": false,
		"https://u:p@opa.example/v1/data/x": false, "https://opa.example/v1/data/x?pretty": false, "": false,
	} {
		require.Equal(t, ok, opa.CheckURL(text) == nil, text)
	}
	_, err := opa.New(opa.Config{URL: "https://opa.example/v1/data/x", Token: "a b"})
	require.Error(t, err)
}
