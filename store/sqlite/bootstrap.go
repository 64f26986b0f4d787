package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/internal/bunstore"
)

var bootstrapTokens = keep(&bunstore.BootstrapTokens)

func loadBootstrapTokens(ctx context.Context, e executor, need *store.Need, rows *store.Rows) (err error) {
	if len(need.Bootstraps) > 0 {
		rows.Bootstraps, err = bunstore.LoadBootstrapTokens(ctx, source{e}, need.Bootstraps)
	}
	return err
}

// writeBootstrapTokens writes tokens that were issued, and what became of others.
func writeBootstrapTokens(ctx context.Context, e executor, c *store.Changes) error {
	if err := bootstrapTokens.insertAll(ctx, e, c.Bootstraps.Issued); err != nil {
		return err
	}
	return bootstrapTokens.changeAll(ctx, e, c.Bootstraps.Used)
}

// forgetTokens deletes a bounded number of tokens that nobody used in time. It looks
// first, so that nobody waits for it where there are none.
func (s *Store) forgetTokens(ctx context.Context, m store.Maintenance) error {
	if m.BootstrapTTL <= 0 {
		return nil
	}
	by := m.Now.Add(-m.BootstrapTTL).UnixMicro()
	var one int
	err := s.read.DB.QueryRowContext(ctx, "SELECT 1 FROM bootstrap_tokens WHERE used_at IS NULL AND expires_at <= ? LIMIT 1", by).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return translate(err)
	}
	return s.inTransaction(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, bunstore.SQLite.ForgetBootstrapTokens(), by, store.MaxForgotten)
		return err
	})
}
