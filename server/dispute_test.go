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
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
)

const (
	noDispute = "disp_00000000000000000000000000000001"
	pointer   = "ipfs://bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy"
)

// eachCourt is a market where a dispute costs 1 to file and a bond of 2.
func eachCourt(t *testing.T, test func(t *testing.T, m *market)) {
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		test(t, newMarketWith(t, open(t), func(c *teg.Config) {
			terms := teg.DefaultDisputeTerms()
			terms.FilingFee, terms.Bond = teg.AVT("1"), teg.AVT("2")
			c.Disputes = &terms
		}))
	})
}

// claimOf is the body of a dispute with bob about a transaction.
func claimOf(transaction, more string) string {
	return fmt.Sprintf(`{"defendant_agent_id":"did:example:bob","transaction_id":"%s","reason_code":"NOT_DELIVERED","brief_description":"nothing came"%s}`, transaction, more)
}

// setAside makes a hold of alice's for bob, and returns its id and its transaction.
func (m *market) setAside(sum string) (hold, transaction string) {
	m.t.Helper()
	r := m.post("/token/holds", m.aliceToken, `{"receiver_agent_id":"did:example:bob","amount":"`+sum+`"}`).is(201, "")
	return r.at("hold_id").(string), r.at("transaction_ids", 0).(string)
}

func (m *market) file(transaction string) string {
	m.t.Helper()
	return m.post("/dispute/file", m.aliceToken, claimOf(transaction, "")).is(201, "").at("dispute_id").(string)
}

// arbitrator is the token of one who decides.
func (m *market) arbitrator() string {
	m.t.Helper()
	return m.caller("did:example:judge", auth.Arbitrator)
}

func (m *market) status(token, id, body string) reply {
	m.t.Helper()
	return m.put("/admin/disputes/"+id+"/status", token, body)
}

func (m *market) ruling(token, id, body string) reply {
	m.t.Helper()
	return m.put("/admin/disputes/"+id+"/resolve", token, body)
}

// awaiting is a dispute about a new payment that awaits arbitration.
func (m *market) awaiting(transaction string) string {
	m.t.Helper()
	id := m.file(transaction)
	for _, status := range []string{"UNDER_REVIEW", "AWAITING_ARBITRATION"} {
		m.status(m.admins, id, `{"status":"`+status+`"}`).is(200, "")
	}
	return id
}

func TestDispute(t *testing.T) {
	eachCourt(t, func(t *testing.T, m *market) {
		judge := m.arbitrator()
		hold, tx := m.setAside("10")
		at := "2026-01-01T12:00:00.000000Z"
		r := m.again("/dispute/file", m.aliceToken, claimOf(tx, `,"evidence_pointer":"`+pointer+`","dispute_reason_category":"delivery"`)).is(201, "")
		id := r.at("dispute_id").(string)
		require.Regexp(t, `^disp_[0-9a-f]{32}$`, id)
		want := map[string]any{
			"dispute_id": id, "claimant_agent_id": "did:example:alice", "defendant_agent_id": "did:example:bob", "status": "OPEN",
			"deadline": "2026-01-08T12:00:00.000000Z", "transaction_id": tx, "avtp_transaction_id": nil, "hold_id": hold, "reason_code": "NOT_DELIVERED",
			"dispute_reason_category": "delivery", "brief_description": "nothing came", "amount": "10", "fee_amount": "1", "bond_amount": "2",
			"pinned_stake": "0", "response": nil, "responded_at": nil, "frivolous": false, "hold_outcome": nil, "resolution_notes": nil,
			"token_penalty": "0", "penalty_collected": "0", "penalty_outstanding": "0", "created_at": at, "updated_at": at,
			"evidence": []any{map[string]any{
				"evidence_id": r.at("evidence", 0, "evidence_id"), "agent_id": "did:example:alice", "evidence_pointer": pointer, "description": nil,
				"created_at": at, "storage_status": "unverified", "storage_problem": nil,
			}},
			"timeline": []any{map[string]any{"from": nil, "to": "OPEN", "actor": "did:example:alice", "timestamp": at, "note": nil}},
		}
		require.Equal(t, want, r.body)
		m.post("/dispute/file", m.aliceToken, claimOf(tx, ""), "Idempotency-Key", "again").is(422, "IDEMPOTENCY_KEY_REUSED")
		kept := m.get("/token/operations/again", m.aliceToken).is(200, "").at("operations", 0, "transaction_ids").([]any)
		require.Len(t, kept, 1, "the fee and the bond")
		require.Equal(t, "bond", m.get("/token/transactions/"+kept[0].(string), m.aliceToken).at("transaction_type"))
		require.Equal(t, "13.001", m.get("/token/balance", m.aliceToken).at("locked_balance"))
		require.Equal(t, "frozen", m.get("/token/holds", m.aliceToken).at("holds", 0, "status"))
		m.post("/token/holds/"+hold+"/capture", m.aliceToken, `{}`).is(409, "BIZ_INVALID_STATE")

		m.clock.Advance(time.Minute)
		later := "2026-01-01T12:01:00.000000Z"
		m.post("/dispute/"+id+"/evidence", m.bobToken, `{"evidence_pointer":"`+pointer+`/log","description":"a receipt"}`).is(200, "")
		said := m.post("/dispute/"+id+"/respond", m.bobToken, `{"response":"it was delivered"}`).is(200, "")
		require.Equal(t, []any{"it was delivered", later, "OPEN"}, []any{said.at("response"), said.at("responded_at"), said.at("status")})
		m.status(judge, id, `{"status":"UNDER_REVIEW","note":"looking"}`).is(200, "")
		m.status(m.admins, id, `{"status":"AWAITING_ARBITRATION"}`).is(200, "")
		done := m.ruling(judge, id, `{"resolution_status":"RESOLVED_FAVOR_CLAIMANT","resolution_notes":"so it is","hold":"void",
			"penalties":{"token_penalty":"5","reputation_adjustment":-40}}`).is(200, "")
		require.Equal(t, []any{"RESOLVED_FAVOR_CLAIMANT", "so it is", "voided", "0", "5", nil},
			[]any{done.at("status"), done.at("resolution_notes"), done.at("hold_outcome"), done.at("penalty_collected"), done.at("penalty_outstanding"), done.at("deadline")})
		require.Equal(t, []int{5, -40}, []int{m.score(m.alice), m.score(m.bob)})
		require.Equal(t, "1000", m.get("/token/balance", m.aliceToken).at("balance"))

		for _, token := range []string{m.aliceToken, m.bobToken, judge, m.admins} {
			require.Equal(t, done.body, m.get("/dispute/"+id, token).is(200, "").body)
		}
		step := func(from, to, actor string, note any) map[string]any {
			return map[string]any{"from": from, "to": to, "actor": "did:example:" + actor, "timestamp": later, "note": note}
		}
		require.Equal(t, []any{
			want["timeline"].([]any)[0], step("OPEN", "UNDER_REVIEW", "judge", "looking"), step("UNDER_REVIEW", "AWAITING_ARBITRATION", "root", nil),
			step("AWAITING_ARBITRATION", "RESOLVED_FAVOR_CLAIMANT", "judge", "so it is"),
		}, done.at("timeline"))
		require.Len(t, done.at("evidence"), 2)
		require.Equal(t, json.Number("1"), m.get("/admin/metrics", m.admins).at("counts", "disputes"))
		again := m.post("/dispute/file", m.aliceToken, claimOf(tx, `,"evidence_pointer":"`+pointer+`","dispute_reason_category":"delivery"`), "Idempotency-Key", "again").is(201, "")
		require.Equal(t, want, again.body, "the first answer")
		history := m.get("/reputation/history/did:example:bob", m.bobToken).at("history", 0)
		require.Equal(t, []any{"dispute_lost", id}, []any{history.(map[string]any)["reason"], history.(map[string]any)["related_id"]})
	})
}

func TestDisputeRefused(t *testing.T) {
	eachCourt(t, func(t *testing.T, m *market) {
		judge, auditor, carol := m.arbitrator(), m.auditor(), m.caller("did:example:carol")
		party := m.token(m.bob, auth.Arbitrator)
		paid, other := m.pay(m.aliceToken, m.bob), m.pay(m.aliceToken, m.bob)
		open, ripe := m.file(paid), m.awaiting(other)
		third := m.pay(m.aliceToken, m.bob)
		const notes = `"resolution_notes":"x"`
		m.unchanged(func() {
			for _, c := range []struct {
				method, path, token, body string
				status                    int
				code                      string
			}{
				{"POST", "/dispute/file", m.aliceToken, claimOf(paid, ""), 409, "BIZ_ALREADY_EXISTS"},
				{"POST", "/dispute/file", m.aliceToken, claimOf("tx_00000000000000000000000000000001", ""), 404, "BIZ_ENTITY_NOT_FOUND"},
				{"POST", "/dispute/file", carol, claimOf(third, ""), 404, "BIZ_ENTITY_NOT_FOUND"},
				{"POST", "/dispute/file", m.bobToken, claimOf(third, ""), 422, "VALIDATION_INVALID_INPUT"},
				{"POST", "/dispute/file", m.aliceToken, strings.Replace(claimOf(third, ""), "bob", "carol", 1), 422, "VALIDATION_INVALID_INPUT"},
				{"POST", "/dispute/file", m.aliceToken, strings.Replace(claimOf(third, ""), "bob", "nobody", 1), 404, "BIZ_ENTITY_NOT_FOUND"},
				{"POST", "/dispute/file", m.aliceToken, claimOf(third, `,"avtp_transaction_id":"a"`), 422, "VALIDATION_INVALID_INPUT"},
				{"POST", "/dispute/file", m.aliceToken, claimOf(third, `,"evidence_pointer":"https://x"`), 422, "VALIDATION_INVALID_INPUT"},
				{"POST", "/dispute/file", m.aliceToken, `{}`, 422, "VALIDATION_INVALID_INPUT"},
				{"POST", "/dispute/file", "", `{}`, 401, "AUTH_MISSING_TOKEN"},
				{"GET", "/dispute/" + open, carol, "", 404, "BIZ_ENTITY_NOT_FOUND"},
				{"GET", "/dispute/" + noDispute, judge, "", 404, "BIZ_ENTITY_NOT_FOUND"},
				{"GET", "/dispute/x", m.aliceToken, "", 404, "BIZ_ENTITY_NOT_FOUND"},
				{"POST", "/dispute/" + open + "/evidence", carol, `{"evidence_pointer":"` + pointer + `"}`, 404, "BIZ_ENTITY_NOT_FOUND"},
				{"POST", "/dispute/" + open + "/evidence", judge, `{"evidence_pointer":"` + pointer + `"}`, 404, "BIZ_ENTITY_NOT_FOUND"},
				{"POST", "/dispute/" + open + "/evidence", m.bobToken, `{"evidence_pointer":"x"}`, 422, "VALIDATION_INVALID_INPUT"},
				{"POST", "/dispute/" + open + "/respond", m.aliceToken, `{"response":"no"}`, 403, "AUTH_FORBIDDEN"},
				{"POST", "/dispute/" + open + "/respond", m.bobToken, `{"response":""}`, 422, "VALIDATION_INVALID_INPUT"},
				{"POST", "/dispute/" + open + "/respond", m.bobToken, `{"response":"` + strings.Repeat("é", 5001) + `"}`, 422, "VALIDATION_INVALID_INPUT"},
				{"POST", "/dispute/" + open + "/withdraw", m.bobToken, `{}`, 403, "AUTH_FORBIDDEN"},
				{"POST", "/dispute/" + noDispute + "/withdraw", m.aliceToken, `{}`, 404, "BIZ_ENTITY_NOT_FOUND"},
				{"PUT", "/admin/disputes/" + open + "/status", m.aliceToken, `{"status":"UNDER_REVIEW"}`, 403, "AUTH_FORBIDDEN"},
				{"PUT", "/admin/disputes/" + open + "/status", party, `{"status":"UNDER_REVIEW"}`, 403, "AUTH_FORBIDDEN"},
				{"PUT", "/admin/disputes/" + open + "/status", judge, `{"status":"OPEN"}`, 422, "VALIDATION_INVALID_INPUT"},
				{"PUT", "/admin/disputes/" + open + "/status", judge, `{"status":"RESOLVED_SPLIT"}`, 422, "VALIDATION_INVALID_INPUT"},
				{"PUT", "/admin/disputes/" + open + "/status", judge, `{"status":"AWAITING_ARBITRATION"}`, 409, "BIZ_INVALID_STATE"},
				{"PUT", "/admin/disputes/" + open + "/status", judge, `{"status":"UNDER_REVIEW","frivolous":true}`, 422, "VALIDATION_INVALID_INPUT"},
				{"PUT", "/admin/disputes/" + noDispute + "/status", judge, `{"status":"UNDER_REVIEW"}`, 404, "BIZ_ENTITY_NOT_FOUND"},
				{"PUT", "/admin/disputes/" + ripe + "/status", judge, `{"status":"REJECTED"}`, 409, "BIZ_INVALID_STATE"},
				{"PUT", "/admin/disputes/" + open + "/resolve", judge, `{"resolution_status":"RESOLVED_SPLIT",` + notes + `}`, 409, "BIZ_INVALID_STATE"},
				{"PUT", "/admin/disputes/" + ripe + "/resolve", judge, `{"resolution_status":"RESOLVED_SPLIT"}`, 422, "VALIDATION_INVALID_INPUT"},
				{"PUT", "/admin/disputes/" + ripe + "/resolve", judge, `{"resolution_status":"WITHDRAWN",` + notes + `}`, 422, "VALIDATION_INVALID_INPUT"},
				{"PUT", "/admin/disputes/" + ripe + "/resolve", judge, `{"resolution_status":"RESOLVED_SPLIT",` + notes + `,"penalties":{"token_penalty":"1"}}`, 422, "VALIDATION_INVALID_INPUT"},
				{"PUT", "/admin/disputes/" + ripe + "/resolve", judge, `{"resolution_status":"RESOLVED_FAVOR_CLAIMANT",` + notes + `,"penalties":{"token_penalty":"0"}}`, 422, "VALIDATION_INVALID_INPUT"},
				{"PUT", "/admin/disputes/" + ripe + "/resolve", judge, `{"resolution_status":"RESOLVED_FAVOR_CLAIMANT",` + notes + `,"penalties":{"reputation_adjustment":-1001}}`, 422, "VALIDATION_INVALID_INPUT"},
				{"PUT", "/admin/disputes/" + ripe + "/resolve", judge, `{"resolution_status":"RESOLVED_SPLIT",` + notes + `,"hold":"keep"}`, 422, "VALIDATION_INVALID_INPUT"},
				{"PUT", "/admin/disputes/" + ripe + "/resolve", judge, `{"resolution_status":"RESOLVED_SPLIT",` + notes + `,"hold":"void"}`, 409, "BIZ_INVALID_STATE"},
				{"PUT", "/admin/disputes/" + ripe + "/resolve", party, `{"resolution_status":"RESOLVED_SPLIT",` + notes + `}`, 403, "AUTH_FORBIDDEN"},
				{"PUT", "/admin/disputes/" + ripe + "/resolve", auditor, `{"resolution_status":"RESOLVED_SPLIT",` + notes + `}`, 403, "AUTH_FORBIDDEN"},
				{"GET", "/dispute/my-disputes?role=judge", m.aliceToken, "", 422, "VALIDATION_INVALID_INPUT"},
				{"GET", "/dispute/my-disputes?status=NEW", m.aliceToken, "", 422, "VALIDATION_INVALID_INPUT"},
				{"GET", "/admin/disputes", m.aliceToken, "", 403, "AUTH_FORBIDDEN"},
			} {
				r := m.send(c.method, prefix+c.path, c.token, c.body)
				require.Equal(t, c.status, r.status, "%s %s %s: %v", c.method, c.path, c.body, r.body)
				r.is(c.status, c.code)
			}
		})
		split := m.ruling(judge, ripe, `{"resolution_status":"RESOLVED_SPLIT",`+notes+`,"penalties":{"token_penalty":"1"}}`)
		require.Equal(t, []string{"penalties.token_penalty"}, split.faults())

		m.post("/admin/accounts/suspend", m.admins, `{"agent_id":"did:example:bob","reason":"spam"}`).is(200, "")
		m.post("/dispute/"+open+"/evidence", m.bobToken, `{"evidence_pointer":"`+pointer+`"}`).is(403, "AUTH_AGENT_SUSPENDED")
		m.get("/dispute/"+open, m.bobToken).is(200, "")
		m.post("/dispute/"+open+"/respond", m.bobToken, `{"response":"no"}`).is(200, "")
		m.post("/dispute/"+open+"/respond", m.bobToken, `{"response":"no"}`).is(409, "BIZ_ALREADY_EXISTS")
		m.post("/dispute/"+open+"/withdraw", m.aliceToken, `{}`).is(200, "")
		m.post("/dispute/"+open+"/withdraw", m.aliceToken, `{}`).is(409, "BIZ_INVALID_STATE")
		m.clock.Advance(31 * 24 * time.Hour)
		m.post("/dispute/file", m.token(m.alice), claimOf(third, "")).is(409, "BIZ_INVALID_STATE")
	})
}

// Pages of disputes lead from one to the next, newest first, by role and by state.
func TestDisputePages(t *testing.T) {
	eachCourt(t, func(t *testing.T, m *market) {
		judge := m.arbitrator()
		var all []string
		for range 5 {
			all = append([]string{m.file(m.pay(m.aliceToken, m.bob))}, all...)
		}
		m.status(judge, all[0], `{"status":"REJECTED","frivolous":true}`).is(200, "")
		ids := func(r reply) (found []string) {
			for _, d := range r.is(200, "").at("disputes").([]any) {
				found = append(found, d.(map[string]any)["dispute_id"].(string))
			}
			return found
		}
		for path, want := range map[string][]string{
			"/dispute/my-disputes": all, "/dispute/my-disputes?role=claimant": all, "/dispute/my-disputes?role=defendant": nil,
			"/dispute/my-disputes?status=OPEN": all[1:], "/dispute/my-disputes?role=claimant&status=REJECTED": all[:1],
		} {
			r := m.get(path, m.aliceToken)
			require.Equal(t, want, ids(r), path)
			require.Equal(t, json.Number(fmt.Sprint(len(want))), r.at("total"), path)
		}
		require.Equal(t, all, ids(m.get("/dispute/my-disputes?role=defendant", m.bobToken)))
		require.Equal(t, all[1:], ids(m.get("/admin/disputes?status=OPEN&agent_id=did:example:bob", judge)))
		first := m.get("/dispute/my-disputes?limit=2", m.aliceToken)
		next := "/dispute/my-disputes?limit=3&cursor=" + url.QueryEscape(first.at("next_cursor").(string))
		rest := m.get(next, m.aliceToken)
		require.Equal(t, all, append(ids(first), ids(rest)...))
		require.Nil(t, rest.at("next_cursor"))
		m.get(next, m.bobToken).is(422, "VALIDATION_INVALID_INPUT")
		m.clock.Advance(7 * 24 * time.Hour)
		require.Equal(t, all[1:], ids(m.get("/dispute/my-disputes?status=UNDER_REVIEW", m.token(m.alice))), "as it stands now")
	})
}
