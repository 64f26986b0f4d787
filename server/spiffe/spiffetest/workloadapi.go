// Package spiffetest gives tests a SPIFFE Workload API over a unix socket, and
// authorities that sign SVIDs. The API is the real one, of go-spiffe's own protocol; who
// is behind it stands in for SPIRE.
package spiffetest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/spiffe/go-spiffe/v2/proto/spiffe/workload"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// Authority signs the SVIDs of a trust domain.
type Authority struct {
	t    testing.TB
	Cert *x509.Certificate // that SVIDs are verified by
	key  crypto.Signer
}

// NewAuthority makes the authority of a trust domain.
func NewAuthority(t testing.TB, domain string) *Authority {
	a := &Authority{t: t}
	a.Cert, a.key = a.sign(&x509.Certificate{
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign, URIs: []*url.URL{{Scheme: "spiffe", Host: domain}},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(240 * time.Hour),
	})
	return a
}

// sign makes a certificate, signed by itself where there is none of the Authority yet.
func (a *Authority) sign(template *x509.Certificate) (*x509.Certificate, crypto.Signer) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(a.t, err)
	template.SerialNumber, err = rand.Int(rand.Reader, big.NewInt(1<<62))
	require.NoError(a.t, err)
	template.Subject = pkix.Name{Organization: []string{"test"}}
	parent, signer := template, crypto.Signer(key)
	if a.Cert != nil {
		parent, signer = a.Cert, a.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	require.NoError(a.t, err)
	cert, err := x509.ParseCertificate(der)
	require.NoError(a.t, err)
	return cert, key
}

// SVID is an SVID of a workload, and its key, until then.
func (a *Authority) SVID(id string, until time.Time) (*x509.Certificate, crypto.Signer) {
	u, err := url.Parse(id)
	require.NoError(a.t, err)
	return a.sign(&x509.Certificate{
		URIs: []*url.URL{u}, KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: until,
	})
}

// WorkloadAPI is a Workload API of SPIFFE, on a unix socket.
type WorkloadAPI struct {
	workload.UnimplementedSpiffeWorkloadAPIServer
	Address string // unix://…

	mu      sync.Mutex
	current *workload.X509SVIDResponse
	changed chan struct{} // closed with each change
}

// StartWorkloadAPI serves until the test ends. It gives nothing before the first Give.
func StartWorkloadAPI(t testing.TB) *WorkloadAPI {
	dir, err := os.MkdirTemp("", "spiffe") // a socket's path is short
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	listener, err := net.Listen("unix", filepath.Join(dir, "agent.sock"))
	require.NoError(t, err)
	api := &WorkloadAPI{Address: "unix://" + listener.Addr().String(), changed: make(chan struct{})}
	server, ended := grpc.NewServer(), make(chan error, 1)
	workload.RegisterSpiffeWorkloadAPIServer(server, api)
	go func() { ended <- server.Serve(listener) }()
	t.Cleanup(func() {
		server.Stop()
		if err := <-ended; !errors.Is(err, grpc.ErrServerStopped) {
			require.NoError(t, err)
		}
	})
	return api
}

// Give has everybody who listens get an SVID and the bundles to trust.
func (api *WorkloadAPI) Give(t testing.TB, id string, cert *x509.Certificate, key crypto.Signer, own *Authority, federated map[string]*Authority) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	response := &workload.X509SVIDResponse{
		Svids:            []*workload.X509SVID{{SpiffeId: id, X509Svid: cert.Raw, X509SvidKey: der, Bundle: own.Cert.Raw}},
		FederatedBundles: map[string][]byte{},
	}
	for domain, other := range federated {
		response.FederatedBundles[domain] = other.Cert.Raw
	}
	api.mu.Lock()
	defer api.mu.Unlock()
	api.current = response
	close(api.changed)
	api.changed = make(chan struct{})
}

// FetchX509SVID is the API: what is given now, and whatever is given later.
func (api *WorkloadAPI) FetchX509SVID(_ *workload.X509SVIDRequest, stream grpc.ServerStreamingServer[workload.X509SVIDResponse]) error {
	if told, _ := metadata.FromIncomingContext(stream.Context()); len(told.Get("workload.spiffe.io")) != 1 {
		return status.Error(codes.InvalidArgument, "no security header") // as the specification has it
	}
	for {
		api.mu.Lock()
		current, changed := api.current, api.changed
		api.mu.Unlock()
		if current != nil {
			if err := stream.Send(current); err != nil {
				return err
			}
		}
		select {
		case <-changed:
		case <-stream.Context().Done():
			return stream.Context().Err()
		}
	}
}
