package main

import (
	"bufio"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/require"
)

// Streams of events end when the server does, which waits for nobody who reads, and say why.
func TestServeEndsItsStreams(t *testing.T) {
	s := newShell(t, "DATABASE_URL=sqlite://economy.db", "JWT_SECRET_KEY="+secret, "LISTEN_ADDR=127.0.0.1:0", "STREAMS_PER_AGENT=2")
	s.succeed("migrate", "up")
	token := strings.TrimSpace(s.succeed("token", "mint", "--sub", "did:example:alice"))
	b := s.start("serve")
	events := servingURL.FindStringSubmatch(b.expect(b.stderr, "msg=serving url="))[1] + "/api/v1/events"
	open := func() *http.Response {
		request, err := http.NewRequest("GET", events, nil)
		require.NoError(t, err)
		request.Header.Set("Authorization", "Bearer "+token)
		response, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		t.Cleanup(func() { response.Body.Close() })
		return response
	}
	sse := open()
	require.Equal(t, 200, sse.StatusCode)
	line, err := bufio.NewReader(sse.Body).ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "retry: 2000\n", line)
	socket, _, err := websocket.Dial(t.Context(), strings.Replace(events, "http", "ws", 1)+"/ws", &websocket.DialOptions{HTTPHeader: http.Header{"Authorization": {"Bearer " + token}}})
	require.NoError(t, err)
	defer func() { _ = socket.CloseNow() }()
	require.Equal(t, 429, open().StatusCode)
	closed := make(chan error, 1)
	go func() {
		for {
			if _, _, err := socket.Read(t.Context()); err != nil {
				closed <- err
				return
			}
		}
	}()
	require.Zero(t, b.end(syscall.SIGTERM), b.stderr)
	require.NotContains(t, b.stderr.String(), "cutting off")
	require.NotContains(t, b.stderr.String(), "leaving streams")
	require.Equal(t, websocket.StatusGoingAway, websocket.CloseStatus(<-closed))
	rest, err := io.ReadAll(sse.Body)
	require.NoError(t, err)
	require.Contains(t, string(rest), ": the server is shutting down")
}
