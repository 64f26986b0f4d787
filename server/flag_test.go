package server_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/teg"
)

const noFlag = "flag_00000000000000000000000000000001"

// accusation is the body of a flag by hand.
func accusation(agent, code, severity, more string) string {
	return fmt.Sprintf(`{"flagged_agent_did":"did:example:%s","rule_violated_code":"%s","flag_reason":"asked for a key","severity":"%s"%s}`, agent, code, severity, more)
}

// accuse flags an agent and returns the flag's id.
func (m *market) accuse(agent, code, severity string) string {
	m.t.Helper()
	return m.post("/auditor/flag", m.admins, accusation(agent, code, severity, "")).is(201, "").at("flag_id").(string)
}

// review moves a flag on.
func (m *market) review(token, flag, status string) reply {
	m.t.Helper()
	return m.put("/admin/auditor/flags/"+flag, token, `{"status":"`+status+`"}`)
}

// auditor is the token of an auditor who has a profile.
func (m *market) auditor() string {
	m.t.Helper()
	return m.caller("did:example:auditor", auth.Auditor)
}

func TestFlag(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		auditor, paid := m.auditor(), m.say(m.aliceToken, m.bob, 1)
		r := m.again("/auditor/flag", auditor, accusation("bob", "PHISHING", "HIGH", `,"related_transaction_ids":["`+paid+`"]`)).is(201, "")
		require.Regexp(t, `^flag_[0-9a-f]{32}$`, r.at("flag_id"))
		at := "2026-01-01T12:00:00.000000Z"
		want := map[string]any{
			"flag_id": r.at("flag_id"), "flagged_agent_did": "did:example:bob", "rule_violated_code": "PHISHING", "flag_reason": "asked for a key",
			"severity": "HIGH", "status": "NEW", "related_transaction_ids": []any{paid}, "flagged_by": "did:example:auditor",
			"created_at": at, "updated_at": at, "resolution_notes": nil, "window_start": nil, "shadow": false,
		}
		require.Equal(t, want, r.body)
		m.post("/auditor/flag", auditor, accusation("bob", "OTHER", "HIGH", ""), "Idempotency-Key", "again").is(422, "IDEMPOTENCY_KEY_REUSED")
		kept := m.get("/token/operations/again", auditor).is(200, "")
		require.Equal(t, map[string]any{"verb": "raise_flag", "status": "completed", "transaction_ids": []any{}}, kept.at("operations", 0))

		m.clock.Advance(time.Minute)
		path := "/admin/auditor/flags/" + r.at("flag_id").(string)
		m.put(path, auditor, `{"status":"UNDER_REVIEW"}`, "Idempotency-Key", "r").is(200, "")
		up := m.again(path+"/escalate", m.admins, `{"reason":"worse"}`).is(200, "")
		want["severity"], want["status"], want["resolution_notes"], want["updated_at"] = "CRITICAL", "UNDER_REVIEW", "worse", "2026-01-01T12:01:00.000000Z"
		require.Equal(t, want, up.body)
		done := m.put(path, auditor, `{"status":"RESOLVED","resolution_notes":"so it is"}`).is(200, "")
		want["status"], want["resolution_notes"] = "RESOLVED", "so it is"
		require.Equal(t, want, done.body)
		require.Equal(t, -49, m.score(m.bob), "a CRITICAL flag that is confirmed costs")
		replay := m.put(path, auditor, `{"status":"UNDER_REVIEW"}`, "Idempotency-Key", "r").is(200, "")
		require.Equal(t, []any{"UNDER_REVIEW", "HIGH", "true"}, []any{replay.at("status"), replay.at("severity"), replay.header.Get("Idempotency-Replayed")})

		shown := m.get(path, auditor).is(200, "")
		step := func(status, severity, actor, at string, note any) map[string]any {
			return map[string]any{"status": status, "severity": severity, "actor": "did:example:" + actor, "timestamp": at, "note": note}
		}
		require.Equal(t, []any{
			step("NEW", "HIGH", "auditor", at, nil), step("UNDER_REVIEW", "HIGH", "auditor", "2026-01-01T12:01:00.000000Z", nil),
			step("UNDER_REVIEW", "CRITICAL", "root", "2026-01-01T12:01:00.000000Z", "worse"), step("RESOLVED", "CRITICAL", "auditor", "2026-01-01T12:01:00.000000Z", "so it is"),
		}, shown.at("history"))
		want["history"], want["trust_score"] = shown.at("history"), m.get("/reputation/did:example:bob", "").at("trust_score")
		require.NotNil(t, want["trust_score"])
		require.Equal(t, want, shown.body)
		delete(want, "history")
		require.Equal(t, want, m.get("/admin/auditor/flags", auditor).is(200, "").at("flags", 0))
		require.Equal(t, json.Number("1"), m.get("/admin/metrics", auditor).at("counts", "flags"))
	})
}

func TestFlagRefused(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		auditor, bob := m.auditor(), m.token(m.bob, auth.Auditor)
		m.get("/admin/metrics", m.admins).is(200, "")
		fresh, ended, top := m.accuse("bob", "X", "LOW"), m.accuse("alice", "X", "LOW"), m.accuse("alice", "X", "CRITICAL")
		m.review(auditor, ended, "UNDER_REVIEW").is(200, "")
		m.review(auditor, ended, "FALSE_POSITIVE").is(200, "")
		flags := "/admin/auditor/flags/"
		m.unchanged(func() {
			for _, c := range []struct {
				method, path, token, body string
				status                    int
				code                      string
			}{
				{"POST", "/auditor/flag", auditor, accusation("nobody", "X", "LOW", ""), 404, "BIZ_ENTITY_NOT_FOUND"},
				{"POST", "/auditor/flag", auditor, strings.Replace(accusation("bob", "X", "LOW", ""), "did:example:bob", "did:agentvault:treasury", 1), 404, "BIZ_ENTITY_NOT_FOUND"},
				{"POST", "/auditor/flag", auditor, accusation("bob", "X", "LOW", `,"related_transaction_ids":["tx_00000000000000000000000000000001"]`), 404, "BIZ_ENTITY_NOT_FOUND"},
				{"POST", "/auditor/flag", m.aliceToken, accusation("bob", "X", "LOW", ""), 403, "AUTH_FORBIDDEN"},
				{"POST", "/auditor/flag", "", accusation("bob", "X", "LOW", ""), 401, "AUTH_MISSING_TOKEN"},
				{"POST", "/auditor/flag", auditor, `{}`, 422, "VALIDATION_INVALID_INPUT"},
				{"POST", "/auditor/flag", auditor, `{`, 400, "VALIDATION_MALFORMED_JSON"},
				{"GET", flags + noFlag, auditor, "", 404, "BIZ_ENTITY_NOT_FOUND"},
				{"GET", flags + "tx_1", auditor, "", 404, "BIZ_ENTITY_NOT_FOUND"},
				{"GET", flags + fresh, m.bobToken, "", 403, "AUTH_FORBIDDEN"},
				{"PUT", flags + noFlag, auditor, `{"status":"UNDER_REVIEW"}`, 404, "BIZ_ENTITY_NOT_FOUND"},
				{"PUT", flags + "x", auditor, `{"status":"UNDER_REVIEW"}`, 404, "BIZ_ENTITY_NOT_FOUND"},
				{"PUT", flags + fresh, auditor, `{"status":"RESOLVED"}`, 409, "BIZ_INVALID_STATE"},
				{"PUT", flags + fresh, auditor, `{"status":"FALSE_POSITIVE"}`, 409, "BIZ_INVALID_STATE"},
				{"PUT", flags + fresh, auditor, `{"status":"NEW"}`, 409, "BIZ_INVALID_STATE"},
				{"PUT", flags + ended, auditor, `{"status":"UNDER_REVIEW"}`, 409, "BIZ_INVALID_STATE"},
				{"PUT", flags + fresh, bob, `{"status":"UNDER_REVIEW"}`, 403, "AUTH_FORBIDDEN"},
				{"PUT", flags + fresh, auditor, `{"status":"DONE"}`, 422, "VALIDATION_INVALID_INPUT"},
				{"PUT", flags + fresh, auditor, `{"resolution_notes":"x"}`, 422, "VALIDATION_INVALID_INPUT"},
				{"POST", flags + fresh, auditor, `{"status":"UNDER_REVIEW"}`, 405, "METHOD_NOT_ALLOWED"},
				{"POST", flags + top + "/escalate", auditor, `{"reason":"x"}`, 409, "BIZ_INVALID_STATE"},
				{"POST", flags + ended + "/escalate", auditor, `{"reason":"x"}`, 409, "BIZ_INVALID_STATE"},
				{"POST", flags + noFlag + "/escalate", auditor, `{"reason":"x"}`, 404, "BIZ_ENTITY_NOT_FOUND"},
				{"POST", flags + fresh + "/escalate", bob, `{"reason":"x"}`, 403, "AUTH_FORBIDDEN"},
				{"POST", flags + fresh + "/escalate", auditor, `{"reason":" "}`, 422, "VALIDATION_INVALID_INPUT"},
				{"POST", flags + "bulk-update", m.aliceToken, `{"flag_ids":["` + fresh + `"],"status":"UNDER_REVIEW"}`, 403, "AUTH_FORBIDDEN"},
				{"POST", flags + "bulk-update", auditor, `{"flag_ids":[],"status":"UNDER_REVIEW"}`, 422, "VALIDATION_INVALID_INPUT"},
				{"POST", flags + "bulk-update", auditor, `{"flag_ids":["` + fresh + strings.Repeat(`","`+fresh, 1000) + `"],"status":"UNDER_REVIEW"}`, 422, "VALIDATION_INVALID_INPUT"},
			} {
				m.send(c.method, prefix+c.path, c.token, c.body).is(c.status, c.code)
			}
		})
		m.post("/admin/accounts/suspend", m.admins, `{"agent_id":"did:example:auditor","reason":"spam"}`).is(200, "")
		for _, flag := range []string{fresh, noFlag} {
			m.review(auditor, flag, "UNDER_REVIEW").is(403, "AUTH_AGENT_SUSPENDED")
			m.post(flags+flag+"/escalate", auditor, `{"reason":"x"}`).is(403, "AUTH_AGENT_SUSPENDED")
		}
		m.post("/auditor/flag", auditor, accusation("nobody", "X", "LOW", "")).is(403, "AUTH_AGENT_SUSPENDED")
		m.get(flags+fresh, auditor).is(403, "AUTH_AGENT_SUSPENDED") // its role rests
	})
}

// Pages of flags lead from one to the next, newest first, whatever is filtered by.
func TestFlagPages(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		auditor := m.auditor()
		var all []string
		for i := range 7 {
			agent, code := []string{"alice", "bob"}[i%2], []string{"A_CODE", "FAN_IN", "A_CODE"}[i%3]
			all = append([]string{m.accuse(agent, code, []string{"LOW", "HIGH"}[i/4])}, all...)
		}
		m.review(m.admins, all[6], "UNDER_REVIEW").is(200, "")
		read := func(filter string) (list []string) {
			path := "/admin/auditor/flags?limit=2" + filter
			for next := path; next != ""; {
				page := m.get(next, auditor).is(200, "")
				for _, each := range page.at("flags").([]any) {
					list = append(list, each.(map[string]any)["flag_id"].(string))
				}
				if next = ""; page.at("next_cursor") != nil {
					next = path + "&cursor=" + url.QueryEscape(page.at("next_cursor").(string))
				}
			}
			return list
		}
		require.Equal(t, all, read(""))
		require.Equal(t, all[6:], read("&status=UNDER_REVIEW"))
		require.Equal(t, all[:6], read("&status=NEW"))
		require.Equal(t, all[:3], read("&severity=HIGH"))
		require.Equal(t, []string{all[1], all[3], all[5]}, read("&agent_id="+url.QueryEscape("did:example:bob")))
		require.Equal(t, []string{all[2], all[5]}, read("&rule=FAN_IN"))
		require.Equal(t, []string{all[1]}, read("&rule=A_CODE&agent_id=did:example:bob&severity=HIGH&status=NEW"))
		require.Empty(t, read("&shadow=true"))

		first := m.get("/admin/auditor/flags?limit=2&offset=1", auditor).is(200, "")
		require.Equal(t, []any{json.Number("7"), json.Number("2"), json.Number("1"), all[1]},
			[]any{first.at("total"), first.at("limit"), first.at("offset"), first.at("flags", 0, "flag_id")})
		cursor := "/admin/auditor/flags?limit=2&cursor=" + url.QueryEscape(first.at("next_cursor").(string))
		require.Nil(t, m.get(cursor, auditor).is(200, "").at("total"))
		require.Equal(t, json.Number("7"), m.get(cursor+"&include_total=true", auditor).is(200, "").at("total"))
		m.get(cursor, m.admins).is(422, "VALIDATION_INVALID_INPUT") // it is another's
		m.get(cursor+"&status=NEW", auditor).is(422, "VALIDATION_INVALID_INPUT")
		m.get(cursor+"&offset=1", auditor).is(422, "VALIDATION_INVALID_INPUT")
	})
}

// Of many flags at once each is worked on for itself, and what failed says why.
func TestFlagsInBulk(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		auditor := m.token(m.alice, auth.Auditor)
		good, worked, own, other := m.accuse("bob", "X", "CRITICAL"), m.accuse("bob", "X", "LOW"), m.accuse("alice", "X", "LOW"), m.accuse("bob", "X", "LOW")
		m.review(m.admins, worked, "UNDER_REVIEW").is(200, "")
		bulk := func(status, more string, flags ...string) string {
			return `{"flag_ids":["` + strings.Join(flags, `","`) + `"],"status":"` + status + `"` + more + `}`
		}
		r := m.again("/admin/auditor/flags/bulk-update", auditor, bulk("UNDER_REVIEW", `,"resolution_notes":"all"`, good, worked, noFlag, own, other)).is(200, "")
		require.Equal(t, json.Number("2"), r.at("updated"))
		codes := map[string]any{}
		for _, each := range r.at("failed").([]any) {
			failed := each.(map[string]any)
			require.NotEmpty(t, failed["error"].(map[string]any)["message"])
			codes[failed["flag_id"].(string)] = failed["error"].(map[string]any)["error_code"]
		}
		require.Equal(t, map[string]any{worked: "BIZ_INVALID_STATE", noFlag: "BIZ_ENTITY_NOT_FOUND", own: "AUTH_FORBIDDEN"}, codes)
		require.Equal(t, []any{"UNDER_REVIEW", "all"}, []any{m.get("/admin/auditor/flags/"+other, auditor).at("status"), m.get("/admin/auditor/flags/"+other, auditor).at("resolution_notes")})
		require.Equal(t, "update_flags", m.get("/token/operations/again", auditor).is(200, "").at("operations", 0, "verb"))
		m.post("/admin/auditor/flags/bulk-update", auditor, bulk("UNDER_REVIEW", "", good), "Idempotency-Key", "again").is(422, "IDEMPOTENCY_KEY_REUSED")

		all := m.post("/admin/auditor/flags/bulk-update", m.admins, bulk("RESOLVED", "", good, other)).is(200, "")
		require.Equal(t, map[string]any{"updated": json.Number("2"), "failed": []any{}}, all.body)
		require.Equal(t, -50, m.score(m.bob))

		many := make([]string, 1000)
		for i := range many {
			many[i] = fmt.Sprintf("flag_%032x", i+1)
		}
		many[999] = own
		most := m.post("/admin/auditor/flags/bulk-update", m.admins, bulk("UNDER_REVIEW", "", many...)).is(200, "")
		require.Equal(t, json.Number("1"), most.at("updated"))
		require.Len(t, most.at("failed"), 999)
		m.post("/admin/accounts/suspend", m.admins, `{"agent_id":"did:example:alice","reason":"spam"}`).is(200, "")
		m.post("/admin/auditor/flags/bulk-update", auditor, bulk("RESOLVED", "", worked)).is(403, "AUTH_AGENT_SUSPENDED")
	})
}

// Who is flagged learns nothing of it but what it costs.
func TestFlagsAreNotForEverybody(t *testing.T) {
	m := newMarket(t)
	flag := m.accuse("bob", "X", "CRITICAL")
	m.review(m.admins, flag, "UNDER_REVIEW").is(200, "")
	m.review(m.admins, flag, "RESOLVED").is(200, "")
	for token, related := range map[string]any{m.aliceToken: nil, m.admins: flag} {
		require.Equal(t, related, m.get("/reputation/history/did:example:bob", token).is(200, "").at("history", 0, "related_id"))
	}
	require.Equal(t, "flag_confirmed", m.get("/reputation/history/did:example:bob", "").at("history", 0, "reason"))
	nothing, err := m.engine.Flags(ctx(), teg.FlagsQuery{Agent: m.alice})
	require.NoError(t, err)
	require.Empty(t, nothing.Flags)
}
