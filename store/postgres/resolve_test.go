package postgres_test

import (
	"bytes"
	"context"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/postgres"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// proxy stands between an engine and its server, and can cut a connection right
// when COMMIT goes by.
type proxy struct {
	net.Listener
	server  string
	armed   atomic.Int32 // what happens to the next COMMIT: one of the constants below
	dead    atomic.Bool  // nobody gets through any more
	forward sync.WaitGroup

	mu   sync.Mutex
	open map[net.Conn]bool // connections of clients
}

// die cuts every connection and lets nobody through until revive.
func (p *proxy) die() {
	p.dead.Store(true)
	p.mu.Lock()
	defer p.mu.Unlock()
	for client := range p.open {
		client.Close()
	}
}

func (p *proxy) revive() { p.dead.Store(false) }

// track remembers a connection, and returns how to forget it.
func (p *proxy) track(client net.Conn) (forget func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.open == nil {
		p.open = map[net.Conn]bool{}
	}
	p.open[client] = true
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.open, client)
	}
}

const (
	letPass      int32 = iota
	cutAnswer          // the server gets COMMIT, the client never hears of it
	cutQuestion        // COMMIT is never sent
	cutUnnoticed       // nor does the server notice that the client is gone
	dieAfter           // the server gets COMMIT, and then nothing gets through any more
	dieBefore          // nothing gets through any more, COMMIT first of all
)

func newProxy(t *testing.T, server string) *proxy {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	p := &proxy{Listener: listener, server: server}
	p.forward.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			p.forward.Go(func() { p.carry(client) })
		}
	})
	t.Cleanup(func() { listener.Close(); p.forward.Wait() })
	return p
}

func (p *proxy) carry(client net.Conn) {
	defer client.Close()
	defer p.track(client)()
	if p.dead.Load() {
		return
	}
	server, err := net.Dial("tcp", p.server)
	if err != nil {
		return
	}
	defer server.Close()
	var mute atomic.Bool
	var back sync.WaitGroup
	back.Go(func() {
		defer client.Close()
		buffer := make([]byte, 1<<16)
		for {
			n, err := server.Read(buffer)
			if err != nil || mute.Load() {
				return
			}
			if _, err := client.Write(buffer[:n]); err != nil {
				return
			}
		}
	})
	buffer := make([]byte, 1<<20)
	for {
		n, err := client.Read(buffer)
		if err != nil {
			break
		}
		if bytes.Contains(buffer[:n], []byte("COMMIT\x00")) {
			switch p.armed.Swap(letPass) {
			case cutAnswer:
				mute.Store(true)
			case dieAfter:
				mute.Store(true)
				defer p.die()
			case dieBefore:
				defer p.die()
				return
			case cutQuestion:
				return
			case cutUnnoticed:
				client.Close()
				back.Wait() // until the server gives up by itself
				return
			}
		}
		if _, err := server.Write(buffer[:n]); err != nil {
			break
		}
		if mute.Load() { // the server does its work, and its answer is lost
			back.Wait()
			return
		}
	}
	server.Close()
	back.Wait()
}

func openThroughProxy(t *testing.T) (*proxy, *teg.Engine) {
	p, st := throughProxy(t)
	return p, tegtest.Over(t, st)
}

func throughProxy(t *testing.T) (*proxy, *postgres.Store) {
	ctx := context.Background()
	address, err := url.Parse(storetest.PostgresURL(t))
	require.NoError(t, err)
	p := newProxy(t, address.Host)
	address.Host = p.Addr().String()
	address.RawQuery = "sslmode=disable"
	st, err := postgres.Open(ctx, address.String())
	require.NoError(t, err)
	require.NoError(t, st.Migrate(ctx))
	t.Cleanup(func() { require.NoError(t, st.Close()) })
	return p, st
}

// The answer to COMMIT is lost: the database is asked, and the caller hears
// that it took effect, or that it did not.
func TestLostCommit(t *testing.T) {
	p, eng := openThroughProxy(t)
	ctx := context.Background()
	agents := tegtest.FundMany(t, eng, 2, "100")
	pay := func(key string) error {
		_, err := eng.Transfer(ctx, teg.TransferParams{From: agents[0], To: agents[1], Amount: teg.AVT("1"), Key: key})
		return err
	}
	p.armed.Store(cutAnswer)
	require.NoError(t, pay("a"), "it was committed, and the caller is told so")
	require.Equal(t, "101", tegtest.Available(t, eng, agents[1]))

	p.armed.Store(cutQuestion)
	require.ErrorIs(t, pay("b"), teg.ErrUnavailable, "it was not, and the caller is told so")
	require.Equal(t, "101", tegtest.Available(t, eng, agents[1]))
	require.NoError(t, pay("b"))
	require.Equal(t, "102", tegtest.Available(t, eng, agents[1]))
}

// Where the database stays gone, the caller hears after a while that the outcome
// is unknown, and the key tells once it is back.
func TestUnknownOutcome(t *testing.T) {
	storetest.NeedPostgres(t)
	for name, c := range map[string]struct {
		cut       int32
		committed bool
	}{"it was committed": {dieAfter, true}, "it was not": {dieBefore, false}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, eng := openThroughProxy(t)
			ctx := context.Background()
			agents := tegtest.FundMany(t, eng, 2, "100")
			p.armed.Store(c.cut)
			began := time.Now()
			_, err := eng.Transfer(ctx, teg.TransferParams{From: agents[0], To: agents[1], Amount: teg.AVT("1"), Key: "a"})
			require.ErrorIs(t, err, teg.ErrOutcomeUnknown)
			require.ErrorIs(t, err, store.ErrOutcomeUnknown)
			require.Greater(t, time.Since(began), 4*time.Second, "it is asked for five seconds")
			_, err = eng.Transfer(ctx, teg.TransferParams{From: agents[0], To: agents[1], Amount: teg.AVT("1"), Key: "a"})
			require.ErrorIs(t, err, teg.ErrUnavailable, "nothing is begun while the database is gone")
			p.revive()
			again, err := eng.Transfer(ctx, teg.TransferParams{From: agents[0], To: agents[1], Amount: teg.AVT("1"), Key: "a"})
			require.NoError(t, err)
			require.Equal(t, c.committed, again.Replayed)
			require.Equal(t, "101", tegtest.Available(t, eng, agents[1]))
		})
	}
}
