package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/postgres"
)

// testLocks has one transaction hold a row and a hold that another wants.
func testLocks(t *testing.T, b *bench) {
	hold := b.hold(ledger.HoldActive, time.Hour)
	tx, _ := b.begin(t, store.Need{})
	require.NoError(t, tx.Commit(background(), &store.Changes{NewHolds: []ledger.Hold{hold}}))
	other, err := b.store.Writer(background())
	require.NoError(t, err)
	defer other.Close()
	need := store.Need{Accounts: []ledger.AccountID{b.bob.ID, b.alice.ID}, Holds: []ledger.HoldID{hold.ID}}

	held, rows := b.begin(t, store.Need{Accounts: []ledger.AccountID{b.alice.ID}, Holds: []ledger.HoldID{hold.ID}})
	require.Len(t, rows.Holds, 1)
	if _, rowLocks := b.store.(*postgres.Store); rowLocks {
		_, _, err = other.Begin(background(), need, store.LockBriefly) // returns, that is
		require.ErrorIs(t, err, store.ErrLocked)
		tx, rows, err := other.Begin(background(), need, store.LockSkipping)
		require.NoError(t, err)
		require.Len(t, rows.Accounts, 1)
		require.Equal(t, b.bob.ID, rows.Accounts[0].ID, "what is held is left out")
		require.Empty(t, rows.Holds)
		require.NoError(t, tx.Rollback(background()))
	}
	for _, mode := range []store.LockMode{store.LockPatiently, store.LockBriefly} {
		_, _, err = other.Begin(within(t, 100*time.Millisecond), need, mode) // ends with its context
		require.True(t, errors.Is(err, context.DeadlineExceeded) || errors.Is(err, store.ErrLocked), "%v", err)
	}
	patient := make(chan error, 1)
	waits := waiterOf(t, b.store)
	go func() {
		tx, rows, err := other.Begin(background(), need, store.LockPatiently)
		if err == nil && (len(rows.Accounts) != 2 || len(rows.Holds) != 1) {
			err = errors.New("not everything came")
		}
		if err == nil {
			err = tx.Rollback(background())
		}
		patient <- err
	}()
	waits()
	require.NoError(t, held.Rollback(background()))
	require.NoError(t, <-patient, "it got its turn")
}

// waiterOf returns what waits until one more writer than now waits for another.
func waiterOf(t *testing.T, st store.Store) func() {
	db := handleOf(t, st)
	waiting := func() (n int64, err error) {
		if _, rowLocks := st.(*postgres.Store); !rowLocks {
			return db.Stats().WaitCount, nil // for the write connection
		}
		err = db.QueryRowContext(background(), `SELECT count(*) FROM pg_stat_activity
			WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(&n)
		return n, err
	}
	if _, rowLocks := st.(*postgres.Store); rowLocks { // the server may not have noticed yet who has gone
		require.Eventually(t, func() bool { n, err := waiting(); return err == nil && n == 0 }, 2*time.Minute, time.Millisecond)
	}
	before, err := waiting()
	require.NoError(t, err)
	return func() {
		t.Helper()
		require.Eventually(t, func() bool {
			now, err := waiting()
			return err == nil && now > before
		}, 2*time.Minute, time.Millisecond, "nobody waits")
	}
}

// testChangesAreSeen has a writer wait for another: it sees what that one did.
func testChangesAreSeen(t *testing.T, b *bench) {
	b.issue(t, b.alice, "10")
	key := store.Key{1}
	held, rows := b.begin(t, store.Need{Accounts: []ledger.AccountID{b.alice.ID}, Keys: []store.Key{key}})
	row := rows.Accounts[0]
	row.Owes = avt("3")
	type seen struct {
		rows *store.Rows
		err  error
	}
	waiting := make(chan seen, 1)
	other, err := b.store.Writer(background())
	require.NoError(t, err)
	defer other.Close()
	waits := waiterOf(t, b.store)
	go func() {
		tx, rows, err := other.Begin(background(), store.Need{Accounts: []ledger.AccountID{b.alice.ID}, Keys: []store.Key{key}}, store.LockPatiently)
		if err == nil {
			err = tx.Rollback(background())
		}
		waiting <- seen{rows, err}
	}()
	waits()
	require.NoError(t, held.Commit(background(), &store.Changes{
		Altered: []*ledger.Account{&row},
		Records: []store.Record{{Key: key, Caller: b.alice.ID, Verb: store.VerbTransfer, Items: 1, Subjects: []ledger.ID{{1}}, At: b.now}},
	}))
	got := <-waiting
	require.NoError(t, got.err)
	require.Equal(t, avt("3"), got.rows.Accounts[0].Owes, "the row as it was committed")
	require.Len(t, got.rows.Records, 1, "keys are looked up once the locks are held")
}

// testClosed goes on after the end.
func testClosed(t *testing.T, b *bench) {
	require.NoError(t, b.writer.Close())
	require.NoError(t, b.writer.Close(), "a second time changes nothing")
	other := again(t, b.store)
	w, err := other.Writer(background())
	require.NoError(t, err)
	require.NoError(t, w.Close())
	require.NoError(t, other.Close())
	_, err = other.Writer(background())
	if err == nil {
		w, err = other.Writer(background())
		require.NoError(t, err)
		_, _, err = w.Begin(background(), store.Need{}, store.LockBriefly)
	}
	require.ErrorIs(t, err, store.ErrUnavailable)
	_, _, err = other.Reader().LogSize(background())
	require.ErrorIs(t, err, store.ErrUnavailable)
	require.ErrorIs(t, other.Maintain(background(), store.Maintenance{Now: b.now, JournalTTL: time.Hour}), store.ErrUnavailable)
}
