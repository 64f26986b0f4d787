package main

import (
	"net/netip"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/server/config"
	"github.com/agentvault/teg-layer/server/limit"
	"github.com/agentvault/teg-layer/server/limit/redislimit/redistest"
	"github.com/agentvault/teg-layer/store/storetest"
)

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
		"redis": func(t *testing.T) []string {
			return []string{"RATE_LIMIT_STORE=redis", "REDIS_URL=" + redistest.URL(t)}
		},
		"postgres": func(t *testing.T) []string {
			return []string{"RATE_LIMIT_STORE=postgres", "DATABASE_URL=" + sharing(t, storetest.PostgresURL(t))}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			settings := append(environ(t), "RATE_LIMIT_ENABLED=true", "RATE_LIMIT_STANDARD=12", "TRUSTED_PROXIES=127.0.0.1")
			p := pair{{service: startService(t, settings...), t: t}, {service: startService(t, settings...), t: t}}
			for range 100 {
				before, away := p.failures()
				statuses, left := p.spend()
				if after, _ := p.failures(); away || after > before { // a busy machine: each server counted by itself
					continue
				}
				require.Equal(t, append(slices.Repeat([]int{200}, 12), 429, 429), statuses)
				require.Equal(t, "0", left)
				return
			}
			t.Fatal("the store of limits does not answer in time")
		})
	}
}

// pair are two servers with one store of limits.
type pair [2]*economy

// spend has somebody new ask both servers in turn, two times more than one may, and
// returns what came of it, and what was left before it was too much.
func (p pair) spend() (statuses []int, left string) {
	agent := "agent-" + uuid.NewString() // Redis remembers for an hour
	token, admin := p[0].tokenOf(agent, auth.Agent), p[0].tokenOf("admin-"+agent, auth.Admin)
	for _, s := range p {
		s.call("POST", "/admin/tokens/issue", admin, `{"recipient_agent_id":"did:example:`+agent+`","amount":"1","reason":"x"}`,
			"X-Forwarded-For", newAddress()).is(200, "")
	}
	for i := range 14 {
		r := p[i%2].call("GET", "/token/balance", token, "")
		if statuses = append(statuses, r.status); r.status == 200 {
			left = r.header.Get("X-RateLimit-Remaining")
		}
	}
	return statuses, left
}

// failures counts when the store did not answer, and tells whether it is away.
func (p pair) failures() (n int64, away bool) {
	for _, s := range p {
		shared := s.counts.limiter.(*limit.Shared)
		n, away = n+shared.Failures(), away || shared.Away()
	}
	return n, away
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
