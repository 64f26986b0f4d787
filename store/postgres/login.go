package postgres

import (
	"context"
	"database/sql"

	"github.com/uptrace/bun"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/internal/bunstore"
)

// Sessions implements [store.Store].
func (s *Store) Sessions() store.Sessions {
	return &bunstore.Sessions{Dialect: bunstore.Postgres, Within: s.inTransaction, Asker: s.db, Translate: translate}
}

// inTransaction runs f in a transaction of its own, which sees what was committed
// while it waited for a row.
func (s *Store) inTransaction(ctx context.Context, f func(bunstore.Executor) error) error {
	options := &sql.TxOptions{Isolation: sql.LevelReadCommitted}
	return translate(s.db.RunInTx(ctx, options, func(_ context.Context, tx bun.Tx) error { return f(tx) }))
}
