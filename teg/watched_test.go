package teg_test

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/agentvault/teg-layer/store"
)

// watched is a store that counts how often the groups of its engine waited for a row
// in vain, and how many operations were committed outside of them, alone. The engine
// has one committer, whose writer is the first.
type watched struct {
	store.Store
	writers, waited, alone atomic.Int64
}

func (s *watched) Writer(ctx context.Context) (store.Writer, error) {
	w, err := s.Store.Writer(ctx)
	return &watchedWriter{w, s, s.writers.Add(1) == 1}, err
}

type watchedWriter struct {
	store.Writer
	of     *watched
	groups bool // it is the committer's
}

func (w *watchedWriter) Begin(ctx context.Context, need store.Need, mode store.LockMode) (store.Tx, *store.Rows, error) {
	tx, rows, err := w.Writer.Begin(ctx, need, mode)
	if w.groups && errors.Is(err, store.ErrLocked) {
		w.of.waited.Add(1)
	}
	if err == nil && !w.groups {
		tx = &watchedTx{tx, w.of}
	}
	return tx, rows, err
}

type watchedTx struct {
	store.Tx
	of *watched
}

func (t *watchedTx) Commit(ctx context.Context, changes *store.Changes) error {
	t.of.alone.Add(1)
	return t.Tx.Commit(ctx, changes)
}
