package mcp_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/mcp"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
)

// slow is a body of which nothing comes until it is let go.
type slow struct {
	once  sync.Once
	begun chan<- struct{}
	going <-chan struct{}
}

func (s *slow) Read([]byte) (int, error) {
	s.once.Do(func() { s.begun <- struct{}{} })
	<-s.going
	return 0, io.ErrUnexpectedEOF
}

// hostile sends requests to a handler that has few places.
type hostile struct {
	*economy
	handler http.Handler
	begun   chan struct{}
	going   chan struct{}
	running sync.WaitGroup
}

func newHostile(t *testing.T, config mcp.HandlerConfig) *hostile {
	h := &hostile{economy: newEconomy(t, storetest.OpenSQLite(t)), begun: make(chan struct{}), going: make(chan struct{})}
	config.API = h.api
	var err error
	h.handler, err = mcp.NewHandler(config)
	require.NoError(t, err)
	return h
}

// send answers a request of an agent.
func (h *hostile) send(agent teg.DID, body io.Reader, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", "/mcp", body)
	r.Header = h.headers(agent)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	return w
}

func (h *hostile) headers(agent teg.DID) http.Header {
	return http.Header{"Content-Type": {"application/json"}, "Accept": {"application/json, text/event-stream"}, "Authorization": {"Bearer " + h.token(agent)}}
}

// hold begins a request of an agent that takes as long as it likes.
func (h *hostile) hold(agent teg.DID) {
	h.running.Go(func() { h.send(agent, &slow{begun: h.begun, going: h.going}) })
	<-h.begun
}

func list() io.Reader { return strings.NewReader(`{"jsonrpc":"2.0","id":1,"method":"tools/list"}`) }

// Who has many requests under way waits for none of the others' places.
func TestRequestsAtOnce(t *testing.T) {
	t.Parallel()
	h := newHostile(t, mcp.HandlerConfig{AtOnce: 3, AtOnceEach: 2})
	h.hold(h.alice)
	h.hold(h.alice)
	refused := h.send(h.alice, list())
	require.Equal(t, 429, refused.Code)
	require.Equal(t, "1", refused.Header().Get("Retry-After"))
	require.Equal(t, 200, h.send(h.bob, list()).Code, "there is a place for others")
	h.hold(h.bob)
	refused = h.send(h.bob, list())
	require.Equal(t, 503, refused.Code, "there is none left for anybody")
	require.Equal(t, "1", refused.Header().Get("Retry-After"))
	close(h.going)
	h.running.Wait()
	require.Equal(t, 200, h.send(h.alice, list()).Code)
	require.Equal(t, 200, h.send(h.bob, list()).Code)
}

// A body that is too large is read no further than it may be.
func TestLargeBodies(t *testing.T) {
	t.Parallel()
	h := newHostile(t, mcp.HandlerConfig{MaxBody: 1000})
	body := strings.NewReader(`{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"x":"` + strings.Repeat("x", 100_000) + `"}}`)
	require.Equal(t, 413, h.send(h.alice, body).Code)
	require.Greater(t, body.Len(), 90_000)
}

// A client that sends nothing more has its request ended, over a real connection.
func TestSlowBodies(t *testing.T) {
	t.Parallel()
	h := newHostile(t, mcp.HandlerConfig{AtOnceEach: 1, MaxTime: 50 * time.Millisecond})
	server := httptest.NewServer(h.handler)
	t.Cleanup(server.Close)
	body, writer := io.Pipe()
	t.Cleanup(func() { require.NoError(t, writer.Close()) })
	r, err := http.NewRequestWithContext(t.Context(), "POST", server.URL, body)
	require.NoError(t, err)
	r.Header = h.headers(h.alice)
	answer, err := server.Client().Do(r)
	if err == nil {
		require.GreaterOrEqual(t, answer.StatusCode, 400)
		require.NoError(t, answer.Body.Close())
	}
	require.Eventually(t, func() bool { return h.send(h.alice, list()).Code == 200 }, 10*time.Second, time.Millisecond, "its place is free")
}

// What a tool does ends with its request, when that has taken too long or its client is gone, whichever
// protocol that speaks; and with it its place is free.
func TestSlowTools(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"2025-06-18", "2025-11-25"} {
		h := newHostile(t, mcp.HandlerConfig{AtOnceEach: 1, MaxTime: 50 * time.Millisecond})
		api, ended := h.api, make(chan error, 8)
		slow, err := mcp.NewHandler(mcp.HandlerConfig{AtOnceEach: 1, MaxTime: 50 * time.Millisecond, API: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !strings.HasSuffix(r.URL.Path, "/token/transactions") {
				api.ServeHTTP(w, r)
				return
			}
			select {
			case <-r.Context().Done():
			case <-time.After(5 * time.Second):
			}
			ended <- r.Context().Err()
		})})
		require.NoError(t, err)
		h.handler = slow
		began := time.Now()
		h.send(h.alice, strings.NewReader(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"history","arguments":{}}}`), "Mcp-Protocol-Version", version)
		require.Error(t, <-ended, version)
		require.Less(t, time.Since(began), 4*time.Second, version)
		require.Equal(t, 200, h.send(h.alice, list()).Code, version)
	}
}

// A tool may take longer than its body may: the connection is not taken for one that has ended.
func TestToolsMayTakeLongerThanBodies(t *testing.T) {
	t.Parallel()
	h := newHostile(t, mcp.HandlerConfig{})
	api := h.api
	handler, err := mcp.NewHandler(mcp.HandlerConfig{MaxTime: 600 * time.Millisecond, API: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/token/transactions") {
			select {
			case <-r.Context().Done():
			case <-time.After(200 * time.Millisecond):
			}
		}
		api.ServeHTTP(w, r)
	})})
	require.NoError(t, err)
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	body := strings.NewReader(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"history","arguments":{}}}`)
	r, err := http.NewRequestWithContext(t.Context(), "POST", server.URL, body)
	require.NoError(t, err)
	r.Header = h.headers(h.alice)
	answer, err := server.Client().Do(r)
	require.NoError(t, err)
	text, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	require.Contains(t, string(text), `"structuredContent"`)
	require.NotContains(t, string(text), `"isError":true`)
}
