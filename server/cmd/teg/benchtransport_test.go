package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// A load goes over as many connections as it is given, which are used again unless the
// server closes them; and a caller who gives up waits no longer for one.
func TestLoadTransport(t *testing.T) {
	var connections atomic.Int32
	held := make(chan struct{})
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		switch r.URL.Path {
		case "/closed":
			w.Header().Set("Connection", "close")
		case "/held":
			<-held
		}
		_, _ = io.WriteString(w, r.Method+" "+r.Header.Get("X")+" "+string(text))
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	client := &http.Client{Transport: transportFor(server.URL, 2)}
	ask := func(ctx context.Context, path string) (string, error) {
		request, err := http.NewRequestWithContext(ctx, "POST", server.URL+path, strings.NewReader("body"))
		require.NoError(t, err)
		request.Header.Set("X", "header")
		response, err := client.Do(request)
		if err != nil {
			return "", err
		}
		defer response.Body.Close()
		text, err := io.ReadAll(response.Body)
		return string(text), err
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 20 {
				said, err := ask(t.Context(), "/")
				if err != nil || said != "POST header body" {
					t.Error(said, err)
				}
			}
		})
	}
	all.Wait()
	require.EqualValues(t, 2, connections.Load())
	for range 3 {
		said, err := ask(t.Context(), "/closed")
		require.NoError(t, err)
		require.Equal(t, "POST header body", said)
	}
	for range 2 {
		all.Go(func() { _, _ = ask(t.Context(), "/held") })
	}
	ctx, giveUp := context.WithCancel(t.Context())
	giveUp()
	_, err := ask(ctx, "/")
	require.ErrorIs(t, err, context.Canceled)
	close(held)
	all.Wait()
	server.Close()
	_, err = ask(t.Context(), "/")
	require.Error(t, err)
}
