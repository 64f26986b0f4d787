package server_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/teg"
)

// outcome is the body of a report of what alice asked bob to do.
func outcome(avtp, ended, more string) string {
	return fmt.Sprintf(`{"avtp_transaction_id":"%s","initiating_agent_did":"did:example:alice","responding_agent_did":"did:example:bob","outcome_status":"%s"%s}`,
		avtp, ended, more)
}

// report sends one.
func (m *market) report(token, body string) reply {
	m.t.Helper()
	return m.post("/avtp/report-transaction", token, body)
}

// change is one of the changes of scores that a report answers.
func change(agent string, by, score int) map[string]any {
	return map[string]any{"agent_id": "did:example:" + agent, "score_change": json.Number(fmt.Sprint(by)), "new_score": json.Number(fmt.Sprint(score))}
}

// settled wants what a new report did.
func (r reply) settled(status string, changes ...any) reply {
	r.t.Helper()
	r.is(201, "")
	require.Regexp(r.t, `^avtp_[0-9a-f]{32}$`, r.at("log_id"))
	require.Equal(r.t, map[string]any{"log_id": r.at("log_id"), "status": status, "reputation_changes": append([]any{}, changes...)}, r.body)
	return r
}

func TestReportByTheParties(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		pending := m.report(m.aliceToken, outcome("a", "SUCCESS", `,"service_identifier":"inference","price_avt":1.50,"sla_identifier_referenced":"gold"`)).settled("pending")
		require.Zero(t, m.score(m.bob))
		applied := m.report(m.bobToken, outcome("a", "SUCCESS", "")).settled("applied", change("bob", 2, 2))
		for token, first := range map[string]reply{m.aliceToken: pending, m.bobToken: applied} {
			m.unchanged(func() {
				body := outcome("a", "SUCCESS", "")
				if token == m.aliceToken {
					body = outcome("a", "SUCCESS", `,"sla_identifier_referenced":"gold","price_avt":"1.5","service_identifier":"inference"`)
				}
				require.Equal(t, first.text, m.report(token, body).is(200, "").text, "the first answer, whatever came between")
			})
		}

		m.report(m.bobToken, outcome("b", "FAILURE_CONSUMER", "")).settled("pending")
		m.report(m.aliceToken, outcome("b", "FAILURE_PROVIDER", "")).settled("disputed")
		paid := fmt.Sprintf(`,"transaction_id":"%s"`, m.pay(m.aliceToken, m.bob))
		m.report(m.bobToken, outcome("made up", "SUCCESS", paid)).settled("pending")
		m.report(m.aliceToken, outcome("c", "SUCCESS", paid)).settled("applied", change("bob", 2, 4))
		m.report(m.bobToken, outcome("c", "FAILURE_PROVIDER", "")).settled("disputed", change("bob", -2, 2))
		require.Equal(t, []int{0, 2}, []int{m.score(m.alice), m.score(m.bob)})
		log := m.get("/admin/audit-log?action=report_outcome", m.admins).is(200, "")
		require.Len(t, log.at("entries"), 7)
		require.Contains(t, log.at("entries", 6, "ids"), pending.at("log_id"))
	})
}

// What the platform says is final, whoever spoke before.
func TestReportByThePlatform(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		registry, second := m.caller("did:example:registry", auth.System), m.caller("did:example:registry-2", auth.System)
		m.report(m.bobToken, outcome("a", "SUCCESS", "")).settled("pending")
		m.report(registry, outcome("a", "FAILURE_CONSUMER", "")).settled("applied", change("alice", -3, -3))
		m.report(m.aliceToken, outcome("a", "SUCCESS", "")).settled("applied")
		m.unchanged(func() {
			r := m.report(second, outcome("a", "SUCCESS", "")).is(409, "BIZ_ALREADY_EXISTS")
			require.Contains(t, r.at("message"), "platform")
		})
		m.report(second, outcome("a", "FAILURE_CONSUMER", "")).settled("applied")

		m.report(registry, outcome("b", "FAILURE_PROVIDER", "")).settled("applied", change("bob", -5, -5))
		m.report(registry, outcome("c", "DISPUTED", "")).settled("disputed")
		paid := fmt.Sprintf(`,"transaction_id":"%s"`, m.pay(m.aliceToken, m.bob))
		m.report(registry, outcome("d", "SUCCESS", paid)).settled("applied", change("bob", 2, -3))
		m.report(m.aliceToken, outcome("n", "SUCCESS", paid)).is(409, "BIZ_ALREADY_EXISTS")
		m.report(m.aliceToken, outcome("e", "SUCCESS", "")).settled("pending")
		m.report(m.token(m.alice, auth.System), outcome("e", "SUCCESS", "")).settled("applied", change("bob", 2, -1))
		require.Equal(t, []int{-3, -1}, []int{m.score(m.alice), m.score(m.bob)})
	})
}

func TestReportRefused(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		registry, carol := m.caller("did:example:registry", auth.System), m.caller("did:example:carol")
		m.post("/admin/tokens/issue", m.admins, `{"recipient_agent_id":"did:example:carol","amount":"5","reason":"grant"}`).is(200, "")
		named := func(id string) string { return fmt.Sprintf(`,"transaction_id":"%s"`, id) }
		ours, used, theirs, back := m.pay(m.aliceToken, m.bob), m.pay(m.aliceToken, m.bob), m.pay(carol, m.alice), m.pay(m.bobToken, m.alice)
		m.report(m.aliceToken, outcome("a", "SUCCESS", "")).settled("pending")
		m.report(m.aliceToken, outcome("used", "SUCCESS", named(used))).settled("applied", change("bob", 2, 2))
		system := m.post("/token/transfer/to-system", m.aliceToken, `{"system_account_type":"treasury","amount":"1"}`).is(200, "").at("transaction_id").(string)
		m.unchanged(func() {
			for _, c := range []struct {
				token, body string
				status      int
				code        string
			}{
				{m.aliceToken, outcome("a", "DISPUTED", ""), 409, "BIZ_ALREADY_EXISTS"},
				{m.aliceToken, outcome("a", "SUCCESS", `,"price_avt":"1"`), 409, "BIZ_ALREADY_EXISTS"},
				{m.aliceToken, outcome("a", "SUCCESS", named(ours)), 409, "BIZ_ALREADY_EXISTS"},
				{m.aliceToken, outcome("n", "SUCCESS", named(used)), 409, "BIZ_ALREADY_EXISTS"},
				{m.aliceToken, outcome("n", "SUCCESS", named(theirs)), 409, "BIZ_INVALID_STATE"},
				{m.aliceToken, outcome("n", "SUCCESS", named(system)), 409, "BIZ_INVALID_STATE"},
				{m.aliceToken, outcome("n", "SUCCESS", named(back)), 409, "BIZ_INVALID_STATE"},
				{m.bobToken, outcome("n", "SUCCESS", named(theirs)), 404, "BIZ_ENTITY_NOT_FOUND"},
				{registry, outcome("n", "SUCCESS", named(theirs)), 409, "BIZ_INVALID_STATE"},
				{m.aliceToken, outcome("n", "SUCCESS", named("tx_00000000000000000000000000000001")), 404, "BIZ_ENTITY_NOT_FOUND"},
				{registry, strings.Replace(outcome("n", "SUCCESS", ""), "bob", "nobody", 1), 404, "BIZ_ENTITY_NOT_FOUND"},
				{registry, strings.Replace(outcome("n", "SUCCESS", ""), "alice", "nobody", 1), 404, "BIZ_ENTITY_NOT_FOUND"},
				{registry, strings.Replace(outcome("n", "SUCCESS", ""), "did:example:bob", "did:agentvault:treasury", 1), 404, "BIZ_ENTITY_NOT_FOUND"},
				{carol, outcome("n", "SUCCESS", ""), 403, "AUTH_FORBIDDEN"}, {m.admins, outcome("n", "SUCCESS", ""), 403, "AUTH_FORBIDDEN"},
				{"", outcome("n", "SUCCESS", ""), 401, "AUTH_MISSING_TOKEN"}, {m.aliceToken, `{`, 400, "VALIDATION_MALFORMED_JSON"},
			} {
				m.report(c.token, c.body).is(c.status, c.code)
			}
		})
		for _, token := range []string{m.aliceToken, registry} {
			who := map[bool]string{true: "registry", false: "alice"}[token == registry]
			m.post("/admin/accounts/suspend", m.admins, `{"agent_id":"did:example:`+who+`","reason":"spam"}`).is(200, "")
			m.report(token, outcome("n", "SUCCESS", "")).is(403, "AUTH_AGENT_SUSPENDED")
			m.report(token, outcome("a", "SUCCESS", "")).is(403, "AUTH_AGENT_SUSPENDED")
		}
		m.report(m.bobToken, outcome("a", "SUCCESS", "")).settled("applied", change("bob", 2, 4)) // about one who is suspended
	})
}

func TestReportFaults(t *testing.T) {
	m := newMarket(t)
	long := strings.Repeat("é", 129)
	everything := []string{"avtp_transaction_id", "initiating_agent_did", "outcome_status", "responding_agent_did"}
	m.get("/agent/profile", m.aliceToken).is(200, "")
	m.unchanged(func() {
		for body, fields := range map[string][]string{
			`{}`: everything, `[]`: {"body"}, `{"avtp_transaction_id":" ","initiating_agent_did":"alice","responding_agent_did":7,"outcome_status":"success"}`: everything,
			outcome("a", "SUCCESS", `,"price_avt":"-1","transaction_id":"tx_1","sla_identifier_referenced":"`+long+`","service_identifier":"`+long+long+`","x":1`): {
				"price_avt", "service_identifier", "sla_identifier_referenced", "transaction_id", "x"},
			outcome(long, "", ""): {"avtp_transaction_id", "outcome_status"}, outcome(`\u0000`, "SUCCESS", ""): {"avtp_transaction_id"},
			outcome("a", "SUCCESS", `,"outcome_status":"SUCCESS"`): {"outcome_status"}, outcome("a", "SUCCESS", `,"transaction_id":""`): {"transaction_id"},
			strings.Replace(outcome("a", "SUCCESS", ""), "bob", "alice", 1): {"responding_agent_did"},
		} {
			require.Equal(t, fields, m.report(m.aliceToken, body).is(422, "VALIDATION_INVALID_INPUT").faults(), body)
		}
		self := m.report(m.aliceToken, strings.Replace(outcome("a", "SUCCESS", ""), "bob", "alice", 1))
		require.Equal(t, "did:example:alice", self.at("validation_errors", 0, "value"))
		require.Equal(t, "is not valid: must be SUCCESS, FAILURE_PROVIDER, FAILURE_CONSUMER or DISPUTED",
			m.report(m.aliceToken, outcome("a", "FAILED", "")).at("validation_errors", 0, "message"))
		m.post("/avtp/report-transaction?x=1", m.aliceToken, outcome("a", "SUCCESS", "")).is(422, "VALIDATION_INVALID_INPUT")
		m.get("/avtp/report-transaction", m.aliceToken).is(405, "METHOD_NOT_ALLOWED")
	})
	m.report(m.aliceToken, outcome(strings.Repeat("é", 128), "SUCCESS", `,"price_avt":0,"service_identifier":"","transaction_id":null`)).settled("pending")
}

// A party from elsewhere gets its profile with the first report, but nobody whom a
// report only names.
func TestReportProvisions(t *testing.T) {
	m := newMarket(t)
	dave := m.token(teg.Agent("did:example:dave"))
	m.report(dave, strings.Replace(outcome("a", "SUCCESS", ""), "alice", "dave", 1)).settled("pending")
	m.report(dave, strings.NewReplacer("alice", "dave", "bob", "eve").Replace(outcome("b", "SUCCESS", ""))).is(404, "BIZ_ENTITY_NOT_FOUND")
	m.get("/reputation/did:example:dave", "").is(200, "")
	m.get("/reputation/did:example:eve", "").is(404, "BIZ_ENTITY_NOT_FOUND")
}
