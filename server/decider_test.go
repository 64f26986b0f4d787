package server_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server"
	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// smallPayments is a decider that lets agents pay no more than 10 AVT at once, and gives no
// answer while it is away.
type smallPayments struct{ away atomic.Bool }

func (d *smallPayments) Decide(_ context.Context, intents []teg.Intent) ([]teg.Verdict, error) {
	if d.away.Load() {
		return nil, errors.New("hunter2 is away")
	}
	verdicts := make([]teg.Verdict, len(intents))
	for i, intent := range intents {
		small := !teg.AVT("10").Less(intent.Amount) || len(intent.Roles) == 0 // the test's own acts
		verdicts[i] = teg.Verdict{Allow: small || slices.Contains(intent.Roles, "admin"), Reason: "more than 10 AVT"}
	}
	return verdicts, nil
}

// What a policy denies is 403 with its reason, in a bulk element by element; where it
// gives no answer everything that writes is 503, without a word of why, and nothing is
// remembered under the key. Reading goes on.
func TestPolicyOverHTTP(t *testing.T) {
	t.Parallel()
	d := new(smallPayments)
	m := newMarketWith(t, memory(t), func(c *teg.Config) { c.Decider = d })
	pay := func(sum string) string { return `{"receiver_agent_id":"did:example:bob","amount":"` + sum + `"}` }
	denied := m.post("/token/transfer", m.aliceToken, pay("10.01"), "Idempotency-Key", "k").is(403, "AUTH_POLICY_DENIED")
	require.Equal(t, "denied by policy: more than 10 AVT", denied.at("message"))
	m.post("/admin/tokens/issue", m.admins, `{"recipient_agent_id":"did:example:bob","amount":"11","reason":"x"}`).is(200, "")

	d.away.Store(true)
	away := m.post("/token/transfer", m.aliceToken, pay("9"), "Idempotency-Key", "k").is(503, "SYS_UNAVAILABLE")
	require.NotContains(t, away.text, "hunter2")
	m.get("/token/balance", m.aliceToken).is(200, "")
	m.post("/token/transfer", m.aliceToken, `{}`).is(422, "VALIDATION_INVALID_INPUT")
	d.away.Store(false)
	require.Equal(t, "9", m.post("/token/transfer", m.aliceToken, pay("9"), "Idempotency-Key", "k").is(200, "").at("amount"))

	bulk := func(atomic string) string {
		return `{"atomic":` + atomic + `,"transfers":[` + pay("1") + `,` + pay("11") + `,` + pay("2") + `]}`
	}
	all := m.post("/token/transfer/bulk", m.aliceToken, bulk("false"), "Idempotency-Key", "b").is(200, "")
	require.Equal(t, 2, number(t, all.at("succeeded")))
	require.Equal(t, "AUTH_POLICY_DENIED", all.at("results", 1, "error", "error_code"))
	none := m.post("/token/transfer/bulk", m.aliceToken, bulk("true"), "Idempotency-Key", "a").is(403, "AUTH_POLICY_DENIED")
	require.Contains(t, none.at("message"), "transfers[1]")
	require.Equal(t, "23", tegtest.Available(t, m.engine, m.bob))
}

// rolesTold allows everything, and remembers in which roles somebody last acted.
type rolesTold struct{ last atomic.Value }

func (d *rolesTold) Decide(_ context.Context, intents []teg.Intent) ([]teg.Verdict, error) {
	d.last.Store(intents[0].Roles)
	return slices.Repeat([]teg.Verdict{{Allow: true}}, len(intents)), nil
}

// A policy hears the roles in force, not those of the token: what was taken from a
// profile it is not told.
func TestPolicyHearsRolesInForce(t *testing.T) {
	t.Parallel()
	d := new(rolesTold)
	m := newMarketWith(t, memory(t), func(c *teg.Config) { c.Decider = d })
	token := m.token(m.alice, auth.Admin, auth.Auditor)
	pay := func() any {
		m.post("/token/transfer", token, `{"receiver_agent_id":"did:example:bob","amount":"1"}`).is(200, "")
		return d.last.Load()
	}
	require.Equal(t, []string{"agent", "auditor", "admin"}, pay())
	m.put("/admin/accounts/roles", m.admins, `{"agent_id":"did:example:alice","revoked_roles":["admin"],"reason":"x"}`).is(200, "")
	require.Equal(t, []string{"agent", "auditor"}, pay())
}

// A caller who is new gets what is told of it as its metadata, and a profile without
// where that cannot be.
func TestProvisioningWithMetadata(t *testing.T) {
	t.Parallel()
	told := map[string]json.RawMessage{
		"did:example:one": json.RawMessage(`{"name":"One"}`), "did:example:two": json.RawMessage(`[1]`), "did:example:three": nil,
	}
	m := newMarket(t, func(c *server.Config) {
		c.ProvisionRegistry = true
		c.Metadata = func(_ context.Context, caller auth.Identity) json.RawMessage { return told[caller.Agent.String()] }
	})
	for agent, want := range map[string]any{"did:example:one": map[string]any{"name": "One"}, "did:example:two": map[string]any{}, "did:example:three": map[string]any{}} {
		shown := m.get("/agent/profile", m.token(teg.Agent(agent))).is(200, "")
		require.Equal(t, want, shown.at("metadata"), agent)
	}
}
