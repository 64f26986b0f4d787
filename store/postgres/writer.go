package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

// Keys of advisory locks, all that this package takes: a class and a number in
// it.
const (
	migrateLock = `7163, 0`
	setUpLock   = `7163, 1`
	turnLock    = `7163, 2`
	stripeClass = 7164   // its numbers are the stripes
	ownerClass  = `7165` // its numbers stand for owners of webhooks
)

var (
	begin        = statement{"", `BEGIN ISOLATION LEVEL READ COMMITTED`}
	waitForEver  = statement{"", `SET LOCAL lock_timeout = 0`}
	commit       = statement{"", `COMMIT`}
	leaseAny     = `SELECT s FROM generate_series($2::int, $3::int) AS s WHERE pg_try_advisory_lock($1::int, s) LIMIT 1`
	leaseThis    = `SELECT pg_try_advisory_lock($1::int, $2::int)`
	commitLimit  = 30 * time.Second
	rollbackTime = 5 * time.Second
)

// writer commits groups over a connection of its own. A connection that is lost
// is replaced when the next group begins.
type writer struct {
	store  *Store
	stripe uint8
	held   *sql.Conn         // nil while there is none
	known  map[string]string // the statements that it has prepared, by their names
	spans  spans
	turns  turns
}

// Writer opens a connection for groups and leases a stripe for it. Where all are
// leased, the writer shares one, which costs waiting and nothing else. It waits for no
// table, so that a server starts beside others that maintain.
func (s *Store) Writer(ctx context.Context) (store.Writer, error) {
	w := &writer{store: s}
	if err := w.connect(ctx); err != nil {
		return nil, err
	}
	return w, nil
}

// Stripe is the stripe at which this writer collects.
func (w *writer) Stripe() uint8 { return w.stripe }

// Close gives up the connection, and with it the lease.
func (w *writer) Close() error { return w.drop() }

// connect takes a fresh connection and leases the stripe. Statements are prepared as they
// are needed: most servers never need most of them.
func (w *writer) connect(ctx context.Context) error {
	held, err := w.store.writers.Conn(ctx)
	if err != nil {
		return translate(err)
	}
	w.held, w.known = held, map[string]string{}
	err = w.on(func(conn *pgx.Conn) error {
		acceptArrays(conn)
		return w.lease(ctx, conn)
	})
	if err != nil {
		return errors.Join(translate(err), w.drop())
	}
	return nil
}

func (w *writer) lease(ctx context.Context, conn *pgx.Conn) error {
	if w.stripe != 0 { // the same as before, where it is still free
		var leased bool
		return conn.QueryRow(ctx, leaseThis, stripeClass, int(w.stripe)).Scan(&leased)
	}
	var stripe int
	err := conn.QueryRow(ctx, leaseAny, stripeClass, 1, ledger.HostStripes-1).Scan(&stripe)
	if errors.Is(err, pgx.ErrNoRows) {
		stripe, err = 1+rand.IntN(ledger.HostStripes-1), nil
	}
	w.stripe = uint8(stripe)
	return err
}

// on runs f on the connection itself.
func (w *writer) on(f func(*pgx.Conn) error) error {
	var failed error
	err := w.held.Raw(func(dc any) error {
		failed = f(dc.(*stdlib.Conn).Conn())
		return nil
	})
	return errors.Join(err, failed)
}

// drop closes the connection for good, where there is one: it may be in any
// state.
func (w *writer) drop() error {
	if w.held == nil {
		return nil
	}
	held := w.held
	w.held = nil
	w.turns.lost()
	_ = held.Raw(func(any) error { return driver.ErrBadConn }) // makes the pool throw it away
	if err := held.Close(); err != nil && !errors.Is(err, sql.ErrConnDone) && !errors.Is(err, driver.ErrBadConn) {
		return err
	}
	return nil
}

// Begin opens a transaction and loads, in one round trip, with stakes in up to
// three. Where the connection
// turns out to be gone, which the server may have ended at any time, it begins
// once more on a fresh one: nothing can have been written yet.
func (w *writer) Begin(ctx context.Context, need store.Need, mode store.LockMode) (store.Tx, *store.Rows, error) {
	if w.held != nil && w.alive() != nil {
		_ = w.drop() // it is gone already
	}
	fresh := w.held == nil
	g, err := w.begin(ctx, need, mode)
	if err != nil && !fresh && w.alive() != nil && ctx.Err() == nil {
		_ = w.drop()
		g, err = w.begin(ctx, need, mode)
	}
	if err != nil {
		return nil, nil, errors.Join(translate(err), w.rollback(context.WithoutCancel(ctx)))
	}
	return g, g.rows, nil
}

func (w *writer) begin(ctx context.Context, need store.Need, mode store.LockMode) (*group, error) {
	if w.held == nil {
		if err := w.connect(ctx); err != nil {
			return nil, err
		}
	}
	g := &group{writer: w}
	inTurn := w.turns.opened
	w.turns.opened = false
	err := g.load(ctx, g, w.opening(inTurn, mode), need, mode)
	g.began = time.Now()
	if err == nil && !inTurn {
		w.turns.waited(time.Duration(g.waited)*time.Microsecond, w.spans)
	}
	return g, err
}

// opening is how a transaction begins, unless it has by its turn, and how long it waits
// for rows.
func (w *writer) opening(inTurn bool, mode store.LockMode) []call {
	var calls []call
	if !inTurn {
		calls = append(calls, do(begin))
	}
	switch patience := w.spans.patience(); {
	case mode == store.LockPatiently:
		calls = append(calls, do(waitForEver))
	case mode == store.LockBriefly && (inTurn || patience > briefly):
		calls = append(calls, do(lockTimeout(patience)))
	}
	return calls
}

// alive is an error when the connection is known to be gone.
func (w *writer) alive() error {
	if w.held == nil {
		return driver.ErrBadConn
	}
	return w.on(closedError)
}

func closedError(conn *pgx.Conn) error {
	if conn.IsClosed() {
		return driver.ErrBadConn
	}
	return nil
}

// rollback ends whatever is open. A connection that cannot be brought to order
// is thrown away, which has the same effect.
func (w *writer) rollback(ctx context.Context) error {
	if w.held == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, rollbackTime)
	defer cancel()
	err := w.on(func(conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, `ROLLBACK`)
		if err == nil && w.turns.held {
			_, err = conn.Exec(ctx, endTurn.sql)
		}
		return err
	})
	if err != nil {
		_ = w.drop()
	}
	w.turns.lost()
	return nil
}
