package main

import (
	"bufio"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server"
	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/server/config"
	"github.com/agentvault/teg-layer/teg"
)

// startService starts what `teg serve` starts, in this process, on a database in memory.
func startService(t *testing.T, environ ...string) *service {
	t.Helper()
	c, err := config.Load(config.Sources{Environ: append([]string{
		"DATABASE_URL=sqlite://:memory:", "JWT_SECRET_KEY=" + secret, "LISTEN_ADDR=127.0.0.1:0", "RATE_LIMIT_ENABLED=false",
	}, environ...)})
	require.NoError(t, err)
	logger := slog.New(slog.DiscardHandler)
	st, err := createStore(t.Context(), c.Database)
	require.NoError(t, err)
	require.NoError(t, st.Migrate(t.Context()))
	b, err := startBooks(t.Context(), st, c, logger)
	require.NoError(t, err)
	s, err := start(t.Context(), c, b, logger)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.shutDown()) })
	return s
}

// mint makes a token for an agent of a service.
func (s *service) mint(t *testing.T, roles ...auth.Role) string {
	t.Helper()
	token, err := auth.Mint(tokenConfig(s.config), nil, auth.Identity{Agent: teg.Agent("did:example:alice"), Roles: auth.RolesOf(roles...)}, time.Hour)
	require.NoError(t, err)
	return token
}

// dial connects to a service. What is read from it comes within a minute.
func dial(t *testing.T, address string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", address)
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() }) // the server may have closed it
	require.NoError(t, c.SetDeadline(time.Now().Add(time.Minute)))
	return c
}

// say sends text over a connection of its own and returns the first answer.
func (s *service) say(t *testing.T, text string) (*http.Response, map[string]any) {
	t.Helper()
	c := dial(t, s.listener.Addr().String())
	go func() { _, _ = io.WriteString(c, text) }() // the server may close before it has read everything
	return hear(t, bufio.NewReader(c))
}

func hear(t *testing.T, from *bufio.Reader) (*http.Response, map[string]any) {
	t.Helper()
	response, err := http.ReadResponse(from, nil)
	require.NoError(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	var body map[string]any
	require.NoError(t, json.Unmarshal(text, &body), "%s", text)
	return response, body
}

// Whatever comes over the wire, the answer has the form of the contract, also where
// net/http gives it by itself; and the bounds hold.
func TestWhatComesOverTheWire(t *testing.T) {
	t.Parallel()
	s := startService(t)
	token := s.mint(t, auth.Agent)
	get := "GET /health/live HTTP/1.1\r\nHost: x\r\n"
	post := "POST /api/v1/token/transfer HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + token + "\r\nContent-Type: application/json\r\n"
	chunk := func(text string) string {
		return strconv.FormatInt(int64(len(text)), 16) + "\r\n" + text + "\r\n0\r\n\r\n"
	}
	for name, c := range map[string]struct {
		text   string
		status int
		code   string
	}{
		"no HTTP":                  {"GARBAGE\r\n\r\n", 400, "VALIDATION_MALFORMED_JSON"},
		"no version":               {"GET /\r\n\r\n", 400, "VALIDATION_MALFORMED_JSON"},
		"a version to come":        {"GET / HTTP/3.0\r\nHost: x\r\n\r\n", 505, "VALIDATION_MALFORMED_JSON"},
		"no host":                  {"GET / HTTP/1.1\r\n\r\n", 400, "VALIDATION_MALFORMED_JSON"},
		"two hosts":                {"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400, "VALIDATION_MALFORMED_JSON"},
		"a broken escape":          {"GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n", 400, "VALIDATION_MALFORMED_JSON"},
		"a broken header":          {get + "No Colon\r\n\r\n", 400, "VALIDATION_MALFORMED_JSON"},
		"a space before the colon": {get + "Content-Length : 5\r\n\r\n", 400, "VALIDATION_MALFORMED_JSON"},
		"a folded header":          {get + "X-A: b\r\n c\r\nTransfer-Encoding: x\r\n\r\n", 501, "VALIDATION_MALFORMED_JSON"},
		"two lengths":              {post + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", 400, "VALIDATION_MALFORMED_JSON"},
		"a list of lengths":        {post + "Content-Length: 2, 3\r\n\r\n{}", 400, "VALIDATION_MALFORMED_JSON"},
		"a negative length":        {post + "Content-Length: -2\r\n\r\n{}", 400, "VALIDATION_MALFORMED_JSON"},
		"an unknown coding":        {post + "Transfer-Encoding: gzip, chunked\r\n\r\n", 501, "VALIDATION_MALFORMED_JSON"},
		"two codings":              {post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n", 501, "VALIDATION_MALFORMED_JSON"},
		"an unknown expectation":   {post + "Expect: miracles\r\nContent-Length: 2\r\n\r\n{}", 417, "VALIDATION_MALFORMED_JSON"},
		"a large header":           {get + "X-Large: " + strings.Repeat("x", 40<<10) + "\r\n\r\n", 431, "BODY_TOO_LARGE"},
		"many headers":             {get + strings.Repeat("X-Many: 1\r\n", 5<<10) + "\r\n", 431, "BODY_TOO_LARGE"},
		"a large address":          {"GET /" + strings.Repeat("x", 40<<10) + " HTTP/1.1\r\nHost: x\r\n\r\n", 431, "BODY_TOO_LARGE"},
		"many parameters":          {"GET /api/v1/token/transactions?" + strings.Repeat("a&", 10<<10) + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + token + "\r\n\r\n", 422, "VALIDATION_INVALID_INPUT"},
		"a large body":             {post + "Content-Length: 2000000\r\n\r\n", 413, "BODY_TOO_LARGE"},
		"a large body in chunks":   {post + "Transfer-Encoding: chunked\r\n\r\n" + chunk(strings.Repeat(" ", 2<<20)), 413, "BODY_TOO_LARGE"},
		"a broken chunk":           {post + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n", 400, "VALIDATION_MALFORMED_JSON"},
		"a compressed body":        {post + "Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}", 415, "UNSUPPORTED_MEDIA_TYPE"},
		"a deep body":              {post + "Transfer-Encoding: chunked\r\n\r\n" + chunk(strings.Repeat("[", 100_000)), 400, "VALIDATION_MALFORMED_JSON"},
		"no body":                  {post + "\r\n", 400, "VALIDATION_MALFORMED_JSON"},
		"not let in, not read":     {strings.Replace(post, token, "x.y.z", 1) + "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n", 401, "AUTH_INVALID_TOKEN"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			response, body := s.say(t, c.text)
			require.Equal(t, c.status, response.StatusCode, body)
			require.Equal(t, c.code, body["error_code"], body)
			require.NotEmpty(t, body["message"])
			require.Equal(t, "application/json", response.Header.Get("Content-Type"))
			require.NotEmpty(t, response.Header.Get("X-Request-ID"))
			require.Equal(t, "nosniff", response.Header.Get("X-Content-Type-Options"))
			require.NotEmpty(t, response.Header.Get("Content-Security-Policy"))
			if faults, ok := body["validation_errors"].([]any); ok {
				require.LessOrEqual(t, len(faults), 20)
			}
		})
	}
}

// A request with a length and chunks is read by its chunks, whatever the length says,
// and what follows on the connection is the next request: nothing can be hidden in it.
func TestLengthAndChunks(t *testing.T) {
	t.Parallel()
	s := startService(t)
	c := dial(t, s.listener.Addr().String())
	_, err := io.WriteString(c, "POST /api/v1/agent/deactivate HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "+s.mint(t, auth.Agent)+
		"\r\nContent-Type: application/json\r\nContent-Length: 40\r\nTransfer-Encoding: chunked\r\n\r\n7\r\n{\"x\":1}\r\n0\r\n\r\n"+
		"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n")
	require.NoError(t, err)
	from := bufio.NewReader(c)
	first, _ := hear(t, from)
	require.Equal(t, 422, first.StatusCode, "the seven bytes of the chunk")
	if first.Close {
		return // and with it whatever was to follow
	}
	second, body := hear(t, from)
	require.Equal(t, []any{200, "alive"}, []any{second.StatusCode, body["status"]})
}

// Who sends a request drop by drop is cut off: after its header's time without an answer,
// after its body's with one.
func TestDropByDrop(t *testing.T) {
	t.Parallel()
	s := startService(t)
	impatient := newHTTPServer(s.api, s.logger)
	for _, bound := range []time.Duration{impatient.ReadHeaderTimeout, impatient.ReadTimeout, impatient.WriteTimeout, impatient.IdleTimeout} {
		require.Positive(t, bound)
		require.LessOrEqual(t, bound, 2*time.Minute)
	}
	impatient.ReadHeaderTimeout, impatient.ReadTimeout = 5*time.Second, 5*time.Second
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ended := make(chan error, 1)
	go func() { ended <- impatient.Serve(server.Listener(listener)) }()
	t.Cleanup(func() {
		require.NoError(t, impatient.Close())
		require.ErrorIs(t, <-ended, http.ErrServerClosed)
	})

	token := s.mint(t, auth.Agent)
	header := dial(t, listener.Addr().String())
	_, err = io.WriteString(header, "GET /health HTTP/1.1\r\nX-Slow: ")
	require.NoError(t, err)
	body := dial(t, listener.Addr().String())
	_, err = io.WriteString(body, "POST /api/v1/token/transfer HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "+token+
		"\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
	require.NoError(t, err)
	response, told := hear(t, bufio.NewReader(body))
	require.Equal(t, []any{400, "VALIDATION_MALFORMED_JSON"}, []any{response.StatusCode, told["error_code"]})
	left, err := io.ReadAll(header)
	require.NoError(t, err, "the server closes it")
	require.NotContains(t, string(left), "200")
}
