package postgres_test

import (
	"context"
	"database/sql"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/postgres"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// What no standby has is acknowledged to nobody, whoever ends the wait for it and in
// whatever way it is asked for: a failover may lose it. It is done once in the end,
// whether it was lost or not.
func TestUnreplicatedIsNotAcknowledged(t *testing.T) {
	ctx := t.Context()
	r := storetest.StartReplicated(t)
	st, err := postgres.Open(ctx, r.URL())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, st.Close()) })
	require.NoError(t, st.Migrate(ctx))
	eng := tegtest.Over(t, st)
	agents := tegtest.FundMany(t, eng, 2, "100")
	pay := func(key string) (teg.TransferReceipt, error) {
		return eng.Transfer(ctx, teg.TransferParams{From: agents[0], To: agents[1], Amount: teg.AVT("1"), Key: key})
	}
	requireReadOnly(t, r)

	r.KillStandby()
	ways := []string{"pg_cancel_backend", "pg_terminate_backend"}
	for _, end := range ways {
		restore := postgres.ShortenCommits(time.Minute, 500*time.Millisecond)
		failed := make(chan error, 1)
		go func() { _, err := pay(end); failed <- err }()
		endWait(t, r, end)
		require.ErrorIs(t, <-failed, teg.ErrOutcomeUnknown, end)
		restore()
	}
	restore := postgres.ShortenCommits(500*time.Millisecond, 500*time.Millisecond)
	_, err = pay("too-late")
	require.ErrorIs(t, err, teg.ErrOutcomeUnknown)
	for _, key := range append(ways, "too-late") {
		_, err = pay(key)
		require.ErrorIs(t, err, teg.ErrOutcomeUnknown, "%s: it is there, and no more certain", key)
	}
	asking, cancel := context.WithTimeout(ctx, 500*time.Millisecond)
	_, err = eng.Operation(asking, agents[0], ways[0])
	cancel()
	require.Error(t, err)
	for range 2 { // the first makes it
		asking, cancel := context.WithTimeout(ctx, time.Second)
		_, err = eng.Checkpoint(asking)
		cancel()
		require.Error(t, err, "the log may not hold it after a failover")
	}
	restore()

	r.RestartStandby()
	_, err = eng.Checkpoint(ctx)
	require.NoError(t, err)
	for _, key := range append(ways, "too-late") {
		again, err := pay(key)
		require.NoError(t, err, key)
		require.True(t, again.Replayed, key)
	}
	_, err = eng.Operation(ctx, agents[0], ways[0])
	require.NoError(t, err)
	require.Equal(t, "103", tegtest.Available(t, eng, agents[1]))

	r.KillStandby()
	restore = postgres.ShortenCommits(500*time.Millisecond, 500*time.Millisecond)
	_, err = pay("lost")
	require.ErrorIs(t, err, teg.ErrOutcomeUnknown)
	unlucky := teg.Agent("did:key:unlucky")
	_, err = eng.RegisterAgent(ctx, teg.RegisterParams{Agent: unlucky})
	require.ErrorIs(t, err, teg.ErrOutcomeUnknown)
	other := tegtest.Over(t, st)
	known, err := other.Registered(ctx, unlucky)
	require.NoError(t, err)
	require.True(t, known, "who only looks is shown what may be lost")
	restore()
	r.KillPrimary()
	_, err = pay("lost")
	require.ErrorIs(t, err, teg.ErrUnavailable)
	r.FailOverToStopped()
	r.Alone()
	done, err := pay("lost")
	require.NoError(t, err)
	require.False(t, done.Replayed, "the standby never had it")
	require.Eventually(t, func() bool { // connections of readers that were idle have yet to notice
		balance, err := eng.Balance(ctx, agents[1])
		return err == nil && balance.Available == teg.AVT("104")
	}, time.Minute, 5*time.Millisecond)
	toUnlucky := teg.TransferParams{From: agents[0], To: unlucky, Amount: teg.AVT("1"), Key: "unlucky"}
	_, err = other.Transfer(ctx, toUnlucky)
	require.ErrorIs(t, err, teg.ErrUnavailable, "the row where it was is gone, or another agent's")
	_, err = other.Transfer(ctx, toUnlucky)
	require.ErrorIs(t, err, teg.ErrNotFound)
}

// requireReadOnly demands that a standby that is written to is one that is not there, as
// it may be the primary soon; and that it is not taken where several are named.
func requireReadOnly(t *testing.T, r *storetest.Replicated) {
	t.Helper()
	ctx := t.Context()
	st, err := postgres.Open(ctx, r.StandbyURL())
	require.NoError(t, err)
	defer st.Close()
	w, err := st.Writer(ctx)
	require.NoError(t, err)
	defer w.Close()
	require.Eventually(t, func() bool { // it may have yet to apply the migration that it has
		_, _, err = w.Begin(ctx, store.Need{}, store.LockBriefly)
		return errors.Is(err, store.ErrUnavailable)
	}, time.Minute, 5*time.Millisecond)
}

// endWait ends the wait of a COMMIT for its standby by a function of the server.
func endWait(t *testing.T, r *storetest.Replicated, function string) {
	t.Helper()
	db, err := sql.Open("pgx", r.PrimaryURL())
	require.NoError(t, err)
	defer db.Close()
	require.Eventually(t, func() bool {
		var ended int
		err := db.QueryRow(`SELECT count(` + function + `(pid)) FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND application_name = 'teg'`).Scan(&ended)
		return err == nil && ended > 0
	}, time.Minute, 5*time.Millisecond)
}
