package server_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// The example of docs/staking.md over HTTP: Alice stakes 100 and delegates 60 of
// them to Bob, who stakes 50.
func TestRewards(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		m.post("/admin/tokens/issue", m.admins, `{"recipient_agent_id":"did:example:bob","amount":"50","reason":"grant"}`).is(200, "")
		nothing := m.again("/agent/rewards/claim", m.bobToken, `{}`).is(200, "")
		require.Equal(t, map[string]any{"claimed_amount": "0", "transaction_id": nil, "transaction_ids": []any{},
			"claimed_at": "2026-01-01T12:00:00.000000Z"}, nothing.body)
		mine := m.stake(m.aliceToken, "100")
		his := m.stake(m.bobToken, "50")
		m.delegate(mine, "60")

		r := m.again("/admin/staking/trigger-reward-cycle", m.admins, `{}`).is(200, "")
		require.Regexp(t, `^cycle_[0-9a-f]{32}$`, r.at("cycle_id"))
		require.Equal(t, "2026-01-01T12:00:00.000000Z", r.at("timestamp"))
		require.Equal(t, []any{"5", "2", "7.5"},
			[]any{r.at("reward_percentage"), fmt.Sprint(r.at("stakers_rewarded")), r.at("total_distributed")})
		require.Equal(t, "7.5", m.get("/admin/metrics", m.admins).at("rewards_pool"))
		require.Equal(t, "4.7", m.get("/agent/stakes", m.aliceToken).at("stakes", 0, "rewards_pending"))

		claim := m.again("/agent/rewards/claim", m.aliceToken, `{"stake_id":"`+mine+`"}`).is(200, "")
		require.Equal(t, "4.7", claim.at("claimed_amount"))
		require.Len(t, claim.at("transaction_ids"), 2)
		require.Equal(t, claim.at("transaction_id"), claim.at("transaction_ids", 0))
		for i, kind := range []string{"staking_reward", "delegation_reward"} {
			tx := m.get("/token/transactions/"+claim.at("transaction_ids", i).(string), m.aliceToken).is(200, "")
			require.Equal(t, kind, tx.at("transaction_type"))
		}
		history := m.get("/token/transactions?transaction_type=delegation_reward", m.aliceToken).is(200, "")
		require.Equal(t, []any{"2.7", "did:agentvault:rewards", "did:example:alice", mine},
			[]any{history.at("transactions", 0, "amount"), history.at("transactions", 0, "sender_agent_id"),
				history.at("transactions", 0, "receiver_agent_id"), history.at("transactions", 0, "reference_id")})
		own := m.post("/agent/rewards/claim", m.bobToken, `{"stake_id":"`+his+`"}`).is(200, "")
		require.Equal(t, "2.5", own.at("claimed_amount"))
		commission := m.post("/agent/rewards/claim", m.bobToken, `{}`).is(200, "")
		require.Equal(t, "0.3", commission.at("claimed_amount"), "commission belongs to no stake")
		require.Equal(t, nothing.text, m.post("/agent/rewards/claim", m.bobToken, `{}`, "Idempotency-Key", "again").text)
		stakes := m.get("/agent/stakes", m.aliceToken)
		require.Equal(t, []any{"4.7", "4.7", "0"},
			[]any{stakes.at("total_rewards"), stakes.at("stakes", 0, "rewards_earned"), stakes.at("stakes", 0, "rewards_pending")})

		m.post("/agent/rewards/claim", m.aliceToken, `{"stake_id":"`+his+`"}`).is(404, "BIZ_ENTITY_NOT_FOUND")
		m.post("/agent/rewards/claim", m.aliceToken, `{"stake_id":"`+noStake+`"}`).is(404, "BIZ_ENTITY_NOT_FOUND")
		m.post("/agent/rewards/claim", m.aliceToken, ``, "Content-Type", "application/json").is(400, "VALIDATION_MALFORMED_JSON")
	})
}

// What compounds is staked as it is paid.
func TestAutoCompound(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		m.post("/agent/stake", m.aliceToken, `{"amount":"100","auto_compound":true}`).is(200, "")
		m.cycle()
		claim := m.again("/agent/rewards/claim", m.aliceToken, `{}`).is(200, "")
		require.Equal(t, "5", claim.at("claimed_amount"))
		require.Equal(t, "900", tegtest.Available(t, m.engine, m.alice))
		require.Equal(t, "105", m.get("/agent/stakes", m.aliceToken).at("total_staked"))
	})
}

func TestRewardCycle(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		path := "/admin/staking/trigger-reward-cycle"
		empty := m.post(path, m.admins, `{}`).is(200, "")
		require.Equal(t, []any{"0", "0"}, []any{fmt.Sprint(empty.at("stakers_rewarded")), empty.at("total_distributed")})
		m.stake(m.aliceToken, "100")
		for given, rate := range map[string]string{`"2.5"`: "2.5", `0.0001`: "0.0001", `100`: "100"} {
			r := m.post(path, m.admins, `{"reward_percentage":`+given+`}`).is(200, "")
			require.Equal(t, []any{rate, rate}, []any{r.at("reward_percentage"), r.at("total_distributed")})
		}
		for _, bad := range []string{`0`, `"0.0"`, `-1`, `100.0001`, `0.00001`, `1e1`, `" 5"`, `"5%"`, `"05"`} {
			r := m.post(path, m.admins, `{"reward_percentage":`+bad+`}`).is(422, "VALIDATION_INVALID_INPUT")
			require.Equal(t, []string{"reward_percentage"}, r.faults(), bad)
		}
		m.post(path, m.admins, `{"reward_percentage":"5"}`, "Idempotency-Key", "k").is(200, "")
		m.post(path, m.admins, `{"reward_percentage":5.0}`, "Idempotency-Key", "k").is(200, "")
		m.post(path, m.admins, `{"reward_percentage":"6"}`, "Idempotency-Key", "k").is(422, "IDEMPOTENCY_KEY_REUSED")
		done := m.get("/token/operations/k", m.admins).is(200, "")
		require.Equal(t, "run_reward_cycle", done.at("operations", 0, "verb"))
	})
}

// Where nothing may be issued, a treasury that is short ends a cycle before it
// distributes anything.
func TestRewardCycleWithoutIssuance(t *testing.T) {
	terms := teg.DefaultStakingTerms()
	terms.IssueRewards = false
	eachMarketUnder(t, &terms, func(t *testing.T, m *market) {
		m.stake(m.aliceToken, "100")
		m.again("/admin/staking/trigger-reward-cycle", m.admins, `{}`).is(400, "BIZ_INSUFFICIENT_BALANCE")
		require.Equal(t, "0", m.get("/agent/stakes", m.aliceToken).at("total_rewards"))
		m.post("/admin/tokens/issue", m.admins, `{"recipient_agent_id":"did:agentvault:treasury","amount":"5","reason":"reserve"}`).is(200, "")
		require.Equal(t, "5", m.post("/admin/staking/trigger-reward-cycle", m.admins, `{}`).is(200, "").at("total_distributed"))
	})
}
