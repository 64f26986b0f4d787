//go:build full

package main

import (
	"crypto/x509"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/spiffe/go-spiffe/v2/bundle/x509bundle"
	"github.com/spiffe/go-spiffe/v2/spiffeid"
	"github.com/spiffe/go-spiffe/v2/spiffetls/tlsconfig"
	"github.com/spiffe/go-spiffe/v2/svid/x509svid"
	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/spiffe/spiffetest"
)

// The example policy decides inside of the server, and is read anew when it is told to.
func TestServeWithRego(t *testing.T) {
	text, err := os.ReadFile("../../../examples/policy/policies/teg.rego")
	require.NoError(t, err)
	s := newShell(t, "DATABASE_URL=sqlite://economy.db", "JWT_SECRET_KEY="+secret, "LISTEN_ADDR=127.0.0.1:0", "OPA_POLICY_DIR=policies")
	require.NoError(t, os.Mkdir(filepath.Join(s.dir, "policies"), 0o700))
	s.write("policies/teg.rego", string(text))
	s.succeed("migrate", "up")
	admin := strings.TrimSpace(s.succeed("token", "mint", "--sub", "did:example:root", "--role", "admin"))
	heedHangups()
	b := s.start("serve")
	url := servingURL.FindStringSubmatch(b.expect(b.stderr, "msg=serving url="))[1] + "/api/v1/admin/tokens/issue"
	issue := func(to string) int {
		status, _ := ask(t, "POST", url, admin, `{"recipient_agent_id":"`+to+`","amount":"5","reason":"x"}`)
		return status
	}
	require.Equal(t, 200, issue("did:example:bob"))
	require.Equal(t, 403, issue("did:example:mallory"))
	s.write("policies/teg.rego", "package teg\ndecision := ")
	require.NoError(t, b.Process.Signal(syscall.SIGHUP))
	b.expect(b.stderr, "those before stay in force")
	require.Equal(t, 200, issue("did:example:bob"))
	s.write("policies/teg.rego", strings.ReplaceAll(string(text), "did:example:mallory", "did:example:bob"))
	require.NoError(t, b.Process.Signal(syscall.SIGHUP))
	b.expect(b.stderr, "were read anew")
	require.Equal(t, 403, issue("did:example:bob"))
	require.Equal(t, 200, issue("did:example:mallory"))
	require.Zero(t, b.end(syscall.SIGTERM))
}

// A workload that is mapped works over an address of its own, without a token.
func TestServeWorkloads(t *testing.T) {
	const own, billing = "spiffe://example.org/teg", "spiffe://example.org/billing"
	api, ca, soon := spiffetest.StartWorkloadAPI(t), spiffetest.NewAuthority(t, "example.org"), time.Now().Add(time.Hour)
	cert, key := ca.SVID(own, soon)
	api.Give(t, own, cert, key, ca, nil)
	s := newShell(t, "DATABASE_URL=sqlite://economy.db", "JWT_SECRET_KEY="+secret, "LISTEN_ADDR=127.0.0.1:0",
		"SPIFFE_LISTEN_ADDR=127.0.0.1:0", "SPIFFE_ENDPOINT_SOCKET="+api.Address, "SPIFFE_TRUST_DOMAINS=example.org",
		`SPIFFE_ROLES={"`+billing+`":{"agent":"did:web:billing.example","roles":["auditor"]}}`)
	s.succeed("migrate", "up")
	token := strings.TrimSpace(s.succeed("token", "mint", "--sub", "did:example:root", "--role", "agent"))
	b := s.start("serve")
	said := b.expect(b.stderr, "msg=serving url=")
	address := regexp.MustCompile(`msg="serving workloads with SVIDs" address=(\S+)`).FindStringSubmatch(said)[1]

	domain := spiffeid.RequireTrustDomainFromString("example.org")
	cert, key = ca.SVID(billing, soon)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: tlsconfig.MTLSClientConfig(
		&x509svid.SVID{ID: spiffeid.RequireFromString(billing), Certificates: []*x509.Certificate{cert}, PrivateKey: key},
		x509bundle.FromX509Authorities(domain, []*x509.Certificate{ca.Cert}), tlsconfig.AuthorizeID(spiffeid.RequireFromString(own)),
	)}}
	response, err := client.Get("https://" + address + "/api/v1/token/balance")
	require.NoError(t, err)
	defer response.Body.Close()
	var answer map[string]any
	require.NoError(t, json.NewDecoder(response.Body).Decode(&answer))
	require.Equal(t, "did:web:billing.example", answer["agent_id"], answer)
	require.Eventually(t, func() bool {
		_, health := ask(t, "GET", servingURL.FindStringSubmatch(said)[1]+"/health", token, "")
		check, _ := health["checks"].(map[string]any)["spiffe"].(map[string]any)
		return check["status"] == "healthy"
	}, time.Minute, 10*time.Millisecond)
	require.Zero(t, b.end(syscall.SIGTERM))
}
