package inprocess_test

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/agentvault/teg-layer/server/inprocess"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func ask(t *testing.T, ctx context.Context, handler http.HandlerFunc, body string) (*http.Response, error) {
	t.Helper()
	request, err := http.NewRequestWithContext(ctx, "POST", "http://teg.example/a%2Fb?x=1", strings.NewReader(body))
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer t")
	request.Header["idempotency-key"] = []string{"k"}
	return (&http.Client{Transport: inprocess.Transport{Handler: handler}}).Do(request)
}

// What arrives is what was sent, from where the request comes for which it is made.
func TestCarriesARequest(t *testing.T) {
	outer := httptest.NewRequest("GET", "https://console.example/", nil)
	outer.RemoteAddr = "192.0.2.7:1234"
	outer.Header.Set("X-Forwarded-For", "198.51.100.1")
	outer.Header.Set("Cookie", "secret=1")
	response, err := ask(t, inprocess.For(t.Context(), outer), func(w http.ResponseWriter, r *http.Request) {
		text, err := io.ReadAll(r.Body)
		require.NoError(t, err)
		require.Equal(t, "hello", string(text))
		require.Equal(t, "/a%2Fb?x=1", r.RequestURI)
		require.Equal(t, "teg.example", r.Host)
		require.Equal(t, "192.0.2.7:1234", r.RemoteAddr)
		require.Equal(t, "198.51.100.1", r.Header.Get("X-Forwarded-For"))
		require.Equal(t, "Bearer t", r.Header.Get("Authorization"))
		require.Equal(t, "k", r.Header.Get("Idempotency-Key"))
		require.Empty(t, r.Header.Get("Cookie"))
		require.Nil(t, r.TLS)
		w.Header().Set("X-Kind", "test")
		w.WriteHeader(http.StatusTeapot)
		w.Header().Set("X-Late", "never sent")
		_, _ = io.WriteString(w, "world")
	}, "hello")
	require.NoError(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.Equal(t, "world", string(text))
	require.Equal(t, http.StatusTeapot, response.StatusCode)
	require.Equal(t, "test", response.Header.Get("X-Kind"))
	require.Empty(t, response.Header.Get("X-Late"))
}

// A stream is read while it is written, and ends when its reader does.
func TestCarriesAStream(t *testing.T) {
	ended, next := make(chan error, 1), make(chan struct{}, 1)
	next <- struct{}{}
	response, err := ask(t, t.Context(), func(w http.ResponseWriter, r *http.Request) {
		control := http.NewResponseController(w)
		for range 2 {
			<-next // until the line before was read
			_, _ = io.WriteString(w, "line\n")
			_ = control.Flush()
		}
		<-r.Context().Done()
		_, err := io.WriteString(w, "after the end\n")
		ended <- err
	}, "")
	require.NoError(t, err)
	lines := bufio.NewReader(response.Body)
	for range 2 {
		line, err := lines.ReadString('\n')
		require.NoError(t, err)
		require.Equal(t, "line\n", line)
		select {
		case next <- struct{}{}:
		default:
		}
	}
	require.NoError(t, response.Body.Close())
	require.ErrorIs(t, <-ended, io.ErrClosedPipe)
}

func TestNothingWritten(t *testing.T) {
	response, err := ask(t, t.Context(), func(http.ResponseWriter, *http.Request) {}, "")
	require.NoError(t, err)
	defer response.Body.Close()
	require.Equal(t, http.StatusOK, response.StatusCode)
}

// A handler that panics gives no answer, or one that breaks off.
func TestPanics(t *testing.T) {
	_, err := ask(t, t.Context(), func(http.ResponseWriter, *http.Request) { panic("on purpose") }, "")
	require.ErrorContains(t, err, "on purpose")
	response, err := ask(t, t.Context(), func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusOK)
		panic(http.ErrAbortHandler)
	}, "")
	require.NoError(t, err)
	defer response.Body.Close()
	_, err = io.ReadAll(response.Body)
	require.ErrorContains(t, err, "panicked")
}

// Who does not wait gets its own error, and the handler learns of it.
func TestContextEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	_, err := ask(t, ctx, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
		close(ended)
	}, "")
	require.ErrorIs(t, err, context.Canceled)
	<-ended
}
