package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/store"
)

// zero is the amount 0 as it is stored.
const zero = "x'80000000000000000000000000000000'"

const (
	selectOwnerOfKind = "SELECT owner FROM accounts WHERE kind = ? ORDER BY id LIMIT 1"
	insertSystemRow   = "INSERT INTO accounts (owner, kind, stripe, balance, seq, status) VALUES (?, ?, ?, " + zero + ", 0, 1) ON CONFLICT (owner, kind, stripe) DO NOTHING"
)

// SetUp makes the rows of the system accounts where they are missing.
func (s *Store) SetUp(ctx context.Context, owners map[ledger.Kind]did.DID) error {
	return s.inTransaction(ctx, func(tx *sql.Tx) error {
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
	})
}

// setUpKind makes the stripes of one system account.
func setUpKind(ctx context.Context, tx *sql.Tx, kind ledger.Kind, owner string) error {
	var present string
	err := tx.QueryRowContext(ctx, selectOwnerOfKind, kind).Scan(&present)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if err == nil && present != owner {
		return fmt.Errorf("%w: the %s account belongs to %s, not to %s", store.ErrForeignTreasury, kind, present, owner)
	}
	for stripe := range ledger.Stripes {
		if _, err := tx.ExecContext(ctx, insertSystemRow, owner, kind, stripe); err != nil {
			return err
		}
	}
	return nil
}

// Maintain gives the journal its next generation when the present one is older
// than m.JournalTTL, and forgets tokens that nobody used in time and events that were
// archived, in short steps.
func (s *Store) Maintain(ctx context.Context, m store.Maintenance) error {
	return errors.Join(s.rotate(ctx, m), s.forgetTokens(ctx, m), s.forgetEvents(ctx, m))
}

// rotate empties the other generation, whose keys are older still, and puts it in the
// place of the present one.
func (s *Store) rotate(ctx context.Context, m store.Maintenance) error {
	var since int64
	if err := s.read.DB.QueryRowContext(ctx, "SELECT since FROM journal_state").Scan(&since); err != nil {
		return translate(err)
	}
	due := func(since int64) bool { return m.Now.Sub(time.UnixMicro(since)) >= m.JournalTTL }
	if m.JournalTTL <= 0 || !due(since) {
		return nil
	}
	return s.inTransaction(ctx, func(tx *sql.Tx) error {
		var generation int
		err := tx.QueryRowContext(ctx, "SELECT generation, since FROM journal_state").Scan(&generation, &since)
		if err != nil || !due(since) { // another process was first
			return err
		}
		next := 1 - generation
		if _, err := tx.ExecContext(ctx, fmt.Sprintf("DELETE FROM journal_%d", next)); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "UPDATE journal_state SET generation = ?, since = ?", next, m.Now.UnixMicro())
		return err
	})
}

// inTransaction runs f in a transaction of its own on the write connection.
func (s *Store) inTransaction(ctx context.Context, f func(*sql.Tx) error) error {
	held, err := s.acquire(ctx)
	if err != nil {
		return err
	}
	defer held.Close()
	tx, err := held.BeginTx(ctx, nil)
	if err != nil {
		return translate(err)
	}
	if err := f(tx); err != nil {
		return errors.Join(translate(err), tx.Rollback())
	}
	return translate(tx.Commit())
}
