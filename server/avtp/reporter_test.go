package avtp_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/server/avtp"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const done = `{"log_id":"avtp_1","status":"applied","reputation_changes":[{"agent_id":"did:example:b","score_change":2,"new_score":5}]}`

// script answers one after the other, the last one for ever.
type script struct {
	mu     sync.Mutex
	steps  []http.HandlerFunc
	bodies []string
	tokens []string
}

func (s *script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	s.bodies, s.tokens = append(s.bodies, r.Method+" "+r.URL.Path+" "+string(body)), append(s.tokens, r.Header.Get("Authorization"))
	step := s.steps[0]
	if len(s.steps) > 1 {
		s.steps = s.steps[1:]
	}
	s.mu.Unlock()
	step(w, r)
}

func says(status int, text string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, text)
	}
}

func dropped(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

func html(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") }

var report = avtp.Report{Transaction: "t-1", Initiator: did.MustParse("did:example:a"), Responder: did.MustParse("did:example:b"), Outcome: avtp.Success}

// start makes a reporter to the script, whose pauses take no time and are written down.
func start(t *testing.T, c avtp.Config, steps ...http.HandlerFunc) (*script, *avtp.Reporter, *[]time.Duration) {
	s := &script{steps: steps}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	if c.Token == nil {
		c.Token = avtp.Always("secret")
	}
	c.URL, c.Timeout = server.URL+"/api/v1", time.Minute
	transport := &http.Transport{DisableKeepAlives: true}
	c.Transport = transport
	r, err := avtp.New(c)
	require.NoError(t, err)
	pauses := new([]time.Duration)
	r.SetSleep(func(ctx context.Context, d time.Duration) error {
		*pauses = append(*pauses, d)
		return ctx.Err()
	})
	return s, r, pauses
}

// A report is sent until it is answered, whatever happens to it on the way.
func TestReportIsSentUntilItIsAnswered(t *testing.T) {
	t.Parallel()
	tokens := 0
	s, r, pauses := start(t, avtp.Config{Token: func(context.Context) (string, error) {
		if tokens++; tokens == 2 {
			return "", errors.New("not now")
		}
		return "secret", nil
	}},
		dropped, says(503, `{"error_code":"SYS_OUTCOME_UNKNOWN","message":"m"}`, "Retry-After", "7"), says(429, `{"error_code":"RATE_LIMITED"}`, "Retry-After", "3600"),
		says(401, `{"error_code":"AUTH_INVALID_TOKEN"}`), says(404, "not from here"), says(404, `{"error_code":"ROUTE_NOT_FOUND"}`), html, says(201, `{}`), says(302, "", "Location", "/x"), says(200, done))
	result, err := r.Report(context.Background(), report)
	require.NoError(t, err)
	require.Equal(t, avtp.Result{
		LogID: "avtp_1", Status: "applied", Again: true, Changes: []avtp.Change{{Agent: report.Responder, Change: 2, Score: 5}},
	}, result)
	require.Len(t, s.bodies, 10)
	for i, body := range s.bodies {
		require.Equal(t, `POST /api/v1/avtp/report-transaction {"avtp_transaction_id":"t-1","initiating_agent_did":"did:example:a","responding_agent_did":"did:example:b","outcome_status":"SUCCESS"}`, body)
		require.Equal(t, "Bearer secret", s.tokens[i])
	}
	require.Len(t, *pauses, 10)
	require.GreaterOrEqual(t, (*pauses)[2], 7*time.Second)
	require.Equal(t, 10*time.Minute, (*pauses)[3], "nobody can ask for more")
	for i, pause := range *pauses {
		require.Positive(t, pause, i)
		require.True(t, i == 2 || i == 3 || pause <= time.Minute+time.Millisecond, "%d: %s", i, pause)
	}
}

// What is refused for good is not sent again.
func TestRefused(t *testing.T) {
	t.Parallel()
	for _, status := range []int{400, 403, 404, 409, 422} {
		s, r, _ := start(t, avtp.Config{}, says(status, `{"error_code":"X","message":"m"}`))
		_, err := r.Report(context.Background(), report)
		var refused *avtp.RefusedError
		require.ErrorAs(t, err, &refused)
		require.Equal(t, avtp.RefusedError{Status: status, Code: "X", Message: "m"}, *refused)
		require.Len(t, s.bodies, 1)
	}
	_, r, _ := start(t, avtp.Config{}, says(200, done))
	_, err := r.Report(context.Background(), avtp.Report{})
	require.Error(t, err)
	require.Error(t, r.Enqueue(avtp.Report{}))
	_, err = avtp.New(avtp.Config{URL: "https://teg.example"})
	require.Error(t, err)
	_, err = avtp.New(avtp.Config{URL: "http://teg.example", Token: avtp.Always("x")})
	require.Error(t, err)
}

// The queue is bounded and keeps its order, and each of its reports is told the end of.
func TestQueue(t *testing.T) {
	t.Parallel()
	type end struct {
		name string
		err  error
	}
	ends := make(chan end, 10)
	s, r, _ := start(t, avtp.Config{Queue: 3, Done: func(rep avtp.Report, _ avtp.Result, err error) { ends <- end{rep.Transaction, err} }},
		says(201, done), says(409, `{"error_code":"BIZ_ALREADY_EXISTS","message":"m"}`), dropped, says(201, done), dropped)
	enqueue := func(names ...string) {
		for _, name := range names {
			each := report
			each.Transaction = name
			require.NoError(t, r.Enqueue(each))
		}
	}
	enqueue("a", "b", "c")
	require.ErrorIs(t, r.Enqueue(report), avtp.ErrFull)
	require.Equal(t, 3, r.Waiting())
	ctx, cancel := context.WithCancel(context.Background())
	ran := make(chan error)
	go func() { ran <- r.Run(ctx) }()
	require.Equal(t, end{"a", nil}, <-ends)
	second := <-ends
	require.Equal(t, "b", second.name)
	require.Error(t, second.err)
	require.Equal(t, end{"c", nil}, <-ends)
	require.Len(t, s.bodies, 4)

	enqueue("d", "e") // the line is dead from now on
	cancel()
	require.ErrorIs(t, <-ran, context.Canceled)
	for _, name := range []string{"d", "e"} {
		last := <-ends
		require.Equal(t, name, last.name)
		require.ErrorIs(t, last.err, context.Canceled)
		require.NotContains(t, last.err.Error(), "secret")
	}
	require.ErrorIs(t, r.Enqueue(report), avtp.ErrEnded, "nobody would ever send it")
	require.Zero(t, r.Waiting())
}

// What cannot be meant is refused, and no panic.
func TestNegativeConfig(t *testing.T) {
	t.Parallel()
	for _, c := range []avtp.Config{{Queue: -1}, {Timeout: -1}, {MaxPause: -1}} {
		c.URL, c.Token = "https://teg.example/api/v1", avtp.Always("x")
		_, err := avtp.New(c)
		require.ErrorContains(t, err, "negative")
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"": 0, "5": 5 * time.Second, "-5": 0, "x": 0, "99999": 10 * time.Minute, "Sun, 29 Nov 2026 12:00:30 GMT": 30 * time.Second, "Sun, 29 Nov 2026 11:00:30 GMT": 0,
	} {
		require.Equal(t, want, avtp.RetryAfter(text, now), text)
	}
}
