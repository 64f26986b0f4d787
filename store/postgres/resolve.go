package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/uptrace/bun"

	"github.com/agentvault/teg-layer/store"
)

var (
	resolveLimit = 5 * time.Second
	resolveStep  = 50 * time.Millisecond
	resolveGrace = 500 * time.Millisecond // in which the server may finish a COMMIT that reached it
)

// resolve asks the database what became of a transaction whose COMMIT was sent
// and not answered, or not confirmed by a standby: nil when it committed and standbys
// have it, [store.ErrUnavailable] when it did not, [store.ErrOutcomeUnknown] when that
// could not be learnt in time.
//
// A server that has not noticed that the connection is gone would keep the
// transaction and its rows; after a moment its session is ended, which decides
// the outcome and sets the rows free. One that waits for a standby is left alone: it has
// committed, and ended it would show to others what a failover may lose.
func (g *group) resolve(ctx context.Context, changes *store.Changes, lost error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), resolveLimit)
	defer cancel()
	patience := time.Now().Add(resolveGrace)
	for {
		found, err := g.outcome(ctx, changes)
		switch {
		case found == committed && err == nil:
			return nil
		case found == unknown && err == nil: // nor will it ever be
			return fmt.Errorf("%w: %w", store.ErrOutcomeUnknown, lost)
		case found == aborted:
			return fmt.Errorf("%w: the connection was lost before the commit took effect: %w", store.ErrUnavailable, lost)
		case found == inProgress && time.Now().After(patience):
			err = g.endSession(ctx)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", store.ErrOutcomeUnknown, errors.Join(lost, err))
		case <-time.After(resolveStep):
		}
	}
}

// fate is what the database knows of a transaction.
type fate int

const (
	unknown fate = iota
	inProgress
	committed
	aborted
)

// outcome asks once, and of what was committed whether standbys have it. A row that the group wrote, where there is one, decides: it
// is there or not, also on a replica that was promoted, where ids of database
// transactions may mean others. A missing row decides only once the database's
// transaction is no longer in progress.
func (g *group) outcome(ctx context.Context, changes *store.Changes) (fate, error) {
	conn, err := g.store.db.Conn(ctx)
	if err != nil {
		return unknown, err
	}
	defer conn.Close()
	found, err := g.fate(ctx, conn, changes)
	if found == committed && err == nil {
		err = confirm(ctx, conn)
	}
	return found, err
}

func (g *group) fate(ctx context.Context, conn bun.Conn, changes *store.Changes) (fate, error) {
	state, err := g.status(ctx, conn)
	if err != nil || state == inProgress || changes.Empty() {
		return state, err
	}
	w := witnessOf(changes)
	var written bool
	err = conn.QueryRowContext(ctx, `SELECT EXISTS (`+w.row+`)`, w.args...).Scan(&written)
	switch {
	case err != nil:
		return unknown, err
	case written:
		return committed, nil
	case state == aborted || w.found:
		return aborted, nil
	}
	return unknown, nil
}

// witness is a row that a group wrote.
type witness struct {
	row   string // asks for it
	args  []any
	found bool // whether it would be found for certain
}

// recentEvents is how far back an event is looked for, of which there is no
// index by id.
const recentEvents = 10_000

func witnessOf(c *store.Changes) witness {
	switch {
	case len(c.Transactions) > 0:
		return witness{`SELECT 1 FROM teg_transactions WHERE id = ?`, []any{uuid.UUID(c.Transactions[0].ID).String()}, true}
	case len(c.Records) > 0:
		// The same key may have been sent to another server meanwhile: the time tells
		// whose row it is.
		key, at := uuid.UUID(c.Records[0].Key).String(), c.Records[0].At.Truncate(time.Microsecond)
		return witness{`SELECT 1 FROM journal_0 WHERE key = ? AND at = ? UNION ALL SELECT 1 FROM journal_1 WHERE key = ? AND at = ?`,
			[]any{key, at, key, at}, true}
	case len(c.Policies.Versions) > 0:
		v := &c.Policies.Versions[0]
		return witness{`SELECT 1 FROM teg_policy_versions WHERE change = ? AND policy = ?`, []any{v.Change, uuid.UUID(v.ID).String()}, true}
	case len(c.Opened) > 0:
		return witness{`SELECT 1 FROM accounts WHERE id = ? AND owner = ?`, []any{c.Opened[0].ID, c.Opened[0].Owner.String()}, true}
	case len(c.Events) > 0:
		return witness{`SELECT 1 FROM events WHERE position >= (SELECT size FROM log_head) - ? AND id = ?`,
			[]any{recentEvents, uuid.UUID(c.Events[0].ID).String()}, false}
	}
	return witness{row: `SELECT 1 WHERE FALSE`}
}

// status is what pg_xact_status says. An id that the server has not given yet is
// refused: it was given by one that failed before this one learnt of it, and so
// did not commit here.
func (g *group) status(ctx context.Context, conn bun.Conn) (fate, error) {
	var text string
	err := conn.QueryRowContext(ctx, `SELECT coalesce(pg_xact_status(?::xid8), '')`, g.xid).Scan(&text)
	var refused *pgconn.PgError
	if errors.As(err, &refused) && refused.Code == "22023" { // invalid_parameter_value: it is in the future
		return aborted, nil
	}
	return map[string]fate{"in progress": inProgress, "committed": committed, "aborted": aborted}[text], err
}

// endSession ends the session in which the transaction is still open.
func (g *group) endSession(ctx context.Context) error {
	_, err := g.store.db.ExecContext(ctx, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE datname = current_database() AND backend_xid = ?::xid8::xid AND pid <> pg_backend_pid()
		AND wait_event IS DISTINCT FROM 'SyncRep'`, g.xid)
	return err
}
