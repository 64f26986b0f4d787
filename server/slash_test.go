package server_test

import (
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/teg"
)

func TestSlash(t *testing.T) {
	eachMarketUnder(t, underSlashing(), func(t *testing.T, m *market) {
		m.post("/admin/tokens/issue", m.admins, `{"recipient_agent_id":"did:example:bob","amount":"50","reason":"grant"}`).is(200, "")
		m.delegate(m.stake(m.aliceToken, "100"), "60")
		m.stake(m.bobToken, "50")
		slash := func(evidence, more string) string {
			return `{"validator_agent_id":"did:example:bob","percentage":"10","evidence_id":"` + evidence + `","reason":"two answers"` + more + `}`
		}
		r := m.again("/admin/staking/slash", m.admins, slash("case-1", "")).is(200, "")
		require.Equal(t, []any{"5", "6"}, []any{r.at("slashed_self"), r.at("slashed_delegated")})
		require.Len(t, r.at("transaction_ids"), 2)
		tx := m.get("/token/transactions/"+r.at("transaction_ids", 0).(string), m.bobToken).is(200, "")
		require.Equal(t, []any{"slash", "did:agentvault:treasury"}, []any{tx.at("transaction_type"), tx.at("receiver_agent_id")})
		require.Equal(t, "54", m.get("/agent/delegations", m.aliceToken).at("total_delegated"))
		require.Equal(t, "94", m.get("/agent/stakes", m.aliceToken).at("total_staked"))

		m.post("/admin/staking/slash", m.admins, slash("case-1", "")).is(409, "BIZ_ALREADY_EXISTS")
		own := m.post("/admin/staking/slash", m.admins, slash("case-2", `,"delegations_percentage":0`)).is(200, "")
		require.Equal(t, []any{"4.5", "0"}, []any{own.at("slashed_self"), own.at("slashed_delegated")})
		m.post("/admin/staking/slash", m.admins, `{"validator_agent_id":"did:example:nobody","percentage":1,"evidence_id":"e","reason":"r"}`).
			is(404, "BIZ_ENTITY_NOT_FOUND")
		m.post("/admin/staking/slash", m.admins, `{"validator_agent_id":"did:agentvault:treasury","percentage":1,"evidence_id":"e","reason":"r"}`).
			is(404, "BIZ_ENTITY_NOT_FOUND")
		nothing := m.post("/admin/staking/slash", m.admins, `{"validator_agent_id":"did:example:root","percentage":1,"evidence_id":"e","reason":"r"}`)
		require.Equal(t, map[string]any{"slashed_self": "0", "slashed_delegated": "0", "transaction_ids": []any{}}, nothing.is(200, "").body)
		m.post("/admin/staking/slash", m.admins, `{"validator_agent_id":"did:example:bob","percentage":"10"}`).is(422, "VALIDATION_INVALID_INPUT")
		m.post("/admin/staking/slash", m.bobToken, slash("case-3", "")).is(403, "AUTH_FORBIDDEN")
		require.Equal(t, "15.5", m.get("/admin/treasury", m.admins).at("balance"))
	})
}

func TestSlashingIsOff(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		m.stake(m.aliceToken, "100")
		m.again("/admin/staking/slash", m.admins, `{"validator_agent_id":"did:example:alice","percentage":"10","evidence_id":"e","reason":"r"}`).
			is(409, "BIZ_INVALID_STATE")
	})
}

// Everybody who has a token sees how a validator stands.
func TestValidator(t *testing.T) {
	eachMarketUnder(t, underSlashing(), func(t *testing.T, m *market) {
		m.post("/admin/tokens/issue", m.admins, `{"recipient_agent_id":"did:example:bob","amount":"50","reason":"grant"}`).is(200, "")
		mine := m.stake(m.aliceToken, "100")
		m.stake(m.bobToken, "50")
		m.delegate(mine, "60")
		m.post("/agent/delegate", m.aliceToken, `{"stake_id":"`+mine+`","validator_agent_id":"did:example:bob","reward_share_percentage":30}`).is(200, "")
		m.clock.Advance(time.Minute)
		m.post("/admin/staking/slash", m.admins,
			`{"validator_agent_id":"did:example:bob","percentage":50,"delegations_percentage":"10","evidence_id":"case-1","reason":"two answers"}`).is(200, "")
		m.post("/admin/accounts/suspend", m.admins, `{"agent_id":"did:example:bob","reason":"spam"}`).is(200, "")
		for _, path := range []string{"did:example:bob", url.PathEscape("did:example:bob"), "did%3Aexample%3Abob"} {
			r := m.get("/agent/validators/"+path, m.aliceToken).is(200, "")
			require.Equal(t, map[string]any{"agent_id": "did:example:bob", "account_status": "suspended", "weight": "115", "self_staked": "25",
				"total_delegated": "90", "delegators": r.at("delegators"), "mean_share_percentage": "18", "slashes": []any{map[string]any{
					"evidence_id": "case-1", "reason": "two answers", "percentage": "50", "delegations_percentage": "10",
					"slashed_self": "25", "slashed_delegated": "10", "timestamp": "2026-01-01T12:01:00.000000Z"}}}, r.body)
			require.Equal(t, "1", fmt.Sprint(r.at("delegators")))
		}
		nobody := m.get("/agent/validators/did:example:alice", m.bobToken).is(200, "")
		require.Equal(t, []any{"0", "0", []any{}}, []any{nobody.at("weight"), nobody.at("mean_share_percentage"), nobody.at("slashes")})
		m.get("/agent/validators/did:example:nobody", m.aliceToken).is(404, "BIZ_ENTITY_NOT_FOUND")
		m.get("/agent/validators/did:agentvault:treasury", m.aliceToken).is(404, "BIZ_ENTITY_NOT_FOUND")
		m.get("/agent/validators/bob", m.aliceToken).is(404, "BIZ_ENTITY_NOT_FOUND")
		m.get("/agent/validators/did:example:bob", "").is(401, "AUTH_MISSING_TOKEN")
	})
}

// A delegator sees what slashes took of what it had delegated, and the
// transactions that did; others see neither, whatever they ask.
func TestDelegatorSlashes(t *testing.T) {
	eachMarketUnder(t, underSlashing(), func(t *testing.T, m *market) {
		m.post("/admin/tokens/issue", m.admins, `{"recipient_agent_id":"did:example:bob","amount":"50","reason":"grant"}`).is(200, "")
		mine := m.stake(m.aliceToken, "100")
		m.stake(m.bobToken, "50")
		lent, more := m.delegate(mine, "60"), m.delegate(mine, "40")
		m.clock.Advance(time.Minute)
		m.post("/agent/undelegate", m.aliceToken, `{"delegation_id":"`+more+`"}`).is(200, "")
		slashed := m.post("/admin/staking/slash", m.admins,
			`{"validator_agent_id":"did:example:bob","percentage":50,"delegations_percentage":"12.5","evidence_id":"case-1","reason":"two answers"}`).is(200, "")
		m.post("/admin/staking/slash", m.admins,
			`{"validator_agent_id":"did:example:bob","percentage":50,"delegations_percentage":0,"evidence_id":"case-2","reason":"its own"}`).is(200, "")

		r := m.get("/agent/slashes", m.aliceToken).is(200, "")
		require.Equal(t, []any{"2", "100", "0", nil}, []any{fmt.Sprint(r.at("total")), fmt.Sprint(r.at("limit")), fmt.Sprint(r.at("offset")), r.at("next_cursor")})
		require.Len(t, r.at("slashes"), 2)
		require.Regexp(t, `^slash_[0-9a-f]{32}$`, r.at("slashes", 0, "slash_id"))
		for i, delegation := range []string{more, lent} { // in that order: the newest first
			require.Equal(t, map[string]any{"slash_id": r.at("slashes", 0, "slash_id"), "validator_agent_id": "did:example:bob", "delegation_id": delegation,
				"transaction_id": slashed.at("transaction_ids", 2-i), "evidence_id": "case-1", "reason": "two answers", "delegations_percentage": "12.5",
				"slashed_delegated": "12.5", "timestamp": "2026-01-01T12:01:00.000000Z"}, r.at("slashes", i))
			tx := m.get("/token/transactions/"+r.at("slashes", i, "transaction_id").(string), m.aliceToken).is(200, "")
			require.Equal(t, []any{"slash", "case-1", []string{"5", "7.5"}[i]}, []any{tx.at("transaction_type"), tx.at("reference_id"), tx.at("amount")})
		}
		first := m.get("/agent/slashes?limit=1", m.aliceToken).is(200, "")
		cursor := "/agent/slashes?cursor=" + url.QueryEscape(first.at("next_cursor").(string))
		rest := m.get(cursor, m.aliceToken).is(200, "")
		require.Equal(t, []any{r.at("slashes", 1), nil, nil}, []any{rest.at("slashes", 0), rest.at("total"), rest.at("next_cursor")})
		require.Equal(t, "2", fmt.Sprint(m.get(cursor+"&include_total=true", m.aliceToken).is(200, "").at("total")))

		m.get(cursor, m.bobToken).is(422, "VALIDATION_INVALID_INPUT")
		m.get(cursor+"&offset=1", m.aliceToken).is(422, "VALIDATION_INVALID_INPUT")
		m.get("/agent/slashes", "").is(401, "AUTH_MISSING_TOKEN")
		carol := m.token(teg.Agent("did:example:carol"))
		for _, other := range []string{m.bobToken, m.admins, carol} {
			require.Equal(t, []any{}, m.get("/agent/slashes", other).is(200, "").at("slashes"))
		}
		m.get("/token/transactions/"+slashed.at("transaction_ids", 0).(string), m.aliceToken).is(404, "BIZ_ENTITY_NOT_FOUND") // Bob's own
		m.get("/token/transactions/"+slashed.at("transaction_ids", 1).(string), carol).is(404, "BIZ_ENTITY_NOT_FOUND")
		m.get("/token/transactions/"+slashed.at("transaction_ids", 1).(string), m.admins).is(200, "")
		m.post("/admin/accounts/suspend", m.admins, `{"agent_id":"did:example:alice","reason":"spam"}`).is(200, "")
		require.Len(t, m.get("/agent/slashes", m.aliceToken).is(200, "").at("slashes"), 2, "who is suspended may read its own")
	})
}
