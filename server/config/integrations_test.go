package config_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/server/config"
)

func TestIntegrationSettings(t *testing.T) {
	c, err := load()
	require.NoError(t, err)
	require.Empty(t, c.OPAURL+c.OPAPolicyDir+c.SPIFFEListenAddr, "none by default")
	require.Empty(t, c.Registries)
	require.Equal(t, 2*time.Second, c.OPATimeout)

	c, err = load("OPA_URL=https://opa.example/v1/data/teg/decision", "OPA_TOKEN=hunter2", "OPA_TIMEOUT=500ms",
		`REGISTRIES=[{"issuer":"https://r.example","jwks_url":"https://r.example/jwks","did_methods":["web"],"metadata_url":"https://r.example/{did}"}]`,
		"SPIFFE_LISTEN_ADDR=:8443", "SPIFFE_ENDPOINT_SOCKET=unix:///run/agent.sock", "SPIFFE_TRUST_DOMAINS=example.org,other.example",
		`SPIFFE_ROLES={"spiffe://example.org/admin":{"agent":"did:web:ops.example","roles":["admin"]},"spiffe://example.org/x":{"agent":"did:web:x.example"}}`)
	require.NoError(t, err)
	require.Equal(t, "hunter2", string(c.OPAToken.Reveal()))
	require.Equal(t, []string{"example.org", "other.example"}, c.SPIFFEDomains)
	require.Equal(t, config.PeerRoles{
		"spiffe://example.org/admin": {Agent: did.MustParse("did:web:ops.example"), Roles: auth.RolesOf(auth.Agent, auth.Admin)},
		"spiffe://example.org/x":     {Agent: did.MustParse("did:web:x.example"), Roles: auth.RolesOf(auth.Agent)},
	}, c.SPIFFERoles)
	require.Equal(t, "ES256", c.Registries[0].Algorithm)
	for _, s := range c.Effective() {
		require.NotContains(t, s.Value, "hunter")
	}
}

func TestIntegrationFaults(t *testing.T) {
	const opa, spiffe = "OPA_URL=http://127.0.0.1:8181/v1/data/teg/decision", "SPIFFE_LISTEN_ADDR=:8443"
	const socket, domains = "SPIFFE_ENDPOINT_SOCKET=unix:///run/agent.sock", "SPIFFE_TRUST_DOMAINS=example.org"
	for _, c := range []struct {
		environ []string
		want    string
	}{
		{[]string{"OPA_URL=127.0.0.1:8181"}, "OPA_URL (environment): must be an address such as http://127.0.0.1:8181/v1/data/teg/decision"},
		{[]string{"OPA_URL=http://opa.example/v1/data/teg/decision"}, "OPA_URL (environment): must begin with https://"},
		{[]string{"OPA_URL=http://127.0.0.1:8181"}, "OPA_URL (environment): must be the address of a rule"},
		{[]string{"OPA_URL=https://u:hunter2@opa.example/v1/data/x"}, "must be an address without user"},
		{[]string{opa, "OPA_POLICY_DIR=/policies"}, "OPA_POLICY_DIR (environment): is instead of OPA_URL"},
		{[]string{"OPA_TOKEN=hunter2"}, "OPA_TOKEN (environment): is for the agent at OPA_URL"},
		{[]string{opa, "OPA_TOKEN=hunter2 x"}, "OPA_TOKEN (environment): must be printable ASCII"},
		{[]string{"OPA_TIMEOUT=1m"}, "OPA_TIMEOUT (environment): must be from 10ms to 30s"},
		{[]string{`REGISTRIES=[{"issuer":"a"}]`}, "REGISTRIES (environment): the one at 0: jwks_url"},
		{[]string{`REGISTRIES={}`}, "REGISTRIES (environment): must be a JSON list"},
		{[]string{"REGISTRY_TIMEOUT=0s"}, "REGISTRY_TIMEOUT (environment): must be from 10ms to 30s"},
		{[]string{"REGISTRY_TTL=0s"}, "REGISTRY_TTL (environment): must be from 1s to 30d"},
		{[]string{"SPIFFE_LISTEN_ADDR=x", socket, domains}, "SPIFFE_LISTEN_ADDR (environment): must be host:port"},
		{[]string{spiffe, domains}, "SPIFFE_ENDPOINT_SOCKET: is required with SPIFFE_LISTEN_ADDR"},
		{[]string{spiffe, socket}, "SPIFFE_TRUST_DOMAINS: is required with SPIFFE_LISTEN_ADDR"},
		{[]string{domains}, "SPIFFE_TRUST_DOMAINS (environment): needs SPIFFE_LISTEN_ADDR"},
		{[]string{spiffe, domains, "SPIFFE_ENDPOINT_SOCKET=/run/agent.sock"}, "SPIFFE_ENDPOINT_SOCKET (environment): must be an address such as unix:///run/spire/agent.sock"},
		{[]string{spiffe, socket, domains, `SPIFFE_ROLES={"spiffe://a/b":{"agent":"nobody"}}`}, "SPIFFE_ROLES (environment): must be a JSON object"},
		{[]string{spiffe, socket, domains, `SPIFFE_ROLES={"spiffe://a/b":{"agent":"did:web:a","roles":["king"]}}`}, "SPIFFE_ROLES (environment): must be a JSON object"},
		{[]string{spiffe, socket, domains, `SPIFFE_ROLES={"spiffe://a/b":{"agent":"did:web:a","role":["admin"]}}`}, "SPIFFE_ROLES (environment): must be a JSON object"},
		{[]string{spiffe, socket, domains, `SPIFFE_ROLES={"a/b":{"agent":"did:web:a"}}`}, "SPIFFE_ROLES (environment): must be a JSON object"},
		{[]string{spiffe, socket, domains, `SPIFFE_ROLES={"spiffe://example.rog/b":{"agent":"did:web:a"}}`}, "SPIFFE_ROLES (environment): names a workload of none of SPIFFE_TRUST_DOMAINS"},
	} {
		_, err := load(c.environ...)
		got := lines(t, err)
		require.Len(t, got, 1, "%v: %v", c.environ, got)
		require.Contains(t, got[0], c.want)
		require.NotContains(t, strings.Join(got, ""), "hunter2")
	}
}
