package server_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/governance/attestation/groth16"
	"github.com/agentvault/teg-layer/server"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// unexplained are the writes that cannot be explained.
var unexplained = map[string]string{
	"POST /auth/challenge": "changes nothing", "POST /auth/token": "is a login", "POST /auth/refresh": "is a login", "POST /auth/revoke": "is a logout",
	"POST /onboarding/validate-token": "is a question", "POST /onboarding/register": "uses up what proves who registers",
	"POST /admin/auditor/rules/trial": "is a question", "POST /explain": "is a question",
	"POST /webhooks/{webhook_id}/test": "sends a message", "POST /webhooks/{webhook_id}/resend": "sends a message again",
}

// asking is a request for an explanation.
func asking(method, path, body string) string {
	if body == "" {
		return fmt.Sprintf(`{"method":%q,"path":%q}`, method, path)
	}
	return fmt.Sprintf(`{"method":%q,"path":%q,"body":%s}`, method, path, body)
}

// Every call that changes something can be explained, or is listed here with the reason;
// an explanation of one whose caller is suspended says so, for how long, and does nothing.
func TestEveryWriteIsExplained(t *testing.T) {
	t.Parallel()
	m := newMarketWith(t, memory(t), func(c *teg.Config) { c.Proofs = groth16.New() })
	bad := tegtest.Fund(t, m.engine, "did:example:bad", "10")
	_, err := m.engine.SuspendAgent(ctx(), teg.StandingParams{By: tegtest.Admin, Agent: bad, Reason: "spam"})
	require.NoError(t, err)
	token := m.token(bad, everyRole...)
	fill := strings.NewReplacer("{transaction_id}", "tx_"+someID, "{hold_id}", "hold_"+someID, "{flag_id}", "flag_"+someID,
		"{submission_id}", "att_"+someID, "{dispute_id}", "disp_"+someID, "{policy_id}", "pol_"+someID)
	for _, row := range m.server.Table() {
		method, path, _ := strings.Cut(strings.Replace(row, prefix, "", 1), " ")
		name := method + " " + path
		if method == "GET" {
			continue
		}
		r := m.post("/explain", token, asking(method, fill.Replace(path), everyWrite[name]))
		if unexplained[name] != "" {
			require.Equal(t, []string{"path"}, r.is(422, "VALIDATION_INVALID_INPUT").faults(), name)
			continue
		}
		r.is(200, "")
		if name == "POST /dispute/{dispute_id}/respond" {
			require.Equal(t, "entity.exists", r.at("reason", "rule"), "who is suspended may respond")
			continue
		}
		require.Equal(t, "caller.suspended", r.at("reason", "rule"), "%s: %s", name, r.text)
		require.Equal(t, "spam", r.at("reason", "figures", 0, "value"))
	}
	require.Equal(t, "10", tegtest.Available(t, m.engine, bad))
}

// An explanation changes nothing, uses up no key, makes no secret, and says what would
// pass, which does.
func TestExplain(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		pay := func(sum string) string { return `{"receiver_agent_id":"did:example:bob","amount":"` + sum + `"}` }
		explained := func(token, method, path, body string) reply {
			return m.post("/explain", token, asking(method, path, body)).is(200, "")
		}
		before := m.get("/admin/audit-log", m.admins).text

		r := explained(m.aliceToken, "POST", "/token/transfer", pay("5"))
		require.Equal(t, true, r.at("allowed"))
		require.Equal(t, "994.999", r.at("answer", "new_sender_balance"))
		r = explained(m.aliceToken, "POST", "/token/transfer", pay("1000"))
		require.Equal(t, "balance.covers", r.at("reason", "rule"))
		require.Equal(t, "docs/explain.md#balance", r.at("reason", "see"))
		most := r.at("reason", "would_pass", 0, "value").(string)
		require.Equal(t, "999.999", most)
		require.Equal(t, "amount", r.at("reason", "would_pass", 0, "field"))
		r = explained(m.aliceToken, "POST", "/token/transfer/bulk", `{"atomic":true,"transfers":[`+pay("1")+`,`+pay("1000")+`]}`)
		require.Equal(t, "1", fmt.Sprint(r.at("reason", "index")))
		require.Equal(t, "transfers[1].amount", r.at("reason", "would_pass", 0, "field"))
		r = explained(m.aliceToken, "POST", "/admin/tokens/burn", `{"amount":"1","reason":"x"}`)
		require.Equal(t, "caller.role", r.at("reason", "rule"))
		require.Equal(t, "admin", r.at("reason", "figures", 0, "value"))
		r = explained(m.aliceToken, "POST", "/token/transfer", `{"amount":"x"}`)
		require.Equal(t, "input.valid", r.at("reason", "rule"))
		require.Len(t, r.at("reason", "would_pass"), 2)
		require.Empty(t, explained(m.admins, "POST", "/admin/bootstrap-tokens/generate", `{}`).at("answer", "token"))
		require.Equal(t, before, m.get("/admin/audit-log", m.admins).text)

		key := m.post("/explain", m.aliceToken, `{"method":"POST","path":"/token/transfer","body":`+pay("7")+`,"idempotency_key":"k"}`).is(200, "")
		require.Equal(t, false, key.at("replayed"))
		m.get("/token/operations/k", m.aliceToken).is(404, "BIZ_ENTITY_NOT_FOUND")
		m.post("/token/transfer", m.aliceToken, pay(most), "Idempotency-Key", "k").is(200, "")
		m.post("/token/transfer", m.aliceToken, pay(most), "Idempotency-Key", "k").is(200, "")
		m.post("/token/transfer", m.aliceToken, pay("1"), "Idempotency-Key", "refused").is(400, "BIZ_INSUFFICIENT_BALANCE")
		r = m.post("/explain", m.aliceToken, `{"method":"POST","path":"/token/transfer","body":`+pay("1")+`,"idempotency_key":"refused"}`).is(200, "")
		require.Equal(t, true, r.at("replayed"))
		require.Contains(t, r.text, "under another key")
	})
}

// What is no call that can be explained is refused for its shape.
func TestExplainOfWhatIsNoCall(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	for body, field := range map[string]string{
		`{}`: "method",
		`{"method":"GET","path":"/token/balance"}`:                        "method",
		`{"method":"POST","path":"token/transfer"}`:                       "path",
		`{"method":"POST","path":"/nothing"}`:                             "path",
		`{"method":"POST","path":"/../health"}`:                           "path",
		`{"method":"PUT","path":"/token/transfer"}`:                       "path",
		`{"method":"POST","path":"/token/transfer","body":[]}`:            "body",
		`{"method":"POST","path":"/token/transfer","more":1}`:             "more",
		`{"method":"POST","path":"/` + strings.Repeat("x", 1024) + `"}`:   "path",
		`{"method":"POST","path":"/token/transfer","idempotency_key":""}`: "idempotency_key",
	} {
		require.Contains(t, m.post("/explain", m.aliceToken, body).is(422, "VALIDATION_INVALID_INPUT").faults(), field, body)
	}
	r := m.post("/explain", m.aliceToken, asking("POST", "/token/transfer", "")).is(200, "")
	require.Equal(t, "input.json", r.at("reason", "rule"), "there is no body")
	r = m.post("/explain", m.aliceToken, asking("POST", "/token/transfer?x=1", "{}")).is(200, "")
	require.Equal(t, "input.valid", r.at("reason", "rule"))
}

// It counts for the limit of the call that it is about, with all of its items, so that
// nobody has work done through it that is limited.
func TestExplainIsLimited(t *testing.T) {
	t.Parallel()
	m := newMarket(t, limitedTo(server.Limits{Standard: 100, Transfer: 3, Admin: 1}))
	item := `{"receiver_agent_id":"did:example:bob","amount":"1"}`
	bulk := asking("POST", "/token/transfer/bulk", `{"transfers":[`+item+`,`+item+`]}`)
	m.post("/explain", m.aliceToken, bulk).is(200, "").left(3, 1)
	m.post("/explain", m.aliceToken, bulk).is(429, "RATE_LIMITED")
	m.post("/explain", m.aliceToken, asking("POST", "/token/transfer", item)).is(200, "").left(3, 0)
	m.post("/token/transfer", m.aliceToken, item).is(429, "RATE_LIMITED")
	m.get("/token/balance", m.aliceToken).is(200, "").left(100, 96)
}
