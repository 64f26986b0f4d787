package main

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

// observed is a store that counts how often activity is added up.
type observed struct {
	store.Store
	added atomic.Int64
}

func (o *observed) Reader() store.Reader { return &observedReader{o.Store.Reader(), o} }

type observedReader struct {
	store.Reader
	of *observed
}

func (r *observedReader) Activity(ctx context.Context, q ledger.ActivityQuery) ([]ledger.Activity, error) {
	defer r.of.added.Add(1)
	return r.Reader.Activity(ctx, q)
}

// A server with a console adds up what happened before anybody looks.
func TestActivityIsAddedUpForTheConsole(t *testing.T) {
	c := loadedFor(t, "DATABASE_URL=sqlite://:memory:", "LISTEN_ADDR=127.0.0.1:0", "CONSOLE_ENABLED=true")
	logger := slog.New(slog.DiscardHandler)
	st, err := createStore(t.Context(), c.Database)
	require.NoError(t, err)
	require.NoError(t, st.Migrate(t.Context()))
	o := &observed{Store: st}
	b, err := startBooks(t.Context(), o, c, logger)
	require.NoError(t, err)
	s, err := start(t.Context(), c, b, logger)
	require.NoError(t, err)
	require.Eventually(t, func() bool { return o.added.Load() > 0 }, time.Minute, time.Millisecond)
	require.NoError(t, s.shutDown())
}
