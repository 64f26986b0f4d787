package spiffe

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"time"

	"github.com/spiffe/go-spiffe/v2/spiffeid"
	"github.com/spiffe/go-spiffe/v2/spiffetls/tlsconfig"
	"github.com/spiffe/go-spiffe/v2/svid/x509svid"
	"github.com/spiffe/go-spiffe/v2/workloadapi"

	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/server/auth"
)

// Workload is who a SPIFFE id is in the economy.
type Workload struct {
	Agent did.DID
	Roles auth.Roles // besides agent, which every caller is
}

// Config says where SVIDs come from, and who their holders are. Address and TrustDomains
// are required.
type Config struct {
	// Address is that of the Workload API: unix:///path or tcp://ip:port.
	Address string
	// TrustDomains are those whose members may connect, such as example.org. A bundle
	// that the Workload API has of another one does not matter.
	TrustDomains []string
	// Workloads says who acts, by SPIFFE id, such as spiffe://example.org/billing. Others
	// may connect, and need a token.
	Workloads map[string]Workload
	// Patience is how long Open waits for the first SVID. Default: 30 seconds.
	Patience time.Duration
	// Now is the time by which SVIDs expire. Default: time.Now.
	Now func() time.Time
}

// Source has the server's SVID and the bundles to trust, as they are at any moment. It is
// safe for concurrent use.
type Source struct {
	x509      *workloadapi.X509Source
	domains   map[spiffeid.TrustDomain]bool
	workloads map[spiffeid.ID]Workload
	now       func() time.Time
}

// Open connects to the Workload API and waits for an SVID. Close what it returns.
func Open(ctx context.Context, c Config) (*Source, error) {
	s, err := newSource(c)
	if err != nil {
		return nil, err
	}
	if c.Patience == 0 {
		c.Patience = 30 * time.Second
	}
	limited, cancel := context.WithTimeout(ctx, c.Patience)
	defer cancel()
	s.x509, err = workloadapi.NewX509Source(limited, workloadapi.WithClientOptions(workloadapi.WithAddr(c.Address)))
	if err != nil {
		return nil, fmt.Errorf("spiffe: the Workload API at %s gives no SVID: %w", c.Address, err)
	}
	return s, nil
}

// newSource reads the mapping.
func newSource(c Config) (*Source, error) {
	s := &Source{domains: map[spiffeid.TrustDomain]bool{}, workloads: map[spiffeid.ID]Workload{}, now: c.Now}
	if s.now == nil {
		s.now = time.Now
	}
	for _, name := range c.TrustDomains {
		domain, err := spiffeid.TrustDomainFromString(name)
		if err != nil {
			return nil, fmt.Errorf("spiffe: %.255q is no trust domain: %w", name, err)
		}
		s.domains[domain] = true
	}
	if len(s.domains) == 0 {
		return nil, errors.New("spiffe: no trust domain is named: nobody could connect")
	}
	for text, workload := range c.Workloads {
		id, err := spiffeid.FromString(text)
		switch {
		case err != nil:
			return nil, fmt.Errorf("spiffe: %.255q is no SPIFFE id: %w", text, err)
		case !s.domains[id.TrustDomain()]:
			return nil, fmt.Errorf("spiffe: %s is of no trust domain that may connect", id)
		case workload.Agent.IsZero():
			return nil, fmt.Errorf("spiffe: no agent is named for %s", id)
		}
		workload.Roles = workload.Roles.With(auth.Agent)
		s.workloads[id] = workload
	}
	return s, nil
}

// TLS is the configuration of a listener on which both sides prove who they are. The
// SVID and the bundles are those of the moment of each handshake; no session is resumed,
// by which one that expired could live on.
func (s *Source) TLS() *tls.Config {
	config := tlsconfig.MTLSServerConfig(s.x509, s.x509, s.admit)
	config.SessionTicketsDisabled = true
	config.MinVersion = tls.VersionTLS12
	return config
}

// admit lets members of the trust domains connect.
func (s *Source) admit(id spiffeid.ID, _ [][]*x509.Certificate) error {
	if !s.domains[id.TrustDomain()] {
		return fmt.Errorf("spiffe: %s is of no trust domain that may connect", id.TrustDomain())
	}
	return nil
}

// Identify tells who is at the other end of a connection, and whether that is anybody
// known: for server.Config.Peers. The SVID is verified at each request, so that one that
// expired, or whose bundle is not trusted any more, opens nothing on a connection that
// lasts.
func (s *Source) Identify(state *tls.ConnectionState) (auth.Identity, bool) {
	if state == nil || !state.HandshakeComplete || len(state.PeerCertificates) == 0 {
		return auth.Identity{}, false
	}
	id, _, err := x509svid.Verify(state.PeerCertificates, s.x509, x509svid.WithTime(s.now()))
	if err != nil || s.admit(id, nil) != nil {
		return auth.Identity{}, false
	}
	workload, known := s.workloads[id]
	if !known {
		return auth.Identity{}, false
	}
	leaf := state.PeerCertificates[0]
	return auth.Identity{
		Agent: workload.Agent, Roles: workload.Roles, Issuer: id.TrustDomain().IDString(), IssuedAt: leaf.NotBefore, Expires: leaf.NotAfter,
	}, true
}

// Check says whether the server's own SVID is in force. It asks nobody.
func (s *Source) Check(context.Context) error {
	svid, err := s.x509.GetX509SVID()
	if err != nil {
		return fmt.Errorf("spiffe: there is no SVID: %w", err)
	}
	if end := svid.Certificates[0].NotAfter; s.now().After(end) {
		return fmt.Errorf("spiffe: the SVID of %s has expired at %s and no other has come; is the agent running?", svid.ID, end.UTC().Format(time.RFC3339))
	}
	return nil
}

// Close ends the connection to the Workload API.
func (s *Source) Close() error { return s.x509.Close() }
