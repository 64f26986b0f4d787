package spiffe_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/spiffe/go-spiffe/v2/bundle/x509bundle"
	"github.com/spiffe/go-spiffe/v2/spiffeid"
	"github.com/spiffe/go-spiffe/v2/spiffetls/tlsconfig"
	"github.com/spiffe/go-spiffe/v2/svid/x509svid"
	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server"
	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/server/spiffe"
	"github.com/agentvault/teg-layer/server/spiffe/spiffetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

const (
	ownID     = "spiffe://example.org/teg"
	billingID = "spiffe://example.org/billing"
	adminID   = "spiffe://example.org/admin"
)

// site is a server that workloads connect to.
type site struct {
	t       *testing.T
	api     *spiffetest.WorkloadAPI
	ca      *spiffetest.Authority
	other   *spiffetest.Authority // of a domain whose bundle is there, and whose members may not connect
	source  *spiffe.Source
	address string
	secret  []byte

	mu     sync.Mutex
	passed time.Duration
}

func (s *site) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Now().Add(s.passed)
}

// later lets time pass.
func (s *site) later(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.passed += d
}

func newSite(t *testing.T) *site {
	s := &site{t: t, api: spiffetest.StartWorkloadAPI(t), ca: spiffetest.NewAuthority(t, "example.org"), other: spiffetest.NewAuthority(t, "other.example"), secret: []byte("0123456789abcdef0123456789abcdef")}
	s.rotate(s.ca)
	var err error
	s.source, err = spiffe.Open(context.Background(), spiffe.Config{
		Address: s.api.Address, TrustDomains: []string{"example.org"}, Now: s.now, Patience: time.Minute,
		Workloads: map[string]spiffe.Workload{
			billingID: {Agent: teg.Agent("did:example:billing")},
			adminID:   {Agent: teg.Agent("did:example:ops"), Roles: auth.RolesOf(auth.Admin)},
		},
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.source.Close()) })
	verifier, err := auth.New(auth.Config{Algorithm: auth.HS256, Secret: s.secret})
	require.NoError(t, err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s.address = listener.Addr().String()
	served := &http.Server{
		Handler:           server.New(tegtest.New(t), server.Config{Verifier: verifier, Peers: s.source.Identify, ProvisionRegistry: true}),
		ReadHeaderTimeout: time.Minute,
	}
	go func() { _ = served.Serve(tls.NewListener(listener, s.source.TLS())) }()
	t.Cleanup(func() { require.NoError(t, served.Close()) })
	return s
}

// rotate has the Workload API give out another SVID, and the authority's bundle.
func (s *site) rotate(ca *spiffetest.Authority) *x509.Certificate {
	cert, key := ca.SVID(ownID, time.Now().Add(time.Hour))
	s.api.Give(s.t, ownID, cert, key, ca, map[string]*spiffetest.Authority{"other.example": s.other})
	return cert
}

// client is a workload with an SVID of the authority, which trusts another's.
func (s *site) client(by *spiffetest.Authority, id string, until time.Time, trusts *spiffetest.Authority) *http.Client {
	cert, key := by.SVID(id, until)
	svid := &x509svid.SVID{ID: spiffeid.RequireFromString(id), Certificates: []*x509.Certificate{cert}, PrivateKey: key}
	domain := spiffeid.RequireTrustDomainFromString("example.org")
	bundle := x509bundle.FromX509Authorities(domain, []*x509.Certificate{trusts.Cert})
	transport := &http.Transport{TLSClientConfig: tlsconfig.MTLSClientConfig(svid, bundle, tlsconfig.AuthorizeMemberOf(domain))}
	s.t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func (s *site) workload(id string) *http.Client {
	return s.client(s.ca, id, time.Now().Add(time.Hour), s.ca)
}

// get asks, with a token where there is one, and returns status and body.
func (s *site) get(c *http.Client, path, token string) (status int, body map[string]any, err error) {
	s.t.Helper()
	r, err := http.NewRequest(http.MethodGet, "https://"+s.address+path, nil)
	require.NoError(s.t, err)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := c.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body) // to its end, so that the connection is kept
	require.NoError(s.t, err)
	require.NoError(s.t, json.Unmarshal(text, &body))
	return response.StatusCode, body, nil
}

// is wants an answer, with that in it.
func (s *site) is(c *http.Client, path, token string, status int, what string) {
	s.t.Helper()
	got, body, err := s.get(c, path, token)
	require.NoError(s.t, err)
	require.Equal(s.t, status, got, body)
	require.Contains(s.t, body, what)
}

const balance, treasury = "/api/v1/token/balance", "/api/v1/admin/treasury"

// A workload that is mapped acts as its agent and in its roles, without a token. Another
// one connects, and needs a token; one that gives a token is who the token says.
func TestWorkloadsActByTheirSVIDs(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	billing, admin, unmapped := s.workload(billingID), s.workload(adminID), s.workload("spiffe://example.org/billing/other")
	_, body, err := s.get(billing, balance, "")
	require.NoError(t, err)
	require.Equal(t, "did:example:billing", body["agent_id"])
	s.is(billing, treasury, "", 403, "error_code")
	s.is(admin, treasury, "", 200, "total_in")
	_, body, err = s.get(unmapped, balance, "")
	require.NoError(t, err)
	require.Equal(t, "AUTH_MISSING_TOKEN", body["error_code"])
	s.is(unmapped, "/api/v1/token/fees/config", "", 200, "fee_active")

	token, err := auth.Mint(auth.Config{Algorithm: auth.HS256, Secret: s.secret}, nil, auth.Identity{Agent: teg.Agent("did:example:somebody"), Roles: auth.RolesOf(auth.Agent)}, time.Hour)
	require.NoError(t, err)
	_, body, err = s.get(admin, balance, token)
	require.NoError(t, err)
	require.Equal(t, "did:example:somebody", body["agent_id"])
	s.is(admin, treasury, token, 403, "error_code")
	s.is(admin, treasury, "no-token", 401, "error_code")
	s.is(unmapped, balance, token, 200, "balance")
	require.NoError(t, s.source.Check(context.Background()))
}

// Nobody connects with an SVID of another trust domain, also of one whose bundle is
// there; of another authority; that has expired; or without one.
func TestStrangersDoNotConnect(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	hour := time.Now().Add(time.Hour)
	for name, c := range map[string]*http.Client{
		"another domain":               s.client(s.other, "spiffe://other.example/admin", hour, s.ca),
		"another authority":            s.client(spiffetest.NewAuthority(t, "example.org"), adminID, hour, s.ca),
		"a domain that signs for ours": s.client(s.other, adminID, hour, s.ca),
		"expired":                      s.client(s.ca, adminID, time.Now().Add(-time.Minute), s.ca),
		"no SVID":                      {Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}},
	} {
		_, _, err := s.get(c, treasury, "")
		require.Error(t, err, name)
	}
	s.is(s.workload(adminID), treasury, "", 200, "balance")
}

// An SVID that expires while its connection lasts opens nothing from then on.
func TestSVIDExpiresUnderWay(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	admin := s.workload(adminID)
	s.is(admin, treasury, "", 200, "balance")
	s.later(2 * time.Hour)
	s.is(admin, treasury, "", 401, "error_code")
	require.ErrorContains(t, s.source.Check(context.Background()), "has expired")
}

// SVIDs and bundles are rotated while the server runs: it shows the new ones, and those
// whom only the old authority knows are nobody, on connections that last too.
func TestRotation(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	before := s.workload(adminID)
	s.is(before, treasury, "", 200, "balance")
	next := spiffetest.NewAuthority(t, "example.org")
	shown := s.rotate(next)
	after := s.client(next, adminID, time.Now().Add(time.Hour), next)
	require.Eventually(t, func() bool {
		status, _, err := s.get(after, treasury, "")
		return err == nil && status == 200
	}, time.Minute, 10*time.Millisecond)
	response, err := after.Get("https://" + s.address + "/health/live")
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, shown.SerialNumber, response.TLS.PeerCertificates[0].SerialNumber)
	s.is(before, treasury, "", 401, "error_code") // its connection is there still
	before.CloseIdleConnections()
	_, _, err = s.get(before, treasury, "")
	require.Error(t, err)
}

// What cannot be meant is refused before anybody is asked.
func TestConfig(t *testing.T) {
	t.Parallel()
	good := spiffe.Workload{Agent: teg.Agent("did:example:a")}
	for what, c := range map[string]spiffe.Config{
		"no trust domain is named": {},
		"is no trust domain":       {TrustDomains: []string{"https://x"}},
		"is no SPIFFE id":          {TrustDomains: []string{"a"}, Workloads: map[string]spiffe.Workload{"a/b": good}},
		"of no trust domain":       {TrustDomains: []string{"a"}, Workloads: map[string]spiffe.Workload{"spiffe://b/x": good}},
		"no agent is named":        {TrustDomains: []string{"a"}, Workloads: map[string]spiffe.Workload{"spiffe://a/x": {}}},
		"gives no SVID":            {TrustDomains: []string{"a"}, Address: spiffetest.StartWorkloadAPI(t).Address, Patience: 50 * time.Millisecond},
	} {
		_, err := spiffe.Open(context.Background(), c)
		require.ErrorContains(t, err, what)
	}
}
