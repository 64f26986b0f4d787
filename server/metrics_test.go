package server_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/server"
	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// toldOf is metrics that remember.
type toldOf struct {
	mu       sync.Mutex
	inFlight int
	seen     []string
	books    []string
	services map[string]bool
}

func (m *toldOf) Began() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.inFlight++
}

func (m *toldOf) Answered(x server.Exchange) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.inFlight--
	m.seen = append(m.seen, fmt.Sprintf("%s %s %d %s", x.Method, x.Route, x.Status, x.Code))
	if x.Took <= 0 {
		m.seen = append(m.seen, "it took no time")
	}
}

func (m *toldOf) BooksChecked(difference amount.Signed, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.books = append(m.books, fmt.Sprint(difference, err))
}

func (m *toldOf) ServiceChecked(name string, answers bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.services[name] = answers
}

// Metrics are told of every request once, whatever becomes of it, in words of which
// there are few.
func TestRequestsAreTold(t *testing.T) {
	told := &toldOf{services: map[string]bool{}}
	m := newMarket(t, func(c *server.Config) { c.Metrics = told })
	m.get("/token/balance", m.aliceToken).is(200, "")
	m.get("/reputation/did:example:alice", "").is(200, "")
	m.send("HEAD", "/health/live", "", "")
	m.send("OPTIONS", prefix+"/token/balance", "", "")
	m.post("/token/transfer", m.aliceToken, `{"receiver_agent_id":"did:example:bob","amount":"0"}`).is(422, "VALIDATION_INVALID_INPUT")
	m.send("BREW", prefix+"/token/balance", "", "").is(405, "METHOD_NOT_ALLOWED")
	m.send("GET", "/a/path/that/is/made/up", "", "").is(404, "ROUTE_NOT_FOUND")
	m.do(m.panicking()).is(500, "SYS_INTERNAL_ERROR")
	require.Panics(t, func() { m.do(m.aborting()) })
	require.Equal(t, []string{
		"GET /api/v1/token/balance 200 ", "GET /api/v1/reputation/{agent_id} 200 ", "HEAD /health/live 200 ", "OPTIONS none 204 ",
		"POST /api/v1/token/transfer 422 VALIDATION_INVALID_INPUT", "other none 405 METHOD_NOT_ALLOWED", "GET none 404 ROUTE_NOT_FOUND",
		"POST /api/v1/token/transfer 500 SYS_INTERNAL_ERROR", "POST /api/v1/token/transfer 0 ",
	}, told.seen)
	require.Zero(t, told.inFlight)
}

// aborting is a request whose handler drops the connection.
func (m *market) aborting() *http.Request {
	request := m.panicking()
	request.Body = aborting{}
	return request
}

type aborting struct{}

func (aborting) Read([]byte) (int, error) { panic(http.ErrAbortHandler) }
func (aborting) Close() error             { return nil }

// Metrics are told of what the server looks after in the background.
func TestChecksAreTold(t *testing.T) {
	told := &toldOf{services: map[string]bool{}}
	m := newMarket(t, func(c *server.Config) {
		c.Metrics = told
		c.Integrations = []server.Integration{
			{Name: "up", Check: func(context.Context) error { return nil }}, {Name: "down", Check: func(context.Context) error { return errors.New("away") }},
		}
	})
	within, stop := context.WithCancel(ctx())
	var running sync.WaitGroup
	running.Go(func() { _ = m.server.Run(within) })
	require.Eventually(t, func() bool {
		told.mu.Lock()
		defer told.mu.Unlock()
		return len(told.books) > 0 && len(told.services) == 2
	}, time.Minute, 5*time.Millisecond)
	stop()
	running.Wait()
	require.Equal(t, "0 <nil>", told.books[0])
	require.Equal(t, map[string]bool{"up": true, "down": false}, told.services)
}

// The page of metrics is there where there is one, for everybody, and nothing else is
// taken for it.
func TestMetricsPage(t *testing.T) {
	newMarket(t).send("GET", "/metrics", "", "").is(404, "ROUTE_NOT_FOUND")
	var lines bytes.Buffer
	m := newMarket(t, func(c *server.Config) {
		c.Logger = slog.New(slog.NewTextHandler(&lines, &slog.HandlerOptions{Level: slog.LevelDebug}))
		c.MetricsPage = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain")
			_, _ = w.Write([]byte("up 1\n"))
		})
	})
	w := httptest.NewRecorder()
	m.server.ServeHTTP(w, httptest.NewRequest("GET", "http://teg.example/metrics", nil))
	require.Equal(t, 200, w.Code)
	require.Equal(t, "up 1\n", w.Body.String())
	require.Equal(t, "text/plain", w.Header().Get("Content-Type"))
	require.Equal(t, "nosniff", w.Header().Get("X-Content-Type-Options"))
	require.Contains(t, lines.String(), "level=DEBUG")
	require.Contains(t, lines.String(), "route=/metrics status=200")
	require.Contains(t, lines.String(), "bytes=5")
	r := m.send("POST", "/metrics", "", "").is(405, "METHOD_NOT_ALLOWED")
	require.Equal(t, "GET, HEAD, OPTIONS", r.header.Get("Allow"))
	m.send("GET", "/metrics/", "", "").is(404, "ROUTE_NOT_FOUND")
	require.Equal(t, 401, m.do(wrongly("/metrics")).status, "a token that is sent is checked")
}

func wrongly(path string) *http.Request {
	request := httptest.NewRequest("GET", "http://teg.example"+path, nil)
	request.Header.Set("Authorization", "Bearer nonsense")
	return request
}

// A line has what an operator looks for, at a level by what became of the request.
func TestLogFields(t *testing.T) {
	m, lines := logged(t)
	line := func() string {
		defer lines.Reset()
		return lines.String()
	}
	r := m.get("/token/balance", m.aliceToken)
	said := line()
	for _, field := range []string{
		"level=INFO", "msg=request", "request_id=" + r.header.Get("X-Request-ID"), "method=GET", "route=/api/v1/token/balance", "status=200", "took=",
		fmt.Sprintf("bytes=%d", len(r.text)), "address=192.0.2.1", "agent=did:example:alice",
	} {
		require.Contains(t, said, field)
	}
	require.NotContains(t, said, "code=")
	m.send("GET", "/health/live", "", "").is(200, "")
	require.Empty(t, line(), "what watches the server is for who looks for faults")
	m.send("GET", "/nowhere", "", "").is(404, "ROUTE_NOT_FOUND")
	said = line()
	for _, field := range []string{"level=INFO", "route=none", "status=404", "code=ROUTE_NOT_FOUND"} {
		require.Contains(t, said, field)
	}
	require.NotContains(t, said, "agent=")
	m.get("/admin/treasury", m.aliceToken).is(403, "AUTH_FORBIDDEN")
	said = line()
	require.Contains(t, said, "level=WARN")
	require.Contains(t, said, "agent=did:example:alice")
}

// Whatever a client sends, and wherever: it is not in the log, at any level, whatever
// becomes of the request. Neither is the key of the tokens.
func TestNothingSecretIsLogged(t *testing.T) {
	const hidden = "hidden-words-4711"
	var lines bytes.Buffer
	options := &slog.HandlerOptions{Level: slog.LevelDebug}
	m := newMarket(t, func(c *server.Config) { c.Logger = slog.New(slog.NewJSONHandler(&lines, options)) })
	foreign := auth.Config{Algorithm: auth.HS256, Secret: []byte("another-secret-0123456789-0123456789")}
	stranger, err := auth.Mint(foreign, nil, auth.Identity{Agent: m.alice, Roles: auth.RolesOf(auth.Admin)}, time.Hour)
	require.NoError(t, err)
	tokens := []string{m.aliceToken, m.admins, stranger, hidden, hidden + "." + hidden + "." + hidden, ""}
	bodies := []string{
		`{"receiver_agent_id":"did:example:bob","amount":"1","message":"` + hidden + `","reference":"` + hidden + `"}`,
		`{"receiver_agent_id":"did:example:` + hidden + `","amount":"1"}`, `{"` + hidden + `":1}`, `{"amount":"` + hidden + `"}`, hidden,
		`{"recipient_agent_id":"did:example:bob","amount":"1","reason":"` + hidden + `"}`,
	}
	for _, token := range tokens {
		for i, body := range bodies {
			for _, path := range []string{"/token/transfer", "/admin/tokens/issue", "/token/" + hidden + "/reputation-signal", "/" + hidden, "/token/transfer?token=" + hidden} {
				m.post(path, token, body, "Idempotency-Key", fmt.Sprint(hidden, i), "Cookie", "session="+hidden, "User-Agent", hidden, "X-Request-ID", hidden+" with a space",
					"X-Forwarded-For", hidden)
			}
		}
		m.get("/token/operations/"+hidden, token)
		m.get("/reputation/did:example:"+hidden, token)
		m.get("/token/transactions?reference="+hidden, token)
	}
	tegtest.Verify(t, m.engine)
	require.NoError(t, m.engine.Close()) // and with faults of the server's own
	m.post("/token/transfer", m.aliceToken, bodies[0])
	require.Contains(t, lines.String(), `"level":"ERROR"`)
	require.Greater(t, strings.Count(lines.String(), "\n"), 190)
	for _, secret := range []string{hidden, m.aliceToken, m.admins, stranger, "0123456789abcdef0123456789abcdef"} {
		require.NotContains(t, lines.String(), secret)
	}
}
