package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// mostTurns is how many groups ask for the turn after one that had to wait for rows.
	// The next one begins without, to see whether that is still so.
	mostTurns = 32
	// noticed is the shortest wait for rows that counts: what is over sooner costs less
	// than another round trip.
	noticed = 2 * time.Millisecond
	// A turn is waited for at least and at most so long, and between them as many of the
	// writer's own transactions as there may be servers before it.
	turnLeast = 250 * time.Millisecond
	turnMost  = 2 * time.Second
	turnSpans = 32
	// turnAnswer is how much longer the database may take to say that it did not come. Then
	// the connection is taken for lost.
	turnAnswer = 5 * time.Second
	// turnPause is how long the writer does not ask again after a turn that did not come.
	turnPause = 5 * time.Second
)

var (
	// takeTurn tells whether the turn was to be had at once. Whoever waits for it already
	// is before this writer then as well.
	takeTurn = statement{"take_turn", `SELECT CASE WHEN pg_try_advisory_lock(` + turnLock + `) THEN true
		ELSE pg_advisory_lock(` + turnLock + `) IS NULL END`}
	endTurn = statement{"end_turn", `SELECT pg_advisory_unlock(` + turnLock + `)`}
)

// turns is when a writer asks for the turn, and whether it has it. Groups of several
// servers that work on the same rows follow each other anyway, each closed before it
// waits: small ones, which all cost their statements, round trips and commits, and a
// transaction that waits for a row holds others for which the next one waits. Who takes
// the turn first closes the group when it has come.
type turns struct {
	left   int       // groups that still ask for it
	pause  time.Time // until then none does
	opened bool      // a transaction has begun by it, of which no group is known yet
	held   bool
}

// waited tells how long a group without a turn waited for its rows. If it was a good part
// of what a transaction takes, it was for the groups of others.
func (t *turns) waited(wait time.Duration, own spans) {
	if wait > max(noticed, time.Duration(own)/2) {
		t.left = mostTurns
	}
}

// wanted reports whether the next group asks for the turn.
func (t *turns) wanted() bool { return t.left > 0 && !time.Now().Before(t.pause) }

// took counts a turn. One that was to be had at once shows that there are few others.
func (t *turns) took(atOnce bool) {
	t.opened, t.held = true, true
	t.left--
	if atOnce {
		t.left /= 2
	}
}

// missed is a turn that did not come: somebody keeps it.
func (t *turns) missed() { *t = turns{pause: time.Now().Add(turnPause)} }

// lost is a turn that ended otherwise than by a commit.
func (t *turns) lost() { t.opened, t.held = false, false }

// end gives the turn to the next one, where the writer has it, once everything else is
// written: while this transaction waits for the disk and for standbys, that one can close
// its group and lock what it does not share.
func (t *turns) end(calls []call) []call {
	if !t.held {
		return calls
	}
	return append(calls, ask(endTurn, func(scanner) error {
		t.held = false
		return nil
	}))
}

// Await waits for the turn where groups had to wait for rows lately.
func (w *writer) Await(ctx context.Context) {
	if w.held == nil || w.turns.opened || !w.turns.wanted() {
		return
	}
	patience := min(max(turnLeast, turnSpans*time.Duration(w.spans)), turnMost)
	within, cancel := context.WithTimeout(ctx, patience+turnAnswer) // or a network that swallows it would keep all who wait for the writer
	defer cancel()
	var atOnce bool
	err := w.on(func(conn *pgx.Conn) error {
		return pipeline{conn, w.known}.run(within, []call{
			do(begin), do(lockTimeout(patience)), ask(takeTurn, func(row scanner) error { return row.Scan(&atOnce) }),
		})
	})
	if err != nil {
		w.turns.missed()
		_ = w.rollback(context.WithoutCancel(ctx)) // it never fails
		return
	}
	w.turns.took(atOnce)
}

// Pass gives the turn up.
func (w *writer) Pass(ctx context.Context) {
	if w.turns.opened {
		_ = w.rollback(context.WithoutCancel(ctx))
	}
}

// lockTimeout has the transaction wait for each lock for so long.
func lockTimeout(patience time.Duration) statement {
	return statement{"", fmt.Sprintf(`SET LOCAL lock_timeout = %d`, patience.Milliseconds())}
}
