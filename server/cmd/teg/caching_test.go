package main

import (
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/server/config"
	"github.com/agentvault/teg-layer/server/limit/redislimit/redistest"
)

// A server with CACHE_URL answers out of Redis what was asked before, tells how often,
// and whether Redis is there.
func TestServeSharesAnswers(t *testing.T) {
	t.Parallel()
	e := &economy{service: startService(t, "CACHE_URL="+redistest.URL(t), "CACHE_TTL=1h"), t: t}
	e.call("GET", "/agent/profile", e.tokenOf("alice", auth.Agent), "").is(200, "")
	require.Eventually(t, func() bool { // a busy machine may be slower than the cache is patient
		e.call("GET", "/reputation/did:example:alice", "", "").is(200, "")
		return e.cached("hit") > 0
	}, time.Minute, time.Millisecond)
	require.Eventually(t, func() bool {
		checks, _ := e.at("GET", "/health", "", "").is(200, "").body["checks"].(map[string]any)
		redis, _ := checks["cache"].(map[string]any)
		return redis["status"] == "healthy"
	}, time.Minute, 20*time.Millisecond)
}

// cached is how often something became of a question to the cache.
func (e *economy) cached(result string) int {
	_, text := page(e.t, e.url()+"/metrics")
	_, after, _ := strings.Cut(text, `teg_cache_results_total{result="`+result+`"} `)
	n, err := strconv.Atoi(strings.SplitN(after, "\n", 2)[0])
	require.NoError(e.t, err)
	return n
}

// Without CACHE_URL nobody is connected to, though limits have a Redis, and with one that
// is away the server serves.
func TestNothingIsSharedUnlessAsked(t *testing.T) {
	t.Parallel()
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer silent.Close()
	off := &economy{service: startService(t, "REDIS_URL=redis://"+silent.Addr().String()), t: t}
	away := &economy{service: startService(t, "CACHE_URL=redis://127.0.0.1:1/0"), t: t}
	require.Nil(t, off.shares.cache)
	for _, e := range []*economy{off, away} {
		token := e.tokenOf("alice", auth.Agent)
		e.call("GET", "/agent/profile", token, "").is(200, "")
		for range 3 {
			e.call("GET", "/reputation/did:example:alice", "", "").is(200, "")
		}
		require.Zero(t, e.cached("hit"))
	}
	require.Equal(t, []int{0, 0}, []int{off.cached("miss"), off.cached("fault")})
	require.NotZero(t, away.cached("fault"))
	require.NoError(t, silent.(*net.TCPListener).SetDeadline(time.Now()))
	_, err = silent.Accept()
	require.ErrorContains(t, err, "timeout", "nobody connected")
}

// What cannot be a cache is told before anything is opened.
func TestCacheSettings(t *testing.T) {
	t.Parallel()
	for setting, fault := range map[string]string{
		"CACHE_URL=127.0.0.1:6379": "must look like redis://", "CACHE_TTL=0s": "must be from 100ms to 1h", "CACHE_TTL=2h": "must be from 100ms to 1h",
	} {
		_, err := config.Load(config.Sources{Environ: []string{"JWT_SECRET_KEY=" + secret, "DATABASE_URL=sqlite://x.db", setting}})
		require.ErrorContains(t, err, fault, setting)
	}
}
