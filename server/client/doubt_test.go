package client_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/client"
)

// A server that is gone after it has carried out a request that came on a kept connection
// leaves a doubt: net/http sends a request with a key again by itself, so that all that is
// seen of it is a connection that was refused.
func TestTheDoubtOfAKeptConnection(t *testing.T) {
	var carriedOut atomic.Int64
	var served *httptest.Server
	served = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if carriedOut.Add(1) == 2 {
			_ = served.Listener.Close()
			panic(http.ErrAbortHandler)
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(paid))
	}))
	defer served.Close()
	c, err := client.New(served.URL, client.WithRetries(0))
	require.NoError(t, err)
	_, err = pay(c)
	require.NoError(t, err)
	_, err = pay(c, client.Key("order-17"))
	require.ErrorContains(t, err, "refused")
	require.EqualValues(t, 2, carriedOut.Load())
	attempt, _ := client.AttemptOf(err)
	require.True(t, attempt.InDoubt, err)
}

// Over HTTP/2 too there is doubt as soon as there was a connection.
func TestTheDoubtOfAStream(t *testing.T) {
	served := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	served.EnableHTTP2 = true
	served.StartTLS()
	defer served.Close()
	c, err := client.New(served.URL, client.WithHTTPClient(served.Client()))
	require.NoError(t, err)
	_, err = c.SuspendAgent(ctx, client.SuspendRequest{AgentID: bob, Reason: "words"})
	attempt, _ := client.AttemptOf(err)
	require.Equal(t, client.Attempt{Operation: "suspendAgent", Tries: 1, InDoubt: true}, attempt)
}

// Where no connection came about there is no doubt, whatever was in its way.
func TestNoConnectionNoDoubt(t *testing.T) {
	served := httptest.NewServer(http.NotFoundHandler())
	defer served.Close()
	proxied, err := client.New("https://teg.example", client.WithRetries(0), client.WithHTTPClient(&http.Client{Transport: &http.Transport{
		Proxy: func(r *http.Request) (*url.URL, error) { return r.URL.Parse(served.URL) },
	}}))
	require.NoError(t, err)
	plain, err := client.New("https"+served.URL[len("http"):], client.WithRetries(0))
	require.NoError(t, err)
	for name, c := range map[string]*client.Client{"a proxy that refuses": proxied, "no TLS there": plain} {
		_, err = c.SuspendAgent(ctx, client.SuspendRequest{AgentID: bob, Reason: "words"})
		attempt, is := client.AttemptOf(err)
		require.True(t, is, name)
		require.False(t, attempt.InDoubt, "%s: %s", name, err)
	}
}

// What may be carried out once is sent once, also by net/http, which sends requests with a
// key again by itself where a kept connection breaks: not every route takes one.
func TestAnyRouteIsWrittenToOnce(t *testing.T) {
	for _, body := range []any{nil, map[string]string{"reason": "words"}} {
		var came atomic.Int64
		var keys []string
		served := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodGet {
				return
			}
			came.Add(1)
			keys = append(keys, r.Header.Get("Idempotency-Key"))
			panic(http.ErrAbortHandler)
		}))
		c, err := client.New(served.URL)
		require.NoError(t, err)
		_, err = c.Call(ctx, http.MethodGet, "/x", nil)
		require.NoError(t, err)
		_, err = c.Call(ctx, http.MethodPost, "/admin/accounts/suspend", body, client.Key("k"))
		served.Close()
		attempt, _ := client.AttemptOf(err)
		require.True(t, attempt.InDoubt, err)
		require.EqualValues(t, 1, came.Load())
		require.Equal(t, []string{"k"}, keys)
	}
}

// A fault whose code is not known, such as one of a gateway, leaves a doubt; one that says
// that nothing was done leaves none.
func TestTheDoubtOfAnUnknownFault(t *testing.T) {
	for code, doubted := range map[string]bool{"GATEWAY_TIMEOUT": true, "SYS_NEWER": true, "SYS_UNAVAILABLE": false} {
		for _, status := range []int{http.StatusInternalServerError, http.StatusServiceUnavailable} {
			_, err := pay(stand(t, &line{answers: []answerer{problem(status, code)}}))
			attempt, _ := client.AttemptOf(err)
			require.Equal(t, doubted, attempt.InDoubt, "%s: %s", code, err)
		}
	}
	_, err := stand(t, &line{answers: []answerer{problem(http.StatusBadGateway, "X")}}).GetBalance(ctx)
	attempt, _ := client.AttemptOf(err)
	require.False(t, attempt.InDoubt, "a read changes nothing")
}
