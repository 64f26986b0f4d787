package teg_test

import (
	"context"
	"database/sql"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// A host that burns holds the treasury's rows, at all of which writers collect
// fees: whoever would write has to wait until it ends, and nobody fails. Those who
// cannot wait have done nothing that their key would not tell; the others go
// through once; and reading goes on.
func TestHostHoldsTheTreasury(t *testing.T) {
	for _, end := range []func(*sql.Tx) error{(*sql.Tx).Commit, (*sql.Tx).Rollback} {
		ctx, st := limited(t), storetest.OpenPostgres(t)
		eng := tegtest.Over(t, st)
		agents := tegtest.FundMany(t, eng, 2, "10")
		_, err := eng.TransferToSystem(ctx, teg.SystemTransferParams{From: agents[0], Amount: teg.AVT("5")})
		require.NoError(t, err)
		pay := func(ctx context.Context, key string) error {
			_, err := eng.Transfer(ctx, teg.TransferParams{From: agents[0], To: agents[1], Amount: teg.AVT("1"), Key: key})
			return err
		}
		tx, host := hostOf(t, st, nil)
		defer tx.Rollback()
		_, err = eng.Using(host).Burn(ctx, teg.BurnParams{By: tegtest.Admin, Amount: teg.AVT("2"), Reason: "held"})
		require.NoError(t, err)
		patient := make(chan error, 1)
		go func() { patient <- pay(ctx, "patient") }()
		impatient, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
		defer cancel()
		err = pay(impatient, "impatient")
		require.True(t, errors.Is(err, teg.ErrUnavailable) || errors.Is(err, teg.ErrOutcomeUnknown), "%v", err)
		require.Empty(t, patient, "nobody collects where the host may change what was collected")
		require.Equal(t, "5", tegtest.Available(t, eng, agents[0]))
		_, err = eng.Operation(ctx, agents[0], "impatient")
		require.ErrorIs(t, err, teg.ErrNotFound)

		require.NoError(t, end(tx))
		require.NoError(t, <-patient)
		require.NoError(t, pay(ctx, "impatient"))
		require.Equal(t, "2.998", tegtest.Available(t, eng, agents[0]))
		supply, err := eng.Supply(ctx)
		require.NoError(t, err)
		held, err := supply.Treasury.Add(supply.Burned)
		require.NoError(t, err)
		require.Equal(t, "5.002", held.String(), "two fees and what was paid in, burned or not")
	}
}

// A host that holds one account does not stop the others: while one caller asks for
// it over and over, every unrelated transfer goes through, and next to no group waits
// for the row: a group that met it leaves it to who wants it. What rate they keep is
// for BenchmarkHostHoldsOneAccount.
func TestHostHoldsOneAccount(t *testing.T) {
	st := storetest.OpenPostgres(t)
	seen := &watched{Store: st}
	eng := tegtest.Over(t, seen)
	agents := tegtest.FundMany(t, eng, 200, "1000")
	tx, host := hostOf(t, st, nil)
	defer tx.Rollback()
	_, err := eng.Using(host).Transfer(limited(t), teg.TransferParams{From: agents[0], To: agents[1], Amount: teg.AVT("1")})
	require.NoError(t, err)

	asking, stop := context.WithCancel(limited(t))
	asked := make(chan int64)
	go func() { asked <- askFor(asking, eng, agents[0], agents[1]) }()
	before, ctx := eng.Stats().Groups, limited(t)
	together(64, func(i int) {
		for n := range 30 {
			from, to := agents[2+(i*30+n)%198], agents[2+(i*31+n*7+1)%198]
			_, err := eng.Transfer(ctx, teg.TransferParams{From: from, To: to, Amount: teg.AVT("0.01")})
			if from != to {
				require.NoError(t, err)
			}
		}
	})
	stop()
	asks, groups := <-asked, eng.Stats().Groups-before
	t.Logf("%d of %d groups waited for the row, which was asked for %d times", seen.waited.Load(), groups, asks)
	require.Positive(t, asks)
	require.LessOrEqual(t, seen.waited.Load(), asks, "a group waits once for who asks, and then never again")
	require.NoError(t, tx.Commit())
}

// askFor has a caller want one account over and over, each time for a moment, until the
// context ends, and tells how often.
func askFor(ctx context.Context, eng *teg.Engine, from, to teg.DID) (asks int64) {
	for ; ctx.Err() == nil; asks++ {
		limited, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
		_, _ = eng.Transfer(limited, teg.TransferParams{From: from, To: to, Amount: teg.AVT("0.01")})
		cancel()
	}
	return asks
}

// A row that a host held for long is an ordinary row again as soon as somebody
// gets it: operations on it are committed in groups.
func TestHeldRowIsFreeAgain(t *testing.T) {
	st := storetest.OpenPostgres(t)
	seen := &watched{Store: st}
	eng := tegtest.Over(t, seen)
	agents := tegtest.FundMany(t, eng, 2, "1000")
	pay := func() error {
		_, err := eng.Transfer(limited(t), teg.TransferParams{From: agents[0], To: agents[1], Amount: teg.AVT("1")})
		return err
	}
	tx, host := hostOf(t, st, nil)
	defer tx.Rollback()
	_, err := eng.Using(host).Transfer(limited(t), teg.TransferParams{From: agents[0], To: agents[1], Amount: teg.AVT("1")})
	require.NoError(t, err)
	first, groups := make(chan error, 1), eng.Stats().Groups
	go func() { first <- pay() }()
	require.Eventually(t, func() bool { return eng.Stats().Groups > groups }, patience, time.Millisecond)
	require.Empty(t, first, "its group has ended without it: the row is held")
	require.NoError(t, tx.Commit())
	require.NoError(t, <-first)
	before := seen.alone.Load()
	together(200, func(int) { require.NoError(t, pay()) })
	require.Equal(t, before, seen.alone.Load())
}
