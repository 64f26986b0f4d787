package remote

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// explained is the answer of a server that would refuse a payment, for words of a
// stranger's among others.
const explained = `{"allowed":false,"status":400,"replayed":false,"answer":null,
	"error":{"error_code":"BIZ_INSUFFICIENT_BALANCE","message":"available 20 AVT, needed 50.001 AVT"},
	"reason":{"rule":"balance.covers","index":null,"see":"docs/explain.md#balance",
	"figures":[{"name":"available","value":"20","unit":"AVT"},{"name":"open_holds","value":"2","unit":"count"},{"name":"reason","value":"\u001b[2J","unit":"name"}],
	"would_pass":[{"field":"amount","bound":"at_most","value":"19.999","unit":"AVT","do":"Ask for at most 19.999 AVT."}]}}`

// With --explain a command does nothing but ask, says why it would be refused and what
// would pass, and fails as it would have.
func TestExplain(t *testing.T) {
	s := newStand(t, saying(200, explained))
	code, stdout, stderr := s.run("pay", bob, "50", "--key", "k", "--explain")
	require.Equal(t, exitRefused, code)
	require.Equal(t, "It would be refused, by the rule balance.covers.\n\nIt looked at:\n  available   20 AVT\n  open holds  2\n  reason      \\x1b[2J\n\n"+
		"What would pass:\n  - Ask for at most 19.999 AVT.\n", stdout)
	require.Contains(t, stderr, "BIZ_INSUFFICIENT_BALANCE")
	require.NotContains(t, stderr, "may have been carried out")
	require.Equal(t, "/api/v1/explain", s.got[0].URL.Path)
	require.JSONEq(t, `{"method":"POST","path":"/token/transfer","body":{"receiver_agent_id":"did:example:bob","amount":"50"},"idempotency_key":"k"}`, s.bodies[0])

	code, stdout, _ = s.run("pay", bob, "50", "--explain", "--json")
	require.Equal(t, exitRefused, code)
	require.JSONEq(t, explained, stdout)
	code, _, _ = s.run("api", "POST", "/token/transfer", "--data", "{}", "--explain")
	require.Equal(t, exitRefused, code)
	require.Len(t, s.got, 3)
	for _, each := range s.got {
		require.Equal(t, "/api/v1/explain", each.URL.Path)
	}
}

// What would be carried out is shown, also where a command would ask first.
func TestExplainWhatIsAllowed(t *testing.T) {
	s := newStand(t, saying(200, `{"allowed":true,"status":200,"replayed":false,"answer":{"transaction_id":"tx_1","status":"completed","recipient_agent_id":"did:example:t","amount":"5","new_recipient_balance":"3","timestamp":"2026-01-01T12:00:00.000000Z"},"error":null,"reason":null}`))
	code, stdout, stderr := s.run("burn", "5", "--reason", "r", "--explain")
	require.Zero(t, code, stderr)
	require.Contains(t, stdout, "It would be carried out.\n\nanswer amount                 5\nanswer new_recipient_balance  3\n")
	s.answer = saying(200, `{"allowed":true,"status":204,"replayed":true,"answer":null,"error":null,"reason":null}`)
	_, stdout, _ = s.run("burn", "5", "--reason", "r", "--explain")
	require.Equal(t, "It was carried out before under this key, and would not be again.\n", stdout)
}

// What changes nothing has nothing to explain, and what cannot be explained says so.
func TestExplainOfWhatCannotBe(t *testing.T) {
	s := newStand(t, saying(422, `{"error_code":"VALIDATION_INVALID_INPUT","message":"the request is not valid","validation_errors":[{"field":"path","message":"no call"}]}`))
	for _, line := range [][]string{{"balance"}, {"transactions"}, {"transactions", "--all"}, {"api", "GET", "/token/balance"}, {"login"}} {
		code, _, stderr := s.run(append(line, "--explain")...)
		require.Equal(t, exitMisused, code, stderr)
		require.Contains(t, stderr, "changes nothing")
	}
	require.Empty(t, s.got)
	code, stdout, _ := s.run("api", "POST", "/auth/token", "--data", "{}", "--explain")
	require.Equal(t, exitRefused, code)
	require.Empty(t, stdout)
}
