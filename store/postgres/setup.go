package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/store"
)

// SetUp makes the rows of the system accounts where they are missing.
func (s *Store) SetUp(ctx context.Context, owners map[ledger.Kind]did.DID) error {
	return translate(s.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock(`+setUpLock+`)`); err != nil { // one process at a time
			return err
		}
		for _, kind := range ledger.SystemKinds() {
			owner, wanted := owners[kind]
			if !wanted {
				continue
			}
			if err := setUpKind(ctx, tx, kind, owner.String()); err != nil {
				return err
			}
		}
		return nil
	}))
}

func setUpKind(ctx context.Context, tx bun.Tx, kind ledger.Kind, owner string) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO accounts (id, owner, kind, stripe, balance, seq, status)
		SELECT nextval('account_ids'), ?, ?, s, 0, 0, 1 FROM generate_series(0, ?) AS s
		WHERE NOT EXISTS (SELECT 1 FROM accounts WHERE kind = ?) ON CONFLICT DO NOTHING`,
		owner, kind, ledger.Stripes-1, kind)
	if err != nil {
		return err
	}
	var present string
	err = tx.QueryRowContext(ctx, `SELECT owner FROM accounts WHERE kind = ? AND kind BETWEEN 3 AND 5 AND owner <> ? LIMIT 1`, kind, owner).Scan(&present)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return err
	}
	return fmt.Errorf("%w: the %s account belongs to %s, not to %s", store.ErrForeignTreasury, kind, present, owner)
}
