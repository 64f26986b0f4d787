package server_test

import (
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

func TestDelegate(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		stake := m.stake(m.aliceToken, "100")
		to := func(validator, more string) string {
			return `{"stake_id":"` + stake + `","validator_agent_id":"did:example:` + validator + `"` + more + `}`
		}
		r := m.again("/agent/delegate", m.aliceToken, to("bob", `,"amount":"60","reward_share_percentage":12.5000`)).is(200, "")
		require.Regexp(t, `^del_[0-9a-f]{32}$`, r.at("delegation_id"))
		require.Equal(t, map[string]any{"delegation_id": r.at("delegation_id"), "delegator_agent_id": "did:example:alice",
			"validator_agent_id": "did:example:bob", "stake_id": stake, "delegated_amount": "60",
			"delegation_start": "2026-01-01T12:00:00.000000Z", "delegation_end": nil, "is_active": true, "reward_share_percentage": "12.5"}, r.body)
		require.Equal(t, "100", m.get("/token/balance", m.aliceToken).at("staked_balance"), "it stays the delegator's")
		for _, share := range []string{"0", "100"} {
			part := m.post("/agent/delegate", m.aliceToken, to("bob", `,"amount":1,"reward_share_percentage":"`+share+`"`)).is(200, "")
			require.Equal(t, share, part.at("reward_share_percentage"))
		}

		m.post("/agent/delegate", m.aliceToken, to("bob", `,"amount":"38.5"`)).is(400, "BIZ_INSUFFICIENT_BALANCE")
		m.post("/agent/delegate", m.aliceToken, to("nobody", "")).is(404, "BIZ_ENTITY_NOT_FOUND")
		m.post("/agent/delegate", m.bobToken, to("alice", "")).is(404, "BIZ_ENTITY_NOT_FOUND")
		self := m.post("/agent/delegate", m.aliceToken, to("alice", "")).is(422, "VALIDATION_INVALID_INPUT")
		require.Equal(t, []string{"validator_agent_id"}, self.faults())
		require.Equal(t, "did:example:alice", self.at("validation_errors", 0, "value"))
		tegtest.Fund(t, m.engine, "did:example:bad", "0")
		m.post("/admin/accounts/suspend", m.admins, `{"agent_id":"did:example:bad","reason":"spam"}`).is(200, "")
		m.post("/agent/delegate", m.aliceToken, to("bad", "")).is(409, "BIZ_INVALID_STATE")
		gone := m.stake(m.aliceToken, "1")
		m.post("/agent/unstake", m.aliceToken, `{"stake_id":"`+gone+`"}`).is(200, "")
		m.post("/agent/delegate", m.aliceToken, `{"stake_id":"`+gone+`","validator_agent_id":"did:example:bob"}`).is(409, "BIZ_STAKE_INACTIVE")

		rest := m.post("/agent/delegate", m.aliceToken, to("bob", "")).is(200, "")
		require.Equal(t, []any{"38", "10"}, []any{rest.at("delegated_amount"), rest.at("reward_share_percentage")}, "all that is left, at the share in force")
		m.post("/agent/delegate", m.aliceToken, to("bob", "")).is(400, "BIZ_INSUFFICIENT_BALANCE")
		require.Equal(t, "4", fmt.Sprint(m.get("/admin/metrics", m.admins).at("counts", "delegations")))
	})
}

// A request that leaves the share or the rate to the terms is the same when these
// change.
func TestReplaysAcrossTerms(t *testing.T) {
	st := memory(t)
	m := newMarketUnder(t, st, nil)
	body := `{"stake_id":"` + m.stake(m.aliceToken, "100") + `","validator_agent_id":"did:example:bob"}`
	lent := m.again("/agent/delegate", m.aliceToken, body).is(200, "")
	cycle := m.again("/admin/staking/trigger-reward-cycle", m.admins, `{}`).is(200, "")

	terms := teg.DefaultStakingTerms()
	terms.ValidatorShare, terms.RewardRate = teg.Percent(20), teg.Percent(7)
	later := over(t, tegtest.Over(t, st, tegtest.WithClock(m.clock), func(c *teg.Config) { c.Staking = &terms }))
	require.Equal(t, lent.text, later.post("/agent/delegate", m.aliceToken, body, "Idempotency-Key", "again").is(200, "").text)
	require.Equal(t, cycle.text, later.post("/admin/staking/trigger-reward-cycle", m.admins, `{}`, "Idempotency-Key", "again").is(200, "").text)
	later.post("/admin/staking/trigger-reward-cycle", m.admins, `{"reward_percentage":7}`, "Idempotency-Key", "again").is(422, "IDEMPOTENCY_KEY_REUSED")
}

func TestUndelegate(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		stake := m.stake(m.aliceToken, "100")
		lent := m.delegate(stake, "60")
		body := `{"delegation_id":"` + lent + `"}`
		m.post("/agent/undelegate", m.bobToken, body).is(404, "BIZ_ENTITY_NOT_FOUND")
		m.post("/agent/undelegate", m.aliceToken, `{"delegation_id":"del_00000000000000000000000000000001"}`).is(404, "BIZ_ENTITY_NOT_FOUND")
		m.clock.Advance(time.Minute)
		r := m.again("/agent/undelegate", m.aliceToken, body).is(200, "")
		require.Equal(t, []any{lent, "60", false, "2026-01-01T12:01:00.000000Z"},
			[]any{r.at("delegation_id"), r.at("delegated_amount"), r.at("is_active"), r.at("delegation_end")})
		m.post("/agent/undelegate", m.aliceToken, body).is(409, "BIZ_INVALID_STATE")
		require.Equal(t, "0", m.get("/agent/stakes", m.aliceToken).at("stakes", 0, "delegated_amount"))
		m.post("/agent/unstake", m.aliceToken, `{"stake_id":"`+stake+`"}`).is(200, "")
	})
}

func TestDelegations(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		stake := m.stake(m.aliceToken, "100")
		for _, sum := range []string{"10", "20", "30"} {
			m.delegate(stake, sum)
		}
		carol := m.token(tegtest.Fund(t, m.engine, "did:example:carol", "50"))
		other := m.stake(carol, "50")
		m.post("/agent/delegate", carol, `{"stake_id":"`+other+`","validator_agent_id":"did:example:bob"}`).is(200, "")
		ended := m.get("/agent/delegations?limit=1&offset=2", m.aliceToken).at("delegations", 0, "delegation_id").(string)
		m.post("/agent/undelegate", m.aliceToken, `{"delegation_id":"`+ended+`"}`).is(200, "")

		for _, mine := range []string{"", "&role=delegator"} {
			page := m.get("/agent/delegations?limit=1"+mine, m.aliceToken).is(200, "")
			require.Equal(t, []any{"50", "3"}, []any{page.at("total_delegated"), fmt.Sprint(page.at("total"))}, "all that are active, whatever the page")
			require.Equal(t, "30", page.at("delegations", 0, "delegated_amount"))
			rest := m.get("/agent/delegations?cursor="+url.QueryEscape(page.at("next_cursor").(string)), m.aliceToken).is(200, "")
			require.Len(t, rest.at("delegations"), 2)
			require.Equal(t, []any{"50", false}, []any{rest.at("total_delegated"), rest.at("delegations", 1, "is_active")})
		}
		to := m.get("/agent/delegations?role=validator&limit=1", m.bobToken).is(200, "")
		require.Equal(t, []any{"100", "4"}, []any{to.at("total_delegated"), fmt.Sprint(to.at("total"))})
		require.Equal(t, "did:example:carol", to.at("delegations", 0, "delegator_agent_id"))
		none := m.get("/agent/delegations?role=validator", m.aliceToken).is(200, "")
		require.Equal(t, []any{[]any{}, "0"}, []any{none.at("delegations"), none.at("total_delegated")})
		m.get("/agent/delegations?role=validator&cursor="+url.QueryEscape(to.at("next_cursor").(string)), m.aliceToken).is(422, "VALIDATION_INVALID_INPUT")
	})
}
