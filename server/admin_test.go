package server_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

func TestIssueAndBurn(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		r := m.post("/admin/tokens/issue", m.admins, `{"recipient_agent_id":"did:example:new","amount":"5","reason":"grant"}`, "Idempotency-Key", "g").is(200, "")
		require.Equal(t, "5", r.at("new_recipient_balance"))
		require.Equal(t, r.text, m.post("/admin/tokens/issue", m.admins, `{"recipient_agent_id":"did:example:new","amount":"5","reason":"grant"}`, "Idempotency-Key", "g").is(200, "").text)
		m.post("/admin/tokens/issue", m.admins, `{"recipient_agent_id":"did:example:new","amount":"5","reason":""}`).is(422, "VALIDATION_INVALID_INPUT")
		m.post("/admin/tokens/issue", m.admins, `{"recipient_agent_id":"did:example:new","amount":"999999999999999999","reason":"all"}`).is(400, "BIZ_ABOVE_MAXIMUM")
		m.post("/admin/tokens/issue", m.admins, `{"recipient_agent_id":"did:agentvault:treasury","amount":"7","reason":"reserve"}`).is(200, "")
		burned := m.post("/admin/tokens/burn", m.admins, `{"amount":"3","reason":"too much"}`).is(200, "")
		require.Equal(t, "4", burned.at("new_recipient_balance"))
		require.Equal(t, "did:agentvault:treasury", burned.at("recipient_agent_id"))
		burn := m.get("/token/transactions/"+burned.at("transaction_id").(string), m.admins).is(200, "")
		require.Equal(t, "burn", burn.at("transaction_type"))
		require.Equal(t, "did:agentvault:treasury", burn.at("sender_agent_id"))
		require.Contains(t, burn.body, "receiver_agent_id")
		require.Nil(t, burn.at("receiver_agent_id"), "what is burned goes to nobody")
		m.post("/admin/tokens/burn", m.admins, `{"recipient_agent_id":"did:agentvault:treasury","amount":"1","reason":"x"}`).is(200, "")
		m.post("/admin/tokens/burn", m.admins, `{"recipient_agent_id":"did:example:bob","amount":"1","reason":"x"}`).is(422, "VALIDATION_INVALID_INPUT")
		m.post("/admin/tokens/burn", m.admins, `{"amount":"100","reason":"x"}`).is(400, "BIZ_INSUFFICIENT_BALANCE")
		treasury := m.get("/admin/treasury", m.admins).is(200, "")
		require.Equal(t, map[string]any{"agent_id": "did:agentvault:treasury", "balance": "3", "total_in": "7", "total_out": "4"}, treasury.body)
		metrics := m.get("/admin/metrics", m.token(teg.Agent("did:example:aud"), auth.Auditor)).is(200, "")
		require.Equal(t, "1008", metrics.at("total_supply"))
		require.Equal(t, "1005", metrics.at("circulating_supply"))
		require.Equal(t, "5", fmt.Sprint(metrics.at("counts", "agents"))) // alice, bob, new, root, aud
	})
}

func TestAdjust(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		paid := m.post("/token/transfer", m.aliceToken, `{"receiver_agent_id":"did:example:bob","amount":"10"}`).at("transaction_id").(string)
		r := m.post("/admin/tokens/adjust", m.admins, `{"from_agent_id":"did:example:bob","to_agent_id":"did:example:alice","amount":"10","reason":"mistake","transaction_id":"`+paid+`"}`).is(200, "")
		require.Equal(t, "adjustment", r.at("transaction_type"))
		require.Equal(t, paid, r.at("reference_id"))
		m.post("/admin/tokens/adjust", m.admins, `{"from_agent_id":"did:agentvault:treasury","to_agent_id":"did:example:alice","amount":"0.001","reason":"fee back"}`).is(200, "")
		require.Equal(t, "1000", tegtest.Available(t, m.engine, m.alice))
		m.post("/admin/tokens/adjust", m.admins, `{"from_agent_id":"did:example:bob","to_agent_id":"did:example:alice","amount":"1","reason":"x"}`).is(400, "BIZ_INSUFFICIENT_BALANCE")
		m.post("/admin/tokens/adjust", m.admins, `{"from_agent_id":"did:example:bob","to_agent_id":"did:example:bob","amount":"1","reason":"x"}`).is(400, "BIZ_SELF_TRANSFER")
		m.post("/admin/tokens/adjust", m.admins, `{"from_agent_id":"did:example:alice","to_agent_id":"did:example:bob","amount":"1","reason":"x","transaction_id":"tx_00000000000000000000000000000001"}`).is(404, "BIZ_ENTITY_NOT_FOUND")
	})
}

func TestSuspension(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		m.post("/token/transfer", m.aliceToken, `{"receiver_agent_id":"did:example:bob","amount":"1"}`, "Idempotency-Key", "k").is(200, "")
		r := m.post("/admin/accounts/suspend", m.admins, `{"agent_id":"did:example:alice","reason":"spam","duration_days":2}`).is(200, "")
		require.Equal(t, "suspended", r.at("account_status"))
		require.Equal(t, "2026-01-03T12:00:00.000000Z", r.at("suspended_until"))
		for _, key := range []string{"k", "other"} { // a replay is refused as well
			refused := m.post("/token/transfer", m.aliceToken, `{"receiver_agent_id":"did:example:bob","amount":"1"}`, "Idempotency-Key", key).is(403, "AUTH_AGENT_SUSPENDED")
			require.Contains(t, refused.at("message"), "spam")
			require.Contains(t, refused.at("message"), "2026-01-03")
		}
		m.get("/token/balance", m.aliceToken).is(200, "")
		require.Equal(t, "suspended", m.get("/agent/profile", m.aliceToken).at("account_status"))
		m.post("/token/transfer", m.bobToken, `{"receiver_agent_id":"did:example:alice","amount":"0.5"}`).is(200, "")
		m.post("/admin/accounts/reactivate", m.admins, `{"agent_id":"did:example:alice","reason":"settled"}`).is(200, "")
		m.post("/admin/accounts/reactivate", m.admins, `{"agent_id":"did:example:alice","reason":"settled"}`).is(409, "BIZ_INVALID_STATE")
		replay := m.post("/token/transfer", m.aliceToken, `{"receiver_agent_id":"did:example:bob","amount":"1"}`, "Idempotency-Key", "k").is(200, "")
		require.Equal(t, "true", replay.header.Get("Idempotency-Replayed"))
		m.post("/admin/accounts/suspend", m.admins, `{"agent_id":"did:example:nobody","reason":"x"}`).is(404, "BIZ_ENTITY_NOT_FOUND")
		m.post("/admin/accounts/suspend", m.admins, `{"agent_id":"did:example:bob","reason":"x","duration_days":0}`).is(422, "VALIDATION_INVALID_INPUT")
	})
}

func TestDeactivate(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		m.post("/agent/deactivate", m.aliceToken, `{}`).is(409, "BIZ_INVALID_STATE")
		require.Equal(t, "deactivated", m.post("/agent/deactivate", m.bobToken, `{}`).is(200, "").at("account_status"))
		m.post("/token/transfer", m.aliceToken, `{"receiver_agent_id":"did:example:bob","amount":"1"}`).is(409, "BIZ_INVALID_STATE")
	})
}

// Whoever has something in stakes, on its way out of them or to be claimed has
// something left.
func TestDeactivateWithStakes(t *testing.T) {
	eachMarketUnder(t, underSlashing(), func(t *testing.T, m *market) {
		carol := m.token(tegtest.Fund(t, m.engine, "did:example:carol", "10"))
		stake := m.stake(carol, "10")
		m.post("/agent/deactivate", carol, `{}`).is(409, "BIZ_INVALID_STATE")
		m.post("/agent/unstake", carol, `{"stake_id":"`+stake+`"}`).is(200, "")
		m.post("/agent/deactivate", carol, `{}`).is(409, "BIZ_INVALID_STATE")

		lent := m.delegate(m.stake(m.aliceToken, "100"), "100")
		m.cycle()
		m.post("/agent/undelegate", m.aliceToken, `{"delegation_id":"`+lent+`"}`).is(200, "")
		m.post("/agent/deactivate", m.bobToken, `{}`).is(409, "BIZ_INVALID_STATE")
		m.post("/agent/rewards/claim", m.bobToken, `{}`).is(200, "")
		m.post("/token/transfer/to-system", m.bobToken, `{"system_account_type":"treasury","amount":"0.5"}`).is(200, "")
		m.post("/agent/deactivate", m.bobToken, `{}`).is(200, "")
	})
}
