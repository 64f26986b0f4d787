package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/internal/bunstore"
)

// HostTx is a transaction that a host can bring, through pgx's stdlib driver.
type HostTx interface{ *sql.Tx | bun.Tx }

// Tx lets the engine work inside a transaction of its host. What the engine
// writes is committed with what the host writes, or not at all. The transaction
// must be READ COMMITTED, which is the default; another one is
// [store.ErrNotJoinable]. After a technical error PostgreSQL lets the host do
// nothing but roll back; a refusal by the rules leaves the transaction as good
// as it was.
//
// The rows that the engine touched stay locked until the host commits: be brief.
// Of more than sixteen at once some share rows of the system: see docs/ledger.md.
func Tx[T HostTx](tx T) store.Host {
	switch tx := any(tx).(type) {
	case bun.Tx:
		return &host{tx: tx.Tx}
	case *sql.Tx:
		return &host{tx: tx}
	}
	return nil // HostTx has no other types
}

// host is a transaction that the engine works in and does not own.
type host struct {
	tx     *sql.Tx
	stripe uint8 // 0 before it joined
}

// Stripe is one that no other transaction collects at, leased to the end of this
// one, or shared where all are.
func (h *host) Stripe() uint8 { return h.stripe }

// Join looks whether the transaction can be used, without a statement that could
// fail and so end it, and leases the stripe.
func (h *host) Join(ctx context.Context) error {
	if h.stripe != 0 {
		return nil
	}
	var level string
	var migrated bool
	err := h.tx.QueryRowContext(ctx, `SELECT current_setting('transaction_isolation'), to_regclass('journal_state') IS NOT NULL`).Scan(&level, &migrated)
	switch {
	case err != nil:
		return joinable(err)
	case level != "read committed":
		return fmt.Errorf("%w: it is %s; begin it as READ COMMITTED, the default", store.ErrNotJoinable, level)
	case !migrated:
		return errNotMigrated
	}
	var stripe int // the first that is free; one that this transaction has already is
	err = h.tx.QueryRowContext(ctx, `SELECT s FROM generate_series($2::int, $3::int) AS s WHERE pg_try_advisory_xact_lock($1::int, s) LIMIT 1`,
		stripeClass, ledger.HostStripes, ledger.Stripes-1).Scan(&stripe)
	if errors.Is(err, sql.ErrNoRows) {
		stripe, err = ledger.HostStripes+rand.IntN(ledger.Stripes-ledger.HostStripes), nil
	}
	h.stripe = uint8(stripe)
	return joinable(err)
}

var errNotMigrated = fmt.Errorf("%w: its database is not, or not yet, migrated for the engine", store.ErrNotJoinable)

// joinable says why a transaction cannot be used.
func joinable(err error) error {
	var refused *pgconn.PgError
	switch {
	case errors.Is(err, sql.ErrTxDone):
		return fmt.Errorf("%w: it has ended: %w", store.ErrNotJoinable, err)
	case errors.As(err, &refused) && refused.Code == "42P01": // undefined_table
		return fmt.Errorf("%w: %w", errNotMigrated, err)
	case errors.As(err, &refused) && refused.Code == "25P02": // in_failed_sql_transaction
		return fmt.Errorf("%w: a statement in it failed; roll it back: %w", store.ErrNotJoinable, err)
	}
	return translate(err)
}

// Await does not wait: the rows that the host has locked may be waited for by whoever has
// the turn.
func (h *host) Await(context.Context) {}

// Pass has nothing to give up.
func (h *host) Pass(context.Context) {}

// Close leaves the transaction to the host.
func (h *host) Close() error { return nil }

// Reader asks questions inside the transaction.
func (h *host) Reader() store.Reader {
	return bunstore.NewTxReader(h.tx, pgdialect.New(), bunstore.Postgres, joinable)
}

// Begin loads inside the host's transaction.
func (h *host) Begin(ctx context.Context, need store.Need, mode store.LockMode) (store.Tx, *store.Rows, error) {
	if err := h.Join(ctx); err != nil {
		return nil, nil, err
	}
	t := &hostGroup{host: h}
	if err := t.load(ctx, oneByOne{t.tx}, nil, need, mode); err != nil {
		return nil, nil, joinable(err)
	}
	return t, t.rows, nil
}

// hostGroup is one operation of the engine inside the host's transaction.
type hostGroup struct {
	*host
	loaded
}

// LiveRefusals counts the remembered refusals of each caller.
func (t *hostGroup) LiveRefusals(ctx context.Context, callers []ledger.AccountID) (map[ledger.AccountID]int, error) {
	return liveRefusals(ctx, oneByOne{t.tx}, callers)
}

// Commit writes, and leaves the commit to the host. The events wait in the inbox
// to be numbered.
func (t *hostGroup) Commit(ctx context.Context, changes *store.Changes) error {
	calls := t.writeCalls(changes, t.stripe)
	if len(changes.Events) > 0 {
		calls = append(calls, do(insertInbox, eventArgs(changes.Events)...))
	}
	return joinable(oneByOne{t.tx}.run(ctx, calls))
}

// Rollback has nothing to undo: a refused operation wrote nothing.
func (t *hostGroup) Rollback(context.Context) error { return nil }
