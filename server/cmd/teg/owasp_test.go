package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/server/config"
	"github.com/agentvault/teg-layer/teg"
)

// economy is a server under way, with two agents who have something, over HTTP alone.
type economy struct {
	*service
	t                 *testing.T
	alice, bob, admin string // tokens
}

func newEconomy(t *testing.T, environ ...string) *economy {
	t.Helper()
	e := &economy{service: startService(t, environ...), t: t}
	e.alice, e.bob, e.admin = e.tokenOf("alice", auth.Agent), e.tokenOf("bob", auth.Agent), e.tokenOf("root", auth.Admin)
	for _, name := range []string{"alice", "bob"} {
		e.call("POST", "/admin/tokens/issue", e.admin, `{"recipient_agent_id":"did:example:`+name+`","amount":"100","reason":"a test"}`).is(200, "")
	}
	return e
}

func (e *economy) tokenOf(name string, roles ...auth.Role) string {
	e.t.Helper()
	token, err := auth.Mint(tokenConfig(e.config), nil, auth.Identity{Agent: teg.Agent("did:example:" + name), Roles: auth.RolesOf(roles...)}, time.Hour)
	require.NoError(e.t, err)
	return token
}

// said is an answer.
type said struct {
	t      *testing.T
	status int
	header http.Header
	text   string
	body   map[string]any
}

// call asks below the API's prefix, at asks anywhere; headers are name, value, name,
// value …
func (e *economy) call(method, path, token, body string, headers ...string) said {
	e.t.Helper()
	return e.at(method, "/api/v1"+path, token, body, headers...)
}

func (e *economy) at(method, path, token, body string, headers ...string) said {
	e.t.Helper()
	request, err := http.NewRequestWithContext(e.t.Context(), method, e.url()+path, strings.NewReader(body))
	require.NoError(e.t, err)
	request.Header.Set("Content-Type", "application/json")
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	require.NoError(e.t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(e.t, err)
	s := said{t: e.t, status: response.StatusCode, header: response.Header, text: string(text)}
	if len(text) > 0 {
		require.NoError(e.t, json.Unmarshal(text, &s.body), s.text)
	}
	return s
}

func (s said) is(status int, code string) said {
	s.t.Helper()
	require.Equal(s.t, status, s.status, s.text)
	if code != "" {
		require.Equal(s.t, code, s.body["error_code"], s.text)
	}
	return s
}

// balance is what an agent can spend.
func (e *economy) balance(token string) string {
	e.t.Helper()
	return e.call("GET", "/token/balance", token, "").is(200, "").body["balance"].(string)
}

const payBob = `{"receiver_agent_id":"did:example:bob","amount":"1"}`

// What is another's is not to be found, and not to be changed, whoever knows its name.
func TestOWASP_API1_BrokenObjectLevelAuthorization(t *testing.T) {
	t.Parallel()
	e := newEconomy(t)
	mallory := e.tokenOf("mallory", auth.Agent)
	paid := e.call("POST", "/token/transfer", e.alice, payBob, "Idempotency-Key", "rent").is(200, "").body["transaction_id"].(string)
	hold := e.call("POST", "/token/holds", e.alice, payBob).is(201, "").body["hold_id"].(string)
	stake := e.call("POST", "/agent/stake", e.alice, `{"amount":"10"}`).is(200, "").body["stake_id"].(string)
	lent := e.call("POST", "/agent/delegate", e.alice, `{"stake_id":"`+stake+`","validator_agent_id":"did:example:bob"}`).is(200, "").body["delegation_id"].(string)
	dispute := e.call("POST", "/dispute/file", e.alice, `{"defendant_agent_id":"did:example:bob","transaction_id":"`+paid+`","reason_code":"x","brief_description":"x"}`).
		is(201, "").body["dispute_id"].(string)
	for request, body := range map[string]string{
		"GET /token/transactions/" + paid:                                   "",
		"POST /token/transactions/" + paid + "/refund":                      `{}`,
		"POST /token/" + paid + "/reputation-signal":                        `{"signal_value":-1}`,
		"GET /token/operations/rent":                                        "",
		"POST /token/holds/" + hold + "/capture":                            `{}`,
		"POST /token/holds/" + hold + "/void":                               `{}`,
		"POST /agent/unstake":                                               `{"stake_id":"` + stake + `"}`,
		"POST /agent/rewards/claim":                                         `{"stake_id":"` + stake + `"}`,
		"POST /agent/delegate":                                              `{"stake_id":"` + stake + `","validator_agent_id":"did:example:bob"}`,
		"POST /agent/undelegate":                                            `{"delegation_id":"` + lent + `"}`,
		"GET /dispute/" + dispute:                                           "",
		"POST /dispute/" + dispute + "/withdraw":                            `{}`,
		"POST /dispute/" + dispute + "/respond":                             `{"response":"x"}`,
		"POST /dispute/" + dispute + "/evidence":                            `{"evidence_pointer":"ipfs://bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy"}`,
		"GET /attestation/submissions/att_" + strings.Repeat("0", 31) + "1": "",
	} {
		method, path, _ := strings.Cut(request, " ")
		e.call(method, path, mallory, body).is(404, "BIZ_ENTITY_NOT_FOUND")
	}
	for path, list := range map[string]string{
		"/token/transactions": "transactions", "/token/holds": "holds", "/agent/stakes": "stakes", "/agent/delegations": "delegations",
		"/dispute/my-disputes": "disputes", "/attestation/submissions": "submissions", "/agent/slashes": "slashes", "/agent/debts": "debts",
	} {
		require.Empty(t, e.call("GET", path, mallory, "").is(200, "").body[list], path)
	}
	require.Equal(t, []string{"87.998", "101"}, []string{e.balance(e.alice), e.balance(e.bob)})
}

// Nobody is who they say without a token that a configured key signed, for this server,
// for now; and nobody can try for ever.
func TestOWASP_API2_BrokenAuthentication(t *testing.T) {
	t.Parallel()
	e := newEconomy(t, "JWT_ISSUER=https://registry.example", "JWT_AUDIENCE=teg", "RATE_LIMIT_ENABLED=true", "RATE_LIMIT_STANDARD=30")
	good, keys := e.alice, tokenConfig(e.config)
	forged := func(change func(*auth.Config)) string {
		c := keys
		change(&c)
		token, err := auth.Mint(c, nil, auth.Identity{Agent: teg.Agent("did:example:alice"), Roles: auth.RolesOf(auth.Admin)}, time.Hour)
		require.NoError(t, err)
		return token
	}
	e.call("GET", "/token/balance", good, "").is(200, "")
	parts := strings.Split(good, ".")
	for name, token := range map[string]string{
		"another key":      forged(func(c *auth.Config) { c.Secret = []byte(strings.Repeat("x", 32)) }),
		"another issuer":   forged(func(c *auth.Config) { c.Issuer = "https://evil.example" }),
		"another audience": forged(func(c *auth.Config) { c.Audience = "other" }),
		"no issuer":        forged(func(c *auth.Config) { c.Issuer = "" }),
		"of the past":      forged(func(c *auth.Config) { c.Now = func() time.Time { return time.Now().Add(-2 * time.Hour) } }),
		"of the future":    forged(func(c *auth.Config) { c.Now = func() time.Time { return time.Now().Add(2 * time.Hour) } }),
		"no signature":     parts[0] + "." + parts[1] + ".",
		"algorithm none":   "eyJhbGciOiJub25lIn0." + parts[1] + ".",
		"another payload":  parts[0] + "." + strings.Split(e.admin, ".")[1] + "." + parts[2],
		"no token":         "x",
	} {
		r := e.call("GET", "/token/balance", token, "").is(401, "AUTH_INVALID_TOKEN")
		require.Equal(t, "Bearer", r.header.Get("WWW-Authenticate"), name)
		require.NotContains(t, r.text, token)
	}
	e.call("GET", "/token/balance", "", "").is(401, "AUTH_MISSING_TOKEN")
	e.call("GET", "/token/balance?access_token="+good, "", "").is(401, "AUTH_MISSING_TOKEN")
	for tries := 0; e.call("GET", "/token/balance", fmt.Sprint("guess", tries), "").status == 401; tries++ {
		require.Less(t, tries, 30)
	}
	r := e.call("GET", "/token/balance", "another guess", "").is(429, "RATE_LIMITED")
	require.NotEmpty(t, r.header.Get("Retry-After"))
	e.call("GET", "/token/balance", good, "").is(200, "") // whom it knows it serves
}

// Nobody sets a property that is not theirs to set, or sees one that is not theirs to see.
func TestOWASP_API3_BrokenObjectPropertyLevelAuthorization(t *testing.T) {
	t.Parallel()
	e := newEconomy(t)
	for _, more := range []string{
		`"sender_agent_id":"did:example:bob"`, `"fee_amount":"0"`, `"status":"completed"`, `"transaction_type":"issue"`, `"timestamp":"2020-01-01T00:00:00Z"`,
		`"AMOUNT":"50"`, `"amount":"50"`, `"__proto__":{"amount":"50"}`, `"roles":["admin"]`,
	} {
		e.call("POST", "/token/transfer", e.alice, `{"receiver_agent_id":"did:example:bob","amount":"1",`+more+`}`).is(422, "VALIDATION_INVALID_INPUT")
	}
	e.call("POST", "/agent/stake", e.alice, `{"amount":"1","rewards_earned":"100"}`).is(422, "VALIDATION_INVALID_INPUT")
	e.call("POST", "/agent/deactivate", e.alice, `{"agent_id":"did:example:bob"}`).is(422, "VALIDATION_INVALID_INPUT")
	require.Equal(t, []string{"100", "100"}, []string{e.balance(e.alice), e.balance(e.bob)})

	paid := e.call("POST", "/token/transfer", e.alice, `{"receiver_agent_id":"did:example:bob","amount":"1","message":"private words"}`).is(200, "")
	require.NotContains(t, e.call("GET", "/admin/audit-log", e.admin, "").is(200, "").text, "private words")
	shown := e.call("GET", "/reputation/did:example:alice", "", "").is(200, "")
	for name := range shown.body {
		require.Contains(t, []string{"agent_id", "reputation_score", "reputation_tier", "last_update", "total_transactions", "positive_signals", "negative_signals", "percentile", "trust_score"}, name)
	}
	for name := range paid.body {
		require.Contains(t, []string{"transaction_id", "status", "sender_agent_id", "receiver_agent_id", "amount", "fee_amount", "new_sender_balance", "timestamp", "attached_message"}, name)
	}
}

// No request takes more than it may: bytes, depth, rows, items, or requests in a time.
func TestOWASP_API4_UnrestrictedResourceConsumption(t *testing.T) {
	t.Parallel()
	e := newEconomy(t, "RATE_LIMIT_ENABLED=true", "RATE_LIMIT_STANDARD=12", "MAX_BODY_BYTES=1024")
	item := `{"receiver_agent_id":"did:example:bob","amount":"1"}`
	for _, c := range []struct {
		method, path, body string
		status             int
		code               string
	}{
		{"GET", "/token/transactions?limit=1001", "", 422, "VALIDATION_INVALID_INPUT"},
		{"GET", "/token/transactions?limit=1000&offset=-1", "", 422, "VALIDATION_INVALID_INPUT"},
		{"GET", "/reputation/rankings?limit=1000000000000", "", 422, "VALIDATION_INVALID_INPUT"},
		{"POST", "/token/transfer", strings.Repeat(" ", 1025), 413, "BODY_TOO_LARGE"},
		{"POST", "/token/transfer/bulk", `{"transfers":[` + strings.Repeat(item+",", 100) + item + `]}`, 413, "BODY_TOO_LARGE"},
		{"POST", "/token/transfer", strings.Repeat("[", 1000), 400, "VALIDATION_MALFORMED_JSON"},
		{"POST", "/token/transfer", `{"receiver_agent_id":"did:example:bob","amount":1e999999999}`, 422, "VALIDATION_INVALID_INPUT"},
		{"POST", "/token/transfer", `{"receiver_agent_id":"did:example:bob","amount":"` + strings.Repeat("9", 900) + `"}`, 422, "VALIDATION_INVALID_INPUT"},
	} {
		e.call(c.method, c.path, e.alice, c.body).is(c.status, c.code)
	}
	for calls := 0; e.call("GET", "/token/balance", e.alice, "").status == 200; calls++ {
		require.Less(t, calls, 12)
	}
	r := e.call("GET", "/token/balance", e.alice, "").is(429, "RATE_LIMITED")
	require.NotEmpty(t, r.header.Get("Retry-After"))
	require.Equal(t, "0", r.header.Get("X-RateLimit-Remaining"))
	e.call("GET", "/token/balance", e.bob, "").is(200, "")
}

// What runs the economy is for whom the token names an admin, in whatever way it is asked for.
func TestOWASP_API5_BrokenFunctionLevelAuthorization(t *testing.T) {
	t.Parallel()
	e := newEconomy(t)
	issue := `{"recipient_agent_id":"did:example:alice","amount":"1000000","reason":"because"}`
	for _, token := range []string{e.alice, e.tokenOf("auditor", auth.Auditor), e.tokenOf("arbitrator", auth.Arbitrator), e.tokenOf("program", auth.System)} {
		e.call("POST", "/admin/tokens/issue", token, issue).is(403, "AUTH_FORBIDDEN")
		e.call("GET", "/admin/audit-log", token, "").is(403, "AUTH_FORBIDDEN")
		e.call("POST", "/admin/accounts/suspend", token, `{"agent_id":"did:example:bob","reason":"x"}`).is(403, "AUTH_FORBIDDEN")
	}
	e.call("POST", "/admin/tokens/issue", "", issue).is(401, "AUTH_MISSING_TOKEN")
	e.call("POST", "/token/balance", e.alice, issue, "X-HTTP-Method-Override", "GET", "X-Original-URL", "/api/v1/admin/tokens/issue").is(405, "METHOD_NOT_ALLOWED")
	for _, path := range []string{"/Admin/tokens/issue", "//admin/tokens/issue", "/token/../admin/tokens/issue", "/admin/tokens/issue/", "/admin%2Ftokens%2Fissue", "/admin/tokens/issue;x", "/./admin/tokens/issue"} {
		e.call("POST", path, e.alice, issue).is(404, "ROUTE_NOT_FOUND")
	}
	require.Equal(t, "100", e.balance(e.alice))
}

// What pays is bounded for whoever automates it: payments by number, however they are
// packed, praise by payment.
func TestOWASP_API6_UnrestrictedAccessToSensitiveBusinessFlows(t *testing.T) {
	t.Parallel()
	e := newEconomy(t, "RATE_LIMIT_ENABLED=true", "RATE_LIMIT_TRANSFER=6")
	paid := e.call("POST", "/token/transfer", e.alice, payBob).is(200, "").body["transaction_id"].(string)
	bulk := func(items int) said {
		return e.call("POST", "/token/transfer/bulk", e.alice, `{"transfers":[`+strings.Repeat(payBob+",", items-1)+payBob+`]}`)
	}
	bulk(3).is(200, "")
	bulk(3).is(429, "RATE_LIMITED")
	e.call("POST", "/token/holds", e.alice, payBob).is(201, "")
	bulk(1).is(200, "")
	for _, path := range []string{"/token/transfer", "/token/holds"} {
		e.call("POST", path, e.alice, payBob).is(429, "RATE_LIMITED")
	}
	require.Equal(t, "105", e.balance(e.bob))
	e.call("POST", "/token/"+paid+"/reputation-signal", e.alice, `{"signal_value":1}`).is(200, "")
	e.call("POST", "/token/"+paid+"/reputation-signal", e.alice, `{"signal_value":1}`).is(409, "BIZ_SIGNAL_ALREADY_APPLIED")
}

// trap is an address that nobody may ask for anything, and how often it was.
func trap(t *testing.T) (address string, asked *atomic.Int64) {
	asked = new(atomic.Int64)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			asked.Add(1)
			_ = c.Close()
		}
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		<-done
	})
	return "http://" + listener.Addr().String(), asked
}

// Nothing that a caller writes is an address that the server asks.
func TestOWASP_API7_ServerSideRequestForgery(t *testing.T) {
	t.Parallel()
	e := newEconomy(t)
	inside, asked := trap(t)
	paid := e.call("POST", "/token/transfer", e.alice, payBob).is(200, "").body["transaction_id"].(string)
	policy := `{"policy_code":"%s","policy_name":"x","policy_type":"attestation","enforcement_level":"mandatory","parameters":%s}`
	e.call("POST", "/governance/policies", e.admin, fmt.Sprintf(policy, "open", `{"attestation_type":"open"}`)).is(201, "")
	for _, address := range []string{inside + "/x", strings.Replace(inside, "http", "ipfs", 1), "file:///etc/passwd", "gopher" + strings.TrimPrefix(inside, "http")} {
		e.call("POST", "/attestation/submit", e.alice, `{"attestation_type":"open","attestation_data":{},"storage_pointer":"`+address+`"}`).is(422, "VALIDATION_INVALID_INPUT")
		e.call("POST", "/dispute/file", e.alice, `{"defendant_agent_id":"did:example:bob","transaction_id":"`+paid+
			`","reason_code":"x","brief_description":"x","evidence_pointer":"`+address+`"}`).is(422, "VALIDATION_INVALID_INPUT")
	}
	schema := `{"attestation_type":"reads","data_schema":{"$ref":"` + inside + `/schema.json"}}`
	e.call("POST", "/governance/policies", e.admin, fmt.Sprintf(policy, "reads", schema)).is(422, "VALIDATION_INVALID_INPUT")
	e.call("POST", "/attestation/submit", e.alice, `{"attestation_type":"open","attestation_data":{"$ref":"`+inside+`/x","url":"`+inside+`"}}`).is(200, "")
	e.at("GET", "/health", "", "", "X-Forwarded-Host", strings.TrimPrefix(inside, "http://"), "Host", "x").is(200, "")
	require.Zero(t, asked.Load())
}

// The server says nothing of its inside, sets what keeps browsers safe, and lets no page
// of another origin in; production refuses what is convenient elsewhere.
func TestOWASP_API8_SecurityMisconfiguration(t *testing.T) {
	t.Parallel()
	e := newEconomy(t, "ENVIRONMENT=production", "RATE_LIMIT_ENABLED=true", "DATABASE_URL=sqlite://"+filepath.Join(t.TempDir(), "teg.db"))
	for path, status := range map[string]int{"/health/live": 200, "/api/v1/token/balance": 401, "/none": 404} {
		r := e.at("GET", path, "", "", "Origin", "https://evil.example").is(status, "")
		require.Equal(t, []string{"nosniff", "no-referrer", "default-src 'none'; frame-ancestors 'none'", "max-age=31536000; includeSubDomains"}, []string{
			r.header.Get("X-Content-Type-Options"), r.header.Get("Referrer-Policy"), r.header.Get("Content-Security-Policy"), r.header.Get("Strict-Transport-Security")})
		for _, name := range []string{"Server", "X-Powered-By", "Access-Control-Allow-Origin", "Set-Cookie"} {
			require.Empty(t, r.header.Get(name))
		}
	}
	require.Equal(t, "no-store", e.call("GET", "/token/balance", e.alice, "").is(200, "").header.Get("Cache-Control"))
	for _, method := range []string{"TRACE", "CONNECT", "PATCH", "PROPFIND"} {
		require.Contains(t, []int{404, 405}, e.call(method, "/token/balance", e.alice, "").status, method)
	}
	r := e.call("GET", "/token/transactions?cursor=x", e.alice, "").is(422, "VALIDATION_INVALID_INPUT")
	require.NotContains(t, r.body, "detail")
	for _, unsafe := range []string{"DEBUG=true", "CORS_ALLOWED_ORIGINS=[\"*\"]", "JWT_SECRET_KEY=" + config.DevelopmentSecret, "JWT_SECRET_KEY=short", "DATABASE_URL=sqlite://:memory:"} {
		_, err := config.Load(config.Sources{Environ: []string{"ENVIRONMENT=production", "JWT_SECRET_KEY=" + secret, unsafe}})
		require.Error(t, err, unsafe)
	}
}

// There is one version of the API and nothing beside it: what is not in the table of
// routes is not there.
func TestOWASP_API9_ImproperInventoryManagement(t *testing.T) {
	t.Parallel()
	e := newEconomy(t)
	for _, path := range []string{
		"/api", "/api/", "/api/v1", "/api/v0/token/balance", "/api/v2/token/balance", "/token/balance", "/api/v1/internal", "/api/v1/debug", "/debug/pprof/",
		"/debug/vars", "/swagger", "/swagger.json", "/graphql", "/.git/config", "/.env", "/admin", "/consoles", "/actuator/health", "/server-status", "/favicon.ico",
	} {
		e.at("GET", path, e.admin, "").is(404, "ROUTE_NOT_FOUND")
	}
}

// What a service that the server uses says is not taken on faith: a node of IPFS that
// sends it elsewhere, or floods it, is a node that does not answer.
func TestOWASP_API10_UnsafeConsumptionOfAPIs(t *testing.T) {
	t.Parallel()
	elsewhere, asked := trap(t)
	var redirected, flooded atomic.Int64
	node := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if redirected.Add(1)%2 == 1 {
			http.Redirect(w, r, elsewhere+r.URL.Path, http.StatusTemporaryRedirect)
			return
		}
		flooded.Add(1)
		for piece := bytes.Repeat([]byte("x"), 64<<10); ; {
			if _, err := w.Write(piece); err != nil {
				return
			}
		}
	}))
	t.Cleanup(node.Close)
	e := newEconomy(t, "IPFS_API_URL="+node.URL, "IPFS_MAX_BYTES=65536", "IPFS_TIMEOUT=5s")
	e.call("POST", "/governance/policies", e.admin, `{"policy_code":"stored","policy_name":"x","policy_type":"attestation","enforcement_level":"mandatory","reward_amount":"1",`+
		`"parameters":{"attestation_type":"stored","storage_required":true}}`).is(201, "")
	id := e.call("POST", "/attestation/submit", e.alice, `{"attestation_type":"stored","attestation_data":{},"storage_pointer":"ipfs://bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy"}`).
		is(200, "").body["submission_id"].(string)
	require.Eventually(t, func() bool { return flooded.Load() > 0 && redirected.Load() > 2 }, 2*time.Minute, 20*time.Millisecond)
	e.call("GET", "/attestation/submissions/"+id, e.alice, "").is(200, "")
	require.Equal(t, "100", e.balance(e.alice), "nothing is paid for what was not seen")
	require.Zero(t, asked.Load(), "redirects are not followed")
}
