package server_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/teg"
)

func TestReputation(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		carol := teg.Agent("did:example:carol")
		m.caller("did:example:carol")
		m.say(m.aliceToken, m.bob, 1)
		m.clock.Advance(time.Hour)
		m.say(m.aliceToken, m.bob, 1)
		m.say(m.aliceToken, m.bob, -1)
		m.say(m.aliceToken, carol, -1)
		bob := m.get("/reputation/did:example:bob", "").is(200, "")
		trust, err := bob.at("trust_score").(json.Number).Float64()
		require.NoError(t, err)
		require.True(t, trust > 0 && trust < 1, "%v", trust)
		require.Equal(t, map[string]any{"agent_id": "did:example:bob", "reputation_score": json.Number("1"), "reputation_tier": "new",
			"last_update": "2026-01-01T13:00:00.000000Z", "total_transactions": json.Number("3"), "positive_signals": json.Number("2"),
			"negative_signals": json.Number("1"), "percentile": json.Number("66.6"), "trust_score": bob.at("trust_score")}, bob.body)
		alice := m.get("/reputation/did%3Aexample%3Aalice", m.bobToken).is(200, "")
		require.Equal(t, []any{"did:example:alice", nil}, []any{alice.at("agent_id"), alice.at("last_update")}, "a percent-encoded DID is the same")
		require.Equal(t, -1, m.score(carol))
		require.Empty(t, m.get("/reputation/did:example:bob", "").header.Get("Cache-Control"))
		require.Equal(t, "no-store", m.get("/reputation/did:example:bob", m.aliceToken).header.Get("Cache-Control"))
	})
}

// What is no agent has no reputation, whoever asks and whatever is asked of it.
func TestReputationOfNobody(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		for _, id := range []string{"did:example:nobody", "did:agentvault:treasury", "did:agentvault:issuance", "did:agentvault:rewards", "bob", "%00", "did:example:b%C3%A9"} {
			for _, path := range []string{"/reputation/" + id, "/reputation/history/" + id, "/reputation/" + id + "/trust"} {
				for _, token := range []string{"", m.aliceToken, m.admins} {
					code := "BIZ_ENTITY_NOT_FOUND"
					if id == "%00" {
						code = "ROUTE_NOT_FOUND"
					}
					m.get(path, token).is(404, code)
				}
			}
		}
		m.get("/reputation/did:example:bob", "x.y.z").is(401, "AUTH_INVALID_TOKEN")
		m.get("/reputation/rankings", "x.y.z").is(401, "AUTH_INVALID_TOKEN")
		m.post("/reputation/did:example:bob", m.aliceToken, `{}`).is(405, "METHOD_NOT_ALLOWED")
		for _, path := range []string{"/reputation", "/reputation/", "/reputation/history", "/reputation/history/", "/reputation/did:example:bob/"} {
			r := m.get(path, "")
			require.Equal(t, 404, r.status, path)
		}
		m.unchanged(func() { // a public route makes nobody a profile
			m.get("/reputation/did:example:bob", m.token(teg.Agent("did:example:eve"))).is(200, "")
			m.get("/reputation/history/did:example:bob", m.token(teg.Agent("did:example:eve"))).is(200, "")
		})
	})
}

// The profile shows the true score and its tier, through all of them.
func TestProfileShowsTheScore(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		registry := m.caller("did:example:registry", auth.System)
		at := 0
		report := func(outcome string, times int) {
			for range times {
				at++
				m.post("/avtp/report-transaction", registry, fmt.Sprintf(`{"avtp_transaction_id":"t-%d","initiating_agent_did":"did:example:alice",
					"responding_agent_did":"did:example:bob","outcome_status":"%s"}`, at, outcome)).is(201, "")
			}
		}
		for _, step := range []struct {
			outcome string
			times   int
			score   int
			tier    string
		}{
			{"SUCCESS", 50, 100, "new"}, {"SUCCESS", 1, 102, "trusted"}, {"FAILURE_PROVIDER", 40, -98, "new"},
			{"FAILURE_PROVIDER", 1, -103, "untrusted"}, {"DISPUTED", 3, -103, "untrusted"},
		} {
			report(step.outcome, step.times)
			for _, r := range []reply{m.get("/agent/profile", m.bobToken), m.get("/reputation/did:example:bob", "")} {
				require.Equal(t, []any{step.score, step.tier}, []any{number(t, r.is(200, "").at("reputation_score")), r.at("reputation_tier")})
			}
		}
		require.Zero(t, m.score(m.alice))
	})
}

func TestReputationHistory(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		const day = 24 * time.Hour
		var paid []string
		for i := range 5 {
			paid = append(paid, m.say(m.aliceToken, m.bob, []int{1, 1, -1, 1, 1}[i]))
			m.clock.Advance(10 * day)
		}
		path := "/reputation/history/did:example:bob"
		month := m.get(path, m.bobToken).is(200, "")
		require.Equal(t, []any{"did:example:bob", "3", "100", "0", nil}, []any{month.at("agent_id"), fmt.Sprint(month.at("total")),
			fmt.Sprint(month.at("limit")), fmt.Sprint(month.at("offset")), month.at("next_cursor")})
		for i, want := range [][2]int{{1, 3}, {1, 2}, {-1, 1}} {
			require.Equal(t, map[string]any{"timestamp": m.clock.Now().Add(-time.Duration(i+1) * 10 * day).Format(teg.TimeFormat),
				"score_change": json.Number(fmt.Sprint(want[0])), "new_score": json.Number(fmt.Sprint(want[1])), "reason": "signal",
				"related_transaction_id": paid[4-i], "related_id": nil}, month.at("history", i))
		}
		require.Equal(t, "5", fmt.Sprint(m.get(path+"?days=365", "").at("total")))
		require.Equal(t, "1", fmt.Sprint(m.get(path+"?days=10", "").at("total")))
		require.Equal(t, []any{}, m.get(path+"?days=9", "").is(200, "").at("history"))
		require.Equal(t, []any{}, m.get("/reputation/history/did:example:alice", "").is(200, "").at("history"))
		require.Equal(t, "2", fmt.Sprint(m.get(path+"?days=365&offset=3&limit=1", "").is(200, "").at("history", 0, "new_score")))

		var scores []int
		next := path + "?days=365&limit=2"
		for pages := 0; next != ""; pages++ {
			page := m.get(next, "").is(200, "")
			for i := range page.at("history").([]any) {
				scores = append(scores, number(t, page.at("history", i, "new_score")))
			}
			require.Equal(t, pages == 0, page.at("total") != nil, "counted once")
			m.clock.Advance(time.Second)
			if pages == 0 {
				m.say(m.aliceToken, m.bob, 1) // newer than where the pages go on
			}
			cursor, more := page.at("next_cursor").(string)
			if next = ""; more {
				next = path + "?days=365&limit=2&cursor=" + url.QueryEscape(cursor)
			}
		}
		require.Equal(t, []int{3, 2, 1, 2, 1}, scores)
	})
}

func TestReputationHistoryCursors(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		for range 3 {
			m.say(m.aliceToken, m.bob, 1)
		}
		path := "/reputation/history/did:example:bob"
		cursor := "cursor=" + url.QueryEscape(m.get(path+"?limit=1", m.aliceToken).is(200, "").at("next_cursor").(string))
		m.get(path+"?"+cursor, m.aliceToken).is(200, "")
		require.Equal(t, "3", fmt.Sprint(m.get(path+"?include_total=true&"+cursor, m.aliceToken).is(200, "").at("total")))
		for _, other := range []reply{
			m.get(path+"?"+cursor, m.bobToken), m.get(path+"?"+cursor, ""), m.get(path+"?"+cursor, m.token(m.alice, auth.Auditor)),
			m.get(path+"?days=31&"+cursor, m.aliceToken), m.get("/reputation/history/did:example:alice?"+cursor, m.aliceToken),
			m.get("/reputation/rankings?"+cursor, m.aliceToken), m.get("/token/transactions?"+cursor, m.aliceToken),
		} {
			require.Equal(t, []string{"cursor"}, other.is(422, "VALIDATION_INVALID_INPUT").faults())
		}
		m.get(path+"?offset=1&"+cursor, m.aliceToken).is(422, "VALIDATION_INVALID_INPUT")
	})
}

// Strangers see how a score changed; what it was about only those who were party to
// it, auditors and admins.
func TestReputationHistoryIsPrivateInPart(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		registry, carol := m.caller("did:example:registry", auth.System), m.caller("did:example:carol")
		paid := m.say(m.aliceToken, m.bob, 1)
		reported := m.post("/avtp/report-transaction", registry, `{"avtp_transaction_id":"a","initiating_agent_did":"did:example:carol",
			"responding_agent_did":"did:example:bob","outcome_status":"FAILURE_PROVIDER"}`).is(201, "").at("log_id")
		signal, outcome := any(paid), reported
		for name, c := range map[string]struct {
			token           string
			signal, outcome any
		}{
			"nobody": {"", nil, nil}, "a stranger": {m.caller("did:example:stranger"), nil, nil},
			"a stranger without a profile": {m.token(teg.Agent("did:example:eve")), nil, nil},
			"who reported":                 {registry, nil, nil}, "an arbitrator": {m.token(teg.Agent("did:example:eve"), auth.Arbitrator), nil, nil},
			"who paid": {m.aliceToken, signal, nil}, "who was served": {carol, nil, outcome}, "the agent": {m.bobToken, signal, outcome},
			"an auditor": {m.token(teg.Agent("did:example:watch"), auth.Auditor), signal, outcome}, "an admin": {m.admins, signal, outcome},
		} {
			history := m.get("/reputation/history/did:example:bob", c.token).is(200, "")
			for i, want := range []map[string]any{
				{"score_change": json.Number("-5"), "new_score": json.Number("-4"), "reason": "avtp_failure_provider", "related_transaction_id": nil, "related_id": c.outcome},
				{"score_change": json.Number("1"), "new_score": json.Number("1"), "reason": "signal", "related_transaction_id": c.signal, "related_id": nil},
			} {
				want["timestamp"] = "2026-01-01T12:00:00.000000Z"
				require.Equal(t, want, history.at("history", i), name)
			}
			if c.signal == nil {
				require.NotContains(t, history.text, "alice", name)
				require.NotContains(t, history.text, "tx_", name)
			}
		}
	})
}
