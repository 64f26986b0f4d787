package sqlite

import (
	"context"
	"database/sql"
	"errors"

	lib "modernc.org/sqlite/lib"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

// writerStripe is where every writer collects: they take turns, so one stripe
// serves them all, and stripe 0 is left to pay.
const writerStripe = 1

var (
	beginImmediate = one("BEGIN IMMEDIATE")
	commit         = one("COMMIT")
	rollback       = one("ROLLBACK")
)

// writer opens groups, one at a time.
type writer struct{ store *Store }

// Stripe is the stripe at which this writer collects.
func (w *writer) Stripe() uint8 { return writerStripe }

// Await has nothing to wait for: the file's lock is the turn, and it is Begin that takes it.
func (w *writer) Await(context.Context) {}

// Pass has nothing to give up.
func (w *writer) Pass(context.Context) {}

// Close gives nothing back: a writer holds the connection only while a
// transaction is open.
func (w *writer) Close() error { return nil }

// Begin takes the write connection and the file's write lock, and loads.
func (w *writer) Begin(ctx context.Context, need store.Need, mode store.LockMode) (store.Tx, *store.Rows, error) {
	held, err := w.store.acquire(ctx)
	if err != nil {
		return nil, nil, err
	}
	t := &group{store: w.store, held: held, open: true} // a BEGIN that was cut short may have worked
	var rows *store.Rows
	err = t.on(func(c *conn) error {
		if err := begin(ctx, c, mode); err != nil {
			return err
		}
		rows, err = load(ctx, c, need)
		return err
	})
	if err != nil {
		return nil, nil, errors.Join(err, t.end())
	}
	return t, rows, nil
}

// begin takes the file's write lock. Only other processes can hold it, and
// they are waited for as long as busy_timeout says, or patiently until the
// context ends.
func begin(ctx context.Context, c *conn, mode store.LockMode) error {
	for {
		_, err := c.exec(ctx, beginImmediate, nil)
		if mode != store.LockPatiently || !isCode(err, lib.SQLITE_BUSY) || ctx.Err() != nil {
			return err
		}
	}
}

// group is the transaction of a group, from Begin to Commit or Rollback.
type group struct {
	store *Store
	held  *sql.Conn
	open  bool
}

// on runs f on the driver's connection.
func (t *group) on(f func(*conn) error) error {
	if t.held == nil {
		return sql.ErrTxDone
	}
	return t.held.Raw(func(dc any) error { return f(dc.(*conn)) })
}

// LiveRefusals counts the remembered refusals of each caller.
func (t *group) LiveRefusals(ctx context.Context, callers []ledger.AccountID) (counts map[ledger.AccountID]int, err error) {
	err = t.on(func(c *conn) error {
		counts, err = liveRefusals(ctx, c, callers)
		return err
	})
	return counts, err
}

// Commit writes and commits. It looks at the context before it begins; what has
// begun is carried through, so that its outcome is always known.
func (t *group) Commit(ctx context.Context, changes *store.Changes) error {
	err := ctx.Err()
	if err == nil {
		err = t.on(func(c *conn) error {
			if err := write(context.Background(), c, changes); err != nil {
				return err
			}
			if _, err := c.exec(context.Background(), commit, nil); err != nil {
				return err
			}
			t.open = false
			return nil
		})
	}
	if err == nil {
		t.store.checks.wake()
	}
	return errors.Join(err, t.end())
}

// Rollback ends the transaction without a trace.
func (t *group) Rollback(context.Context) error { return t.end() }

// end rolls back what is open and gives the connection back. A connection that
// cannot be brought to order is thrown away; the pool opens another.
func (t *group) end() error {
	if t.held == nil {
		return nil
	}
	held := t.held
	if t.open {
		_ = t.on(rollBack) // what it reports concerns the pool alone
	}
	t.held, t.open = nil, false
	if err := held.Close(); !errors.Is(err, sql.ErrConnDone) {
		return err
	}
	return nil
}
