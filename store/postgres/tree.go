package postgres

import (
	"context"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/internal/bunstore"
)

// GrowTree implements [store.Store]. It goes over the driver's own handle: bun would
// write the hashes into the text, twice as long.
func (s *Store) GrowTree(ctx context.Context, growth store.TreeGrowth) error {
	tx, err := s.db.DB.BeginTx(ctx, nil)
	if err != nil {
		return translate(err)
	}
	defer tx.Rollback()
	if err := bunstore.Postgres.GrowTree(ctx, tx, growth); err != nil {
		return translate(err)
	}
	return translate(tx.Commit())
}

// KeepSegment implements [store.Store]. Of two at once one is refused by the key.
func (s *Store) KeepSegment(ctx context.Context, segment store.Segment) error {
	tx, err := s.db.DB.BeginTx(ctx, nil)
	if err != nil {
		return translate(err)
	}
	defer tx.Rollback()
	if err := bunstore.Postgres.KeepSegment(ctx, tx, segment); err != nil {
		return translate(err)
	}
	return translate(tx.Commit())
}
