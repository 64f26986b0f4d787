package sqlite

import (
	"context"
	"database/sql"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/internal/bunstore"
)

var (
	flags     = keep(&bunstore.Flags)
	flagSteps = keep(&bunstore.FlagSteps)
)

func loadFlags(ctx context.Context, e executor, need *store.Need, rows *store.Rows) (err error) {
	if len(need.Flags) > 0 {
		rows.Flags, err = bunstore.LoadFlags(ctx, source{e}, need.Flags)
	}
	return err
}

// writeFlags writes what was flagged, and what was done about it.
func writeFlags(ctx context.Context, e executor, c *store.Changes) error {
	for _, step := range []func() error{
		func() error { return flags.insertAll(ctx, e, c.Flags.Raised) },
		func() error { return flags.changeAll(ctx, e, c.Flags.Changed) },
		func() error { return flagSteps.insertAll(ctx, e, c.Flags.Steps) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// Claim implements [store.Store].
func (s *Store) Claim(ctx context.Context, c store.Claim) (position int64, mine bool, err error) {
	err = s.inTransaction(ctx, func(tx *sql.Tx) (err error) {
		position, mine, err = bunstore.SQLite.Claim(ctx, tx, c)
		return err
	})
	return position, mine, err
}
