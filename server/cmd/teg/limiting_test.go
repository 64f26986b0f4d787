package main

import (
	"net/netip"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/server/config"
	"github.com/agentvault/teg-layer/store/storetest"
)

// redisURL is where the tests look for Redis. One that does not answer fails them.
func redisURL() string {
	if given := os.Getenv("TEG_TEST_REDIS_URL"); given != "" {
		return given
	}
	return "redis://127.0.0.1:6379/0"
}

// sharing bounds the connections of one server of several.
func sharing(t *testing.T, address string) string {
	t.Helper()
	parsed, err := url.Parse(address)
	require.NoError(t, err)
	parameters := parsed.Query()
	parameters.Set("pool_max_conns", "4")
	parsed.RawQuery = parameters.Encode()
	return parsed.String()
}

// newAddress is one that nobody has used.
func newAddress() string {
	id := uuid.New()
	return netip.AddrFrom16(id).String()
}

// Two servers let no more through together than one may, over either store.
func TestServersShareTheirLimits(t *testing.T) {
	t.Parallel()
	for name, environ := range map[string]func(t *testing.T) []string{
		"redis": func(*testing.T) []string { return []string{"RATE_LIMIT_STORE=redis", "REDIS_URL=" + redisURL()} },
		"postgres": func(t *testing.T) []string {
			return []string{"RATE_LIMIT_STORE=postgres", "DATABASE_URL=" + sharing(t, storetest.PostgresURL(t))}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			settings := append(environ(t), "RATE_LIMIT_ENABLED=true", "RATE_LIMIT_STANDARD=12", "TRUSTED_PROXIES=127.0.0.1")
			servers := [2]*economy{{service: startService(t, settings...), t: t}, {service: startService(t, settings...), t: t}}
			agent := "agent-" + uuid.NewString() // Redis remembers for an hour
			token, admin := servers[0].tokenOf(agent, auth.Agent), servers[0].tokenOf("admin-"+agent, auth.Admin)
			for _, s := range servers {
				s.call("POST", "/admin/tokens/issue", admin, `{"recipient_agent_id":"did:example:`+agent+`","amount":"1","reason":"x"}`,
					"X-Forwarded-For", newAddress()).is(200, "")
			}
			left := "unknown"
			for i := range 12 {
				r := servers[i%2].call("GET", "/token/balance", token, "").is(200, "")
				left = r.header.Get("X-RateLimit-Remaining")
			}
			require.Equal(t, "0", left)
			for _, s := range servers {
				s.call("GET", "/token/balance", token, "").is(429, "RATE_LIMITED")
			}
		})
	}
}

// A server whose store of limits is away serves, limits by itself, and tells.
func TestTheStoreOfLimitsIsAway(t *testing.T) {
	t.Parallel()
	e := &economy{service: startService(t, "RATE_LIMIT_ENABLED=true", "RATE_LIMIT_STANDARD=3", "RATE_LIMIT_STORE=redis", "REDIS_URL=redis://127.0.0.1:1/0"), t: t}
	token := e.tokenOf("somebody", auth.Agent)
	e.call("GET", "/token/balance", token, "").is(200, "") // for the address
	for range 3 {
		e.call("GET", "/token/balance", token, "").is(200, "")
	}
	e.call("GET", "/token/balance", token, "").is(429, "RATE_LIMITED")
	require.Eventually(t, func() bool {
		checks, _ := e.at("GET", "/health", "", "").is(200, "").body["checks"].(map[string]any)
		redis, _ := checks["redis"].(map[string]any)
		return redis["status"] == "degraded"
	}, time.Minute, 20*time.Millisecond)
}

// What cannot count together is told before anything is opened.
func TestLimitSettings(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		setting, fault string
	}{
		{"RATE_LIMIT_STORE=etcd", "must be memory, postgres or redis"},
		{"RATE_LIMIT_STORE=postgres", "DATABASE_URL is not PostgreSQL"},
		{"RATE_LIMIT_STORE=redis", "needs a REDIS_URL"},
		{"REDIS_URL=127.0.0.1:6379", "must look like redis://"},
		{"MAX_CONCURRENT_REQUESTS=0", "must be from 1 to 1000000"},
		{"RATE_LIMIT_IDENTITY=0", "must be a whole number per hour"},
		{"TRUSTED_PROXIES=everybody", "must be addresses or networks"},
	} {
		_, err := config.Load(config.Sources{Environ: []string{"JWT_SECRET_KEY=" + secret, "DATABASE_URL=sqlite://x.db", c.setting}})
		require.ErrorContains(t, err, c.fault, c.setting)
	}
	_, err := config.Load(config.Sources{Environ: []string{"JWT_SECRET_KEY=" + secret, "DATABASE_URL=sqlite://x.db", "RATE_LIMIT_STORE=redis", "REDIS_URL=redis://u:hunter2@127.0.0.1:port"}})
	require.NoError(t, err, "the rest of an address is for the client to judge")
}
