package server_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// What is wrong with a request is told at once, wherever in it, with its value.
func TestFaultsAreToldTogether(t *testing.T) {
	m := newMarket(t)
	long := strings.Repeat("é", 257)
	for _, c := range []struct {
		path, body string
		fields     []string
	}{
		{"/token/transfer?x=1", `{"receiver_agent_id":"bob","amount":"0","message":"` + long + `","reference":"` + long + `"}`,
			[]string{"Idempotency-Key", "amount", "message", "receiver_agent_id", "reference", "x"}},
		{"/token/transfer/to-system", `{"system_account_type":"rewards","amount":"0","purpose":"` + long + `"}`,
			[]string{"Idempotency-Key", "amount", "purpose", "system_account_type"}},
		{"/token/transactions/tx_1/refund", `{"amount":"0","message":"` + long + `"}`, []string{"Idempotency-Key", "amount", "message"}},
		{"/token/holds", `{"receiver_agent_id":"did:example:bob","amount":"0","expires_in_seconds":0,"void_by":"","purpose":"` + long + `"}`,
			[]string{"Idempotency-Key", "amount", "expires_in_seconds", "purpose", "void_by"}},
		{"/token/holds/hold_1/capture", `{"amount":"0"}`, []string{"Idempotency-Key", "amount"}},
		{"/admin/tokens/issue", `{"recipient_agent_id":"did:example:bob","amount":"0","reason":" "}`, []string{"Idempotency-Key", "amount", "reason"}},
		{"/admin/tokens/burn", `{"amount":"0","reason":""}`, []string{"Idempotency-Key", "amount", "reason"}},
		{"/admin/tokens/adjust", `{"from_agent_id":"did:example:bob","to_agent_id":"x","amount":"0","reason":"","transaction_id":"tx_1"}`,
			[]string{"Idempotency-Key", "amount", "reason", "to_agent_id", "transaction_id"}},
		{"/agent/stake?x=1", `{"amount":"0","auto_compound":"yes"}`, []string{"Idempotency-Key", "amount", "auto_compound", "x"}},
		{"/agent/unstake", `{"stake_id":"stake_1","amount":"0"}`, []string{"Idempotency-Key", "amount", "stake_id"}},
		{"/agent/delegate", `{"stake_id":"","validator_agent_id":"bob","amount":"0","reward_share_percentage":"100.1"}`,
			[]string{"Idempotency-Key", "amount", "reward_share_percentage", "stake_id", "validator_agent_id"}},
		{"/agent/undelegate", `{"delegation_id":"stake_00000000000000000000000000000001"}`, []string{"Idempotency-Key", "delegation_id"}},
		{"/agent/rewards/claim", `{"stake_id":"all"}`, []string{"Idempotency-Key", "stake_id"}},
		{"/admin/staking/trigger-reward-cycle", `{"reward_percentage":"0"}`, []string{"Idempotency-Key", "reward_percentage"}},
		{"/admin/staking/slash", `{"validator_agent_id":"bob","percentage":"0","delegations_percentage":"5%","evidence_id":" ","reason":"` + strings.Repeat("x", 501) + `"}`,
			[]string{"Idempotency-Key", "delegations_percentage", "evidence_id", "percentage", "reason", "validator_agent_id"}},
		{"/admin/staking/slash", `{"validator_agent_id":"did:example:bob","percentage":5e0,"evidence_id":"` + long + `","reason":"x"}`,
			[]string{"Idempotency-Key", "evidence_id", "percentage"}},
		{"/auditor/flag?x=1", `{"flagged_agent_did":"bob","rule_violated_code":"fan in","flag_reason":" ","severity":"high","related_transaction_ids":["tx_1"]}`,
			[]string{"Idempotency-Key", "flag_reason", "flagged_agent_did", "related_transaction_ids[0]", "rule_violated_code", "severity", "x"}},
		{"/admin/auditor/flags/flag_1/escalate", `{"reason":""}`, []string{"Idempotency-Key", "reason"}},
		{"/admin/auditor/flags/bulk-update", `{"flag_ids":["flag_1","` + noFlag + `","` + noFlag + `"],"status":"DONE","resolution_notes":"` + strings.Repeat("x", 2001) + `"}`,
			[]string{"Idempotency-Key", "flag_ids[0]", "flag_ids[2]", "resolution_notes", "status"}},
		{"/token/transfer/bulk", `{"transfers":[{"receiver_agent_id":"did:example:bob","amount":"1"},
			{"receiver_agent_id":"bob","amount":"0","message":"` + long + `","idempotency_key":""},null]}`,
			[]string{"Idempotency-Key", "transfers[1].amount", "transfers[1].idempotency_key", "transfers[1].message", "transfers[1].receiver_agent_id", "transfers[2]"}},
	} {
		r := m.post(c.path, m.admins, c.body, "Idempotency-Key", "a b").is(422, "VALIDATION_INVALID_INPUT")
		require.Equal(t, c.fields, r.faults(), c.path)
		require.Equal(t, "a b", r.at("validation_errors", 0, "value"))
	}
	r := m.post("/token/transfer", m.aliceToken, `{"receiver_agent_id":"did:example:bob","amount":0,"message":"`+long+`"}`)
	require.Equal(t, "0", r.at("validation_errors", 0, "value"))
	require.Equal(t, strings.Repeat("é", 128), r.at("validation_errors", 1, "value"))
	r = m.post("/admin/accounts/suspend", m.admins, `{"agent_id":"did:example:bob","reason":"`+strings.Repeat("x", 501)+`","duration_days":36501}`)
	require.Equal(t, []string{"duration_days", "reason"}, r.faults())
}

// What cannot be read at all comes before what is wrong with it.
func TestMalformedComesBeforeInvalid(t *testing.T) {
	m := newMarket(t)
	for _, path := range []string{"/token/transfer", "/token/transfer?x=1&%zz"} {
		m.post(path, m.aliceToken, `{`, "Idempotency-Key", "a b").is(400, "VALIDATION_MALFORMED_JSON")
		m.post(path, m.aliceToken, `{}`, "Idempotency-Key", "a b", "Content-Type", "text/plain").is(415, "UNSUPPORTED_MEDIA_TYPE")
		m.post(path, m.aliceToken, strings.Repeat(" ", 2<<20), "Idempotency-Key", "a b").is(413, "BODY_TOO_LARGE")
		m.post(path, m.aliceToken, `{}`, "Idempotency-Key", "a b").is(422, "VALIDATION_INVALID_INPUT")
	}
}

func TestTwentyFaultsAtMost(t *testing.T) {
	m := newMarket(t)
	item := `{"receiver_agent_id":"did:example:bob","amount":"%s"},`
	many := func(n int, sum string) string {
		return `{"transfers":[` + strings.TrimSuffix(strings.Repeat(fmt.Sprintf(item, sum), n), ",") + `]}`
	}
	for _, sum := range []string{"0", "x"} {
		r := m.post("/token/transfer/bulk", m.aliceToken, many(30, sum)).is(422, "VALIDATION_INVALID_INPUT")
		require.Len(t, r.faults(), 20)
		require.Equal(t, "transfers[0].amount", r.faults()[0])
	}
	for _, n := range []int{0, 1001} {
		r := m.post("/token/transfer/bulk", m.aliceToken, many(n, "1")).is(422, "VALIDATION_INVALID_INPUT")
		require.Equal(t, []string{"transfers"}, r.faults())
	}
	m.post("/token/transfer/bulk", m.aliceToken, many(1000, "0.1")).is(200, "")
	require.Equal(t, "100", tegtest.Available(t, m.engine, m.bob))
}

// A request that cannot be right does nothing, not even make its caller a
// profile.
func TestInvalidRequestsMakeNobody(t *testing.T) {
	m := newMarket(t)
	eve := teg.Agent("did:example:eve")
	m.post("/token/transfer", m.token(eve), `{"receiver_agent_id":"did:example:bob","amount":"0"}`).is(422, "VALIDATION_INVALID_INPUT")
	m.get("/token/transactions?limit=0", m.token(eve)).is(422, "VALIDATION_INVALID_INPUT")
	m.get("/token/fees/config", m.token(eve)).is(200, "") // nor does a public route
	pay := `{"receiver_agent_id":"did:example:bob","amount":"1","idempotency_key":"%s"}`
	twice := `{"transfers":[` + fmt.Sprintf(pay, "a") + `,` + fmt.Sprintf(pay, "b") + `,` + fmt.Sprintf(pay, "a") + `]}`
	derived := `{"transfers":[` + fmt.Sprintf(pay, "run#1") + `,{"receiver_agent_id":"did:example:bob","amount":"1"}]}`
	for _, c := range []struct{ path, body, field, value string }{
		{"/token/transfer/bulk", twice, "transfers[2].idempotency_key", "a"},
		{"/token/transfer/bulk", derived, "transfers[1].idempotency_key", "run#1"},
		{"/admin/tokens/burn", `{"recipient_agent_id":"did:example:bob","amount":"1","reason":"x"}`, "recipient_agent_id", "did:example:bob"},
		{"/admin/accounts/suspend", `{"agent_id":"did:example:bob","reason":" "}`, "reason", " "},
	} {
		r := m.post(c.path, m.token(eve, auth.Admin), c.body, "Idempotency-Key", "run").is(422, "VALIDATION_INVALID_INPUT")
		require.Equal(t, []string{c.field}, r.faults(), c.body)
		require.Equal(t, c.value, r.at("validation_errors", 0, "value"))
	}
	_, err := m.engine.Profile(ctx(), eve)
	require.ErrorIs(t, err, teg.ErrNotFound)
	require.Equal(t, "0", tegtest.Available(t, m.engine, m.bob))
}

// What is wrong with a recipient is told beside the rest.
func TestBurnFaultsTogether(t *testing.T) {
	m := newMarket(t)
	for _, recipient := range []string{"did:example:bob", "bob"} {
		r := m.post("/admin/tokens/burn", m.admins, `{"recipient_agent_id":"`+recipient+`","amount":"0","reason":""}`)
		require.Equal(t, []string{"amount", "reason", "recipient_agent_id"}, r.is(422, "VALIDATION_INVALID_INPUT").faults())
	}
	m.post("/admin/tokens/burn", m.admins, `[]`).is(422, "VALIDATION_INVALID_INPUT")
	m.post("/admin/tokens/burn", m.admins, `{`).is(400, "VALIDATION_MALFORMED_JSON")
}

func TestHostileParameters(t *testing.T) {
	m := newMarket(t)
	for _, c := range [][2]string{
		{"/token/transactions?reference=%00", "reference"}, {"/token/transactions?reference=%ff", "reference"},
		{"/token/transactions?reference=", "reference"}, {"/token/transactions?reference=" + strings.Repeat("r", 129), "reference"},
		{"/token/transactions?counterparty=%00", "counterparty"}, {"/token/transactions?cursor=%00", "cursor"},
		{"/token/transactions?cursor=%ff", "cursor"}, {"/token/transactions?limit=", "limit"}, {"/token/transactions?limit=%2B5", "limit"},
		{"/token/transactions?limit=99999999999999999999", "limit"}, {"/token/transactions?transaction_type=", "transaction_type"},
		{"/token/transactions?start_date=2026-01-01T1:00:00Z", "start_date"}, {"/token/transactions?start_date=2026-01-01T10:00:00,5Z", "start_date"},
		{"/token/transactions?start_date=2026-1-1", "start_date"}, {"/token/transactions?start_date=0000-01-01", "start_date"},
		{"/token/transactions?end_date=9999-12-31T23:59:59-23:59", "end_date"},
		{"/token/transactions?end_date=2026-01-01T00:00:00%2B24:00", "end_date"}, {"/token/transactions?end_date=2026-01-01T00:00:00-01:60", "end_date"},
		{"/token/transactions?cursor=AAAA", "cursor"}, {"/admin/audit-log?cursor=AAAA", "cursor"}, {"/token/transactions?end_date=2026-02-30", "end_date"},
		{"/token/transactions?a=1&a=2", "a"}, {"/token/transactions?a;b", "query"}, {"/token/transactions?%zz", "query"},
		{"/token/balance?x", "x"}, {"/token/operations/%ff", "key"}, {"/token/operations/%C3%A9", "key"}, {"/token/operations/a%0Ab", "key"},
		{"/token/operations/" + strings.Repeat("k", 256), "key"}, {"/token/fees/calculate?amount=1%00", "amount"},
		{"/admin/audit-log?action=%00", "action"}, {"/admin/audit-log?action=%ff", "action"}, {"/admin/audit-log?actor=x", "actor"},
		{"/admin/audit-log?action=" + strings.Repeat("a", 65), "action"}, {"/token/holds?cursor=AAAA", "cursor"},
		{"/agent/stakes?cursor=AAAA", "cursor"}, {"/agent/stakes?active_only=1", "active_only"}, {"/agent/stakes?limit=1001", "limit"},
		{"/agent/delegations?role=", "role"}, {"/agent/delegations?role=Validator", "role"}, {"/agent/delegations?cursor=AAAA", "cursor"},
		{"/agent/validators/did:example:bob?role=validator", "role"},
		{"/agent/slashes?cursor=AAAA", "cursor"}, {"/agent/slashes?cursor=%00", "cursor"}, {"/agent/slashes?cursor=", "cursor"},
		{"/agent/slashes?limit=0", "limit"}, {"/agent/slashes?limit=1001", "limit"}, {"/agent/slashes?offset=-1", "offset"},
		{"/agent/slashes?include_total=1", "include_total"}, {"/agent/slashes?agent_id=alice", "agent_id"}, {"/agent/slashes?delegator=did:example:alice", "delegator"},
		{"/agent/slashes?limit=1&limit=2", "limit"},
		{"/agent/debts?role=lender", "role"}, {"/agent/debts?role=", "role"}, {"/agent/debts?open_only=1", "open_only"},
		{"/agent/debts?cursor=AAAA", "cursor"}, {"/agent/debts?limit=0", "limit"}, {"/agent/debts?agent_id=", "agent_id"}, {"/agent/debts?debtor=did:example:alice", "debtor"},
		{"/reputation/did:example:bob?days=30", "days"}, {"/reputation/history/did:example:bob?days=0", "days"},
		{"/reputation/history/did:example:bob?days=3661", "days"}, {"/reputation/history/did:example:bob?days=30.0", "days"},
		{"/reputation/history/did:example:bob?days=", "days"}, {"/reputation/history/did:example:bob?days=1&days=1", "days"},
		{"/reputation/history/did:example:bob?cursor=AAAA", "cursor"}, {"/reputation/history/did:example:bob?limit=1001", "limit"},
		{"/reputation/history/nobody?sort=trust", "sort"}, {"/reputation/rankings?sort=", "sort"}, {"/reputation/rankings?sort=Trust", "sort"},
		{"/reputation/rankings?sort=trust&sort=trust", "sort"}, {"/reputation/rankings?sort=%00", "sort"},
		{"/reputation/rankings?cursor=AAAA", "cursor"}, {"/reputation/rankings?sort=trust&cursor=AAAA", "cursor"},
		{"/reputation/rankings?limit=0", "limit"}, {"/reputation/rankings?offset=-1", "offset"}, {"/reputation/rankings?days=30", "days"},
		{"/admin/auditor/flags?status=new", "status"}, {"/admin/auditor/flags?status=", "status"}, {"/admin/auditor/flags?severity=High", "severity"},
		{"/admin/auditor/flags?agent_id=bob", "agent_id"}, {"/admin/auditor/flags?rule=", "rule"}, {"/admin/auditor/flags?rule=%00", "rule"},
		{"/admin/auditor/flags?rule=" + strings.Repeat("A", 65), "rule"}, {"/admin/auditor/flags?shadow=1", "shadow"},
		{"/admin/auditor/flags?cursor=AAAA", "cursor"}, {"/admin/auditor/flags?limit=0", "limit"}, {"/admin/auditor/flags?code=X", "code"},
		{"/admin/auditor/flags?status=NEW&status=NEW", "status"}, {"/admin/auditor/flags/" + noFlag + "?limit=1", "limit"},
		{"/admin/auditor/rules?cursor=AAAA", "cursor"}, {"/admin/auditor/rules?limit=1001", "limit"}, {"/admin/auditor/rules?enabled=true", "enabled"},
		{"/admin/auditor/metrics?days=1", "days"},
		{"/reputation/did:example:bob/trust?limit=0", "limit"}, {"/reputation/did:example:bob/trust?limit=1001", "limit"},
		{"/reputation/did:example:bob/trust?offset=1", "offset"}, {"/reputation/did:example:bob/trust?cursor=x", "cursor"},
	} {
		r := m.get(c[0], m.admins).is(422, "VALIDATION_INVALID_INPUT")
		require.Equal(t, []string{c[1]}, r.faults(), c[0])
		if strings.Contains(c[0], "cursor=AAAA") {
			require.Equal(t, "AAAA", r.at("validation_errors", 0, "value"))
		}
	}
	m.get("/token/transactions?start_date=2026-01-01T13:00:00.5%2B01:00&end_date=2026-01-02", m.aliceToken).is(200, "")
}

// Dot segments are paths that are not, also where a variable stands.
func TestDotSegments(t *testing.T) {
	m := newMarket(t)
	for _, path := range []string{"/token/transactions/..", "/token/transactions/.", "/token/operations/.."} {
		m.get(path, m.aliceToken).is(404, "ROUTE_NOT_FOUND")
	}
	m.post("/token/transactions/../refund", m.bobToken, `{}`).is(404, "ROUTE_NOT_FOUND")
	m.post("/token/transfer", m.aliceToken, `{"receiver_agent_id":"did:example:bob","amount":"1"}`, "Idempotency-Key", "..").is(200, "")
	m.get("/token/operations/%2E%2E", m.aliceToken).is(200, "")
}

// A path that names nothing is told in its turn: after suspension and replay,
// and remembered.
func TestUnknownIDsKeepTheOrder(t *testing.T) {
	m := newMarket(t)
	paths := []string{"/token/transactions/tx_1/refund", "/token/holds/hold_1/capture", "/token/holds/hold_1/void"}
	for _, path := range paths {
		first := m.post(path, m.aliceToken, `{}`, "Idempotency-Key", "k").is(404, "BIZ_ENTITY_NOT_FOUND")
		again := m.post(path, m.aliceToken, `{}`, "Idempotency-Key", "k").is(404, "BIZ_ENTITY_NOT_FOUND")
		require.Equal(t, first.text, again.text)
		require.Equal(t, "true", again.header.Get("Idempotency-Replayed"))
	}
	m.post("/admin/accounts/suspend", m.admins, `{"agent_id":"did:example:alice","reason":"spam"}`).is(200, "")
	for _, path := range paths {
		m.post(path, m.aliceToken, `{}`, "Idempotency-Key", "k").is(403, "AUTH_AGENT_SUSPENDED")
	}
}

// The longest key is a key for a bulk too, though its items' keys are longer.
func TestLongestBulkKey(t *testing.T) {
	m := newMarket(t)
	body, key := `{"transfers":[{"receiver_agent_id":"did:example:bob","amount":"1"}]}`, strings.Repeat("k", 255)
	first := m.post("/token/transfer/bulk", m.aliceToken, body, "Idempotency-Key", key).is(200, "")
	again := m.post("/token/transfer/bulk", m.aliceToken, body, "Idempotency-Key", key).is(200, "")
	require.Equal(t, first.text, again.text)
	require.Equal(t, "1", tegtest.Available(t, m.engine, m.bob))
}

// A body of unknown length is cut off where it passes the limit.
func TestChunkedBodyTooLarge(t *testing.T) {
	m := newMarket(t)
	served := httptest.NewServer(m.server)
	defer served.Close()
	for size, status := range map[int]int{1 << 20: 400, 1<<20 + 1: 413} {
		body := io.LimitReader(spaces{}, int64(size)) // of no length that net/http could tell
		request, err := http.NewRequest("POST", served.URL+prefix+"/token/transfer", body)
		require.NoError(t, err)
		request.Header.Set("Authorization", "Bearer "+m.aliceToken)
		request.Header.Set("Content-Type", "application/json")
		require.Zero(t, request.ContentLength)
		answer, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		text, err := io.ReadAll(answer.Body)
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		require.Equal(t, status, answer.StatusCode, string(text))
		require.Equal(t, status == 413, strings.Contains(string(text), "BODY_TOO_LARGE"), string(text))
	}
}

type spaces struct{}

func (spaces) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

func TestContentTypes(t *testing.T) {
	m := newMarket(t)
	for given, status := range map[string]int{
		"application/json": 200, "application/json; charset=UTF-8": 200, "APPLICATION/JSON": 200, "application/json; charset=latin1": 415,
		"application/json; charset=": 415, "text/json": 415, "application/jsonx": 415, "application/json, text/plain": 415,
	} {
		r := m.post("/token/transfer", m.aliceToken, `{"receiver_agent_id":"did:example:bob","amount":"1"}`, "Content-Type", given)
		require.Equal(t, status, r.status, given)
	}
	m.post("/token/transfer", m.aliceToken, `{}`, "Content-Type", "application/json", "Content-Type", "text/plain").is(415, "UNSUPPORTED_MEDIA_TYPE")
	m.post("/token/transfer", m.aliceToken, `{}`, "Content-Encoding", "gzip").is(415, "UNSUPPORTED_MEDIA_TYPE")
}
