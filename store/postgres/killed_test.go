package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
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

// A backend that dies inside a transaction takes it with it, whatever is asked
// of it next, and the writer goes on.
func TestBackendDiesInATransaction(t *testing.T) {
	ctx, st := context.Background(), storetest.OpenPostgres(t).(*postgres.Store)
	w, err := st.Writer(ctx)
	require.NoError(t, err)
	defer w.Close()
	stripe := w.Stripe()
	reference := store.Reference{Key: store.Key{1}, Subject: ledger.ID{1}}
	changes := &store.Changes{References: []store.Reference{reference}}
	for name, ask := range map[string]func(store.Tx) error{
		"commit": func(tx store.Tx) error { return tx.Commit(ctx, changes) },
		"count and commit": func(tx store.Tx) error {
			_, err := tx.LiveRefusals(ctx, []ledger.AccountID{1})
			return errors.Join(err, tx.Commit(ctx, changes))
		},
		"count": func(tx store.Tx) error {
			_, err := tx.LiveRefusals(ctx, []ledger.AccountID{1})
			return errors.Join(err, tx.Rollback(ctx))
		},
	} {
		tx, _, err := w.Begin(ctx, store.Need{}, store.LockBriefly)
		require.NoError(t, err, name)
		end(t, st)
		err = ask(tx)
		require.ErrorIs(t, err, store.ErrUnavailable, name)
		require.NotErrorIs(t, err, store.ErrOutcomeUnknown, name)
		tx, rows, err := w.Begin(ctx, store.Need{References: []store.Key{reference.Key}}, store.LockBriefly)
		require.NoError(t, err, name)
		require.Empty(t, rows.References, name)
		require.NoError(t, tx.Rollback(ctx), name)
		require.Equal(t, stripe, w.Stripe(), "%s: it collects where it did", name)
	}
	tx, _, err := w.Begin(ctx, store.Need{}, store.LockBriefly)
	require.NoError(t, err)
	end(t, st)
	require.NoError(t, tx.Rollback(ctx), "what is gone is rolled back")
	tx, _, err = w.Begin(ctx, store.Need{}, store.LockBriefly)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	require.ErrorIs(t, tx.Commit(ctx, changes), store.ErrUnavailable, "its writer was closed")
}

// Backends die while many pay. Whoever hears that nothing happened, or does not
// hear what did, sends the same key again: each payment is made once.
func TestBackendsDieUnderLoad(t *testing.T) {
	st := storetest.OpenPostgres(t).(*postgres.Store)
	eng := tegtest.Over(t, st, func(c *teg.Config) { c.Committers = 2 })
	const payers, each = 16, 40
	agents := tegtest.FundMany(t, eng, payers+1, "1000")
	var made atomic.Int64
	var running sync.WaitGroup
	faults := make([]error, payers)
	for i := range payers {
		running.Go(func() {
			faults[i] = insist(eng, agents[i], agents[payers], each, func() {
				if made.Add(1)%50 == 0 { // where two do this at once, one kills the other, and that is well
					_, _ = st.DB().ExecContext(context.Background(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
						WHERE datname = current_database() AND pid <> pg_backend_pid()`)
				}
			})
		})
	}
	running.Wait()
	require.NoError(t, errors.Join(faults...))
	for i := range payers {
		require.Equal(t, "959.96", tegtest.Available(t, eng, agents[i]))
	}
	require.Equal(t, fmt.Sprint(1000+payers*each), tegtest.Available(t, eng, agents[payers]))
}

// insist pays until each payment is known to have been made.
func insist(eng *teg.Engine, from, to teg.DID, times int, paid func()) error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	for n := range times {
		for {
			_, err := eng.Transfer(ctx, teg.TransferParams{From: from, To: to, Amount: teg.AVT("1"), Key: fmt.Sprint(n)})
			if err == nil {
				paid()
				break
			}
			if ctx.Err() != nil || !errors.Is(err, teg.ErrUnavailable) && !errors.Is(err, teg.ErrOutcomeUnknown) {
				return err
			}
		}
	}
	return nil
}

// A stripe is free again when its writer is closed or its connection dies; where
// all are taken, writers share.
func TestStripesComeBack(t *testing.T) {
	ctx, st := context.Background(), storetest.OpenPostgres(t).(*postgres.Store)
	one := open(t, st)
	stripe := one.Stripe()
	require.NoError(t, one.Close())
	allFree(t, st)
	again := open(t, st)
	require.Equal(t, stripe, again.Stripe(), "the first that is free")

	end(t, st) // the writer does not know yet
	allFree(t, st)
	thief := open(t, st)
	require.Equal(t, stripe, thief.Stripe())
	tx, _, err := again.Begin(ctx, store.Need{}, store.LockBriefly)
	require.NoError(t, err, "it goes on, at the stripe that the engine knows it by")
	require.Equal(t, stripe, again.Stripe())
	require.NoError(t, tx.Rollback(ctx))

	seen := map[uint8]int{}
	for range ledger.HostStripes + 2 {
		seen[open(t, st).Stripe()]++
	}
	require.Len(t, seen, ledger.HostStripes-2+min(1, seen[stripe]), "all others, before any is shared")
	for shared := range seen {
		require.True(t, shared >= 1 && shared < ledger.HostStripes)
	}
}

// allFree waits until the server has noticed that nobody leases a stripe.
func allFree(t *testing.T, st *postgres.Store) {
	t.Helper()
	require.Eventually(t, func() bool {
		var leased int
		err := st.DB().QueryRowContext(context.Background(), `SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'
			AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`).Scan(&leased)
		return err == nil && leased == 0
	}, 2*time.Minute, time.Millisecond)
}

func open(t *testing.T, st store.Store) store.Writer {
	t.Helper()
	w, err := st.Writer(context.Background())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, w.Close()) })
	return w
}
