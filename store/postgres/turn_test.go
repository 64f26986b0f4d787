package postgres_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/postgres"
)

const turnPatience = 2 * time.Minute

// contended is a database with a row that somebody may hold.
type contended struct {
	*postgres.Store
	t   *testing.T
	row ledger.AccountID
}

func newContended(t *testing.T) (*contended, store.Writer) {
	st, w := openWriter(t)
	require.NoError(t, st.SetUp(t.Context(), map[ledger.Kind]did.DID{ledger.Treasury: somebody, ledger.Issuance: somebody, ledger.Rewards: somebody}))
	rows, err := st.Reader().SystemAccounts(t.Context())
	require.NoError(t, err)
	return &contended{st, t, rows[0].ID}, w
}

func (c *contended) need() store.Need { return store.Need{Accounts: []ledger.AccountID{c.row}} }

// hold has a transaction of nobody's hold the row.
func (c *contended) hold() (release func()) {
	tx, err := c.DB().BeginTx(c.t.Context(), nil)
	require.NoError(c.t, err)
	_, err = tx.ExecContext(c.t.Context(), `SELECT 1 FROM accounts WHERE id = ? FOR UPDATE`, c.row)
	require.NoError(c.t, err)
	return func() { require.NoError(c.t, tx.Rollback()) }
}

// delay has a writer wait for the row as for another server's group.
func (c *contended) delay(w store.Writer) {
	release := c.hold()
	begun := make(chan error, 1)
	go func() {
		tx, _, err := w.Begin(context.WithoutCancel(c.t.Context()), c.need(), store.LockPatiently)
		if err == nil {
			err = tx.Rollback(context.WithoutCancel(c.t.Context()))
		}
		begun <- err
	}()
	c.until(`SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()
		AND clock_timestamp() - query_start > '20ms'`)
	release()
	require.NoError(c.t, <-begun)
}

func (c *contended) until(condition string) {
	c.t.Helper()
	require.Eventually(c.t, func() bool {
		var so bool
		return c.DB().QueryRow(condition).Scan(&so) == nil && so
	}, turnPatience, time.Millisecond, condition)
}

const turnLocks = `FROM pg_locks JOIN pg_database ON oid = database WHERE datname = current_database() AND locktype = 'advisory' AND classid = 7163 AND objid = 2`

// taken is how many have the turn.
func (c *contended) taken() (n int) {
	require.NoError(c.t, c.DB().QueryRow(`SELECT count(*) `+turnLocks+` AND granted`).Scan(&n))
	return n
}

// A writer that had to wait for rows begins its next group when that of another has been
// written. One that never had to takes no turn.
func TestGroupsTakeTurns(t *testing.T) {
	ctx := t.Context()
	c, first := newContended(t)
	second := open(t, c)
	first.Await(ctx)
	require.Zero(t, c.taken())
	require.False(t, postgres.WantsTurn(first))

	c.delay(first)
	c.delay(second)
	first.Await(ctx)
	require.Equal(t, 1, c.taken())
	tx, _, err := first.Begin(ctx, c.need(), store.LockBriefly)
	require.NoError(t, err)
	turn := make(chan struct{})
	go func() {
		second.Await(context.WithoutCancel(ctx))
		close(turn)
	}()
	c.until(`SELECT count(*) = 1 ` + turnLocks + ` AND NOT granted`)
	require.NoError(t, tx.Commit(ctx, &store.Changes{}))
	<-turn
	require.Equal(t, 1, c.taken())
	tx, _, err = second.Begin(ctx, c.need(), store.LockBriefly)
	require.NoError(t, err)
	require.NoError(t, tx.Commit(ctx, &store.Changes{Events: []store.Event{someEvent()}}))
	require.Zero(t, c.taken())
}

// However a group ends, nobody keeps the turn, and it can be taken again.
func TestATurnEnds(t *testing.T) {
	ctx := t.Context()
	c, w := newContended(t)
	begin := func() store.Tx {
		tx, _, err := w.Begin(ctx, c.need(), store.LockBriefly)
		require.NoError(t, err)
		return tx
	}
	for name, end := range map[string]func(){
		"committed":   func() { require.NoError(t, begin().Commit(ctx, &store.Changes{Events: []store.Event{someEvent()}})) },
		"rolled back": func() { require.NoError(t, begin().Rollback(ctx)) },
		"passed":      func() { w.Pass(ctx) },
		"awaited twice": func() {
			w.Await(ctx)
			w.Pass(ctx)
			w.Pass(ctx)
		},
		"failed": func() {
			missing := &ledger.Account{ID: 1 << 40, Owner: somebody, Kind: ledger.Available, Status: ledger.Active, Seq: 1}
			require.Error(t, begin().Commit(ctx, &store.Changes{Moved: []*ledger.Account{missing}, Events: []store.Event{someEvent()}}))
		},
		"not begun": func() {
			release := c.hold()
			defer release()
			_, _, err := w.Begin(ctx, c.need(), store.LockBriefly)
			require.ErrorIs(t, err, store.ErrLocked)
		},
		"cut": func() {
			_, err := c.DB().ExecContext(ctx, `SELECT pg_terminate_backend(pid) `+turnLocks)
			require.NoError(t, err)
			c.until(`SELECT count(*) = 0 ` + turnLocks)
			require.NoError(t, begin().Commit(ctx, &store.Changes{Events: []store.Event{someEvent()}}), "on another connection")
		},
	} {
		c.delay(w)
		w.Await(ctx)
		require.Equal(t, 1, c.taken(), name)
		end()
		require.Zero(t, c.taken(), name)
	}
	c.delay(w)
	w.Await(ctx)
	require.NoError(t, w.Close())
	c.until(`SELECT count(*) = 0 ` + turnLocks)
}

// A turn that somebody keeps is waited for once, and the group is carried out without it.
func TestATurnThatDoesNotCome(t *testing.T) {
	ctx := t.Context()
	c, w := newContended(t)
	stranger, err := c.DB().Conn(ctx)
	require.NoError(t, err)
	defer stranger.Close()
	_, err = stranger.ExecContext(ctx, `SELECT pg_advisory_lock(7163, 2)`)
	require.NoError(t, err)
	c.delay(w)
	require.True(t, postgres.WantsTurn(w))
	w.Await(ctx)
	require.False(t, postgres.WantsTurn(w))
	tx, _, err := w.Begin(ctx, c.need(), store.LockBriefly)
	require.NoError(t, err)
	require.NoError(t, tx.Commit(ctx, &store.Changes{Events: []store.Event{someEvent()}}))
	c.delay(w)
	require.False(t, postgres.WantsTurn(w), "not so soon")
}

// Turns are given up where they are to be had at once, and tried to be done without where
// they are not.
func TestTurnsAreNotTakenForEver(t *testing.T) {
	require.Equal(t, 32, postgres.GroupsInTurn(false))
	require.Less(t, postgres.GroupsInTurn(true), 8)
	for _, c := range []struct {
		wait, own time.Duration
		want      bool
	}{
		{time.Millisecond, 0, false}, {3 * time.Millisecond, 0, true},
		{10 * time.Millisecond, 40 * time.Millisecond, false}, {30 * time.Millisecond, 40 * time.Millisecond, true},
	} {
		require.Equal(t, c.want, postgres.TurnAfter(c.wait, c.own), c)
	}
}
