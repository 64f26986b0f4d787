package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/server/auth/didkey"
	"github.com/agentvault/teg-layer/server/auth/pubkey"
	"github.com/agentvault/teg-layer/server/config"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
)

// tell posts without a token, and reads the answer where there is one.
func tell(t *testing.T, url string, body map[string]string) (int, map[string]any) {
	t.Helper()
	text, err := json.Marshal(body)
	require.NoError(t, err)
	response, err := http.Post(url, "application/json", bytes.NewReader(text))
	require.NoError(t, err)
	defer response.Body.Close()
	answer := map[string]any{}
	if response.StatusCode != http.StatusNoContent {
		require.NoError(t, json.NewDecoder(response.Body).Decode(&answer))
	}
	return response.StatusCode, answer
}

// prove answers a challenge for a new did:key, as its owner would.
func prove(t *testing.T, api string) (id teg.DID, proof map[string]string) {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	key, err := pubkey.New(public)
	require.NoError(t, err)
	id = didkey.Of(key)
	status, made := tell(t, api+"/auth/challenge", map[string]string{"agent_did": id.String()})
	require.Equal(t, 200, status, made)
	challenge := made["challenge"].(string)
	require.True(t, strings.HasPrefix(challenge, "teg-login-1|"))
	return id, map[string]string{
		"agent_did": id.String(), "challenge": challenge, "signature": base64.RawURLEncoding.EncodeToString(ed25519.Sign(private, []byte(challenge))),
	}
}

// enter logs a did:key in.
func enter(t *testing.T, api string) (id teg.DID, tokens map[string]any) {
	t.Helper()
	id, proof := prove(t, api)
	status, tokens := tell(t, api+"/auth/token", proof)
	require.Equal(t, 200, status, tokens)
	return id, tokens
}

// Who has a bootstrap token and the key of a DID registers by them alone, and by a
// signature once, whatever it was given for.
func TestServeRegistersBySignature(t *testing.T) {
	s := startService(t, "AUTO_PROVISION_SELF=false")
	api := s.url() + "/api/v1"
	invite := func() string {
		status, made := ask(t, "POST", api+"/admin/bootstrap-tokens/generate", s.mint(t, auth.Admin), `{}`)
		require.Equal(t, 200, status, made)
		return made["token"].(string)
	}
	id, proof := prove(t, api)
	_, others := prove(t, api)
	proof["bootstrap_token"], others["bootstrap_token"] = invite(), invite()
	others["signature"] = proof["signature"]
	status, refused := tell(t, api+"/onboarding/register", others)
	require.Equal(t, []any{401, "AUTH_INVALID_TOKEN"}, []any{status, refused["error_code"]}, refused)
	status, made := tell(t, api+"/onboarding/register", proof)
	require.Equal(t, []any{201, id.String()}, []any{status, made["agent_id"]}, made)

	proof["bootstrap_token"] = invite()
	status, again := tell(t, api+"/onboarding/register", proof)
	require.Equal(t, []any{401, "AUTH_INVALID_TOKEN"}, []any{status, again["error_code"]}, again)
	require.Contains(t, again["message"], "used already")
	delete(proof, "bootstrap_token")
	status, again = tell(t, api+"/auth/token", proof)
	require.Equal(t, []any{401, "AUTH_INVALID_TOKEN"}, []any{status, again["error_code"]}, again)
}

// Where nobody can be logged in, nobody proves anything by a signature, and is told.
func TestServeWithoutLoginTakesNoProofs(t *testing.T) {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	der, err := x509.MarshalPKIXPublicKey(private.Public())
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "public.pem")
	require.NoError(t, os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), 0o600))
	s := startService(t, "JWT_SECRET_KEY=", "JWT_ALGORITHM=EdDSA", "JWT_PUBLIC_KEY_PATH="+path)
	status, refused := tell(t, s.url()+"/api/v1/onboarding/register", map[string]string{
		"agent_did": "did:example:erin", "bootstrap_token": "x", "challenge": "c", "signature": "s",
	})
	require.Equal(t, []any{401, "AUTH_INVALID_TOKEN"}, []any{status, refused["error_code"]}, refused)
	require.Contains(t, refused["message"], "gives out no challenges")
}

// Two servers with one key on one database: tokens of the registry, tokens of a login,
// and the end of a session, are the same on both.
func TestServersLogIn(t *testing.T) {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	der, err := x509.MarshalPKCS8PrivateKey(private)
	require.NoError(t, err)
	_, registry, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	keys := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"keys":[{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","kid":"k","x":"` +
			base64.RawURLEncoding.EncodeToString(registry.Public().(ed25519.PublicKey)) + `"}]}`))
	}))
	defer keys.Close()
	s := newShell(t, "DATABASE_URL="+storetest.PostgresURL(t), "JWT_ALGORITHM=EdDSA", "JWT_PRIVATE_KEY_PATH=key.pem", "JWT_ISSUER=teg", "LISTEN_ADDR=127.0.0.1:0",
		"JWT_JWKS_URL="+keys.URL, "JWT_JWKS_ISSUER=registry", "AUTO_PROVISION_SELF=true")
	s.write("key.pem", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})))
	s.succeed("migrate", "up")
	var bases []string
	for range 2 {
		b := s.start("serve")
		bases = append(bases, servingURL.FindStringSubmatch(b.expect(b.stderr, "msg=serving url="))[1])
	}
	one, two := bases[0]+"/api/v1", bases[1]+"/api/v1"
	id, tokens := enter(t, one)
	access := tokens["access_token"].(string)
	for _, api := range []string{one, two} {
		status, profile := ask(t, "GET", api+"/agent/profile", access, "")
		require.Equal(t, []any{200, id.String()}, []any{status, profile["agent_id"]})
	}
	status, tokens := tell(t, two+"/auth/refresh", map[string]string{"refresh_token": tokens["refresh_token"].(string)})
	require.Equal(t, 200, status, tokens)
	status, _ = tell(t, two+"/auth/revoke", map[string]string{"refresh_token": tokens["refresh_token"].(string)})
	require.Equal(t, 204, status)
	status, _ = ask(t, "GET", two+"/agent/profile", access, "")
	require.Equal(t, 401, status, "at once where it was ended")
	require.Eventually(t, func() bool {
		status, _ := ask(t, "GET", one+"/agent/profile", access, "")
		return status == 401
	}, time.Minute, 20*time.Millisecond, "and soon elsewhere")

	require.Eventually(t, func() bool {
		_, health := ask(t, "GET", bases[0]+"/health", mintFor(t, s), "")
		return health["checks"].(map[string]any)["jwks"].(map[string]any)["status"] == "healthy"
	}, 2*time.Minute, 50*time.Millisecond)
}

// mintFor is a token of the server's own key, from its private key.
func mintFor(t *testing.T, s *shell) string {
	t.Helper()
	return strings.TrimSpace(s.succeed("token", "mint", "--sub", "did:example:alice", "--private-key", "key.pem"))
}

// Nobody is logged in by who has no key to sign with, and by methods that are off.
func TestLoginIsConfigured(t *testing.T) {
	c, err := config.Load(config.Sources{Environ: []string{"JWT_JWKS_URL=https://registry.example/keys", "JWT_JWKS_ALGORITHM=EdDSA"}})
	require.NoError(t, err)
	service, err := newLogin(t.Context(), nil, c, tokenConfig(c), nil)
	require.NoError(t, err)
	require.Nil(t, service)
	require.Len(t, registryIntegration(c), 1)
	_, err = auth.New(tokenConfig(c))
	require.NoError(t, err)
	for environ, want := range map[string]int{"LOG_LEVEL=info": 3, "LOGIN_DID_METHODS=key,web": 2, "LOGIN_DID_METHODS=none": 0} {
		c, err := config.Load(config.Sources{WithoutTokens: true, Environ: []string{environ}})
		require.NoError(t, err)
		require.Len(t, resolvers(c, nil), want)
		require.Empty(t, registryIntegration(c))
	}
}
