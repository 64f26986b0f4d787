package postgres

import (
	"context"
	"database/sql"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/archive"
	"github.com/agentvault/teg-layer/store/internal/bunstore"
)

// Dump implements [store.Archiver].
func (s *Store) Dump(ctx context.Context, out *archive.Writer) error {
	tx, err := s.db.DB.BeginTx(ctx, &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead})
	if err != nil {
		return translate(err)
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, `LOCK TABLE events IN ACCESS SHARE MODE`); err != nil { // or parts of it could be dropped under the view
		return translate(err)
	}
	return translate(bunstore.Dump(ctx, tx, bunstore.Postgres, out))
}

// Load implements [store.Archiver]. No engine can start until it has ended: each sets up
// the system accounts first, which waits for the same lock.
func (s *Store) Load(ctx context.Context, in *archive.Reader, check func(context.Context, store.Reader) error) error {
	return translate(s.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock(`+setUpLock+`)`); err != nil {
			return err
		}
		if err := bunstore.Load(ctx, tx.Tx, bunstore.Postgres, in); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, goOnAccounts); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `SELECT add_event_partition()`); err != nil { // of what the parts had no room for
			return err
		}
		return check(ctx, bunstore.NewTxReader(tx.Tx, pgdialect.New(), bunstore.Postgres, translate))
	}))
}

// goOnAccounts has the ids of accounts go on behind those that are there.
const goOnAccounts = `SELECT setval('account_ids', last) FROM (
	SELECT greatest((SELECT max(id) FROM accounts), (SELECT max(greatest(account_id, locked_id)) FROM agent_teg_profiles)) AS last) AS loaded
	WHERE last IS NOT NULL`
