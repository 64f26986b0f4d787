package server_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server"
	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/server/limit"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// limitedTo counts requests in memory. What flows back within a test is less than one.
func limitedTo(l server.Limits) func(*server.Config) {
	return func(c *server.Config) { c.Limiter, c.Limits = limit.NewMemory(0), l }
}

// left checks the headers of a limited route.
func (r reply) left(of, remaining int) reply {
	r.t.Helper()
	require.Equal(r.t, strconv.Itoa(of), r.header.Get("X-RateLimit-Limit"), r.text)
	require.Equal(r.t, strconv.Itoa(remaining), r.header.Get("X-RateLimit-Remaining"), r.text)
	reset, err := strconv.ParseInt(r.header.Get("X-RateLimit-Reset"), 10, 64)
	require.NoError(r.t, err)
	require.GreaterOrEqual(r.t, reset, time.Now().Add(-time.Hour).Unix())
	require.LessOrEqual(r.t, reset, time.Now().Add(time.Hour+time.Second).Unix())
	if r.status == http.StatusTooManyRequests {
		after, err := strconv.Atoi(r.header.Get("Retry-After"))
		require.NoError(r.t, err)
		require.Positive(r.t, after)
		require.LessOrEqual(r.t, after, 3600)
	}
	return r
}

// Each answer of a limited route says what is left, whatever it is; a 429 does not
// count, and nobody else is touched.
func TestRateLimits(t *testing.T) {
	t.Parallel()
	m := newMarket(t, limitedTo(server.Limits{Standard: 4, Transfer: 2, Admin: 1}))
	pay := `{"receiver_agent_id":"did:example:bob","amount":"1"}`
	m.get("/token/balance", m.aliceToken).is(200, "").left(4, 3)
	m.get("/token/transactions?limit=0", m.aliceToken).is(422, "VALIDATION_INVALID_INPUT").left(4, 2)
	m.get("/token/transactions/tx_1", m.aliceToken).is(404, "BIZ_ENTITY_NOT_FOUND").left(4, 1)
	m.get("/agent/profile", m.token(m.alice, auth.Auditor)).is(200, "").left(4, 0) // another token, the same agent
	for range 3 {
		m.get("/token/balance", m.aliceToken).is(429, "RATE_LIMITED").left(4, 0)
	}
	m.get("/token/balance", m.bobToken).is(200, "").left(4, 3)

	m.post("/token/transfer", m.aliceToken, pay).is(200, "").left(2, 1)
	m.post("/token/holds", m.aliceToken, pay).is(201, "").left(2, 0)
	m.post("/token/transfer", m.aliceToken, pay).is(429, "RATE_LIMITED").left(2, 0)
	m.get("/admin/treasury", m.aliceToken).is(403, "AUTH_FORBIDDEN").left(1, 0)
	m.get("/admin/treasury", m.aliceToken).is(429, "RATE_LIMITED") // before the role
	m.get("/admin/treasury", m.admins).is(200, "").left(1, 0)
	for range 6 {
		for _, path := range []string{"/health", "/health/live", "/health/ready", "/"} {
			r := m.send("GET", path, "", "").is(200, "")
			require.Empty(t, r.header.Get("X-RateLimit-Limit"), path)
		}
	}
	require.Equal(t, "997.998", tegtest.Available(t, m.engine, m.alice), "a payment and a hold")

	off := over(t, m.engine)
	require.Empty(t, off.get("/token/balance", m.aliceToken).is(200, "").header.Get("X-RateLimit-Limit"))
}

// A bulk request counts its items, once it is read, and not at all where they are too many.
func TestBulkCountsItsItems(t *testing.T) {
	t.Parallel()
	m := newMarket(t, limitedTo(server.Limits{Transfer: 10}))
	bulk := func(items int, sum string) reply {
		item := `{"receiver_agent_id":"did:example:bob","amount":"` + sum + `"}`
		return m.post("/token/transfer/bulk", m.aliceToken, `{"transfers":[`+strings.Repeat(item+",", items-1)+item+`]}`)
	}
	bulk(4, "1").is(200, "").left(10, 6)
	bulk(7, "1").is(429, "RATE_LIMITED").left(10, 6)
	bulk(7, "0").is(422, "VALIDATION_INVALID_INPUT").left(10, 5)
	r := bulk(11, "1").is(429, "RATE_LIMITED").left(10, 5)
	require.Contains(t, r.at("message"), "in parts")
	bulk(5, "1").is(200, "").left(10, 0)
	bulk(1, "1").is(429, "RATE_LIMITED").left(10, 0)
	require.Equal(t, "9", tegtest.Available(t, m.engine, m.bob))
}

// from sends a request from an address.
func (m *market) from(address, path, token string, headers ...string) reply {
	request := httptest.NewRequest("GET", "http://teg.example"+path, nil)
	request.RemoteAddr = address
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Add(headers[i], headers[i+1])
	}
	return m.do(request)
}

// Who shows no token counts for the address, and so do agents that came by themselves,
// of whom anybody can make many.
func TestLimitsByAddress(t *testing.T) {
	t.Parallel()
	m := newMarket(t, limitedTo(server.Limits{Standard: 2}), func(c *server.Config) { c.ProvisionRegistry = false })
	fees, balance := prefix+"/token/fees/config", prefix+"/token/balance"
	m.from("192.0.2.1:1", fees, "").is(200, "").left(2, 1)
	m.from("192.0.2.1:2", balance, "").is(401, "AUTH_MISSING_TOKEN").left(2, 0)
	m.from("192.0.2.1:3", balance, "").is(429, "RATE_LIMITED").left(2, 0)
	m.from("192.0.2.1:4", balance, m.aliceToken).is(200, "").left(2, 1)
	m.from("192.0.2.2:1", fees, "").is(200, "").left(2, 1)
	m.from("[2001:db8::1]:1", fees, "").is(200, "").left(2, 1)
	m.from("[2001:db8::2]:1", fees, "").is(200, "").left(2, 0)

	for _, name := range []string{"did:key:one", "did:key:two"} {
		_, err := m.engine.RegisterAgent(ctx(), teg.RegisterParams{Agent: teg.Agent(name), Origin: teg.FromSelf})
		require.NoError(t, err)
	}
	m.from("192.0.2.3:1", balance, m.token(teg.Agent("did:key:one"))).is(200, "").left(2, 1)
	m.from("192.0.2.3:1", balance, m.token(teg.Agent("did:key:two"))).is(200, "").left(2, 0)
	m.from("192.0.2.3:1", balance, m.token(teg.Agent("did:key:two"))).is(429, "RATE_LIMITED")
	m.from("192.0.2.3:1", fees, m.aliceToken).is(200, "").left(2, 0)
	m.from("192.0.2.4:1", balance, m.token(teg.Agent("did:key:none"))).is(404, "BIZ_ENTITY_NOT_FOUND").left(2, 1)
	m.from("192.0.2.4:1", balance, m.token(teg.Agent("did:key:nobody"))).is(404, "BIZ_ENTITY_NOT_FOUND").left(2, 0)
}

// An address that sends token after token is not looked at any more, but for those that
// were good before; other addresses are.
func TestTokensAreNotTriedForEver(t *testing.T) {
	t.Parallel()
	m := newMarket(t, limitedTo(server.Limits{Standard: 3}))
	balance := prefix + "/token/balance"
	m.from("192.0.2.1:1", balance, m.aliceToken).is(200, "").left(3, 2)
	m.from("192.0.2.1:1", balance, m.bobToken+"x").is(401, "AUTH_INVALID_TOKEN").left(3, 2)
	unlimited := m.from("192.0.2.1:1", "/health", m.bobToken+"x").is(401, "AUTH_INVALID_TOKEN") // counts, and tells of no limit
	require.Empty(t, unlimited.header.Get("X-RateLimit-Limit"))
	m.from("192.0.2.1:1", prefix+"/token/fees/config", m.bobToken+"x").is(401, "AUTH_INVALID_TOKEN").left(3, 0)
	m.from("192.0.2.1:1", balance, m.bobToken).is(429, "RATE_LIMITED").left(3, 0) // a good one, but nobody looks
	for _, token := range []string{m.bobToken, m.bobToken + "x"} {
		require.Contains(t, m.from("192.0.2.1:1", "/health", token).is(401, "AUTH_INVALID_TOKEN").at("message"), "not looked at")
	}
	m.from("192.0.2.1:1", "/health", m.aliceToken).is(200, "")
	m.from("192.0.2.1:1", "/health", "").is(200, "")
	m.from("192.0.2.1:1", balance, m.aliceToken).is(200, "").left(3, 1)
	m.from("192.0.2.2:1", balance, m.bobToken).is(200, "").left(3, 2)
	m.from("192.0.2.1:1", balance, m.bobToken).is(200, "").left(3, 1)
}

// What is no token at all counts, too.
func TestHeadersWithoutTokens(t *testing.T) {
	t.Parallel()
	m := newMarket(t, limitedTo(server.Limits{Standard: 2}))
	balance, fees := prefix+"/token/balance", prefix+"/token/fees/config"
	m.from("192.0.2.1:1", balance, "", "Authorization", "Bearer").is(401, "AUTH_MISSING_TOKEN").left(2, 1)
	m.from("192.0.2.1:1", fees, "", "Authorization", "Bearer ").is(401, "AUTH_MISSING_TOKEN").left(2, 0)
	m.from("192.0.2.1:1", balance, "", "Authorization", "Bearer").is(429, "RATE_LIMITED").left(2, 0)
	for remaining := range 2 {
		r := m.from("192.0.2.1:1", balance, "", "Authorization", "Basic eDp5").is(401, "AUTH_INVALID_TOKEN").left(2, 1-remaining)
		require.Empty(t, r.header.Get("Retry-After"))
	}
	m.from("192.0.2.1:1", balance, "", "Authorization", "Basic eDp5").is(429, "RATE_LIMITED").left(2, 0)
	m.from("192.0.2.1:1", balance, m.aliceToken, "Authorization", "Basic eDp5").is(429, "RATE_LIMITED").left(2, 0)
	m.from("192.0.2.2:1", balance, "", "Authorization", "Basic eDp5").is(401, "AUTH_INVALID_TOKEN").left(2, 1)
}

// Only what trusted proxies say of an address is believed, and only as far as they wrote
// it; the log shows the address that counts.
func TestTrustedProxies(t *testing.T) {
	t.Parallel()
	var log syncBuffer
	m := newMarket(t, func(c *server.Config) {
		c.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8::/64")}
	})
	const header, proxy = "X-Forwarded-For", "10.0.0.1:4711"
	for name, c := range map[string]struct {
		remote, address string
		headers         []string
	}{
		"no proxy":                     {"192.0.2.9:1", "192.0.2.9", nil},
		"nobody's word":                {"192.0.2.9:1", "192.0.2.9", []string{header, "203.0.113.7"}},
		"a proxy":                      {proxy, "203.0.113.7", []string{header, "203.0.113.7"}},
		"a proxy that says nothing":    {proxy, "10.0.0.1", nil},
		"two proxies":                  {proxy, "203.0.113.7", []string{header, "203.0.113.7, 10.9.9.9"}},
		"two lines":                    {proxy, "203.0.113.7", []string{header, "203.0.113.7", header, "10.9.9.9"}},
		"what the client wrote before": {proxy, "203.0.113.7", []string{header, "1.2.3.4, 203.0.113.7"}},
		"a forged proxy":               {proxy, "203.0.113.7", []string{header, "10.2.2.2, 203.0.113.7,10.9.9.9"}},
		"nothing but proxies":          {proxy, "10.3.3.3", []string{header, "10.3.3.3, 10.9.9.9"}},
		"no address":                   {proxy, "10.9.9.9", []string{header, "1.2.3.4, unknown, 10.9.9.9"}},
		"an empty line":                {proxy, "10.0.0.1", []string{header, ""}},
		"IPv6 with a port":             {"[2001:db8::1]:1", "2001:db8:1::7", []string{header, "[2001:db8:1::7]:4711"}},
		"IPv6 in brackets":             {"[2001:db8::1]:1", "2001:db8:1::7", []string{header, "[2001:db8:1::7]"}},
		"IPv4 within IPv6":             {"[::ffff:10.0.0.1]:1", "203.0.113.7", []string{header, "::ffff:203.0.113.7"}},
		"other headers":                {proxy, "10.0.0.1", []string{"Forwarded", "for=203.0.113.7", "X-Real-IP", "203.0.113.7"}},
	} {
		id := strings.ReplaceAll(strings.ReplaceAll(name, " ", "-"), "'", ".")
		m.from(c.remote, "/health/live", "", append([]string{"X-Request-ID", id}, c.headers...)...).is(200, "")
		at := strings.LastIndex(log.String(), "request_id="+id+" ")
		require.Contains(t, strings.Fields(log.String()[max(at, 0):]), "address="+c.address, name)
	}
}

// Each route has the class that its path says, those of other versions too.
func TestClassesOfRoutes(t *testing.T) {
	t.Parallel()
	for path, class := range map[string]limit.Class{
		"GET /": limit.None, "GET /health": limit.None, "GET /metrics": limit.None, "GET /openapi.json": limit.None, "GET /docs": limit.None,
		"GET /api/v1/token/balance": limit.Standard, "POST /api/v1/token/transfer": limit.Transfer, "POST /api/v1/token/transfer/bulk": limit.Transfer,
		"POST /api/v1/token/transfer/to-system": limit.Transfer, "POST /api/v1/token/transactions/{transaction_id}/refund": limit.Transfer,
		"GET /api/v1/token/transactions/{transaction_id}": limit.Standard, "POST /api/v1/token/holds": limit.Transfer,
		"POST /api/v1/token/holds/{hold_id}/capture": limit.Transfer, "GET /api/v1/token/holds": limit.Standard,
		"POST /api/v1/admin/tokens/issue": limit.Admin, "GET /api/v1/admin/audit-log": limit.Admin, "POST /api/v1/auditor/flag": limit.Standard,
		"POST /api/v1/auth/challenge": limit.Identity, "POST /api/v1/auth/refresh": limit.Identity, "POST /api/v1/onboarding/register": limit.Identity,
		"POST /api/v1/onboarding/validate-token": limit.Validation, "POST /api/v1/admin/bootstrap-tokens/generate": limit.Admin,
	} {
		method, template, _ := strings.Cut(path, " ")
		require.Equal(t, class, server.ClassOf(prefix, method, template), path)
	}
}
