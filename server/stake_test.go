package server_test

import (
	"errors"
	"fmt"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/staking"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// underSlashing are the terms of markets in which validators can be slashed.
func underSlashing() *teg.StakingTerms {
	terms := teg.DefaultStakingTerms()
	terms.UnstakingPeriod, terms.Slashing = 24*time.Hour, true
	return &terms
}

// eachMarketUnder runs a test on a market with terms of its own on each database.
func eachMarketUnder(t *testing.T, terms *teg.StakingTerms, test func(t *testing.T, m *market)) {
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) { test(t, newMarketUnder(t, open(t), terms)) })
}

// stake stakes a sum and returns the stake's id.
func (m *market) stake(token, sum string) string {
	m.t.Helper()
	return m.post("/agent/stake", token, `{"amount":"`+sum+`"}`).is(200, "").at("stake_id").(string)
}

// delegate delegates a part of a stake to bob and returns the delegation's id.
func (m *market) delegate(stake, sum string) string {
	m.t.Helper()
	return m.post("/agent/delegate", m.aliceToken, `{"stake_id":"`+stake+`","validator_agent_id":"did:example:bob","amount":"`+sum+`"}`).
		is(200, "").at("delegation_id").(string)
}

// cycle runs a reward cycle at the rate in force.
func (m *market) cycle() {
	m.t.Helper()
	m.post("/admin/staking/trigger-reward-cycle", m.admins, `{}`).is(200, "")
}

// again sends a request twice under a key and wants the first answer twice.
func (m *market) again(path, token, body string) reply {
	m.t.Helper()
	first := m.post(path, token, body, "Idempotency-Key", "again")
	second := m.post(path, token, body, "Idempotency-Key", "again")
	require.Equal(m.t, first.status, second.status)
	require.Equal(m.t, first.text, second.text)
	require.Empty(m.t, first.header.Get("Idempotency-Replayed"))
	require.Equal(m.t, "true", second.header.Get("Idempotency-Replayed"))
	return first
}

const noStake = "stake_00000000000000000000000000000001"

func TestStake(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		r := m.again("/agent/stake", m.aliceToken, `{"amount":100.0,"auto_compound":false}`).is(200, "")
		require.Regexp(t, `^stake_[0-9a-f]{32}$`, r.at("stake_id"))
		require.Equal(t, map[string]any{"stake_id": r.at("stake_id"), "agent_id": "did:example:alice", "amount": "100",
			"staked_at": "2026-01-01T12:00:00.000000Z", "status": "active"}, r.body)
		require.Equal(t, map[string]any{"agent_id": "did:example:alice", "balance": "900", "locked_balance": "0", "staked_balance": "100",
			"total_balance": "1000"}, m.get("/token/balance", m.aliceToken).body)
		require.Equal(t, "100", m.get("/agent/profile", m.aliceToken).at("staked_balance"))
		m.post("/agent/stake", m.aliceToken, `{"amount":"100","auto_compound":true}`, "Idempotency-Key", "again").is(422, "IDEMPOTENCY_KEY_REUSED")
		m.post("/agent/stake", m.aliceToken, `{"amount":"0.5"}`).is(400, "BIZ_BELOW_MINIMUM")
		m.post("/agent/stake", m.aliceToken, `{"amount":"900.000000000000000001"}`).is(400, "BIZ_INSUFFICIENT_BALANCE")
		m.post("/agent/stake", m.aliceToken, `{}`).is(422, "VALIDATION_INVALID_INPUT")
		dry := m.post("/agent/stake", m.aliceToken, `{"amount":"1","dry_run":true}`).is(422, "VALIDATION_INVALID_INPUT")
		require.Equal(t, []string{"dry_run"}, dry.faults())
		m.post("/agent/stake", m.aliceToken, `{`).is(400, "VALIDATION_MALFORMED_JSON")
		done := m.get("/token/operations/again", m.aliceToken).is(200, "")
		require.Equal(t, "stake", done.at("operations", 0, "verb"))
		metrics := m.get("/admin/metrics", m.admins)
		require.Equal(t, "100", metrics.at("total_staked"))
		require.Equal(t, "1", fmt.Sprint(metrics.at("counts", "stakes")))
		log := m.get("/admin/audit-log?action=stake", m.admins)
		require.Contains(t, log.at("entries", 0, "ids"), r.at("stake_id"))
	})
}

func TestUnstake(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		stake := m.stake(m.aliceToken, "100")
		m.cycle()
		part := m.again("/agent/unstake", m.aliceToken, `{"stake_id":"`+stake+`","amount":"40"}`).is(200, "")
		require.Equal(t, map[string]any{"stake_id": stake, "amount_unstaked": "40", "total_returned": "45", "remaining_amount": "60",
			"unstaked_at": "2026-01-01T12:00:00.000000Z", "is_active": true, "available_at": "2026-01-01T12:00:00.000000Z"}, part.body)
		require.Equal(t, "945", tegtest.Available(t, m.engine, m.alice))
		m.post("/agent/unstake", m.aliceToken, `{"stake_id":"`+stake+`","amount":"61"}`).is(400, "BIZ_INSUFFICIENT_BALANCE")
		m.post("/agent/unstake", m.bobToken, `{"stake_id":"`+stake+`"}`).is(404, "BIZ_ENTITY_NOT_FOUND")
		m.post("/agent/unstake", m.aliceToken, `{"stake_id":"`+noStake+`"}`).is(404, "BIZ_ENTITY_NOT_FOUND")
		lent := m.delegate(stake, "10")
		for _, more := range []string{"", `,"amount":"51"`} {
			m.post("/agent/unstake", m.aliceToken, `{"stake_id":"`+stake+`"`+more+`}`).is(409, "BIZ_STAKE_DELEGATED")
		}
		m.post("/agent/undelegate", m.aliceToken, `{"delegation_id":"`+lent+`"}`).is(200, "")
		rest := m.post("/agent/unstake", m.aliceToken, `{"stake_id":"`+stake+`"}`).is(200, "")
		require.Equal(t, []any{"60", "60", "0", false},
			[]any{rest.at("amount_unstaked"), rest.at("total_returned"), rest.at("remaining_amount"), rest.at("is_active")})
		m.post("/agent/unstake", m.aliceToken, `{"stake_id":"`+stake+`"}`).is(409, "BIZ_STAKE_INACTIVE")
		replay := m.post("/agent/unstake", m.aliceToken, `{"stake_id":"`+stake+`","amount":"40"}`, "Idempotency-Key", "again").is(200, "")
		require.Equal(t, part.text, replay.text, "the first answer, whatever became of the stake")
		require.Equal(t, "1005", tegtest.Available(t, m.engine, m.alice))
	})
}

// With an unstaking period what returns at once is the rewards.
func TestUnstakeWaits(t *testing.T) {
	eachMarketUnder(t, underSlashing(), func(t *testing.T, m *market) {
		stake := m.stake(m.aliceToken, "100")
		m.cycle()
		r := m.again("/agent/unstake", m.aliceToken, `{"stake_id":"`+stake+`"}`).is(200, "")
		require.Equal(t, map[string]any{"stake_id": stake, "amount_unstaked": "100", "total_returned": "5", "remaining_amount": "0",
			"unstaked_at": "2026-01-01T12:00:00.000000Z", "is_active": false, "available_at": "2026-01-02T12:00:00.000000Z"}, r.body)
		require.Equal(t, "100", m.get("/token/balance", m.aliceToken).at("staked_balance"), "unbonding counts")
		m.clock.Advance(24 * time.Hour)
		require.NoError(t, m.engine.Tick(ctx()))
		balance := m.get("/token/balance", m.aliceToken)
		require.Equal(t, []any{"1005", "0"}, []any{balance.at("balance"), balance.at("staked_balance")})
	})
}

func TestStakes(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		none := m.get("/agent/stakes", m.bobToken).is(200, "")
		require.Equal(t, []any{}, none.at("stakes"))
		require.Equal(t, []any{"0", "0"}, []any{none.at("total_staked"), none.at("total_rewards")})
		first, second := m.stake(m.aliceToken, "100"), m.stake(m.aliceToken, "20")
		m.delegate(second, "5")
		m.cycle()
		m.clock.Advance(time.Hour)
		m.post("/agent/unstake", m.aliceToken, `{"stake_id":"`+first+`"}`).is(200, "")
		m.stake(m.aliceToken, "3")

		all := m.get("/agent/stakes", m.aliceToken).is(200, "")
		require.Equal(t, "did:example:alice", all.at("agent_id"))
		require.Equal(t, []any{"23", "5.975", "3"}, []any{all.at("total_staked"), all.at("total_rewards"), fmt.Sprint(all.at("total"))})
		require.Equal(t, map[string]any{"stake_id": second, "amount": "20", "delegated_amount": "5", "staked_at": "2026-01-01T12:00:00.000000Z",
			"unstaked_at": nil, "is_active": true, "rewards_earned": "0.975", "rewards_pending": "0.975", "last_reward_claim": nil}, all.at("stakes", 1))
		require.Equal(t, map[string]any{"stake_id": first, "amount": "0", "delegated_amount": "0", "staked_at": "2026-01-01T12:00:00.000000Z",
			"unstaked_at": "2026-01-01T13:00:00.000000Z", "is_active": false, "rewards_earned": "5", "rewards_pending": "0",
			"last_reward_claim": "2026-01-01T13:00:00.000000Z"}, all.at("stakes", 2))

		active := m.get("/agent/stakes?active_only=true&limit=1", m.aliceToken).is(200, "")
		require.Equal(t, []any{"23", "5.975", "2"}, []any{active.at("total_staked"), active.at("total_rewards"), fmt.Sprint(active.at("total"))})
		cursor := "&cursor=" + url.QueryEscape(active.at("next_cursor").(string))
		next := m.get("/agent/stakes?active_only=true"+cursor, m.aliceToken).is(200, "")
		require.Equal(t, second, next.at("stakes", 0, "stake_id"))
		require.Equal(t, []any{nil, nil}, []any{next.at("total"), next.at("next_cursor")})
		m.get("/agent/stakes?active_only=false"+cursor, m.aliceToken).is(422, "VALIDATION_INVALID_INPUT")
		m.get("/agent/stakes?active_only=true"+cursor, m.bobToken).is(422, "VALIDATION_INVALID_INPUT")
		require.Equal(t, first, m.get("/agent/stakes?offset=2", m.aliceToken).at("stakes", 0, "stake_id"))
	})
}

// An agent has so many stakes and delegations, and no more.
func TestTooManyPositions(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		rich := m.token(tegtest.Fund(t, m.engine, "did:example:rich", "3000"))
		stake := m.stake(rich, "2")
		faults := make([]error, staking.MaxPositions-1)
		var wait sync.WaitGroup
		for i := range faults {
			wait.Go(func() {
				_, faults[i] = m.engine.Stake(ctx(), teg.StakeParams{By: teg.Agent("did:example:rich"), Amount: teg.AVT("1")})
			})
		}
		wait.Wait()
		require.NoError(t, errors.Join(faults...))
		m.post("/agent/stake", rich, `{"amount":"1"}`).is(409, "BIZ_INVALID_STATE")
		to := `{"stake_id":"` + stake + `","validator_agent_id":"did:example:bob","amount":"1"}`
		m.post("/agent/delegate", rich, to).is(409, "BIZ_INVALID_STATE")
		page := m.get("/agent/stakes?limit=1000", rich).is(200, "")
		require.Equal(t, []any{"1001", "1000", nil}, []any{page.at("total_staked"), fmt.Sprint(page.at("total")), page.at("next_cursor")})
	})
}

// Whoever is suspended starts nothing, and reads its own.
func TestSuspendedStaker(t *testing.T) {
	m := newMarket(t)
	stake := m.stake(m.aliceToken, "100")
	lent := m.delegate(stake, "10")
	m.post("/agent/rewards/claim", m.aliceToken, `{}`, "Idempotency-Key", "k").is(200, "")
	m.post("/admin/accounts/suspend", m.admins, `{"agent_id":"did:example:alice","reason":"spam"}`).is(200, "")
	for path, body := range map[string]string{
		"/agent/stake": `{"amount":"1"}`, "/agent/unstake": `{"stake_id":"` + stake + `"}`, "/agent/rewards/claim": `{}`,
		"/agent/delegate":   `{"stake_id":"` + stake + `","validator_agent_id":"did:example:bob"}`,
		"/agent/undelegate": `{"delegation_id":"` + lent + `"}`,
	} {
		m.post(path, m.aliceToken, body, "Idempotency-Key", "k").is(403, "AUTH_AGENT_SUSPENDED")
	}
	m.post("/admin/accounts/suspend", m.admins, `{"agent_id":"did:example:root","reason":"spam"}`).is(200, "")
	m.post("/admin/staking/trigger-reward-cycle", m.admins, `{}`).is(403, "AUTH_AGENT_SUSPENDED")
	m.post("/admin/staking/slash", m.admins, `{"validator_agent_id":"did:example:bob","percentage":"5","evidence_id":"e","reason":"r"}`).
		is(403, "AUTH_AGENT_SUSPENDED")
	require.Equal(t, "10", m.get("/agent/delegations", m.aliceToken).is(200, "").at("total_delegated"))
	require.Equal(t, "100", m.get("/agent/stakes", m.aliceToken).is(200, "").at("total_staked"))
}
