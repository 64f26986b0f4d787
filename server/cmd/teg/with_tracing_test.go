//go:build full

package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// A collector gets the spans of a transfer, at the latest when the server ends.
func TestTracing(t *testing.T) {
	var mu sync.Mutex
	var sent strings.Builder
	standIn := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { // for a collector
		text, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		sent.WriteString(r.URL.Path + " ")
		sent.Write(text)
	}))
	defer standIn.Close()
	s := newShell(t, "DATABASE_URL=sqlite://economy.db", "JWT_SECRET_KEY="+secret, "LISTEN_ADDR=127.0.0.1:0", "OTEL_EXPORTER_OTLP_ENDPOINT="+standIn.URL)
	s.succeed("migrate", "up")
	token := strings.TrimSpace(s.succeed("token", "mint", "--sub", "did:example:alice"))
	b := s.start("serve")
	url := servingURL.FindStringSubmatch(b.expect(b.stderr, "msg=serving url="))[1]
	status, _ := ask(t, "POST", url+"/api/v1/token/transfer", token, `{"receiver_agent_id":"did:example:bob","amount":"1"}`)
	require.Equal(t, http.StatusNotFound, status)
	require.Contains(t, b.expect(b.stderr, "status=404"), "trace_id=")
	require.Zero(t, b.end(syscall.SIGTERM), b.stderr)
	mu.Lock()
	defer mu.Unlock()
	for _, text := range []string{"/v1/traces ", "POST /api/v1/token/transfer", "teg transfer", "BIZ_ENTITY_NOT_FOUND"} {
		require.Contains(t, sent.String(), text)
	}
	require.NotContains(t, sent.String(), "did:example")
}
