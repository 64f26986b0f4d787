package server_test

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server"
)

// No answer of a handler is taken for one that net/http gives by itself, whatever stands
// in it, and wherever net/http cuts it into pieces.
func TestAnswersAreNotRewritten(t *testing.T) {
	t.Parallel()
	for _, word := range []string{
		"HTTP/1.1 417 ", "HTTP/1.1 417 Expectation Failed\r\n", "HTTP/1.1 417 Expectation Failed\r\nConnection: close\r\n",
		"HTTP/1.1 400 Bad Request\r\n\r\n400 Bad Request", "HTTP/1.1 999\n",
	} {
		list, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		s := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, r.URL.RawQuery+strings.Repeat(word, 1000))
		})}
		ended := make(chan error, 1)
		go func() { ended <- s.Serve(server.Listener(list)) }()
		for pad := range len(word) { // so that each piece begins with it once
			padding := strings.Repeat("x", pad)
			response, err := http.Get("http://" + list.Addr().String() + "/?" + padding)
			require.NoError(t, err)
			text, err := io.ReadAll(response.Body)
			require.NoError(t, err)
			require.NoError(t, response.Body.Close())
			require.Equal(t, padding+strings.Repeat(word, 1000), string(text))
		}
		require.NoError(t, s.Close())
		require.ErrorIs(t, <-ended, http.ErrServerClosed)
	}
}
