package server_test

import (
	"encoding/json"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// pay pays 1 AVT and returns the transaction's id.
func (m *market) pay(token string, to teg.DID) string {
	m.t.Helper()
	return m.post("/token/transfer", token, `{"receiver_agent_id":"`+to.String()+`","amount":"1"}`).is(200, "").at("transaction_id").(string)
}

// signal gives a signal for a payment.
func (m *market) signal(token, paid string, value int) reply {
	m.t.Helper()
	return m.post("/token/"+paid+"/reputation-signal", token, fmt.Sprintf(`{"signal_value":%d}`, value))
}

// say pays and gives a signal.
func (m *market) say(token string, to teg.DID, value int) string {
	m.t.Helper()
	paid := m.pay(token, to)
	m.signal(token, paid, value).is(200, "")
	return paid
}

// score is an agent's score, as anybody sees it.
func (m *market) score(agent teg.DID) int {
	m.t.Helper()
	return number(m.t, m.get("/reputation/"+agent.String(), "").is(200, "").at("reputation_score"))
}

// number reads a whole number out of an answer.
func number(t testing.TB, of any) int {
	t.Helper()
	var n int
	_, err := fmt.Sscan(fmt.Sprint(of), &n)
	require.NoError(t, err)
	return n
}

// caller makes an agent with a profile and returns its token.
func (m *market) caller(id string, roles ...auth.Role) string {
	m.t.Helper()
	token := m.token(teg.Agent(id), roles...)
	m.get("/agent/profile", token).is(200, "")
	return token
}

// unchanged wants an act to leave the books as they are.
func (m *market) unchanged(act func()) {
	m.t.Helper()
	before := tegtest.Verify(m.t, m.engine)
	act()
	after := tegtest.Verify(m.t, m.engine)
	after.Took = before.Took
	require.Equal(m.t, before, after)
}

func TestSignal(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		paid := m.pay(m.aliceToken, m.bob)
		require.Equal(t, map[string]any{"transaction_id": paid, "sender_agent_id": "did:example:alice", "receiver_agent_id": "did:example:bob",
			"signal_value": json.Number("1"), "new_receiver_reputation": json.Number("1"), "status": "applied"}, m.signal(m.aliceToken, paid, 1).is(200, "").body)
		require.Equal(t, true, m.get("/token/transactions/"+paid, m.bobToken).at("reputation_signal_applied"))
		profile := m.get("/agent/profile", m.bobToken).is(200, "")
		require.Equal(t, []any{json.Number("1"), "new"}, []any{profile.at("reputation_score"), profile.at("reputation_tier")})
		m.unchanged(func() {
			m.signal(m.aliceToken, paid, 1).is(409, "BIZ_SIGNAL_ALREADY_APPLIED")
			m.signal(m.aliceToken, paid, -1).is(409, "BIZ_SIGNAL_ALREADY_APPLIED")
		})

		hold := m.post("/token/holds", m.aliceToken, `{"receiver_agent_id":"did:example:bob","amount":"2"}`).is(201, "")
		m.signal(m.aliceToken, hold.at("transaction_ids", 0).(string), 1).is(409, "BIZ_INVALID_STATE")
		captured := m.post("/token/holds/"+hold.at("hold_id").(string)+"/capture", m.aliceToken, `{}`).is(200, "")
		down := m.signal(m.aliceToken, captured.at("transaction_ids", 2).(string), -1).is(200, "")
		require.Equal(t, []int{-1, 0}, []int{number(t, down.at("signal_value")), number(t, down.at("new_receiver_reputation"))})
		log := m.get("/admin/audit-log?action=signal", m.admins).is(200, "")
		require.Len(t, log.at("entries"), 2)
		require.Equal(t, "did:example:alice", log.at("entries", 1, "actor"))
		require.Contains(t, log.at("entries", 1, "ids"), paid)
	})
}

func TestSignalRefused(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		stranger, auditor := m.caller("did:example:stranger"), m.caller("did:example:auditor", auth.Auditor)
		m.get("/admin/metrics", m.admins).is(200, "")
		m.post("/admin/tokens/issue", m.admins, `{"recipient_agent_id":"did:example:bob","amount":"5","reason":"grant"}`).is(200, "")
		paid := m.pay(m.aliceToken, m.bob)
		refund := m.post("/token/transactions/"+m.pay(m.aliceToken, m.bob)+"/refund", m.bobToken, `{}`).is(200, "").at("transaction_id").(string)
		system := m.post("/token/transfer/to-system", m.aliceToken, `{"system_account_type":"treasury","amount":"1"}`).is(200, "").at("transaction_id").(string)
		m.stake(m.aliceToken, "5")
		staked := m.get("/token/transactions?transaction_type=stake", m.aliceToken).at("transactions", 0, "transaction_id").(string)
		issued := m.get("/token/transactions?transaction_type=issuance", m.aliceToken).at("transactions", 0, "transaction_id").(string)
		m.unchanged(func() {
			for _, c := range []struct {
				token, id string
				status    int
				code      string
			}{
				{m.bobToken, paid, 403, "AUTH_FORBIDDEN"}, {stranger, paid, 404, "BIZ_ENTITY_NOT_FOUND"}, {auditor, paid, 404, "BIZ_ENTITY_NOT_FOUND"},
				{m.admins, paid, 404, "BIZ_ENTITY_NOT_FOUND"}, {m.aliceToken, "tx_1", 404, "BIZ_ENTITY_NOT_FOUND"},
				{m.aliceToken, "tx_00000000000000000000000000000001", 404, "BIZ_ENTITY_NOT_FOUND"}, {m.aliceToken, issued, 403, "AUTH_FORBIDDEN"},
				{m.bobToken, refund, 409, "BIZ_INVALID_STATE"}, {m.aliceToken, system, 409, "BIZ_INVALID_STATE"},
				{m.aliceToken, staked, 409, "BIZ_INVALID_STATE"}, {"", paid, 401, "AUTH_MISSING_TOKEN"},
			} {
				m.signal(c.token, c.id, 1).is(c.status, c.code)
			}
			for _, value := range []string{`0`, `2`, `-2`, `"1"`, `1.0`, `1e0`, `true`, `null`, `99999999999999999999`} {
				r := m.post("/token/"+paid+"/reputation-signal", m.aliceToken, `{"signal_value":`+value+`}`).is(422, "VALIDATION_INVALID_INPUT")
				require.Equal(t, []string{"signal_value"}, r.faults(), value)
			}
			path := "/token/" + paid + "/reputation-signal"
			require.Equal(t, []string{"signal_value"}, m.post(path, m.aliceToken, `{}`).is(422, "VALIDATION_INVALID_INPUT").faults())
			more := m.post(path+"?x=1", m.aliceToken, `{"signal_value":0,"weight":"0.5","given":"2020-01-01T00:00:00Z"}`).is(422, "VALIDATION_INVALID_INPUT")
			require.Equal(t, []string{"given", "signal_value", "weight", "x"}, more.faults(), "nobody says how old or how strong its word is")
			require.Equal(t, "0", more.at("validation_errors", 1, "value"))
			m.post(path, m.aliceToken, `{`).is(400, "VALIDATION_MALFORMED_JSON")
			m.post(path, m.aliceToken, `{"signal_value":1}`, "Content-Type", "text/plain").is(415, "UNSUPPORTED_MEDIA_TYPE")
			m.get(path, m.aliceToken).is(405, "METHOD_NOT_ALLOWED")
		})
		m.post("/admin/accounts/suspend", m.admins, `{"agent_id":"did:example:alice","reason":"spam"}`).is(200, "")
		m.signal(m.aliceToken, "tx_1", 1).is(403, "AUTH_AGENT_SUSPENDED")
		m.signal(m.aliceToken, paid, 0).is(422, "VALIDATION_INVALID_INPUT")
		require.Zero(t, m.score(m.bob))
	})
}

// A key that is called like the route of a signal is a key.
func TestSignalRouteHidesNoOther(t *testing.T) {
	m := newMarket(t)
	m.post("/token/transfer", m.aliceToken, `{"receiver_agent_id":"did:example:bob","amount":"1"}`, "Idempotency-Key", "reputation-signal").is(200, "")
	require.Equal(t, "transfer", m.get("/token/operations/reputation-signal", m.aliceToken).is(200, "").at("operations", 0, "verb"))
	m.post("/token/holds/reputation-signal", m.aliceToken, `{"signal_value":1}`).is(404, "BIZ_ENTITY_NOT_FOUND")
}

// A payment that twenty requests signal at once has one signal.
func TestSignalsAtOnce(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		paid := m.pay(m.aliceToken, m.bob)
		answers := make([]reply, 20)
		m.foreseeing = false // another may come between
		var wait sync.WaitGroup
		for i := range answers {
			wait.Go(func() { answers[i] = m.signal(m.aliceToken, paid, 1-i%2*2) })
		}
		wait.Wait()
		given := 0
		for i, r := range answers {
			if r.status != 200 {
				r.is(409, "BIZ_SIGNAL_ALREADY_APPLIED")
				continue
			}
			given++
			require.Equal(t, 1-i%2*2, m.score(m.bob))
		}
		require.Equal(t, 1, given)
	})
}

// Beyond the limit of a pair a signal is taken and changes nothing.
func TestSignalBeyondTheLimitOfAPair(t *testing.T) {
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		terms := teg.DefaultReputationTerms()
		terms.Signal, terms.SignalPairLimit = 10, 1
		m := newMarketWith(t, open(t), func(c *teg.Config) { c.Reputation = &terms })
		m.say(m.aliceToken, m.bob, 1)
		late := m.signal(m.aliceToken, m.pay(m.aliceToken, m.bob), 1).is(200, "")
		require.Equal(t, []any{"applied", "10"}, []any{late.at("status"), fmt.Sprint(late.at("new_receiver_reputation"))})
		history := m.get("/reputation/history/did:example:bob", m.bobToken).is(200, "")
		require.Equal(t, []int{0, 10}, []int{number(t, history.at("history", 0, "score_change")), number(t, history.at("history", 1, "score_change"))})
		require.Equal(t, 2, number(t, m.get("/reputation/did:example:bob", "").at("positive_signals")))
	})
}
