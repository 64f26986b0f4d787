package server_test

import (
	"encoding/json"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/teg"
)

// eachOverseen runs a test on a market in which Alice has paid Bob three times, an hour apart.
func eachOverseen(t *testing.T, test func(m *market, auditor string)) {
	eachMarket(t, func(t *testing.T, m *market) {
		for _, sum := range []string{"1", "2", "3"} {
			m.post("/token/transfer", m.aliceToken, `{"receiver_agent_id":"did:example:bob","amount":"`+sum+`","reference":"r-`+sum+`"}`).is(200, "")
			m.clock.Advance(time.Hour)
		}
		test(m, m.token(teg.Agent("did:example:auditor"), auth.Auditor))
	})
}

// Auditors and admins read the lists of any agent, others their own alone.
func TestListsOfOtherAgents(t *testing.T) {
	eachOverseen(t, func(m *market, auditor string) {
		for _, list := range []string{"/token/transactions", "/token/holds", "/agent/stakes", "/agent/delegations", "/agent/slashes", "/agent/debts", "/agent/entries"} {
			of := list + "?agent_id=" + url.QueryEscape("did:example:alice")
			require.Equal(t, m.get(list, m.aliceToken).is(200, "").text, m.get(of, m.aliceToken).is(200, "").text, "her own")
			for _, token := range []string{auditor, m.admins} {
				other := m.get(of, token).is(200, "")
				require.Equal(t, m.get(list+"?include_total=true", m.aliceToken).at("total"), other.at("total"), list)
			}
			m.get(of, m.bobToken).is(403, "AUTH_FORBIDDEN")
			m.get(of, m.token(m.bob, auth.Arbitrator, auth.System)).is(403, "AUTH_FORBIDDEN")
			m.get(list+"?agent_id=did:example:nobody", auditor).is(404, "BIZ_ENTITY_NOT_FOUND")
			m.get(list+"?agent_id=nobody", auditor).is(422, "VALIDATION_INVALID_INPUT")
		}
	})
}

func TestAgentsAreListed(t *testing.T) {
	eachOverseen(t, func(m *market, auditor string) {
		m.get("/admin/agents", auditor).is(200, "") // which gives the auditor a profile
		r := m.get("/admin/agents?search=bob", auditor).is(200, "")
		require.Equal(t, "did:example:bob", r.at("agents", 0, "agent_id"))
		require.Equal(t, "6", r.at("agents", 0, "balance"))
		require.Equal(t, "active", r.at("agents", 0, "account_status"))
		var all []any
		for cursor, target := "", "/admin/agents?limit=1"; ; target = "/admin/agents?limit=1&cursor=" + cursor {
			page := m.get(target, auditor).is(200, "")
			all = append(all, page.at("agents", 0, "agent_id"))
			next, more := page.at("next_cursor").(string)
			if cursor = next; !more {
				break
			}
		}
		require.Equal(t, []any{"did:example:auditor", "did:example:bob", "did:example:alice"}, all)
		m.get("/admin/agents?search=", auditor).is(422, "VALIDATION_INVALID_INPUT")
		require.Equal(t, "993.997", m.get("/admin/agents/did:example:alice", auditor).is(200, "").at("balance"))
		m.get("/admin/agents/did:example:nobody", auditor).is(404, "BIZ_ENTITY_NOT_FOUND")
		m.get("/admin/agents/nobody", auditor).is(404, "BIZ_ENTITY_NOT_FOUND")
	})
}

func TestAllTransactions(t *testing.T) {
	eachOverseen(t, func(m *market, auditor string) {
		amounts := func(query string) (list []any) {
			r := m.get("/admin/transactions"+query, auditor).is(200, "")
			for i := range r.body["transactions"].([]any) {
				list = append(list, r.at("transactions", i, "amount"))
			}
			return list
		}
		require.Equal(t, []any{"3", "2", "1", "1000"}, amounts(""))
		require.Equal(t, []any{"3", "2", "1"}, amounts("?transaction_type=transfer"))
		require.Equal(t, []any{"3", "1000"}, amounts("?min_amount=3"))
		require.Equal(t, []any{"2"}, amounts("?reference=r-2"))
		require.Equal(t, []any{"2"}, amounts("?start_date=2026-01-01T13:00:00Z&end_date=2026-01-01T14:00:00Z"))
		first := m.get("/admin/transactions?limit=2", auditor).is(200, "")
		require.Equal(t, []any{"1", "1000"}, amounts("?limit=2&cursor="+first.at("next_cursor").(string)))
		for _, bad := range []string{"?min_amount=-1", "?min_amount=1e3", "?transaction_type=theft", "?cursor=AAAA", "?start_date=x"} {
			m.get("/admin/transactions"+bad, auditor).is(422, "VALIDATION_INVALID_INPUT")
		}
		id := first.at("transactions", 0, "transaction_id").(string)
		legs := m.get("/admin/transactions/"+id+"/legs", auditor).is(200, "")
		require.Len(t, legs.at("legs"), 3)
		require.Equal(t, []any{"did:example:alice", "available", "out", "3.001"},
			[]any{legs.at("legs", 0, "agent_id"), legs.at("legs", 0, "account"), legs.at("legs", 0, "direction"), legs.at("legs", 0, "amount")})
		m.get("/admin/transactions/tx_0/legs", auditor).is(404, "BIZ_ENTITY_NOT_FOUND")
	})
}

// Entries tell the balance after each of them.
func TestEntries(t *testing.T) {
	eachOverseen(t, func(m *market, _ string) {
		r := m.get("/agent/entries", m.aliceToken).is(200, "")
		var after []any
		for i := range 4 {
			after = append(after, r.at("entries", i, "balance_after"))
		}
		require.Equal(t, []any{"993.997", "996.998", "998.999", "1000"}, after)
		require.Equal(t, "out", r.at("entries", 0, "direction"))
		require.Equal(t, "3.001", r.at("entries", 0, "amount"))
		require.Equal(t, "3", r.at("entries", 0, "transaction", "amount"))
		require.Equal(t, "in", r.at("entries", 3, "direction"))
		next := m.get("/agent/entries?limit=3", m.aliceToken).is(200, "").at("next_cursor").(string)
		require.Equal(t, "1000", m.get("/agent/entries?limit=3&cursor="+next, m.aliceToken).is(200, "").at("entries", 0, "balance_after"))
	})
}

// Activity has a point for each span, those in which nothing happened among them; what has
// passed is remembered and told the same.
func TestActivity(t *testing.T) {
	eachOverseen(t, func(m *market, auditor string) {
		target := "/admin/activity?start_date=2026-01-01T11:00:00Z&end_date=2026-01-01T16:00:00Z"
		r := m.get(target, auditor).is(200, "")
		var volumes []any
		for i := range 5 {
			volumes = append(volumes, r.at("points", i, "volume"))
		}
		require.Equal(t, []any{"0", "1", "2", "3", "0"}, volumes)
		require.Equal(t, "2026-01-01T11:00:00.000000Z", r.at("points", 0, "start"))
		require.Equal(t, r.text, m.get(target, auditor).is(200, "").text)
		m.clock.Advance(24 * time.Hour)
		require.Equal(t, r.text, m.get(target, auditor).is(200, "").text)
		require.Equal(t, r.text, m.get(target, auditor).is(200, "").text, "remembered")
		days := m.get("/admin/activity?interval=day", auditor).is(200, "")
		require.Len(t, days.at("points"), 30)
		require.Equal(t, "6", days.at("points", 28, "volume"))
		require.Len(t, m.get("/admin/activity", auditor).is(200, "").at("points"), 48)
		for _, bad := range []string{"?interval=week", "?start_date=2020-01-01&end_date=2026-01-01", "?start_date=2026-01-02&end_date=2026-01-02"} {
			m.get("/admin/activity"+bad, auditor).is(422, "VALIDATION_INVALID_INPUT")
		}
	})
}

func TestValidatorsAndCyclesAreListed(t *testing.T) {
	eachOverseen(t, func(m *market, _ string) {
		empty := m.get("/agent/validators", m.bobToken).is(200, "")
		require.Empty(t, empty.at("validators"))
		require.Empty(t, m.get("/agent/reward-cycles", m.bobToken).is(200, "").at("cycles"))
		m.post("/agent/stake", m.aliceToken, `{"amount":"100"}`).is(200, "")
		m.post("/agent/stake", m.bobToken, `{"amount":"2"}`).is(200, "")
		r := m.get("/agent/validators?limit=1", m.bobToken).is(200, "")
		require.Equal(t, "did:example:alice", r.at("validators", 0, "agent_id"))
		require.Equal(t, "100", r.at("validators", 0, "weight"))
		require.Len(t, r.at("validators"), 1)
		m.get("/agent/validators?limit=0", m.bobToken).is(422, "VALIDATION_INVALID_INPUT")
		for range 3 {
			m.clock.Advance(time.Hour)
			m.post("/admin/staking/trigger-reward-cycle", m.admins, `{}`).is(200, "")
		}
		first := m.get("/agent/reward-cycles?limit=2", m.bobToken).is(200, "")
		require.Equal(t, "5", first.at("cycles", 0, "reward_percentage"))
		rest := m.get("/agent/reward-cycles?limit=2&cursor="+first.at("next_cursor").(string), m.bobToken).is(200, "")
		require.Len(t, rest.at("cycles"), 1)
		require.Nil(t, rest.at("next_cursor"))
		require.Equal(t, rest.at("cycles", 0), m.get("/agent/reward-cycles?offset=2", m.bobToken).is(200, "").at("cycles", 0))
		require.Empty(t, m.get("/agent/reward-cycles?offset=3", m.bobToken).is(200, "").at("cycles"))
	})
}

func TestReputationDistribution(t *testing.T) {
	eachOverseen(t, func(m *market, _ string) {
		r := m.get("/reputation/distribution", "").is(200, "")
		require.Len(t, r.at("ranges"), 20)
		var full []any
		for i := range 20 {
			if r.at("ranges", i, "agents") != json.Number("0") {
				full = append(full, r.at("ranges", i))
			}
		}
		require.Equal(t, []any{map[string]any{"from_score": json.Number("0"), "to_score": json.Number("99"), "agents": json.Number("2")}}, full)
		require.Equal(t, json.Number("1000"), r.at("ranges", 19, "to_score"))
	})
}
