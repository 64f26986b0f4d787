package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/teg"
)

// The server is killed while bootstrap tokens are made and agents register with them. What
// was acknowledged is there, each agent has its grant once, and a token whose answer was
// lost does no harm.
func TestKilledWhileRegistering(t *testing.T) {
	eachDatabase(t, func(t *testing.T, url string) {
		s := newShell(t, "DATABASE_URL="+url, "JWT_SECRET_KEY="+secret, "RATE_LIMIT_ENABLED=false", "LISTEN_ADDR=127.0.0.1:0", "LOG_LEVEL=info", "ONBOARDING_GRANT=0.0000001")
		s.succeed("migrate", "up")
		s.write("ring.csv", "1,2,1,1\n2,3,1,2\n3,4,1,3\n4,1,1,4\n")
		s.succeed("import", "--ratings", "ring.csv") // whose fees, 0.004, are what grants are paid from
		admin := minted(t, "did:otc:1", teg.RoleAdmin)
		registrants := make([]*sender, 4)
		for i := range registrants {
			registrants[i] = &sender{name: fmt.Sprintf("registrant-%d", i), turn: register(t, admin)}
		}
		killOverAndOver(s, registrants, kills(t)/2, func(api string) {
			registered := 0
			for _, p := range registrants {
				registered += len(p.receipts)
			}
			status, metrics := ask(t, "GET", api+"/admin/metrics", admin, "")
			require.Equal(t, 200, status)
			require.EqualValues(t, 4+registered, metrics["counts"].(map[string]any)["agents"])
			require.InDelta(t, 0.004-0.0000001*float64(registered), number(t, metrics["treasury_balance"]), 1e-9)
		})
	})
}

// minted is a token of the key of the tests.
func minted(t *testing.T, agent string, roles ...teg.Role) string {
	t.Helper()
	config := auth.Config{Algorithm: auth.HS256, Secret: []byte(secret)}
	token, err := auth.Mint(config, nil, auth.Identity{Agent: teg.Agent(agent), Roles: teg.RolesOf(append(roles, teg.RoleAgent)...)}, time.Hour)
	require.NoError(t, err)
	return token
}

// register has a new agent come in: a token is asked for until one is shown, and used until
// it is known to have been. A refusal because it was is the answer to what was sent before.
func register(t *testing.T, admin string) func(p *sender, client *http.Client, name string) {
	return func(p *sender, client *http.Client, name string) {
		agent := "did:example:" + name
		proof := minted(t, agent)
		invitation := ""
		p.until(func() (done bool, status int) {
			p.path, p.body, p.token, p.id = "/admin/bootstrap-tokens/generate", "{}", admin, "token"
			invitation, status = p.send(client, name)
			return status == http.StatusOK, status
		})
		sent := false
		p.until(func() (done bool, status int) {
			p.path, p.body = "/onboarding/register", fmt.Sprintf(`{"bootstrap_token":%q,"agent_did":%q}`, invitation, agent)
			p.token, p.id = proof, "agent_id"
			_, status = p.send(client, name)
			switch {
			case status == http.StatusConflict && sent:
				p.replayed++
			case status != http.StatusCreated:
				p.unsure++
				sent = true
				return false, status
			}
			p.receipt(agent)
			return true, status
		})
	}
}

// until does something until it is done, as long as no answer comes or one that says that
// nobody knows yet.
func (p *sender) until(try func() (done bool, status int)) {
	for began := time.Now(); p.fault == nil && time.Since(began) < time.Minute; {
		done, status := try()
		switch {
		case done:
			return
		case status != 0 && status != http.StatusServiceUnavailable:
			p.fault = fmt.Errorf("%s was answered with %d", p.path, status)
		}
		<-time.After(2 * time.Millisecond) // leaves the processor to the server that starts
	}
	if p.fault == nil {
		p.fault = fmt.Errorf("%s was not acknowledged within a minute", strings.TrimPrefix(p.path, "/"))
	}
}
