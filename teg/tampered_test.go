package teg_test

import (
	"bytes"
	"context"
	"log/slog"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// following is what a reader answers of the log.
type following func(ctx context.Context) ([]store.Event, int64, error)

// tampered is a store between whose log and its readers somebody stands.
type tampered struct {
	store.Store
	mu     sync.Mutex
	tamper func(ctx context.Context, ask following) ([]store.Event, int64, error)
}

func (s *tampered) by(tamper func(ctx context.Context, ask following) ([]store.Event, int64, error)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tamper = tamper
}

func (s *tampered) Reader() store.Reader { return tamperedReader{s.Store.Reader(), s} }

type tamperedReader struct {
	store.Reader
	store *tampered
}

func (r tamperedReader) Follow(ctx context.Context, from int64, limit int, actions ...string) ([]store.Event, int64, error) {
	r.store.mu.Lock()
	tamper := r.store.tamper
	r.store.mu.Unlock()
	ask := func(ctx context.Context) ([]store.Event, int64, error) {
		return r.Reader.Follow(ctx, from, limit, actions...)
	}
	if tamper == nil || !slices.Contains(actions, "signal") {
		return ask(ctx)
	}
	return tamper(ctx, ask)
}

// trusting is an engine over a tampered store, with agents, and what it logs.
type trusting struct {
	*conduct
	store  *tampered
	agents []teg.DID
	log    bytes.Buffer
}

func newTrusting(t *testing.T) *trusting {
	w := &trusting{store: &tampered{Store: storetest.OpenSQLite(t)}}
	w.conduct = newConduct(t, w.store, func(c *teg.Config) { c.Logger = slog.New(slog.NewTextHandler(&w.log, nil)) })
	w.agents = tegtest.FundMany(t, w.eng, 3, "100")
	return w
}

// of is the trust in an agent; nil: nothing is known.
func (w *trusting) of(i int) *float64 {
	w.t.Helper()
	r, err := w.eng.Reputation(w.ctx, w.agents[i])
	require.NoError(w.t, err)
	return r.Trust
}

// askMeanwhile asks aside, and says what came of it when it is over.
func (w *trusting) askMeanwhile(i int) <-chan error {
	over := make(chan error, 1)
	go func() {
		_, err := w.eng.Reputation(w.ctx, w.agents[i])
		over <- err
	}()
	return over
}

// block lets readers of the log wait until open is called; inside hears of each.
func (s *tampered) block() (inside chan struct{}, open func()) {
	inside, gate := make(chan struct{}, 100), make(chan struct{})
	s.by(func(ctx context.Context, ask following) ([]store.Event, int64, error) {
		inside <- struct{}{}
		select {
		case <-gate:
			return ask(ctx)
		case <-ctx.Done():
			return nil, 0, ctx.Err()
		}
	})
	return inside, sync.OnceFunc(func() { close(gate) })
}
