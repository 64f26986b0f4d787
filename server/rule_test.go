package server_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/auth"
)

// low sets HIGH_VELOCITY_TRANSFERS to more than two payments.
const low = `{"rules":[{"code":"HIGH_VELOCITY_TRANSFERS","thresholds":{"max_transfers":2}}]}`

// rule is a rule as an auditor sees it.
func (m *market) rule(code string) map[string]any {
	m.t.Helper()
	for _, each := range m.get("/admin/auditor/rules", m.admins).is(200, "").at("rules").([]any) {
		if rule := each.(map[string]any); rule["code"] == code {
			return rule
		}
	}
	require.Fail(m.t, code)
	return nil
}

func TestRules(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		auditor := m.auditor()
		all := m.get("/admin/auditor/rules", auditor).is(200, "")
		require.Equal(t, []any{json.Number("12"), json.Number("100"), json.Number("0"), nil}, []any{all.at("total"), all.at("limit"), all.at("offset"), all.at("next_cursor")})
		require.Len(t, all.at("rules"), 12)
		require.Equal(t, map[string]any{
			"code": "HIGH_VELOCITY_TRANSFERS", "description": "An agent makes more payments than max_transfers within window_seconds.",
			"enabled": true, "shadow": false, "severity": "MEDIUM",
			"thresholds": map[string]any{"max_transfers": json.Number("100"), "window_seconds": json.Number("300")},
			"threshold_details": []any{
				map[string]any{"name": "max_transfers", "description": "payments that are still allowed", "unit": "count",
					"default": json.Number("100"), "least": json.Number("1"), "most": json.Number("10000")},
				map[string]any{"name": "window_seconds", "description": all.at("rules", 0, "threshold_details", 1, "description"), "unit": "seconds",
					"default": json.Number("300"), "least": json.Number("1"), "most": json.Number("86400")},
			},
		}, all.at("rules", 0))
		large := m.rule("LARGE_TRANSFER")
		require.Equal(t, map[string]any{"min_amount": "10000", "window_seconds": json.Number("3600")}, large["thresholds"], "an amount is a string")

		m.clock.Advance(time.Minute)
		body := `{"rules":[{"code":"LARGE_TRANSFER","enabled":false,"severity":"CRITICAL","shadow":true,"thresholds":{"min_amount":"0.50","window_seconds":"60"}},
			{"code":"FAN_IN","thresholds":{"min_senders":3}}]}`
		r := m.put("/admin/auditor/rules", m.admins, body, "Idempotency-Key", "k").is(200, "")
		changed := m.get("/admin/auditor/rules", auditor).is(200, "")
		require.Equal(t, changed.text, r.text)
		require.Equal(t, []any{false, true, "CRITICAL", map[string]any{"min_amount": "0.5", "window_seconds": json.Number("60")}},
			[]any{r.at("rules", 1, "enabled"), r.at("rules", 1, "shadow"), r.at("rules", 1, "severity"), r.at("rules", 1, "thresholds")})
		require.Equal(t, json.Number("3"), m.rule("FAN_IN")["thresholds"].(map[string]any)["min_senders"])
		require.Equal(t, all.at("rules", 0), r.at("rules", 0), "what is not named stays")
		m.put("/admin/auditor/rules", m.admins, low).is(200, "")
		again := m.put("/admin/auditor/rules", m.admins, strings.ReplaceAll(body, `"60"`, `60`), "Idempotency-Key", "k").is(200, "")
		require.Equal(t, []any{r.text, "true"}, []any{again.text, again.header.Get("Idempotency-Replayed")})
		m.put("/admin/auditor/rules", m.admins, low, "Idempotency-Key", "k").is(422, "IDEMPOTENCY_KEY_REUSED")
		require.Equal(t, "set_rules", m.get("/admin/audit-log?action=set_rules", m.admins).at("entries", 0, "action"))

		first := m.get("/admin/auditor/rules?limit=5", auditor).is(200, "")
		next := "/admin/auditor/rules?limit=5&cursor=" + url.QueryEscape(first.at("next_cursor").(string))
		second := m.get(next, auditor).is(200, "")
		require.Equal(t, []any{changed.at("rules", 5), nil}, []any{second.at("rules", 0), second.at("total")})
		m.get(next, m.admins).is(422, "VALIDATION_INVALID_INPUT")
	})
}

func TestRulesRefused(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		auditor := m.auditor()
		m.get("/admin/metrics", m.admins).is(200, "")
		m.unchanged(func() {
			m.put("/admin/auditor/rules", auditor, low).is(403, "AUTH_FORBIDDEN")
			m.put("/admin/auditor/rules", m.aliceToken, low).is(403, "AUTH_FORBIDDEN")
			m.put("/admin/auditor/rules", "", low).is(401, "AUTH_MISSING_TOKEN")
			m.get("/admin/auditor/rules", m.aliceToken).is(403, "AUTH_FORBIDDEN")
			m.post("/admin/auditor/rules", m.admins, low).is(405, "METHOD_NOT_ALLOWED")
			for body, fields := range map[string][]string{
				`{}`: {"rules"}, `{"rules":[]}`: {"rules"}, `{"rules":{}}`: {"rules"}, `{"rules":[{}]}`: {"rules[0].code"},
				`{"rules":[{"code":"NONE","severity":"high"}]}`:                                                                  {"rules[0].code", "rules[0].severity"},
				`{"rules":[{"code":"FAN_IN"},{"code":"FAN_IN","enabled":"yes","x":1,"thresholds":[]}]}`:                          {"rules[1].enabled", "rules[1].thresholds", "rules[1].x"},
				`{"rules":[{"code":"FAN_IN","thresholds":{"max_transfers":2,"min_senders":1,"window_seconds":0.5}}]}`:            {"rules[0].thresholds.max_transfers", "rules[0].thresholds.min_senders", "rules[0].thresholds.window_seconds"},
				`{"rules":[{"code":"FAN_IN","thresholds":{"min_senders":"many","usual_percent":1e3,"window_seconds":{"a":1}}}]}`: {"rules[0].thresholds.min_senders", "rules[0].thresholds.usual_percent", "rules[0].thresholds.window_seconds"},
				`{"rules":[{"code":"LARGE_TRANSFER","thresholds":{"min_amount":"0"}}]}`:                                          {"rules[0].thresholds.min_amount"},
				`{"rules":[{"code":"FAN_IN"}` + strings.Repeat(`,{"code":"FAN_IN"}`, 100) + `]}`:                                 {"rules"},
				`{"rules":[{"code":"FAN_IN","thresholds":{"min_senders":3,"min_senders":3}}]}`:                                   {"rules[0].thresholds.min_senders"},
			} {
				require.Equal(t, fields, m.put("/admin/auditor/rules", m.admins, body).is(422, "VALIDATION_INVALID_INPUT").faults(), body)
				if body != `{"rules":[]}` {
					require.Equal(t, fields, m.post("/admin/auditor/rules/trial", auditor, body).is(422, "VALIDATION_INVALID_INPUT").faults(), body)
				}
			}
			wrong := m.put("/admin/auditor/rules", m.admins, `{"rules":[{"code":"FAN_IN","thresholds":{"min_senders":1}}]}`)
			require.Equal(t, map[string]any{"field": "rules[0].thresholds.min_senders", "message": "must be a whole number from 2 to 500 (count)", "value": "1"}, wrong.at("validation_errors", 0))
		})
		root := m.token(m.alice, auth.Admin)
		m.post("/admin/accounts/suspend", m.admins, `{"agent_id":"did:example:alice","reason":"spam"}`).is(200, "")
		m.put("/admin/auditor/rules", root, low).is(403, "AUTH_AGENT_SUSPENDED")
	})
}

// What a rule would find can be seen before it is set so, and a trial leaves no trace.
func TestRuleTrial(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		auditor := m.auditor()
		m.get("/admin/metrics", m.admins).is(200, "")
		for range 2 {
			for range 3 {
				m.pay(m.aliceToken, m.bob)
			}
			m.clock.Advance(time.Hour)
		}
		m.unchanged(func() {
			try := func(more string) reply {
				return m.post("/admin/auditor/rules/trial", auditor, strings.TrimSuffix(low, "}")+more+"}").is(200, "")
			}
			r := try("")
			require.Equal(t, true, r.at("complete"))
			require.Equal(t, map[string]any{"code": "HIGH_VELOCITY_TRANSFERS", "findings": json.Number("2"), "agents": json.Number("1")}, r.at("rules", 0))
			require.Len(t, r.at("rules"), 12)
			require.Len(t, r.at("findings"), 2)
			found := r.at("findings", 0).(map[string]any)
			require.Len(t, found["related_transaction_ids"], 3)
			require.Contains(t, found["flag_reason"], "more than 2 payments")
			delete(found, "related_transaction_ids")
			delete(found, "flag_reason")
			require.Equal(t, map[string]any{"flagged_agent_did": "did:example:alice", "rule_violated_code": "HIGH_VELOCITY_TRANSFERS",
				"severity": "MEDIUM", "window_start": "2026-01-01T12:00:00.000000Z", "shadow": false}, found)
			require.Equal(t, "2026-01-01T13:00:00.000000Z", r.at("until"))
			for more, findings := range map[string]int{
				`,"from":"2026-01-01T12:30:00Z"`: 1, `,"to":"2026-01-01T14:30:00+02:00"`: 1, `,"from":"2026-01-02"`: 0, `,"to":"2026-01-01"`: 0, `,"limit":1`: 1,
			} {
				require.Len(t, try(more).at("findings"), findings, more)
			}
			require.Empty(t, m.post("/admin/auditor/rules/trial", m.admins, `{"rules":[]}`).is(200, "").at("findings"), "as they are set")
			for more, field := range map[string]string{
				`,"from":"yesterday"`: "from", `,"to":""`: "to", `,"from":"2026-01-02","to":"2026-01-01"`: "to", `,"limit":0`: "limit", `,"limit":1001`: "limit", `,"max_events":1`: "max_events",
			} {
				bad := m.post("/admin/auditor/rules/trial", auditor, strings.TrimSuffix(low, "}")+more+"}").is(422, "VALIDATION_INVALID_INPUT")
				require.Equal(t, []string{field}, bad.faults(), more)
			}
			m.post("/admin/auditor/rules/trial", m.aliceToken, low).is(403, "AUTH_FORBIDDEN")
		})
	})
}
