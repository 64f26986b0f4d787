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
