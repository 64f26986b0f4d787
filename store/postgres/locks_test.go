package postgres_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/postgres"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// Callers of an engine that want a row which another transaction holds: a patient
// one gets its turn, an impatient one is told so.
func TestCallersWaitForAHeldRow(t *testing.T) {
	ctx, st := context.Background(), storetest.OpenPostgres(t)
	eng := tegtest.Over(t, st)
	agents := tegtest.FundMany(t, eng, 2, "10")
	held, err := st.(*postgres.Store).DB().BeginTx(ctx, nil)
	require.NoError(t, err)
	_, err = held.ExecContext(ctx, `SELECT 1 FROM accounts WHERE owner = ? FOR NO KEY UPDATE`, agents[0].String())
	require.NoError(t, err)

	impatient, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
	defer cancel()
	_, err = eng.Transfer(impatient, teg.TransferParams{From: agents[0], To: agents[1], Amount: teg.AVT("1"), Key: "impatient"})
	require.Error(t, err)
	done := make(chan error, 1)
	go func() {
		_, err := eng.Transfer(ctx, teg.TransferParams{From: agents[0], To: agents[1], Amount: teg.AVT("1"), Key: "patient"})
		done <- err
	}()
	select {
	case err := <-done:
		require.Fail(t, "it did not wait", "%v", err)
	case <-time.After(200 * time.Millisecond):
	}
	require.NoError(t, held.Rollback())
	require.NoError(t, <-done)
	_, err = eng.Operation(ctx, agents[0], "impatient")
	require.ErrorIs(t, err, teg.ErrNotFound)
}

// Each writer collects at a stripe of its own, also across stores.
func TestStripesAreLeased(t *testing.T) {
	ctx, url := context.Background(), storetest.PostgresURL(t)
	seen := map[uint8]bool{}
	for range 3 {
		st, err := postgres.Open(ctx, url)
		require.NoError(t, err)
		require.NoError(t, st.Migrate(ctx))
		t.Cleanup(func() { require.NoError(t, st.Close()) })
		for range 4 {
			w, err := st.Writer(ctx)
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, w.Close()) })
			require.False(t, seen[w.Stripe()])
			require.True(t, w.Stripe() >= 1 && w.Stripe() < ledger.HostStripes)
			seen[w.Stripe()] = true
		}
	}
}

// A server starts beside one that maintains. A group that nobody else can carry out waits
// for the table, even where its connection has to prepare for it first.
func TestWriterOpensBesideMaintenance(t *testing.T) {
	ctx := context.Background()
	st := storetest.OpenPostgres(t).(*postgres.Store)
	maintaining, err := st.DB().BeginTx(ctx, nil)
	require.NoError(t, err)
	_, err = maintaining.Exec(`LOCK TABLE journal_0 IN ACCESS EXCLUSIVE MODE`)
	require.NoError(t, err)
	w := open(t, st)
	need := store.Need{Keys: []store.Key{{1}}}
	_, _, err = w.Begin(ctx, need, store.LockBriefly)
	require.ErrorIs(t, err, store.ErrLocked)
	begun := make(chan error, 1)
	go func() {
		tx, _, err := w.Begin(ctx, need, store.LockPatiently)
		if err == nil {
			err = tx.Rollback(ctx)
		}
		begun <- err
	}()
	require.Eventually(t, func() bool {
		var waits bool
		err := st.DB().QueryRow(`SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'journal_0'::regclass AND NOT granted)`).Scan(&waits)
		return err == nil && waits
	}, time.Minute, time.Millisecond)
	select {
	case err := <-begun:
		require.Fail(t, "it did not wait", "%v", err)
	case <-time.After(150 * time.Millisecond): // several times what a group waits briefly
	}
	require.NoError(t, maintaining.Rollback())
	require.NoError(t, <-begun)
}

// A journal that somebody reads keeps its generation, and nobody waits until it has
// been read.
func TestAJournalInUseIsLeft(t *testing.T) {
	ctx := context.Background()
	st, _ := openWriter(t)
	reading, err := st.DB().BeginTx(ctx, nil)
	require.NoError(t, err)
	_, err = reading.ExecContext(ctx, `SELECT 1 FROM journal_1`)
	require.NoError(t, err)
	generation := func() (n int) {
		require.NoError(t, st.DB().QueryRowContext(ctx, `SELECT generation FROM journal_state`).Scan(&n))
		return n
	}
	due := store.Maintenance{Now: time.Now(), JournalTTL: time.Hour}
	require.NoError(t, st.Maintain(ctx, due), "it does not wait until the reader ends")
	require.Zero(t, generation())
	require.NoError(t, reading.Rollback())
	require.NoError(t, st.Maintain(ctx, due))
	require.Equal(t, 1, generation())
}

// Who waits for a row while another makes an agent that both want to make is told
// of the conflict, and does not decide as if there were none.
func TestOwnersMadeWhileRowsAreWaitedFor(t *testing.T) {
	ctx := context.Background()
	st, first := openWriter(t)
	second := open(t, st)
	eng := tegtest.Over(t, st)
	tegtest.Fund(t, eng, somebody.String(), "1")
	rows, err := st.Reader().AccountsOf(ctx, somebody)
	require.NoError(t, err)
	fresh := teg.Agent("did:example:fresh")
	need := store.Need{Owners: []teg.DID{fresh}, Accounts: []ledger.AccountID{rows[0].ID}}
	tx, loaded, err := first.Begin(ctx, need, store.LockPatiently)
	require.NoError(t, err)
	waited := make(chan error, 1)
	go func() {
		_, _, err := second.Begin(ctx, need, store.LockPatiently)
		waited <- err
	}()
	waiters := func() (n int) {
		require.NoError(t, st.DB().QueryRowContext(ctx, `SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`).Scan(&n))
		return n
	}
	require.Eventually(t, func() bool { return waiters() == 1 }, 2*time.Minute, time.Millisecond)
	var made []*ledger.Account
	for i, kind := range []ledger.Kind{ledger.Available, ledger.Locked} {
		made = append(made, &ledger.Account{ID: loaded.NewAccounts[i], Owner: fresh, Kind: kind, Status: ledger.Active})
	}
	require.NoError(t, tx.Commit(ctx, &store.Changes{Opened: made}))
	require.ErrorIs(t, <-waited, store.ErrConflict)
}

// A writer waits for rows as long as some of its own transactions take: those of other
// servers, which work on the same rows, take as long.
func TestLocksAreWaitedForAsLongAsGroupsTake(t *testing.T) {
	st, _ := openWriter(t)
	for held, want := range map[time.Duration]string{0: "50ms", 5 * time.Millisecond: "50ms", 25 * time.Millisecond: "200ms", time.Minute: "2s"} {
		timeout, err := st.LockTimeout(t.Context(), held)
		require.NoError(t, err)
		require.Equal(t, want, timeout)
	}
}
