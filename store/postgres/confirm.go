package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/internal/bunstore"
)

// leaveMark writes a few bytes to the server's log, and nothing anywhere else, so that
// the COMMIT after it waits for standbys as any other does. They have whatever was
// committed before it then. Where none are waited for it writes nothing, and COMMIT is free.
var leaveMark = statement{"", `SELECT CASE WHEN current_setting('synchronous_standby_names') <> '' THEN pg_logical_emit_message(true, 'teg', '') END`}

var errUnconfirmed = errors.New("postgres: it is committed on the server, and no standby may have it yet: the wait for that was cancelled")

const unconfirmed = "teg: a wait for standbys was cancelled"

// noteWarnings remembers of a connection that a COMMIT on it stopped waiting for
// standbys, as it does where somebody cancels it. It has taken effect on the server
// then, and succeeds with a warning: a failover might lose it. The warning is known by
// where it comes from, as its text is in the server's language.
func noteWarnings(conn *pgconn.PgConn, n *pgconn.Notice) {
	if n.Routine == "SyncRepWaitForLSN" {
		conn.CustomData()[unconfirmed] = true
	}
}

// confirmed reports with an error that the last COMMIT did not wait for the standbys that
// the server asks for.
func confirmed(conn *pgconn.PgConn) error {
	if _, noted := conn.CustomData()[unconfirmed]; noted {
		delete(conn.CustomData(), unconfirmed)
		return errUnconfirmed
	}
	return nil
}

// confirm returns once the standbys have what this session was shown, however it got
// there. It must be the session that was shown it: after a failover another speaks to a
// server that may know nothing of it.
func confirm(ctx context.Context, conn bun.Conn) error {
	var failed error
	err := conn.Raw(func(dc any) error {
		c := dc.(*stdlib.Conn).Conn()
		if _, failed = c.Exec(ctx, leaveMark.sql); failed == nil {
			failed = confirmed(c.PgConn())
		}
		return nil
	})
	return errors.Join(err, failed)
}

// reader tells what others take for a promise only when the standbys have it: by which
// keys something was done, and what the log is to hold for ever.
type reader struct {
	*bunstore.Reader
	store    *Store
	promised atomic.Int64 // size of the greatest checkpoint that standbys have
}

// Records implements [store.Reader].
func (r *reader) Records(ctx context.Context, keys ...store.Key) (records []store.Record, err error) {
	err = r.certain(ctx, func(view *bunstore.Reader) (promises bool, err error) {
		records, err = view.Records(ctx, keys...)
		return len(records) > 0, err
	})
	return records, err
}

// LastCheckpoint implements [store.Reader].
func (r *reader) LastCheckpoint(ctx context.Context, origin string, upTo int64) (last *store.Checkpoint, err error) {
	err = r.certain(ctx, func(view *bunstore.Reader) (promises bool, err error) {
		last, err = view.LastCheckpoint(ctx, origin, upTo)
		return last != nil && last.Size > r.promised.Load(), err
	})
	if err == nil && last != nil && last.Size > r.promised.Load() {
		r.promised.Store(last.Size)
	}
	return last, err
}

// certain reads, and where that promises anything waits until standbys have it.
func (r *reader) certain(ctx context.Context, read func(*bunstore.Reader) (promises bool, err error)) error {
	conn, err := r.store.db.Conn(ctx)
	if err != nil {
		return translate(err)
	}
	defer conn.Close()
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return translate(err)
	}
	promises, err := read(bunstore.NewTxReader(tx.Tx, pgdialect.New(), bunstore.Postgres, translate))
	if err := errors.Join(err, tx.Rollback()); err != nil || !promises {
		return translate(err)
	}
	if err := confirm(ctx, conn); err != nil {
		return fmt.Errorf("%w: %w", store.ErrUnavailable, err)
	}
	return nil
}
