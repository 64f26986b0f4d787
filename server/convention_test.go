package server_test

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server"
	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// everyRoute is the contract's table: who may call what.
var everyRoute = []struct {
	method, path string
	may          []auth.Role // nil: anyone
}{
	{"POST", "/auth/challenge", nil}, {"POST", "/auth/token", nil}, {"POST", "/auth/refresh", nil}, {"POST", "/auth/revoke", nil},
	{"GET", "/token/balance", allAgents}, {"POST", "/token/transfer", allAgents}, {"POST", "/token/transfer/to-system", allAgents},
	{"POST", "/token/transfer/bulk", allAgents}, {"GET", "/token/transactions", allAgents}, {"GET", "/token/transactions/tx_1", allAgents},
	{"POST", "/token/transactions/tx_1/refund", allAgents}, {"GET", "/token/operations/k", allAgents}, {"GET", "/token/fees/config", nil},
	{"GET", "/token/fees/calculate", nil}, {"POST", "/token/holds", allAgents}, {"GET", "/token/holds", allAgents},
	{"POST", "/token/holds/hold_1/capture", allAgents}, {"POST", "/token/holds/hold_1/void", allAgents},
	{"POST", "/token/tx_1/reputation-signal", allAgents}, {"POST", "/avtp/report-transaction", allAgents},
	{"GET", "/reputation/rankings", nil}, {"GET", "/reputation/history/did:example:agent", nil},
	{"GET", "/reputation/distribution", nil},
	{"GET", "/agent/entries", allAgents}, {"GET", "/agent/reward-cycles", allAgents}, {"GET", "/agent/validators", allAgents},
	{"GET", "/admin/agents", someAuditors}, {"GET", "/admin/agents/did:example:agent", someAuditors}, {"GET", "/admin/transactions", someAuditors},
	{"GET", "/admin/transactions/tx_1/legs", someAuditors}, {"GET", "/admin/activity", someAuditors},
	{"GET", "/reputation/did:example:agent", nil}, {"GET", "/reputation/did:example:agent/trust", nil},
	{"GET", "/agent/profile", allAgents}, {"POST", "/agent/deactivate", allAgents},
	{"POST", "/agent/stake", allAgents}, {"POST", "/agent/unstake", allAgents}, {"GET", "/agent/stakes", allAgents},
	{"POST", "/agent/delegate", allAgents}, {"POST", "/agent/undelegate", allAgents}, {"GET", "/agent/delegations", allAgents}, {"GET", "/agent/slashes", allAgents}, {"GET", "/agent/debts", allAgents},
	{"POST", "/agent/rewards/claim", allAgents}, {"GET", "/agent/validators/did:example:agent", allAgents},
	{"POST", "/admin/staking/trigger-reward-cycle", onlyAdmins}, {"POST", "/admin/staking/slash", onlyAdmins},
	{"POST", "/admin/tokens/issue", onlyAdmins}, {"POST", "/admin/tokens/burn", onlyAdmins}, {"POST", "/admin/tokens/adjust", onlyAdmins},
	{"POST", "/admin/accounts/suspend", onlyAdmins}, {"POST", "/admin/accounts/reactivate", onlyAdmins}, {"PUT", "/admin/accounts/roles", onlyAdmins},
	{"POST", "/admin/bootstrap-tokens/generate", onlyAdmins}, {"POST", "/onboarding/validate-token", nil}, {"POST", "/onboarding/register", allAgents}, // or who proves a DID by a signature
	{"POST", "/attestation/submit", allAgents}, {"GET", "/attestation/submissions", allAgents}, {"GET", "/attestation/submissions/att_1", allAgents},
	{"GET", "/admin/attestations", someAuditors}, {"PUT", "/admin/attestations/att_1", someAuditors},
	{"POST", "/admin/circuits", onlyAdmins}, {"GET", "/admin/circuits", onlyAdmins},
	{"POST", "/auditor/flag", someAuditors}, {"GET", "/admin/auditor/flags", someAuditors}, {"GET", "/admin/auditor/flags/flag_1", someAuditors},
	{"PUT", "/admin/auditor/flags/flag_1", someAuditors}, {"POST", "/admin/auditor/flags/flag_1/escalate", someAuditors},
	{"POST", "/admin/auditor/flags/bulk-update", someAuditors}, {"GET", "/admin/auditor/rules", someAuditors}, {"PUT", "/admin/auditor/rules", onlyAdmins},
	{"POST", "/admin/auditor/rules/trial", someAuditors}, {"GET", "/admin/auditor/metrics", someAuditors},
	{"POST", "/dispute/file", allAgents}, {"GET", "/dispute/my-disputes", allAgents}, {"GET", "/dispute/disp_1", allAgents},
	{"POST", "/dispute/disp_1/evidence", allAgents}, {"POST", "/dispute/disp_1/respond", allAgents}, {"POST", "/dispute/disp_1/withdraw", allAgents},
	{"GET", "/dispute/panels", allAgents}, {"GET", "/dispute/disp_1/panel", allAgents}, {"POST", "/dispute/disp_1/panel/commit", allAgents}, {"POST", "/dispute/disp_1/panel/reveal", allAgents},
	{"GET", "/admin/disputes", someArbitrators}, {"PUT", "/admin/disputes/disp_1/status", someArbitrators}, {"PUT", "/admin/disputes/disp_1/resolve", someArbitrators},
	{"GET", "/attestation/policies", nil}, {"GET", "/governance/policies", nil}, {"GET", "/governance/policies/pol_1", nil}, {"GET", "/governance/terms", nil},
	{"POST", "/governance/policies", onlyAdmins}, {"PUT", "/governance/policies/pol_1", onlyAdmins}, {"DELETE", "/governance/policies/pol_1", onlyAdmins},
	{"POST", "/webhooks", allAgents}, {"GET", "/webhooks", allAgents}, {"GET", "/webhooks/wh_1", allAgents}, {"PUT", "/webhooks/wh_1", allAgents}, {"DELETE", "/webhooks/wh_1", allAgents},
	{"POST", "/webhooks/wh_1/pause", allAgents}, {"POST", "/webhooks/wh_1/resume", allAgents}, {"POST", "/webhooks/wh_1/rotate-secret", allAgents},
	{"POST", "/webhooks/wh_1/test", allAgents}, {"POST", "/webhooks/wh_1/resend", allAgents}, {"GET", "/webhooks/wh_1/deliveries", allAgents},
	{"GET", "/admin/metrics", someAuditors}, {"GET", "/admin/treasury", onlyAdmins}, {"GET", "/admin/audit-log", onlyAdmins},
	{"GET", "/admin/system", someAuditors}, {"GET", "/admin/audit-log/proof", someAuditors}, {"GET", "/token/transactions/tx_1/proof", allAgents},
	{"GET", "/log/checkpoint", nil}, {"GET", "/log/consistency", nil}, {"GET", "/log/tile/0/000", nil}, {"GET", "/log/tile/entries/000", someAuditors},
}

var (
	everyRole       = []auth.Role{auth.Agent, auth.Auditor, auth.Arbitrator, auth.Admin, auth.System}
	allAgents       = everyRole
	someAuditors    = []auth.Role{auth.Admin, auth.Auditor}
	someArbitrators = []auth.Role{auth.Admin, auth.Arbitrator}
	onlyAdmins      = []auth.Role{auth.Admin}
)

// Default deny: each route with each role, and with none.
func TestEveryRouteWithEveryRole(t *testing.T) {
	m := newMarket(t)
	for _, route := range everyRoute {
		body, writes := "", route.method == "POST" || route.method == "PUT"
		if writes {
			body = `{"unknown":1}` // refused for its shape, once the role is right
		}
		r := m.send(route.method, prefix+route.path, "", body)
		if route.may != nil {
			r.is(401, "AUTH_MISSING_TOKEN")
			require.Equal(t, "Bearer", r.header.Get("WWW-Authenticate"))
			m.send(route.method, prefix+route.path, "x.y.z", body).is(401, "AUTH_INVALID_TOKEN")
		} else {
			require.NotEqual(t, 401, r.status)
		}
		for _, role := range everyRole {
			may := route.may == nil
			for _, each := range route.may {
				may = may || each == role
			}
			r := m.send(route.method, prefix+route.path, m.token(teg.Agent("did:example:"+role.String()), role), body)
			require.Equal(t, !may, r.status == 403, "%s %s as %s: %s", route.method, route.path, role, r.text)
			if may && writes {
				r.is(422, "VALIDATION_INVALID_INPUT")
			}
		}
	}
}

func TestRoutesThatAreNot(t *testing.T) {
	m := newMarket(t)
	for _, path := range []string{"/nothing", "//health", "/health/", "/HEALTH", "/./health", "/x/../health", prefix, prefix + "/", prefix + "/token",
		prefix + "/token/balance/", prefix + "//token/balance", prefix + "/Token/balance", prefix + "/token/transactions/%00", prefix + "/token/operations/"} {
		request := httptest.NewRequest("GET", "http://teg.example/", nil)
		request.URL = &url.URL{Scheme: "http", Host: "teg.example", Path: path}
		if unescaped, err := url.PathUnescape(path); err == nil {
			request.URL.Path, request.URL.RawPath = unescaped, path
		}
		request.Header.Set("Authorization", "Bearer "+m.aliceToken)
		m.do(request).is(404, "ROUTE_NOT_FOUND")
	}
	r := m.send("DELETE", prefix+"/token/balance", m.aliceToken, "").is(405, "METHOD_NOT_ALLOWED")
	require.Equal(t, "GET, HEAD, OPTIONS", r.header.Get("Allow"))
	m.send("GET", prefix+"/token/transfer", m.aliceToken, "").is(405, "METHOD_NOT_ALLOWED")
	require.Equal(t, "GET, POST, HEAD, OPTIONS", m.send("OPTIONS", prefix+"/token/holds", "", "").header.Get("Allow"))
	m.send("OPTIONS", "/nothing", "", "").is(404, "ROUTE_NOT_FOUND")
}

func TestHeadAndOptions(t *testing.T) {
	m := newMarket(t)
	served := httptest.NewServer(m.server)
	defer served.Close()
	for path, status := range map[string]int{"/health/live": 200, "/nothing": 404, prefix + "/token/balance": 401} {
		head, err := http.Head(served.URL + path)
		require.NoError(t, err)
		text, err := io.ReadAll(head.Body)
		require.NoError(t, err)
		require.NoError(t, head.Body.Close())
		require.Equal(t, status, head.StatusCode)
		require.Empty(t, text, "an answer to HEAD has no body")
		require.Equal(t, "application/json", head.Header.Get("Content-Type"))
		require.Positive(t, head.ContentLength)
	}
	r := m.send("OPTIONS", prefix+"/token/transfer", "", "")
	require.Equal(t, 204, r.status)
	require.Equal(t, "POST, OPTIONS", r.header.Get("Allow"))
	require.Empty(t, r.header.Get("Access-Control-Allow-Origin"))
}

func TestCORS(t *testing.T) {
	m := newMarket(t, func(c *server.Config) { c.Origins = []string{"https://console.example"} })
	r := m.send("OPTIONS", prefix+"/token/transfer", "", "", "Origin", "https://console.example", "Access-Control-Request-Method", "POST")
	require.Equal(t, 204, r.status)
	require.Equal(t, "https://console.example", r.header.Get("Access-Control-Allow-Origin"))
	require.Equal(t, "Authorization, Content-Type, Idempotency-Key, X-Request-ID", r.header.Get("Access-Control-Allow-Headers"))
	require.Equal(t, "600", r.header.Get("Access-Control-Max-Age"))
	r = m.send("GET", prefix+"/token/balance", m.aliceToken, "", "Origin", "https://console.example")
	require.Contains(t, r.header.Get("Access-Control-Expose-Headers"), "Idempotency-Replayed")
	require.Empty(t, m.send("GET", "/health", "", "", "Origin", "https://evil.example").header.Get("Access-Control-Allow-Origin"))
}

func TestHeadersOnAnswers(t *testing.T) {
	m := newMarket(t, func(c *server.Config) { c.Environment = "production" })
	r := m.get("/token/balance", m.aliceToken)
	require.Equal(t, "nosniff", r.header.Get("X-Content-Type-Options"))
	require.NotEmpty(t, r.header.Get("Strict-Transport-Security"))
	require.NotEmpty(t, r.header.Get("Content-Security-Policy"))
	require.Empty(t, r.header.Get("Server"))
	require.NotEmpty(t, r.header.Get("X-Request-ID"))
	require.Equal(t, "my-id.1", m.send("GET", "/health/live", "", "", "X-Request-ID", "my-id.1").header.Get("X-Request-ID"))
	for _, bad := range []string{"a b", "é", strings.Repeat("x", 129), "<script>"} {
		require.NotEqual(t, bad, m.send("GET", "/health/live", "", "", "X-Request-ID", bad).header.Get("X-Request-ID"))
	}
}

// Percent-encoded ids route like plain ones.
func TestEncodedPaths(t *testing.T) {
	m := newMarket(t)
	m.post("/token/transfer", m.aliceToken, `{"receiver_agent_id":"did:example:bob","amount":"1"}`, "Idempotency-Key", "a/b?c").is(200, "")
	m.get("/token/operations/a%2Fb%3Fc", m.aliceToken).is(200, "")
}

func TestProvisioning(t *testing.T) {
	m := newMarket(t)
	carol := teg.Agent("did:example:carol")
	m.post("/token/transfer", m.aliceToken, `{"receiver_agent_id":"did:example:carol","amount":"1"}`).is(404, "BIZ_ENTITY_NOT_FOUND")
	require.Equal(t, "0", m.get("/token/balance", m.token(carol)).is(200, "").at("balance"))
	p, err := m.engine.Profile(ctx(), carol)
	require.NoError(t, err)
	require.Equal(t, teg.FromRegistry, p.Origin)
	m.post("/token/transfer", m.token(teg.Agent("did:example:dave")), `{`).is(400, "VALIDATION_MALFORMED_JSON")
	_, err = m.engine.Profile(ctx(), teg.Agent("did:example:dave"))
	require.ErrorIs(t, err, teg.ErrNotFound, "a request without a right shape makes nobody")

	closed := over(t, m.engine, func(c *server.Config) { c.ProvisionRegistry = false })
	closed.get("/token/balance", closed.token(teg.Agent("did:example:eve"))).is(404, "BIZ_ENTITY_NOT_FOUND")
}

func TestSystemAccountsAreNoCallers(t *testing.T) {
	m := newMarket(t)
	m.get("/token/balance", m.token(teg.DefaultTreasury)).is(401, "AUTH_INVALID_TOKEN")
}

func TestHealth(t *testing.T) {
	m := newMarket(t, func(c *server.Config) { c.Version = "1.2.3" })
	r := m.send("GET", "/health", "", "").is(200, "")
	require.Equal(t, "healthy", r.at("status"))
	require.Equal(t, "1.2.3", r.at("version"))
	require.Equal(t, "pending", r.at("checks", "ledger", "status"))
	m.send("GET", "/health/ready", "", "").is(200, "")
	m.send("GET", "/", "", "").is(200, "")
	m.server.Drain()
	r = m.send("GET", "/health/ready", "", "").is(503, "SYS_UNAVAILABLE")
	require.Equal(t, "the server is shutting down", r.at("message"))
	m.send("GET", "/health/live", "", "").is(200, "")
}

func TestClosedEngine(t *testing.T) {
	m := newMarket(t)
	tegtest.Verify(t, m.engine)
	require.NoError(t, m.engine.Close())
	r := m.post("/token/transfer", m.aliceToken, `{"receiver_agent_id":"did:example:bob","amount":"1"}`).is(503, "SYS_UNAVAILABLE")
	require.NotEmpty(t, r.header.Get("Retry-After"))
}

// Nothing in the log shows what must stay secret, and each line has the id.
func TestLog(t *testing.T) {
	var lines bytes.Buffer
	m := newMarket(t, func(c *server.Config) { c.Logger = slog.New(slog.NewTextHandler(&lines, nil)) })
	m.post("/token/transfer", m.aliceToken, `{"receiver_agent_id":"did:example:bob","amount":"1","message":"very private"}`,
		"Idempotency-Key", "secret-key", "X-Request-ID", "req-7").is(200, "")
	m.get("/token/operations/secret-key", m.aliceToken)
	m.get("/token/balance", "bad.secret.token")
	require.Contains(t, lines.String(), "req-7")
	require.Contains(t, lines.String(), "route=/api/v1/token/operations/{key}")
	for _, secret := range []string{m.aliceToken, "secret-key", "very private", "bad.secret.token"} {
		require.NotContains(t, lines.String(), secret)
	}
}

func TestTimesOut(t *testing.T) {
	m := newMarket(t, func(c *server.Config) { c.RequestTimeout = time.Nanosecond })
	r := m.post("/token/transfer", m.aliceToken, `{"receiver_agent_id":"did:example:bob","amount":"1"}`)
	require.Equal(t, http.StatusServiceUnavailable, r.status)
}
