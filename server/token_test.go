package server_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

func TestBalance(t *testing.T) {
	m := newMarket(t)
	r := m.get("/token/balance", m.aliceToken).is(200, "")
	require.Equal(t, map[string]any{"agent_id": "did:example:alice", "balance": "1000", "locked_balance": "0", "staked_balance": "0",
		"total_balance": "1000"}, r.body)
	require.Equal(t, "no-store", r.header.Get("Cache-Control"))
	m.get("/token/balance", "").is(401, "AUTH_MISSING_TOKEN")
}

func TestTransfer(t *testing.T) {
	m := newMarket(t)
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
}

func TestTransferNumbersAreReadExactly(t *testing.T) {
	m := newMarket(t)
	r := m.post("/token/transfer", m.aliceToken, `{"receiver_agent_id":"did:example:bob","amount":10.000000000000000001}`).is(200, "")
	require.Equal(t, "10.000000000000000001", r.at("amount"))
}

func TestTransferRefusals(t *testing.T) {
	m := newMarket(t)
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
	m := newMarket(t)
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
}

func TestSystemTransfer(t *testing.T) {
	m := newMarket(t)
	r := m.post("/token/transfer/to-system", m.aliceToken, `{"system_account_type":"treasury","amount":"5","purpose":"dues"}`).is(200, "")
	require.Equal(t, "995", r.at("new_sender_balance"))
	require.Equal(t, "did:agentvault:treasury", r.at("system_receiver_id"))
	require.Equal(t, "dues", r.at("purpose"))
	m.post("/token/transfer/to-system", m.aliceToken, `{"system_account_type":"rewards","amount":"5"}`).is(422, "VALIDATION_INVALID_INPUT")
}

func TestBulk(t *testing.T) {
	m := newMarket(t)
	body := `{"transfers":[{"receiver_agent_id":"did:example:bob","amount":"1"},{"receiver_agent_id":"did:example:nobody","amount":"1"},
		{"receiver_agent_id":"did:example:bob","amount":"5000"},{"receiver_agent_id":"did:example:bob","amount":"2"}]%s}`
	first := m.post("/token/transfer/bulk", m.aliceToken, fmt.Sprintf(body, ""), "Idempotency-Key", "run-1").is(200, "")
	require.Equal(t, "2", fmt.Sprint(first.at("succeeded")))
	require.Equal(t, "2", fmt.Sprint(first.at("failed")))
	require.Equal(t, "BIZ_ENTITY_NOT_FOUND", first.at("results", 1, "error", "error_code"))
	require.Equal(t, "BIZ_INSUFFICIENT_BALANCE", first.at("results", 2, "error", "error_code"))
	again := m.post("/token/transfer/bulk", m.aliceToken, fmt.Sprintf(body, ""), "Idempotency-Key", "run-1").is(200, "")
	require.Equal(t, first.text, again.text)
	require.Equal(t, "true", again.header.Get("Idempotency-Replayed"))
	require.Equal(t, "3", tegtest.Available(t, m.engine, m.bob))
	m.get("/token/operations/run-1", m.aliceToken).is(200, "")

	atomic := m.post("/token/transfer/bulk", m.aliceToken, fmt.Sprintf(body, `,"atomic":true`), "Idempotency-Key", "run-2").is(404, "BIZ_ENTITY_NOT_FOUND")
	require.Contains(t, atomic.at("message"), "transfers[1]")
	require.Equal(t, "3", tegtest.Available(t, m.engine, m.bob))
	m.post("/token/transfer/bulk", m.aliceToken, `{"transfers":[]}`).is(422, "VALIDATION_INVALID_INPUT")
	r := m.post("/token/transfer/bulk", m.aliceToken, `{"transfers":[{"receiver_agent_id":"did:example:bob","amount":"1"},{"receiver_agent_id":"did:example:bob","amount":"x"}]}`)
	require.Equal(t, []string{"transfers[1].amount"}, r.is(422, "VALIDATION_INVALID_INPUT").faults())
	r = m.post("/token/transfer/bulk", m.aliceToken, `{"transfers":[{"receiver_agent_id":"did:example:bob","amount":"1","idempotency_key":"a"},{"receiver_agent_id":"did:example:bob","amount":"1","idempotency_key":"a"}]}`)
	r.is(422, "VALIDATION_INVALID_INPUT")
}

func TestTransactionsPages(t *testing.T) {
	m := newMarket(t)
	for i := range 7 {
		m.post("/token/transfer", m.aliceToken, fmt.Sprintf(`{"receiver_agent_id":"did:example:bob","amount":"%d","reference":"r-%d"}`, i+1, i)).is(200, "")
	}
	first := m.get("/token/transactions?limit=3&transaction_type=transfer", m.aliceToken).is(200, "")
	require.Equal(t, "7", fmt.Sprint(first.at("total")))
	require.Equal(t, "7", first.at("transactions", 0, "amount"))
	cursor := first.at("next_cursor").(string)
	second := m.get("/token/transactions?limit=3&transaction_type=transfer&cursor="+url.QueryEscape(cursor), m.aliceToken).is(200, "")
	require.Equal(t, "4", second.at("transactions", 0, "amount"))
	require.Nil(t, second.at("total"))
	third := m.get("/token/transactions?limit=3&transaction_type=transfer&cursor="+url.QueryEscape(second.at("next_cursor").(string)), m.aliceToken).is(200, "")
	require.Equal(t, "1", third.at("transactions", 0, "amount"))
	require.Nil(t, third.at("next_cursor"))
	all := m.get("/token/transactions?offset=6", m.aliceToken).is(200, "") // the oldest two: an issuance comes first
	require.Equal(t, "8", fmt.Sprint(all.at("total")))
	require.Nil(t, all.at("transactions", 1, "sender_agent_id"))
	require.Equal(t, "issuance", all.at("transactions", 1, "transaction_type"))
	one := m.get("/token/transactions?reference=r-3", m.aliceToken).is(200, "")
	require.Equal(t, "4", one.at("transactions", 0, "amount"))
	require.Len(t, m.get("/token/transactions?counterparty=did:example:bob", m.aliceToken).at("transactions"), 7)
	require.Empty(t, m.get("/token/transactions?counterparty=did:example:carol", m.aliceToken).at("transactions"))
	require.Len(t, m.get("/token/transactions?start_date=2026-01-01&end_date=2026-01-02", m.aliceToken).at("transactions"), 8)
	require.Empty(t, m.get("/token/transactions?start_date=2026-01-02", m.aliceToken).at("transactions"))

	for _, bad := range []string{"limit=0", "limit=1001", "limit=x", "limit=01", "offset=-1", "cursor=xyz", "cursor=", "cursor=" + url.QueryEscape(cursor), // of other filters
		"offset=1&cursor=" + url.QueryEscape(cursor), "page=2", "limit=1&limit=2", "transaction_type=gift", "start_date=yesterday",
		"start_date=2026-01-02&end_date=2026-01-01", "counterparty=bob", "include_total=1", "reference=%00", "reference=%ff", "reference=%zz"} {
		m.get("/token/transactions?"+bad, m.aliceToken).is(422, "VALIDATION_INVALID_INPUT")
	}
	m.get("/token/transactions?transaction_type=transfer&cursor="+url.QueryEscape(cursor), m.bobToken).is(422, "VALIDATION_INVALID_INPUT")
}

func TestRefund(t *testing.T) {
	m := newMarket(t)
	paid := m.post("/token/transfer", m.aliceToken, `{"receiver_agent_id":"did:example:bob","amount":"10"}`).is(200, "").at("transaction_id").(string)
	path := "/token/transactions/" + paid + "/refund"
	m.post(path, m.aliceToken, `{}`).is(403, "AUTH_FORBIDDEN")
	m.post(path, m.token(teg.Agent("did:example:stranger")), `{}`).is(404, "BIZ_ENTITY_NOT_FOUND")
	require.Equal(t, []string{"amount"}, m.post(path, m.bobToken, `{"amount":"11"}`).is(422, "VALIDATION_INVALID_INPUT").faults())
	r := m.post(path, m.bobToken, `{"amount":"4","message":"sorry"}`).is(200, "")
	require.Equal(t, "refund", r.at("transaction_type"))
	require.Equal(t, paid, r.at("reference_id"))
	require.Equal(t, "0", r.at("fee_amount"))
	m.post(path, m.bobToken, `{}`).is(200, "")
	m.post(path, m.bobToken, `{}`).is(409, "BIZ_INVALID_STATE")
	m.post("/token/transactions/tx_1/refund", m.bobToken, `{}`).is(404, "BIZ_ENTITY_NOT_FOUND")
}

func TestHolds(t *testing.T) {
	clock := tegtest.NewClock()
	a := over(t, tegtest.New(t, tegtest.WithClock(clock)))
	alice, bob := tegtest.Fund(t, a.engine, "did:example:alice", "100"), tegtest.Fund(t, a.engine, "did:example:bob", "0")
	aliceToken, bobToken := a.token(alice), a.token(bob)
	place := func(extra string) string {
		return a.post("/token/holds", aliceToken, `{"receiver_agent_id":"did:example:bob","amount":"10"`+extra+`}`).is(201, "").at("hold_id").(string)
	}
	first := a.post("/token/holds", aliceToken, `{"receiver_agent_id":"did:example:bob","amount":"10","purpose":"task"}`, "Idempotency-Key", "h").is(201, "")
	require.Equal(t, "active", first.at("status"))
	id := first.at("hold_id").(string)
	require.Equal(t, "10.001", a.get("/token/balance", aliceToken).at("locked_balance"))
	captured := a.post("/token/holds/"+id+"/capture", aliceToken, `{"amount":"4"}`).is(200, "")
	require.Equal(t, "captured", captured.at("status"))
	require.Equal(t, "4", captured.at("captured_amount"))
	require.Equal(t, "95.999", tegtest.Available(t, a.engine, alice))
	again := a.post("/token/holds", aliceToken, `{"receiver_agent_id":"did:example:bob","amount":"10","purpose":"task"}`, "Idempotency-Key", "h").is(201, "")
	require.Equal(t, first.text, again.text, "the first answer, whatever became of the hold")
	a.post("/token/holds/"+id+"/capture", aliceToken, `{}`).is(409, "BIZ_INVALID_STATE")

	id = place("")
	a.post("/token/holds/"+id+"/capture", bobToken, `{}`).is(403, "AUTH_FORBIDDEN")
	require.Equal(t, []string{"amount"}, a.post("/token/holds/"+id+"/capture", aliceToken, `{"amount":"11"}`).is(422, "VALIDATION_INVALID_INPUT").faults())
	a.post("/token/holds/"+id+"/void", a.token(teg.Agent("did:example:stranger")), `{}`).is(404, "BIZ_ENTITY_NOT_FOUND")
	require.Equal(t, "voided", a.post("/token/holds/"+id+"/void", aliceToken, `{}`).is(200, "").at("status"))

	id = place(`,"void_by":"receiver"`)
	a.post("/token/holds/"+id+"/void", aliceToken, `{}`).is(403, "AUTH_FORBIDDEN")
	a.post("/token/holds/"+id+"/void", bobToken, `{}`).is(200, "")

	id = place(`,"expires_in_seconds":60`)
	clock.Advance(time.Minute)
	require.Equal(t, "0", a.get("/token/balance", aliceToken).at("locked_balance"))
	a.post("/token/holds/"+id+"/capture", aliceToken, `{}`).is(410, "BIZ_EXPIRED")
	list := a.get("/token/holds?limit=1", bobToken).is(200, "")
	require.Equal(t, "expired", list.at("holds", 0, "status"))
	require.Equal(t, "4", fmt.Sprint(list.at("total")))
	rest := a.get("/token/holds?cursor="+url.QueryEscape(list.at("next_cursor").(string)), bobToken).is(200, "")
	require.Len(t, rest.at("holds"), 3)

	for _, bad := range []string{`,"expires_in_seconds":0`, `,"expires_in_seconds":31536001`, `,"void_by":"payer"`, `,"expires_in_seconds":"60"`} {
		a.post("/token/holds", aliceToken, `{"receiver_agent_id":"did:example:bob","amount":"10"`+bad+`}`).is(422, "VALIDATION_INVALID_INPUT")
	}
}

func TestFees(t *testing.T) {
	m := newMarket(t)
	require.Equal(t, map[string]any{"fee_active": true, "fee_percentage": "0", "min_fee_amount": "0.001", "max_fee_amount": "0.001",
		"fee_recipient": "did:agentvault:treasury", "transfer_fee_amount": "0.001", "fee_collection_address": "did:agentvault:treasury"},
		m.get("/token/fees/config", "").is(200, "").body)
	require.Equal(t, map[string]any{"amount": "5", "fee_amount": "0.001", "total_amount": "5.001", "fee_recipient": "did:agentvault:treasury"},
		m.get("/token/fees/calculate?amount=5.0", "").is(200, "").body)
	for _, bad := range []string{"", "?amount=", "?amount=0", "?amount=-1", "?amount=1e3", "?amount=1&x=2"} {
		m.get("/token/fees/calculate"+bad, "").is(422, "VALIDATION_INVALID_INPUT")
	}
	m.get("/token/fees/config", "not-a-token").is(401, "AUTH_INVALID_TOKEN")
}
