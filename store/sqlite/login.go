package sqlite

import (
	"context"
	"database/sql"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/internal/bunstore"
)

// Sessions implements [store.Store].
func (s *Store) Sessions() store.Sessions {
	within := func(ctx context.Context, f func(bunstore.Executor) error) error {
		return s.inTransaction(ctx, func(tx *sql.Tx) error { return f(tx) })
	}
	return &bunstore.Sessions{Dialect: bunstore.SQLite, Within: within, Asker: s.read.DB, Translate: translate}
}
