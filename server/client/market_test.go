package client_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/server"
	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/server/auth/didkey"
	"github.com/agentvault/teg-layer/server/auth/login"
	"github.com/agentvault/teg-layer/server/auth/pubkey"
	"github.com/agentvault/teg-layer/server/client"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// market is a server behind a listener, where alice has 1000 AVT and agents can log in.
type market struct {
	t      testing.TB
	engine *teg.Engine
	keys   auth.Config
	url    string
	around atomic.Pointer[func(http.Handler) http.Handler] // what stands before the server, if anything does
	asked  sync.Map                                        // paths, to how often they were asked for
}

var alice = did.MustParse("did:example:alice")

func eachMarket(t *testing.T, test func(t *testing.T, m *market)) {
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) { test(t, newMarket(t, open(t))) })
}

func newMarket(t testing.TB, st store.Store) *market {
	t.Helper()
	m := &market{t: t, engine: tegtest.Over(t, st), keys: auth.Config{Algorithm: auth.HS256, Secret: []byte("0123456789abcdef0123456789abcdef")}}
	signer, err := auth.NewSigner(m.keys, nil)
	require.NoError(t, err)
	service, err := login.New(context.Background(), login.Config{
		Sessions: st.Sessions(), Signer: signer, Resolver: login.Resolvers{"key": didkey.Key{}}, Reserved: m.engine.IsSystem,
	})
	require.NoError(t, err)
	checked := m.keys
	checked.Revocations = service
	verifier, err := auth.New(checked)
	require.NoError(t, err)
	handler := server.New(m.engine, server.Config{Verifier: verifier, Login: service, ProvisionSelf: true, ProvisionRegistry: true})
	served := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		count, _ := m.asked.LoadOrStore(r.URL.Path, new(atomic.Int64))
		count.(*atomic.Int64).Add(1)
		if around := m.around.Load(); around != nil {
			(*around)(handler).ServeHTTP(w, r)
			return
		}
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(served.Close)
	m.url = served.URL
	tegtest.Fund(t, m.engine, alice.String(), "1000")
	tegtest.Fund(t, m.engine, bob.String(), "0")
	return m
}

// behind puts something before the server.
func (m *market) behind(around func(http.Handler) http.Handler) { m.around.Store(&around) }

// times is how often a path was asked for.
func (m *market) times(path string) int {
	count, ok := m.asked.Load("/api/v1" + path)
	if !ok {
		return 0
	}
	return int(count.(*atomic.Int64).Load())
}

// caller is a client of an agent with more roles.
func (m *market) caller(agent did.DID, roles ...auth.Role) *client.Client {
	m.t.Helper()
	token, err := auth.Mint(m.keys, nil, auth.Identity{Agent: agent, Roles: auth.RolesOf(append(roles, auth.Agent)...)}, time.Hour)
	require.NoError(m.t, err)
	return m.client(client.WithToken(token))
}

func (m *market) client(options ...client.Option) *client.Client {
	m.t.Helper()
	c, err := client.New(m.url, options...)
	require.NoError(m.t, err)
	m.t.Cleanup(c.CloseIdleConnections)
	return c
}

// newHolder makes a key and the DID of it.
func newHolder(t testing.TB) (did.DID, ed25519.PrivateKey) {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	key, err := pubkey.New(public)
	require.NoError(t, err)
	return didkey.Of(key), private
}

var ctx = context.Background()
