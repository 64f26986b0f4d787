package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/agentvault/teg-layer/store"
)

const (
	resolveLimit = 5 * time.Second
	resolveStep  = 50 * time.Millisecond
)

// resolve asks the database what became of a transaction whose COMMIT was sent
// and not answered: nil when it committed, [store.ErrUnavailable] when it did
// not, [store.ErrOutcomeUnknown] when that could not be learnt in time.
func (g *group) resolve(ctx context.Context, changes *store.Changes, lost error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), resolveLimit)
	defer cancel()
	for {
		committed, known, err := g.outcome(ctx, changes)
		switch {
		case known && committed:
			return nil
		case known:
			return fmt.Errorf("%w: the connection was lost before the commit took effect: %w", store.ErrUnavailable, lost)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", store.ErrOutcomeUnknown, errors.Join(lost, err))
		case <-time.After(resolveStep):
		}
	}
}

// outcome asks once. The first transaction's row, where there is one, decides:
// it is there or not, also on a replica that was promoted, where ids of database
// transactions may mean others. A missing row decides only once the database's
// transaction is no longer in progress.
func (g *group) outcome(ctx context.Context, changes *store.Changes) (committed, known bool, err error) {
	var status *string
	err = g.store.db.QueryRowContext(ctx, `SELECT pg_xact_status(?::xid8)`, g.xid).Scan(&status)
	if err != nil || status != nil && *status == "in progress" {
		return false, false, err
	}
	if len(changes.Transactions) == 0 {
		return status != nil && *status == "committed", status != nil, nil
	}
	id := uuid.UUID(changes.Transactions[0].ID).String()
	err = g.store.db.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM teg_transactions WHERE id = ?)`, id).Scan(&committed)
	return committed, err == nil, err
}
