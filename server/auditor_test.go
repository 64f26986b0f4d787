package server_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// auditing runs the auditor beside the server until the test ends.
func (m *market) auditing() {
	running, stop := context.WithCancel(ctx())
	ended := make(chan error, 1)
	go func() { ended <- m.engine.RunAuditor(running) }()
	m.t.Cleanup(func() {
		stop()
		require.NoError(m.t, <-ended)
	})
}

// flagged waits until so many flags match.
func (m *market) flagged(filter string, flags int) reply {
	m.t.Helper()
	var page reply
	require.Eventually(m.t, func() bool {
		page = m.get("/admin/auditor/flags?"+filter, m.admins).is(200, "")
		return len(page.at("flags").([]any)) >= flags
	}, 2*time.Minute, 10*time.Millisecond)
	require.Len(m.t, page.at("flags"), flags)
	return page
}

// Payments over HTTP become a flag over HTTP, and rules that change are in force for
// what comes after.
func TestAuditorOverHTTP(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		m.auditing()
		m.put("/admin/auditor/rules", m.admins, low).is(200, "")
		var paid []any
		for range 4 {
			paid = append(paid, m.pay(m.aliceToken, m.bob))
		}
		flag := m.flagged("", 1).at("flags", 0).(map[string]any)
		require.Contains(t, flag["flag_reason"], "more than 2 payments")
		require.Regexp(t, `^flag_[0-9a-f]{32}$`, flag["flag_id"])
		id := flag["flag_id"].(string)
		delete(flag, "flag_reason")
		delete(flag, "flag_id")
		require.Equal(t, map[string]any{
			"flagged_agent_did": "did:example:alice", "rule_violated_code": "HIGH_VELOCITY_TRANSFERS", "severity": "MEDIUM", "status": "NEW",
			"related_transaction_ids": paid[:3], "flagged_by": nil, "created_at": "2026-01-01T12:00:00.000000Z", "updated_at": "2026-01-01T12:00:00.000000Z",
			"resolution_notes": nil, "window_start": "2026-01-01T12:00:00.000000Z", "shadow": false, "trust_score": nil,
		}, flag)
		require.Nil(t, m.get("/admin/auditor/flags/"+id, m.admins).at("history", 0, "actor"), "a rule did")

		m.put("/admin/auditor/rules", m.admins, `{"rules":[{"code":"HIGH_VELOCITY_TRANSFERS","severity":"HIGH","shadow":true}]}`).is(200, "")
		m.clock.Advance(time.Hour)
		for range 3 {
			m.pay(m.aliceToken, m.bob)
		}
		shadow := m.flagged("shadow=true", 1)
		require.Equal(t, []any{true, "HIGH"}, []any{shadow.at("flags", 0, "shadow"), shadow.at("flags", 0, "severity")})
		only := shadow.at("flags", 0, "flag_id").(string)
		m.unchanged(func() {
			m.review(m.admins, only, "UNDER_REVIEW").is(409, "BIZ_INVALID_STATE")
			m.post("/admin/auditor/flags/"+only+"/escalate", m.admins, `{"reason":"x"}`).is(409, "BIZ_INVALID_STATE")
		})
		require.Equal(t, json.Number("1"), m.get("/admin/metrics", m.admins).at("counts", "flags"), "what is found in shadow is no flag")

		m.put("/admin/auditor/rules", m.admins, `{"rules":[{"code":"HIGH_VELOCITY_TRANSFERS","enabled":false,"shadow":false},
			{"code":"LARGE_TRANSFER","thresholds":{"min_amount":5}}]}`).is(200, "")
		m.clock.Advance(time.Hour)
		for range 3 {
			m.pay(m.aliceToken, m.bob)
		}
		m.post("/token/transfer", m.aliceToken, `{"receiver_agent_id":"did:example:bob","amount":"5"}`).is(200, "")
		m.flagged("rule=LARGE_TRANSFER", 1)
		m.flagged("", 2)
	})
}

func TestAuditorMetrics(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		auditor := m.auditor()
		empty := m.get("/admin/auditor/metrics", auditor).is(200, "")
		none := map[string]any{"NEW": json.Number("0"), "UNDER_REVIEW": json.Number("0"), "RESOLVED": json.Number("0"), "FALSE_POSITIVE": json.Number("0")}
		require.Equal(t, []any{json.Number("0"), none, nil, nil, json.Number("0")},
			[]any{empty.at("total_flags"), empty.at("by_status"), empty.at("false_positive_rate"), empty.at("mean_resolution_seconds"), empty.at("position")})
		require.Len(t, empty.at("rules"), 12)

		confirmed, mistaken, open := m.accuse("bob", "FAN_IN", "LOW"), m.accuse("alice", "PHISHING", "HIGH"), m.accuse("bob", "PHISHING", "HIGH")
		m.accuse("bob", "FAN_IN", "CRITICAL")
		for _, flag := range []string{confirmed, mistaken, open} {
			m.review(auditor, flag, "UNDER_REVIEW").is(200, "")
		}
		m.clock.Advance(time.Minute)
		m.review(auditor, confirmed, "RESOLVED").is(200, "")
		m.clock.Advance(time.Minute)
		m.review(auditor, mistaken, "FALSE_POSITIVE").is(200, "")
		r := m.get("/admin/auditor/metrics", m.admins).is(200, "")
		rules := r.at("rules").([]any)
		require.Equal(t, map[string]any{
			"code": "PHISHING", "total_flags": json.Number("2"), "false_positive_rate": json.Number("1"), "mean_resolution_seconds": json.Number("120"), "shadow_findings": json.Number("0"),
			"by_status":   map[string]any{"NEW": json.Number("0"), "UNDER_REVIEW": json.Number("1"), "RESOLVED": json.Number("0"), "FALSE_POSITIVE": json.Number("1")},
			"by_severity": map[string]any{"LOW": json.Number("0"), "MEDIUM": json.Number("0"), "HIGH": json.Number("2"), "CRITICAL": json.Number("0")},
		}, rules[12], "codes that people use come after the rules")
		require.Equal(t, "FAN_IN", rules[5].(map[string]any)["code"])
		require.Equal(t, json.Number("60"), rules[5].(map[string]any)["mean_resolution_seconds"])
		delete(r.body, "rules")
		events := m.get("/admin/audit-log?limit=1", m.admins).at("total")
		require.Equal(t, map[string]any{
			"total_flags": json.Number("4"), "false_positive_rate": json.Number("0.5"), "mean_resolution_seconds": json.Number("90"), "shadow_findings": json.Number("0"),
			"by_status":   map[string]any{"NEW": json.Number("1"), "UNDER_REVIEW": json.Number("1"), "RESOLVED": json.Number("1"), "FALSE_POSITIVE": json.Number("1")},
			"by_severity": map[string]any{"LOW": json.Number("1"), "MEDIUM": json.Number("0"), "HIGH": json.Number("2"), "CRITICAL": json.Number("1")},
			"position":    json.Number("0"), "lag_events": events,
		}, r.body)
		m.get("/admin/auditor/metrics", m.aliceToken).is(403, "AUTH_FORBIDDEN")

		m.auditing()
		require.Eventually(t, func() bool { return m.get("/admin/auditor/metrics", auditor).at("lag_events") == json.Number("0") }, 2*time.Minute, 20*time.Millisecond)
	})
}
