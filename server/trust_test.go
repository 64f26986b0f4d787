package server_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
)

func TestTrust(t *testing.T) {
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		terms := teg.DefaultTrustTerms()
		terms.Seeds = []string{"did:example:alice", "did:example:carol"} // whose words weigh at once
		m := newMarketWith(t, open(t), func(c *teg.Config) { c.Trust = &terms })
		carol, stranger := m.caller("did:example:carol"), m.caller("did:example:stranger")
		m.post("/admin/tokens/issue", m.admins, `{"recipient_agent_id":"did:example:carol","amount":"5","reason":"grant"}`).is(200, "")
		m.say(m.aliceToken, m.bob, 1)
		m.say(carol, m.bob, -1)
		m.say(carol, m.alice, -1)

		alice, bob, self := "did:example:alice", "did:example:bob", "did:example:carol"
		r := m.get("/reputation/did:example:bob/trust", m.bobToken).is(200, "")
		require.Equal(t, []any{bob, "2026-01-01T12:00:00.000000Z", json.Number("100")}, []any{r.at("agent_id"), r.at("as_of"), r.at("limit")})
		require.Equal(t, m.get("/reputation/did:example:bob", "").at("trust_score"), r.at("trust_score"))
		require.Len(t, r.at("contributions"), 2)
		complaint := r.at("contributions", 0).(map[string]any)
		require.Equal(t, []any{self, bob, json.Number("-1"), "2026-01-01T12:00:00.000000Z"},
			[]any{complaint["sender_agent_id"], complaint["receiver_agent_id"], complaint["weight"], complaint["timestamp"]}, "it tells most")
		effect, err := complaint["effect"].(json.Number).Float64()
		require.NoError(t, err)
		require.Negative(t, effect)
		require.Len(t, complaint, 5)

		require.Len(t, m.get("/reputation/did:example:bob/trust?limit=1", "").is(200, "").at("contributions"), 1)
		for name, c := range map[string]struct {
			token    string
			of, from string
			want     map[any]int // how often each is shown at the other end of a signal
		}{
			"nobody": {"", "bob", "sender_agent_id", map[any]int{nil: 2}}, "a stranger": {stranger, "bob", "sender_agent_id", map[any]int{nil: 2}},
			"who praised":                      {m.aliceToken, "bob", "sender_agent_id", map[any]int{nil: 1, alice: 1}},
			"the agent":                        {m.bobToken, "bob", "sender_agent_id", map[any]int{alice: 1, self: 1}},
			"an auditor":                       {m.token(teg.Agent("did:example:watch"), auth.Auditor), "bob", "sender_agent_id", map[any]int{alice: 1, self: 1}},
			"an admin":                         {m.admins, "bob", "sender_agent_id", map[any]int{alice: 1, self: 1}},
			"a stranger of what somebody said": {stranger, "carol", "receiver_agent_id", map[any]int{}},
			"who was complained of":            {m.bobToken, "carol", "receiver_agent_id", map[any]int{bob: 1}},
			"who said it":                      {carol, "carol", "receiver_agent_id", map[any]int{alice: 1, bob: 1}},
		} {
			shown := map[any]int{}
			r := m.get("/reputation/did:example:"+c.of+"/trust", c.token).is(200, "")
			for i := range r.at("contributions").([]any) {
				other := r.at("contributions", i, c.from)
				shown[other]++
				require.Equal(t, other == nil, r.at("contributions", i, "timestamp") == nil, "%s: the time would tell who", name)
			}
			require.Equal(t, c.want, shown, name)
		}
		quiet := m.get("/reputation/did:example:stranger/trust", "").is(200, "")
		require.Equal(t, []any{nil, []any{}}, []any{quiet.at("trust_score"), quiet.at("contributions")}, "nothing is known")
	})
}

// Before the first signal trust is as of no time.
func TestTrustWithoutSignals(t *testing.T) {
	m := newMarket(t)
	require.Equal(t, map[string]any{"agent_id": "did:example:bob", "trust_score": nil, "as_of": nil, "contributions": []any{}, "limit": json.Number("100")},
		m.get("/reputation/did:example:bob/trust", "").is(200, "").body)
	require.Equal(t, []any{}, m.get("/reputation/rankings?sort=trust", "").is(200, "").at("rankings"))
}
