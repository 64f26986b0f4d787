package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"

	"github.com/uptrace/bun"
	lib "modernc.org/sqlite/lib"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

// HostTx is a transaction that a host can bring.
type HostTx interface{ *sql.Tx | bun.Tx }

var (
	takeWriteLock = one("UPDATE log_head SET size = size WHERE FALSE")
	savepoint     = one("SAVEPOINT teg")
	release       = one("RELEASE teg")
	rollbackTo    = one("ROLLBACK TO teg")
)

// Tx lets the engine work inside a transaction of its host, on a handle of the
// host's own or on [Store.DB]. What the engine writes is committed with what the
// host writes, or not at all. A handle of the host's own needs what this package
// sets on its connections: WAL, synchronous=FULL, a busy_timeout, and transactions
// that begin as IMMEDIATE; one that began deferred and has read already may find
// that another writer was faster, which is [store.ErrConflict].
//
// While the transaction is open no one else writes: keep it short.
func Tx[T HostTx](tx T) store.Host {
	switch tx := any(tx).(type) {
	case bun.Tx:
		return &host{tx: tx.Tx, reader: newTxReader(tx.Tx)}
	case *sql.Tx:
		return &host{tx: tx, reader: newTxReader(tx)}
	}
	return nil // HostTx has no other types
}

// host is a transaction that the engine works in and does not own.
type host struct {
	tx      *sql.Tx
	reader  store.Reader
	scratch scratch
	lost    error // why the transaction is of no use any more
}

// Stripe is the first of those for transactions that a host brought.
func (h *host) Stripe() uint8 { return ledger.HostStripes }

// Await does not wait: the rows that the host has locked may be waited for by whoever has
// the turn.
func (h *host) Await(context.Context) {}

// Pass has nothing to give up.
func (h *host) Pass(context.Context) {}

// Close leaves the transaction to the host.
func (h *host) Close() error { return nil }

// Reader asks questions inside the transaction.
func (h *host) Reader() store.Reader { return h.reader }

// Join takes the file's write lock for the host's transaction, where it does not
// have it yet.
func (h *host) Join(ctx context.Context) error {
	if h.lost != nil {
		return h.lost
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	// An interrupted statement would end the host's transaction.
	_, err := h.exec(context.WithoutCancel(ctx), takeWriteLock, nil)
	return joinable(err)
}

// Begin joins, and loads.
func (h *host) Begin(ctx context.Context, need store.Need, _ store.LockMode) (store.Tx, *store.Rows, error) {
	if err := h.Join(ctx); err != nil {
		return nil, nil, err
	}
	rows, err := load(context.WithoutCancel(ctx), h, need)
	if err != nil {
		return nil, nil, err
	}
	return &hostOp{host: h}, rows, nil
}

// joinable says why a transaction cannot be used.
func joinable(err error) error {
	err = translate(err)
	switch {
	case errors.Is(err, sql.ErrTxDone):
		return fmt.Errorf("%w: it has ended: %w", store.ErrNotJoinable, err)
	case isCode(err, lib.SQLITE_ERROR) && strings.Contains(err.Error(), "no such table"):
		return fmt.Errorf("%w: its database is not, or not yet, migrated for the engine: %w", store.ErrNotJoinable, err)
	}
	return err
}

// exec runs a statement of the catalogue in the host's transaction.
func (h *host) exec(ctx context.Context, st *statement, args []driver.NamedValue) (int64, error) {
	result, err := h.tx.ExecContext(ctx, st.text, plain(args)...)
	if err != nil {
		return 0, translate(err)
	}
	return result.RowsAffected()
}

// query runs a statement of the catalogue and hands each row to visit.
func (h *host) query(ctx context.Context, st *statement, args []driver.NamedValue, visit func(*row)) (err error) {
	rows, err := h.tx.QueryContext(ctx, st.text, plain(args)...)
	if err != nil {
		return translate(err)
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return translate(err)
	}
	r := row{values: h.scratch.columns(len(names))}
	cells := make([]any, len(names))
	for i := range cells {
		cells[i] = (*any)(&r.values[i])
	}
	for rows.Next() {
		if err := rows.Scan(cells...); err != nil {
			return translate(err)
		}
		r.next = 0
		if visit(&r); r.err != nil {
			return r.err
		}
	}
	return translate(rows.Err())
}

func (h *host) buffers() *scratch { return &h.scratch }

func plain(args []driver.NamedValue) []any {
	values := make([]any, len(args))
	for i := range args {
		values[i] = args[i].Value
	}
	return values
}

// hostOp is one operation inside a host's transaction.
type hostOp struct{ host *host }

// LiveRefusals counts the remembered refusals of each caller.
func (o *hostOp) LiveRefusals(ctx context.Context, callers []ledger.AccountID) (map[ledger.AccountID]int, error) {
	return liveRefusals(context.WithoutCancel(ctx), o.host, callers)
}

// Commit writes, all of it or nothing, and leaves the commit to the host.
func (o *hostOp) Commit(ctx context.Context, changes *store.Changes) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	if _, err := o.host.exec(ctx, savepoint, nil); err != nil {
		return joinable(err)
	}
	err := write(ctx, o.host, changes)
	if err == nil {
		_, err = o.host.exec(ctx, release, nil)
	}
	if err != nil {
		o.host.takeBack(ctx, err)
	}
	return err
}

// takeBack undoes what was written since the savepoint. Where SQLite has ended
// the whole transaction (disk full, for one), nothing more may run in it.
func (h *host) takeBack(ctx context.Context, cause error) {
	for _, st := range []*statement{rollbackTo, release} {
		if _, err := h.exec(ctx, st, nil); err != nil {
			h.lost = fmt.Errorf("%w: the database ended it; roll it back: %w", store.ErrNotJoinable, cause)
			return
		}
	}
}

// Rollback leaves everything to the host.
func (o *hostOp) Rollback(context.Context) error { return nil }
