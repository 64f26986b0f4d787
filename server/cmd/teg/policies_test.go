package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// standInOPA stands in for an Open Policy Agent that allows everything but payments to
// carol, while it is up.
func standInOPA(t *testing.T, down *atomic.Bool) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "application/json")
		switch {
		case down.Load() || r.Header.Get("Authorization") != "Bearer hunter2":
			w.WriteHeader(http.StatusServiceUnavailable)
		case r.URL.Path == "/health":
			_, _ = io.WriteString(w, "{}")
		default:
			_ = json.NewEncoder(w).Encode(map[string]any{"result": map[string]any{
				"allow": !strings.Contains(string(body), `"receiver":"did:example:carol"`), "reason": "not her",
			}})
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// standInRegistry stands in for a registry that publishes a key, and tells of everybody
// the path under which it was asked, and that same key.
func standInRegistry(t *testing.T, key ed25519.PublicKey) string {
	jwk := `{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","kid":"k","x":"` + base64.RawURLEncoding.EncodeToString(key) + `"}`
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.URL.Path == "/jwks" {
			_, _ = fmt.Fprintf(w, `{"keys":[%s]}`, jwk)
			return
		}
		_, _ = fmt.Fprintf(w, `{"agent_did":%q,"metadata":{"path":%q},"public_keys":[%s]}`, strings.TrimPrefix(r.URL.Path, "/agents/"), r.URL.Path, jwk)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// registryToken is a token of the registry's for an agent, who claims to be an admin.
func registryToken(key ed25519.PrivateKey, agent string) string {
	encode := base64.RawURLEncoding.EncodeToString
	now := time.Now().Unix()
	text := encode([]byte(`{"alg":"EdDSA","kid":"k"}`)) + "." + encode(fmt.Appendf(nil,
		`{"iss":"https://registry.example","sub":%q,"roles":["admin"],"iat":%d,"exp":%d,"jti":"1"}`, agent, now, now+3600))
	return text + "." + encode(ed25519.Sign(key, []byte(text)))
}

// A server asks the policy before every act and refuses all of them while it has no
// answer; reads go on. What the registry tells of a new agent is in its profile.
func TestServeUnderAPolicy(t *testing.T) {
	var down atomic.Bool
	public, private, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	registry := standInRegistry(t, public)
	s := newShell(t, "DATABASE_URL=sqlite://economy.db", "JWT_SECRET_KEY="+secret, "LISTEN_ADDR=127.0.0.1:0", "JWT_ISSUER=teg", "LOGIN_DID_METHODS=key,test", "AUTO_PROVISION_SELF=true",
		"OPA_URL="+standInOPA(t, &down)+"/v1/data/teg/decision", "OPA_TOKEN=hunter2", "OPA_TIMEOUT=30s",
		`REGISTRIES=[{"issuer":"https://registry.example","jwks_url":"`+registry+`/jwks","algorithm":"EdDSA","did_methods":["example","test"],"metadata_url":"`+registry+`/agents/{did}"}]`)
	s.succeed("migrate", "up")
	require.NotContains(t, s.succeed("config", "check"), "hunter2")
	mint := func(who, role string) string {
		return strings.TrimSpace(s.succeed("token", "mint", "--sub", who, "--role", role))
	}
	admin, bob := mint("did:example:root", "admin"), registryToken(private, "did:example:bob")
	b := s.start("serve")
	base := servingURL.FindStringSubmatch(b.expect(b.stderr, "msg=serving url="))[1]
	api := base + "/api/v1"

	status, profile := ask(t, "GET", api+"/agent/profile", bob, "")
	require.Equal(t, 200, status, profile)
	require.Equal(t, map[string]any{"path": "/agents/did:example:bob"}, profile["metadata"])
	status, profile = ask(t, "GET", api+"/admin/treasury", bob, "")
	require.Equal(t, 403, status, "a registry gives no role that it may not: %v", profile)
	status, profile = ask(t, "GET", api+"/agent/profile", registryToken(private, "did:web:bob.example"), "")
	require.Equal(t, 401, status, "it may not speak for that agent: %v", profile)
	status, challenge := tell(t, api+"/auth/challenge", map[string]string{"agent_did": "did:test:dave"})
	require.Equal(t, 200, status, challenge)
	status, tokens := tell(t, api+"/auth/token", map[string]string{"agent_did": "did:test:dave", "challenge": challenge["challenge"].(string),
		"signature": base64.RawURLEncoding.EncodeToString(ed25519.Sign(private, []byte(challenge["challenge"].(string))))})
	require.Equal(t, 200, status, "by the key that the registry names: %v", tokens)
	issue := func(to string) (int, map[string]any) {
		return ask(t, "POST", api+"/admin/tokens/issue", admin, `{"recipient_agent_id":"`+to+`","amount":"5","reason":"x"}`)
	}
	status, answer := issue("did:example:bob")
	require.Equal(t, 200, status, answer)
	status, answer = issue("did:example:carol")
	require.Equal(t, 403, status)
	require.Equal(t, map[string]any{"error_code": "AUTH_POLICY_DENIED", "message": "denied by policy: not her"}, answer)
	healthy := func(want string) func() bool {
		return func() bool {
			_, health := ask(t, "GET", base+"/health", admin, "")
			check, _ := health["checks"].(map[string]any)["opa"].(map[string]any)
			return check["status"] == want && health["checks"].(map[string]any)["registry"] != nil
		}
	}
	require.Eventually(t, healthy("healthy"), time.Minute, 10*time.Millisecond)
	down.Store(true)
	status, answer = issue("did:example:bob")
	require.Equal(t, 503, status)
	require.Equal(t, "SYS_UNAVAILABLE", answer["error_code"])
	status, answer = ask(t, "GET", api+"/token/balance", bob, "")
	require.Equal(t, 200, status)
	require.Equal(t, "5", answer["balance"])
	require.Zero(t, b.end(syscall.SIGTERM))
	s.succeed("verify")
}
