package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

// group is the transaction of a group, from Begin to Commit or Rollback.
type group struct {
	*writer
	loaded
	ended bool
	began time.Time // when it had its locks
}

func (g *group) run(ctx context.Context, calls []call) error {
	if g.ended {
		return sql.ErrTxDone
	}
	if g.held == nil {
		return driver.ErrBadConn
	}
	return g.on(func(conn *pgx.Conn) error { return pipeline{conn, g.known}.run(ctx, calls) })
}

// LiveRefusals counts the remembered refusals of each caller.
func (g *group) LiveRefusals(ctx context.Context, callers []ledger.AccountID) (map[ledger.AccountID]int, error) {
	return liveRefusals(ctx, g, callers)
}

// Commit writes and commits, in one round trip. What has begun is carried
// through whatever becomes of the context.
func (g *group) Commit(ctx context.Context, changes *store.Changes) error {
	if g.ended {
		return sql.ErrTxDone
	}
	if err := ctx.Err(); err != nil {
		return errors.Join(err, g.Rollback(context.WithoutCancel(ctx)))
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), commitLimit)
	defer cancel()
	calls := g.writeCalls(changes, g.stripe)
	if len(changes.Events) > 0 {
		calls = append(calls, do(waitForHead), do(insertEvents, append(eventArgs(changes.Events), len(changes.Policies.Versions), changes.TermsVersion)...))
	}
	if changes.Empty() { // what was read is to be told
		calls = append(calls, do(leaveMark))
	}
	err := g.run(ctx, append(g.turns.end(calls), do(commit)))
	g.spans.add(time.Since(g.began))
	if err != nil && g.decided() {
		return errors.Join(translate(err), g.Rollback(ctx))
	}
	g.ended = true
	if err == nil {
		err = g.on(func(conn *pgx.Conn) error { return confirmed(conn.PgConn()) })
	}
	if err == nil {
		return nil
	}
	_ = g.drop()
	return g.resolve(ctx, changes, err)
}

// decided reports whether the server answered, so that a failure means that
// nothing was written.
func (g *group) decided() bool { return g.alive() == nil }

// Rollback ends the transaction without a trace.
func (g *group) Rollback(ctx context.Context) error {
	if g.ended {
		return nil
	}
	g.ended = true
	return g.rollback(ctx)
}
