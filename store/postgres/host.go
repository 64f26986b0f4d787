package postgres

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"

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
	stripe uint8
	fault  error // why the transaction cannot be used
}

// Stripe is one that no other transaction collects at, leased to the end of this
// one, or shared where all are.
func (h *host) Stripe() uint8 {
	if h.stripe == 0 && h.fault == nil {
		h.stripe, h.fault = h.join(context.Background())
	}
	return max(h.stripe, ledger.HostStripes)
}

func (h *host) join(ctx context.Context) (uint8, error) {
	var level string
	if err := h.tx.QueryRowContext(ctx, `SHOW transaction_isolation`).Scan(&level); err != nil {
		return 0, translate(err)
	}
	if level != "read committed" {
		return 0, fmt.Errorf("%w: it is %s; begin it as READ COMMITTED, the default", store.ErrNotJoinable, level)
	}
	const free = ledger.Stripes - ledger.HostStripes
	start := rand.IntN(free)
	for i := range free {
		stripe := ledger.HostStripes + (start+i)%free
		var leased bool
		err := h.tx.QueryRowContext(ctx, `SELECT pg_try_advisory_xact_lock($1::int, $2::int)`, stripeClass, stripe).Scan(&leased)
		if err != nil || leased {
			return uint8(stripe), translate(err)
		}
	}
	return uint8(ledger.HostStripes + start), nil
}

// Close leaves the transaction to the host.
func (h *host) Close() error { return nil }

// Reader asks questions inside the transaction.
func (h *host) Reader() store.Reader {
	return bunstore.NewTxReader(h.tx, pgdialect.New(), bunstore.Postgres, translate)
}

// Begin loads inside the host's transaction.
func (h *host) Begin(ctx context.Context, need store.Need, mode store.LockMode) (store.Tx, *store.Rows, error) {
	h.Stripe()
	if h.fault != nil {
		return nil, nil, h.fault
	}
	t := &hostGroup{host: h, loaded: loaded{generation: -1}}
	rows, err := t.load(ctx, need, mode)
	return t, rows, err
}

// hostGroup is one operation of the engine inside the host's transaction.
type hostGroup struct {
	*host
	loaded
}

func (t *hostGroup) load(ctx context.Context, need store.Need, mode store.LockMode) (*store.Rows, error) {
	err := oneByOne{t.tx}.run(ctx, t.loadCalls(need, mode))
	return t.rows, translate(err)
}

// Load locks and reads more rows.
func (t *hostGroup) Load(ctx context.Context, need store.Need) (*store.Rows, error) {
	return t.load(ctx, need, store.LockPatiently)
}

// LiveRefusals counts the remembered refusals of each caller.
func (t *hostGroup) LiveRefusals(ctx context.Context, callers []ledger.AccountID) (map[ledger.AccountID]int, error) {
	return liveRefusals(ctx, oneByOne{t.tx}, callers)
}

// Commit writes, and leaves the commit to the host. The events wait in the inbox
// to be numbered.
func (t *hostGroup) Commit(ctx context.Context, changes *store.Changes) error {
	e := oneByOne{t.tx}
	if len(changes.Records) > 0 && t.generation < 0 {
		if err := e.run(ctx, []call{ask(readGeneration, func(s scanner) error { return s.Scan(&t.generation) })}); err != nil {
			return translate(err)
		}
	}
	calls := t.writeCalls(changes)
	if n := len(changes.Events); n > 0 {
		calls = append(calls, change(insertInbox, n, eventArgs(changes.Events)...))
	}
	return translate(e.run(ctx, calls))
}

// Rollback has nothing to undo: a refused operation wrote nothing.
func (t *hostGroup) Rollback(context.Context) error { return nil }
