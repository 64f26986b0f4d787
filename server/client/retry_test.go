package client_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/server/client"
)

var bob = did.MustParse("did:example:bob")

// answerer answers a request.
type answerer func(*http.Request) (*http.Response, error)

// line answers requests one after another, each by its function, and keeps what was asked.
type line struct {
	answers []answerer
	got     []*http.Request
	pauses  []time.Duration
}

func (l *line) RoundTrip(r *http.Request) (*http.Response, error) {
	l.got = append(l.got, r)
	at := min(len(l.got), len(l.answers)) - 1 // the last one answers all that follow
	return l.answers[at](r)
}

// stand makes a client of a line that waits for nothing.
func stand(t *testing.T, l *line, options ...client.Option) *client.Client {
	t.Helper()
	options = append([]client.Option{
		client.WithHTTPClient(&http.Client{Transport: l}), client.WithToken("token"),
		client.WithWait(func(ctx context.Context, pause time.Duration) error {
			l.pauses = append(l.pauses, pause)
			return ctx.Err()
		}),
	}, options...)
	c, err := client.New("http://teg.example", options...)
	require.NoError(t, err)
	return c
}

func says(status int, body string, headers ...string) answerer {
	return func(*http.Request) (*http.Response, error) {
		w := httptest.NewRecorder()
		w.Header().Set("Content-Type", "application/json")
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
		return w.Result(), nil
	}
}

func problem(status int, code string, headers ...string) answerer {
	return says(status, `{"error_code":"`+code+`","message":"words"}`, headers...)
}

func breaks(err error) answerer {
	return func(*http.Request) (*http.Response, error) { return nil, err }
}

var (
	errBroken  = errors.New("connection reset by peer")
	errDialled = &net.OpError{Op: "dial", Err: errors.New("connection refused")}
)

const paid = `{"transaction_id":"tx_1","status":"completed","sender_agent_id":"did:example:alice","receiver_agent_id":"did:example:bob",
	"amount":"1","fee_amount":"0","new_sender_balance":"9","timestamp":"2026-01-01T12:00:00.000000Z","attached_message":null}`

func pay(c *client.Client, options ...client.CallOption) (*client.Transfer, error) {
	return c.Transfer(context.Background(), client.TransferRequest{ReceiverAgentID: bob, Amount: amount.MustParse("1")}, options...)
}

// A write with a key is sent again, under the one key, until there is an answer.
func TestAKeyedWriteIsSentAgain(t *testing.T) {
	for name, first := range map[string]answerer{
		"broken": breaks(errBroken), "refused": breaks(errDialled), "429": problem(429, "RATE_LIMITED", "Retry-After", "2"),
		"502": says(502, "<html>", "Content-Type", "text/html"), "503": problem(503, "SYS_UNAVAILABLE"),
		"504": says(504, ""), "unknown": problem(503, "SYS_OUTCOME_UNKNOWN"),
	} {
		t.Run(name, func(t *testing.T) {
			l := &line{answers: []answerer{first, first, says(200, paid)}}
			var answer client.Answer
			sent, err := pay(stand(t, l), client.Record(&answer))
			require.NoError(t, err)
			require.Equal(t, amount.MustParse("9"), sent.NewSenderBalance)
			require.Len(t, l.got, 3)
			for _, r := range l.got {
				require.Equal(t, answer.Key, r.Header.Get("Idempotency-Key"))
			}
			require.NotEmpty(t, answer.Key)
			require.Equal(t, 3, answer.Tries)
			if name == "429" {
				require.Equal(t, []time.Duration{2 * time.Second, 2 * time.Second}, l.pauses)
			}
		})
	}
}

// Each call has a key of its own, unless the caller gives one.
func TestKeys(t *testing.T) {
	l := &line{answers: []answerer{says(200, paid)}}
	c := stand(t, l)
	for _, options := range [][]client.CallOption{nil, nil, {client.Key("order-17")}} {
		_, err := pay(c, options...)
		require.NoError(t, err)
	}
	first, second := l.got[0].Header.Get("Idempotency-Key"), l.got[1].Header.Get("Idempotency-Key")
	require.NotEqual(t, first, second)
	require.Equal(t, "order-17", l.got[2].Header.Get("Idempotency-Key"))

	for _, key := range []string{"two words", "ümlaut", strings.Repeat("k", 256), "a\nb"} {
		_, err := pay(c, client.Key(key))
		require.ErrorContains(t, err, "visible ASCII")
	}
	_, err := c.SuspendAgent(context.Background(), client.SuspendRequest{}, client.Key("order-17"))
	require.ErrorContains(t, err, "takes no key")
	require.Len(t, l.got, 3, "none of these was sent")
}

// A write without a key is sent again only where nothing can have been done.
func TestAnUnkeyedWriteIsNotRepeated(t *testing.T) {
	for name, c := range map[string]struct {
		first answerer
		again bool
		doubt bool
	}{
		"broken":      {breaks(errBroken), false, true},
		"refused":     {breaks(errDialled), true, false},
		"limited":     {problem(429, "RATE_LIMITED"), true, false},
		"unavailable": {problem(503, "SYS_UNAVAILABLE"), true, false},
		"unknown":     {problem(503, "SYS_OUTCOME_UNKNOWN"), false, true},
		"proxy":       {says(502, "<html>"), false, true},
		"internal":    {problem(500, "SYS_INTERNAL_ERROR"), false, true},
		"not found":   {problem(404, "BIZ_ENTITY_NOT_FOUND"), false, false},
	} {
		t.Run(name, func(t *testing.T) {
			l := &line{answers: []answerer{c.first}}
			_, err := stand(t, l).SuspendAgent(context.Background(), client.SuspendRequest{AgentID: bob, Reason: "words"})
			require.Error(t, err)
			require.Equal(t, c.again, len(l.got) > 1)
			attempt, is := client.AttemptOf(err)
			require.True(t, is)
			require.Equal(t, client.Attempt{Operation: "suspendAgent", Tries: len(l.got), InDoubt: c.doubt}, attempt)
			require.Equal(t, c.doubt, strings.Contains(err.Error(), "may have been carried out"), err)
		})
	}
}

// What is refused for good, or cannot become better, is sent once.
func TestWhatIsNotSentAgain(t *testing.T) {
	for name, first := range map[string]answerer{
		"refused": problem(400, "BIZ_INSUFFICIENT_BALANCE"), "internal": problem(500, "SYS_INTERNAL_ERROR"),
		"much later": problem(429, "RATE_LIMITED", "Retry-After", "3600"), "html": says(200, "<html>", "Content-Type", "text/html"),
	} {
		t.Run(name, func(t *testing.T) {
			l := &line{answers: []answerer{first}}
			_, err := pay(stand(t, l))
			require.Error(t, err)
			require.Len(t, l.got, 1)
		})
	}
	l := &line{answers: []answerer{problem(503, "SYS_UNAVAILABLE")}}
	_, err := stand(t, l).GetReadiness(context.Background())
	require.ErrorIs(t, err, client.ErrUnavailable)
	require.Len(t, l.got, 1, "who asks how the server is wants to know now")
	_, err = pay(stand(t, l, client.WithRetries(0)))
	require.ErrorIs(t, err, client.ErrUnavailable)
	require.Len(t, l.got, 2)
}

// The last error tells the key where the write may have been carried out, also where it was
// an earlier try that may have been.
func TestTheErrorTellsTheKey(t *testing.T) {
	all := func(list ...answerer) []answerer { return list }
	for name, c := range map[string]struct {
		answers []answerer
		doubt   bool
	}{
		"broken":                   {all(breaks(errBroken)), true},
		"broken, then refused":     {all(breaks(errBroken), breaks(errDialled)), true},
		"broken, then limited":     {all(breaks(errBroken), problem(429, "RATE_LIMITED")), true},
		"broken, then forbidden":   {all(breaks(errBroken), problem(403, "AUTH_AGENT_SUSPENDED")), true},
		"broken, then definite":    {all(breaks(errBroken), problem(400, "BIZ_INSUFFICIENT_BALANCE")), false},
		"broken, then elsewhere":   {all(breaks(errBroken), problem(404, "ROUTE_NOT_FOUND")), true},
		"never reached":            {all(breaks(errDialled)), false},
		"limited":                  {all(problem(429, "RATE_LIMITED")), false},
		"an answer that is broken": {all(says(200, `{"transaction_id":"tx_1"`)), true},
		"an answer of another":     {all(says(200, `{"ok":true}`)), true},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := pay(stand(t, &line{answers: c.answers}), client.Key("order-17"))
			attempt, is := client.AttemptOf(err)
			require.True(t, is)
			require.Equal(t, "order-17", attempt.Key)
			require.Equal(t, c.doubt, attempt.InDoubt, err)
			require.Equal(t, c.doubt, strings.Contains(err.Error(), `"order-17"`), err)
		})
	}
}

// A context that ends ends the retries, and is seen in the error.
func TestTheContextEndsRetries(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	l := &line{answers: []answerer{func(*http.Request) (*http.Response, error) {
		cancel()
		return nil, errBroken
	}}}
	_, err := stand(t, l).Transfer(ctx, client.TransferRequest{ReceiverAgentID: bob}, client.Key("order-17"))
	require.ErrorIs(t, err, context.Canceled)
	require.Len(t, l.got, 1)
	attempt, _ := client.AttemptOf(err)
	require.True(t, attempt.InDoubt)

	_, err = stand(t, l).Transfer(ctx, client.TransferRequest{ReceiverAgentID: bob}, client.Key("order-17"))
	require.ErrorIs(t, err, context.Canceled)
	require.Len(t, l.got, 1, "nothing is sent in a context that has ended")
	attempt, _ = client.AttemptOf(err)
	require.Equal(t, client.Attempt{Operation: "transfer", Key: "order-17"}, attempt)
}

// What Retry-After says is kept, however much it is, and is by the server's clock.
func TestWhenToComeBack(t *testing.T) {
	for said, want := range map[string]time.Duration{
		"5": 5 * time.Second, "-5": 0, "soon": 0, "": 0, "99999999999999999999999999": 9223372036 * time.Second,
		"Thu, 01 Jan 1998 12:00:20 GMT": 20 * time.Second, "Thu, 01 Jan 1998 11:00:00 GMT": 0,
	} {
		l := &line{answers: []answerer{problem(429, "RATE_LIMITED", "Retry-After", said, "Date", "Thu, 01 Jan 1998 12:00:00 GMT")}}
		_, err := pay(stand(t, l))
		var answered *client.Error
		require.ErrorAs(t, err, &answered)
		require.Equal(t, want, answered.RetryAfter, said)
		require.Equal(t, want <= 30*time.Second, len(l.got) > 1, said)
	}
}

// An answer that is kept is that of the call, and none where none came.
func TestAnAnswerThatIsKept(t *testing.T) {
	l := &line{answers: []answerer{says(200, paid), breaks(errBroken)}}
	c := stand(t, l)
	var answer client.Answer
	_, err := pay(c, client.Record(&answer))
	require.NoError(t, err)
	require.Equal(t, 200, answer.Status)
	_, err = pay(c, client.Record(&answer), client.Key("order-18"))
	require.Error(t, err)
	require.Equal(t, client.Answer{Key: "order-18", Writes: true}, answer)
}
