package server_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// What an act upon a dispute would be answered is what it is answered, but for ids.
func TestExplainOfDisputes(t *testing.T) {
	eachCourt(t, func(t *testing.T, m *market) {
		judge := m.arbitrator()
		foreseen := func(token, method, path, body string, status int) reply {
			said := m.post("/explain", token, asking(method, path, body)).is(200, "").at("answer").(map[string]any)
			done := m.send(method, prefix+path, token, body).is(status, "")
			for _, each := range []map[string]any{said, done.body} {
				for _, brought := range each["evidence"].([]any) {
					delete(brought.(map[string]any), "evidence_id")
				}
			}
			said["dispute_id"] = done.at("dispute_id")
			require.Equal(t, done.body, said, "%s %s", method, path)
			return done
		}
		_, first := m.setAside("10")
		id := foreseen(m.aliceToken, "POST", "/dispute/file", claimOf(first, `,"evidence_pointer":"`+pointer+`"`), 201).at("dispute_id").(string)
		one, cases := "/dispute/"+id, "/admin/disputes/"+id
		foreseen(m.bobToken, "POST", one+"/evidence", `{"evidence_pointer":"`+pointer+`/log"}`, 200)
		foreseen(m.bobToken, "POST", one+"/respond", `{"response":"it was delivered"}`, 200)
		foreseen(judge, "PUT", cases+"/status", `{"status":"UNDER_REVIEW","note":"looking"}`, 200)
		foreseen(judge, "PUT", cases+"/status", `{"status":"AWAITING_ARBITRATION"}`, 200)
		foreseen(judge, "PUT", cases+"/resolve",
			`{"resolution_status":"RESOLVED_FAVOR_CLAIMANT","resolution_notes":"so it is","hold":"capture","penalties":{"token_penalty":"50"}}`, 200)
		_, second := m.setAside("10")
		other := "/dispute/" + m.file(second)
		foreseen(m.aliceToken, "POST", other+"/withdraw", `{}`, 200)

		_, third := m.setAside("10")
		late := m.file(third)
		m.clock.Advance(8 * 24 * time.Hour) // its deadline has moved it on, and nobody has written that
		foreseen(m.bobToken, "POST", "/dispute/"+late+"/respond", `{"response":"at last"}`, 200)
	})
}
