package sqlite

import (
	"context"
	"database/sql"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/internal/bunstore"
)

// GrowTree implements [store.Store].
func (s *Store) GrowTree(ctx context.Context, growth store.TreeGrowth) error {
	return s.inTransaction(ctx, func(tx *sql.Tx) error { return bunstore.SQLite.GrowTree(ctx, tx, growth) })
}

// KeepSegment implements [store.Store].
func (s *Store) KeepSegment(ctx context.Context, segment store.Segment) error {
	return s.inTransaction(ctx, func(tx *sql.Tx) error { return bunstore.SQLite.KeepSegment(ctx, tx, segment) })
}
