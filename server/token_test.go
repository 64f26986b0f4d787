package server_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

func TestBalance(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		r := m.get("/token/balance", m.aliceToken).is(200, "")
		require.Equal(t, map[string]any{"agent_id": "did:example:alice", "balance": "1000", "locked_balance": "0", "staked_balance": "0",
			"total_balance": "1000"}, r.body)
		require.Equal(t, "no-store", r.header.Get("Cache-Control"))
		m.get("/token/balance", "").is(401, "AUTH_MISSING_TOKEN")
	})
}

func TestTransfer(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		r := m.post("/token/transfer", m.aliceToken, `{"receiver_agent_id":"did:example:bob","amount":"50","message":"hi"}`).is(200, "")
		require.Equal(t, "949.999", r.at("new_sender_balance"))
		require.Equal(t, "completed", r.at("status"))
		require.Equal(t, "0.001", r.at("fee_amount"))
		require.Equal(t, "hi", r.at("attached_message"))
		require.Regexp(t, `^tx_[0-9a-f]{32}$`, r.at("transaction_id"))
		require.Regexp(t, `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$`, r.at("timestamp"))

		one := m.get("/token/transactions/"+r.at("transaction_id").(string), m.bobToken).is(200, "")
		require.Equal(t, "transfer", one.at("transaction_type"))
		stranger := m.token(teg.Agent("did:example:stranger"))
		m.get("/token/transactions/"+r.at("transaction_id").(string), stranger).is(404, "BIZ_ENTITY_NOT_FOUND")
		m.get("/token/transactions/"+r.at("transaction_id").(string), m.token(teg.Agent("did:example:auditor"), auth.Auditor)).is(200, "")
	})
}

func TestTransferNumbersAreReadExactly(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		r := m.post("/token/transfer", m.aliceToken, `{"receiver_agent_id":"did:example:bob","amount":10.000000000000000001}`).is(200, "")
		require.Equal(t, "10.000000000000000001", r.at("amount"))
	})
}

func TestTransferRefusals(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		for _, c := range []struct {
			body   string
			status int
			code   string
			fields []string
		}{
			{`{"receiver_agent_id":"did:example:alice","amount":"1"}`, 400, "BIZ_SELF_TRANSFER", nil},
			{`{"receiver_agent_id":"did:example:bob","amount":"1000"}`, 400, "BIZ_INSUFFICIENT_BALANCE", nil},
			{`{"receiver_agent_id":"did:example:bob","amount":"0.009"}`, 400, "BIZ_BELOW_MINIMUM", nil},
			{`{"receiver_agent_id":"did:example:nobody","amount":"1"}`, 404, "BIZ_ENTITY_NOT_FOUND", nil},
			{`{"receiver_agent_id":"did:agentvault:treasury","amount":"1"}`, 404, "BIZ_ENTITY_NOT_FOUND", nil},
			{`{"receiver_agent_id":"did:example:bob","amount":"0"}`, 422, "VALIDATION_INVALID_INPUT", []string{"amount"}},
			{`{"receiver_agent_id":"bob","amount":"-10"}`, 422, "VALIDATION_INVALID_INPUT", []string{"amount", "receiver_agent_id"}},
			{`{"receiver_agent_id":"did:example:bob","amount":1e3}`, 422, "VALIDATION_INVALID_INPUT", []string{"amount"}},
			{`{"receiver_agent_id":"did:example:bob","amount":"1.0000000000000000001"}`, 422, "VALIDATION_INVALID_INPUT", []string{"amount"}},
			{`{"receiver_agent_id":"did:example:bob","amount":"1","amount":"2"}`, 422, "VALIDATION_INVALID_INPUT", []string{"amount"}},
			{`{"receiver_agent_id":"did:example:bob","Amount":"1"}`, 422, "VALIDATION_INVALID_INPUT", []string{"Amount", "amount"}},
			{`{"receiver_agent_id":"did:example:bob","amount":"1","tip":"1"}`, 422, "VALIDATION_INVALID_INPUT", []string{"tip"}},
			{`{"amount":"1"}`, 422, "VALIDATION_INVALID_INPUT", []string{"receiver_agent_id"}},
			{`{"receiver_agent_id":"did:example:bob","amount":"1","message":"a\u0000b"}`, 422, "VALIDATION_INVALID_INPUT", []string{"message"}},
			{`{"receiver_agent_id":"did:example:bob","amount":"1","message":"` + strings.Repeat("x", 257) + `"}`, 422, "VALIDATION_INVALID_INPUT", []string{"message"}},
			{`{"receiver_agent_id":"did:example:bob","amount":"1"} {}`, 422, "VALIDATION_INVALID_INPUT", nil},
			{`[]`, 422, "VALIDATION_INVALID_INPUT", nil},
			{`{`, 400, "VALIDATION_MALFORMED_JSON", nil},
			{"{\"amount\":\"\xff\"}", 400, "VALIDATION_MALFORMED_JSON", nil},
			{strings.Repeat("[", 65) + strings.Repeat("]", 65), 400, "VALIDATION_MALFORMED_JSON", nil},
		} {
			r := m.post("/token/transfer", m.aliceToken, c.body).is(c.status, c.code)
			if c.fields != nil {
				require.Equal(t, c.fields, r.faults(), c.body)
			}
		}
		require.Equal(t, "1000", tegtest.Available(t, m.engine, m.alice))
	})
}

func TestBodyRules(t *testing.T) {
	m := newMarket(t)
	body := `{"receiver_agent_id":"did:example:bob","amount":"1"}`
	m.send("POST", prefix+"/token/transfer", m.aliceToken, "").is(415, "UNSUPPORTED_MEDIA_TYPE")
	m.send("POST", prefix+"/token/transfer", m.aliceToken, "", "Content-Type", "application/json").is(400, "VALIDATION_MALFORMED_JSON")
	r, err := http.NewRequest("POST", "http://teg.example"+prefix+"/token/transfer", strings.NewReader(body))
	require.NoError(t, err)
	r.Header.Set("Authorization", "Bearer "+m.aliceToken)
	r.Header.Set("Content-Type", "text/plain")
	m.do(r).is(415, "UNSUPPORTED_MEDIA_TYPE")
	huge := `{"receiver_agent_id":"did:example:bob","amount":"1","message":"` + strings.Repeat("x", 2<<20) + `"}`
	m.post("/token/transfer", m.aliceToken, huge).is(413, "BODY_TOO_LARGE")
	m.post("/token/transfer", m.aliceToken, body, "Content-Type", "application/json; charset=utf-8").is(200, "")
}

func TestIdempotency(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		body := `{"receiver_agent_id":"did:example:bob","amount":"10"}`
		first := m.post("/token/transfer", m.aliceToken, body, "Idempotency-Key", "order-1").is(200, "")
		require.Empty(t, first.header.Get("Idempotency-Replayed"))
		m.post("/token/transfer", m.aliceToken, body).is(200, "") // the balance goes on
		again := m.post("/token/transfer", m.aliceToken, `{"amount":10.0,"receiver_agent_id":"did:example:bob"}`, "Idempotency-Key", "order-1").is(200, "")
		require.Equal(t, first.text, again.text)
		require.Equal(t, "true", again.header.Get("Idempotency-Replayed"))
		m.post("/token/transfer", m.aliceToken, `{"receiver_agent_id":"did:example:bob","amount":"11"}`, "Idempotency-Key", "order-1").is(422, "IDEMPOTENCY_KEY_REUSED")

		// A refusal is remembered too, whatever the balance is by then.
		m.post("/token/transfer", m.bobToken, `{"receiver_agent_id":"did:example:alice","amount":"500"}`, "Idempotency-Key", "k").is(400, "BIZ_INSUFFICIENT_BALANCE")
		tegtest.Fund(t, m.engine, "did:example:carol", "1")
		_, err := m.engine.Issue(ctx(), teg.IssueParams{By: tegtest.Admin, To: m.bob, Amount: teg.AVT("1000"), Reason: "grant"})
		require.NoError(t, err)
		r := m.post("/token/transfer", m.bobToken, `{"receiver_agent_id":"did:example:alice","amount":"500"}`, "Idempotency-Key", "k").is(400, "BIZ_INSUFFICIENT_BALANCE")
		require.Equal(t, "true", r.header.Get("Idempotency-Replayed"))

		done := m.get("/token/operations/order-1", m.aliceToken).is(200, "")
		require.Equal(t, "completed", done.at("operations", 0, "status"))
		require.Equal(t, "transfer", done.at("operations", 0, "verb"))
		require.Equal(t, first.at("transaction_id"), done.at("operations", 0, "transaction_ids", 0))
		refused := m.get("/token/operations/k", m.bobToken).is(200, "")
		require.Equal(t, "refused", refused.at("operations", 0, "status"))
		require.Equal(t, "BIZ_INSUFFICIENT_BALANCE", refused.at("operations", 0, "error", "error_code"))
		m.get("/token/operations/unknown", m.aliceToken).is(404, "BIZ_ENTITY_NOT_FOUND")

		for _, bad := range []string{"", "a b", "é", strings.Repeat("k", 256)} {
			r := m.post("/token/transfer", m.aliceToken, body, "Idempotency-Key", bad).is(422, "VALIDATION_INVALID_INPUT")
			require.Equal(t, []string{"Idempotency-Key"}, r.faults())
		}
		r = m.post("/token/transfer", m.aliceToken, body, "Idempotency-Key", "a", "Idempotency-Key", "b").is(422, "VALIDATION_INVALID_INPUT")
		require.Equal(t, []string{"Idempotency-Key"}, r.faults())
	})
}

func TestSystemTransfer(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		r := m.post("/token/transfer/to-system", m.aliceToken, `{"system_account_type":"treasury","amount":"5","purpose":"dues"}`).is(200, "")
		require.Equal(t, "995", r.at("new_sender_balance"))
		require.Equal(t, "did:agentvault:treasury", r.at("system_receiver_id"))
		require.Equal(t, "dues", r.at("purpose"))
		m.post("/token/transfer/to-system", m.aliceToken, `{"system_account_type":"rewards","amount":"5"}`).is(422, "VALIDATION_INVALID_INPUT")
	})
}
