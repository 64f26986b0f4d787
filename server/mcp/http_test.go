package mcp_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server"
	"github.com/agentvault/teg-layer/server/limit"
	"github.com/agentvault/teg-layer/server/mcp"
	"github.com/agentvault/teg-layer/store/storetest"
)

// over is a session over HTTP with a token.
func (e *economy) over(url, token string) *session {
	e.t.Helper()
	transport := http.DefaultTransport.(*http.Transport).Clone()
	e.t.Cleanup(transport.CloseIdleConnections)
	return connected(e.t, &sdk.StreamableClientTransport{Endpoint: url, HTTPClient: &http.Client{Transport: bearing{token, transport}}, DisableStandaloneSSE: true})
}

// bearing sends a token with every request.
type bearing struct {
	token string
	http.RoundTripper
}

func (b bearing) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+b.token)
	return b.RoundTripper.RoundTrip(r)
}

func (e *economy) serve(origins ...string) string {
	e.t.Helper()
	handler, err := mcp.NewHandler(mcp.HandlerConfig{API: e.api, Origins: origins})
	require.NoError(e.t, err)
	served := httptest.NewServer(handler)
	e.t.Cleanup(served.Close)
	return served.URL
}

// Over HTTP each request is its token's, and what the token may not is refused.
func TestOverHTTP(t *testing.T) {
	eachEconomy(t, func(t *testing.T, e *economy) {
		url := e.serve()
		alice, bob := e.over(url, e.token(e.alice)), e.over(url, e.token(e.bob))
		require.Equal(t, "did:example:alice", alice.call("who_am_i", `{}`)["agent"])
		require.Equal(t, "did:example:bob", bob.call("who_am_i", `{}`)["agent"])
		alice.call("pay", `{"to":"did:example:bob","amount":"5"}`)
		require.Equal(t, true, alice.call("pay", `{"to":"did:example:bob","amount":"5"}`)["replayed"], "by whichever server")
		require.Equal(t, "5", bob.call("balance", `{}`)["available"])
		require.Contains(t, bob.refused("pay", `{"to":"did:example:alice","amount":"5"}`), "at most 4.999 AVT")
	})
}

// Who has no good token is refused as by the API; pages of other origins are kept out.
func TestWhoIsLetIn(t *testing.T) {
	t.Parallel()
	e := newEconomy(t, storetest.OpenSQLite(t))
	ask := func(url, token string, headers ...string) *http.Response {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), "POST", url, strings.NewReader(`{"jsonrpc":"2.0","id":1,"method":"tools/list"}`))
		require.NoError(t, err)
		request.Header = http.Header{"Content-Type": {"application/json"}, "Accept": {"application/json, text/event-stream"}}
		if token != "" {
			request.Header.Set("Authorization", "Bearer "+token)
		}
		for i := 0; i < len(headers); i += 2 {
			request.Header.Set(headers[i], headers[i+1])
		}
		response, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		return response
	}
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	url, good := e.serve("https://app.example"), e.token(e.alice)
	for _, token := range []string{"", "x.y.z"} {
		response := ask(url, token)
		require.Equal(t, 401, response.StatusCode)
		require.Equal(t, "Bearer", response.Header.Get("WWW-Authenticate"))
	}
	require.Equal(t, 200, ask(url, good).StatusCode)
	require.Equal(t, 200, ask(url, good, "Origin", "https://app.example").StatusCode)
	require.Equal(t, 403, ask(url, good, "Origin", "https://evil.example").StatusCode)
	require.Equal(t, 403, ask(url, good, "Sec-Fetch-Site", "cross-site").StatusCode)
	require.Equal(t, 200, ask(e.serve("*"), good, "Origin", "https://evil.example").StatusCode)
	_, err := mcp.NewHandler(mcp.HandlerConfig{API: e.api, Origins: []string{"no origin"}})
	require.Error(t, err)
	_, err = mcp.NewHandler(mcp.HandlerConfig{})
	require.Error(t, err)
}

// Requests count within the limits of their caller.
func TestLimitsHold(t *testing.T) {
	t.Parallel()
	e := newEconomy(t, storetest.OpenSQLite(t), func(c *server.Config) {
		c.Limiter, c.Limits = limit.NewMemory(0), server.Limits{Standard: 100, Transfer: 1}
	})
	s := e.over(e.serve(), e.token(e.alice))
	s.call("pay", `{"to":"did:example:bob","amount":"1"}`)
	text := s.refused("pay", `{"to":"did:example:bob","amount":"2"}`)
	require.Contains(t, text, "RATE_LIMITED")
	require.Contains(t, text, "Come back after")
}

// A request is one call: thousands within one would keep everybody else out.
func TestNoBatches(t *testing.T) {
	t.Parallel()
	e := newEconomy(t, storetest.OpenSQLite(t))
	var calls atomic.Int64
	api := e.api
	e.api = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		api.ServeHTTP(w, r)
	})
	one := `{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":"balance","arguments":{}}}`
	send := func(body, host string) *http.Response {
		request, err := http.NewRequestWithContext(t.Context(), "POST", e.serve(), strings.NewReader(body))
		require.NoError(t, err)
		request.Header = http.Header{"Content-Type": {"application/json"}, "Accept": {"application/json, text/event-stream"}, "Authorization": {"Bearer " + e.token(e.alice)}}
		request.Host = host
		response, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		return response
	}
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	require.Equal(t, 400, send(" \n["+fmt.Sprintf(one, 1)+","+fmt.Sprintf(one, 2)+"]", "").StatusCode)
	require.EqualValues(t, 1, calls.Load(), "that is who asks")
	require.Equal(t, 200, send(" \n"+fmt.Sprintf(one, 1), "").StatusCode)
	require.Equal(t, 400, send("", "").StatusCode)
	require.Equal(t, 200, send(fmt.Sprintf(one, 1), "teg.example").StatusCode, "as behind a proxy on the same machine")
}
