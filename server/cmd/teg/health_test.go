package main

import (
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHealth(t *testing.T) {
	s := newShell(t)
	b, api, _ := startDev(s)
	address := strings.TrimSuffix(api, "/api/v1")
	require.Equal(t, "ready\n", s.succeed("health", "--url", address))
	_, port, err := net.SplitHostPort(strings.TrimPrefix(address, "http://"))
	require.NoError(t, err)
	require.Equal(t, "ready\n", newShell(t, "LISTEN_ADDR=:"+port).succeed("health"), "this machine, at LISTEN_ADDR")
	require.Zero(t, b.end(os.Interrupt))
	s.fail(1, "does not answer", "health", "--url", address)
	s.fail(2, "--url", "health", "--url", "localhost:8000")

	drained := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		require.Equal(t, "/health/ready", r.URL.Path)
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	defer drained.Close()
	s.fail(1, "it answers 503", "health", "--url", drained.URL)
}
