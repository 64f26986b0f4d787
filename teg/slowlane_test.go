package teg_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// holdRows lets a transaction of nobody's hold the available rows of agents.
func holdRows(t *testing.T, st store.Store, agents ...teg.DID) (release func()) {
	tx, _ := hostOf(t, st, nil)
	for _, agent := range agents {
		_, err := tx.Exec(`SELECT 1 FROM accounts WHERE owner = $1 FOR UPDATE`, agent.String())
		require.NoError(t, err)
	}
	release = sync.OnceFunc(func() { require.NoError(t, tx.Rollback()) })
	t.Cleanup(release)
	return release
}

// A batch that waits for one held row holds none of the others that it is about.
// Its caller, who gives up, has changed nothing, and is told so for certain unless
// its rows were being tried at that very moment.
func TestWaitingBatchHoldsNobody(t *testing.T) {
	st := storetest.OpenPostgres(t)
	eng := tegtest.Over(t, st)
	agents := tegtest.FundMany(t, eng, 401, "1000")
	last := tegtest.Fund(t, eng, "did:example:last", "1") // of the highest id
	holdRows(t, st, last)
	p := teg.BatchParams{From: agents[400], Atomic: true}
	for _, to := range append(agents[:400:400], last) {
		p.Transfers = append(p.Transfers, teg.BatchTransfer{To: to, Amount: teg.AVT("0.01")})
	}
	certain := 0
	for i := 0; certain == 0; i++ {
		require.Less(t, i, 20, "nobody who gave up was ever told for certain")
		p.Key = fmt.Sprintf("all-%d", i)
		if errors.Is(giveUpWhileOthersPay(t, eng, p, agents[:400]), teg.ErrUnavailable) {
			certain++
		}
		_, err := eng.Operation(limited(t), agents[400], p.Key)
		require.ErrorIs(t, err, teg.ErrNotFound)
		require.Equal(t, "1000", tegtest.Available(t, eng, agents[400]))
	}
}

// giveUpWhileOthersPay withdraws a batch after its receivers have paid one another,
// and returns what its caller was told.
func giveUpWhileOthersPay(t *testing.T, eng *teg.Engine, p teg.BatchParams, agents []teg.DID) error {
	batch, giveUp := context.WithCancel(limited(t))
	told := make(chan error, 1)
	go func() { _, err := eng.TransferBatch(batch, p); told <- err }()
	for i := range 1000 {
		from, to := agents[i%len(agents)], agents[(i+1)%len(agents)]
		_, err := eng.Transfer(limited(t), teg.TransferParams{From: from, To: to, Amount: teg.AVT("0.01")})
		require.NoError(t, err)
	}
	require.Empty(t, told, "it waits")
	giveUp()
	err := <-told
	require.True(t, errors.Is(err, teg.ErrUnavailable) || errors.Is(err, teg.ErrOutcomeUnknown), "%v", err)
	return err
}

// A burn and a reward cycle need every row of the treasury, one of which a host's
// payment holds: they wait for the host, and nobody waits for them.
func TestEveryTreasuryRowBehindAHost(t *testing.T) {
	const payments = 500
	for name, act := range map[string]func(context.Context, *teg.Engine) error{
		"burn": func(ctx context.Context, eng *teg.Engine) error {
			_, err := eng.Burn(ctx, teg.BurnParams{By: tegtest.Admin, Amount: teg.AVT("1"), Reason: "x"})
			return err
		},
		"reward cycle": func(ctx context.Context, eng *teg.Engine) error {
			_, err := eng.RunRewardCycle(ctx, teg.CycleParams{By: tegtest.Admin})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, st := limited(t), storetest.OpenPostgres(t)
			eng := tegtest.Over(t, st)
			agents := tegtest.FundMany(t, eng, 4, "1000")
			_, err := eng.TransferToSystem(ctx, teg.SystemTransferParams{From: agents[0], Amount: teg.AVT("5")})
			require.NoError(t, err)
			_, err = eng.Stake(ctx, teg.StakeParams{By: agents[3], Amount: teg.AVT("10")})
			require.NoError(t, err)
			tx, host := hostOf(t, st, nil)
			defer tx.Rollback()
			_, err = eng.Using(host).Transfer(ctx, teg.TransferParams{From: agents[0], To: agents[1], Amount: teg.AVT("1")})
			require.NoError(t, err)
			done := make(chan error, 1)
			go func() { done <- act(ctx, eng) }()
			groups, began := eng.Stats().Groups, time.Now()
			for range payments {
				_, err := eng.Transfer(ctx, teg.TransferParams{From: agents[2], To: agents[3], Amount: teg.AVT("1")})
				require.NoError(t, err)
			}
			require.Empty(t, done, "it waits")
			may := payments + payments/10 + int64(time.Since(began)/time.Second) // a group looks again every five seconds
			require.Less(t, eng.Stats().Groups-groups, may, "it goes round no groups meanwhile")
			require.NoError(t, tx.Commit())
			require.NoError(t, <-done)
		})
	}
}

// Hundreds who waited for a held row are committed in groups once it is free, but for
// those who find that out.
func TestThoseWhoWaitedComeBackToTheGroups(t *testing.T) {
	const callers = 400
	ctx, st := limited(t), storetest.OpenPostgres(t)
	seen := &watched{Store: st}
	eng := tegtest.Over(t, seen)
	agents := tegtest.FundMany(t, eng, 3, "1000")
	release := holdRows(t, st, agents[0])
	pay := func(from teg.DID) {
		_, err := eng.Transfer(ctx, teg.TransferParams{From: from, To: agents[1], Amount: teg.AVT("1")})
		require.NoError(t, err)
	}
	var waiting sync.WaitGroup
	for range callers {
		waiting.Go(func() { pay(agents[0]) })
	}
	for range 100 {
		pay(agents[2]) // so that the groups meet those who wait
	}
	require.Zero(t, seen.alone.Load())
	release()
	waiting.Wait()
	require.Less(t, seen.alone.Load(), int64(callers/10))
}

// Payers whose rows somebody holds for long keep no lane from others: what waits
// for another row goes through as soon as that is free.
func TestHeldPayersKeepNoLane(t *testing.T) {
	ctx, st := limited(t), storetest.OpenPostgres(t)
	clock := tegtest.NewClock()
	eng := tegtest.Over(t, st, tegtest.WithClock(clock))
	agents := tegtest.FundMany(t, eng, 34, "100")
	for _, payer := range agents[:30] {
		_, err := eng.Hold(ctx, teg.HoldParams{From: payer, To: agents[33], Amount: teg.AVT("1"), Term: time.Second})
		require.NoError(t, err)
	}
	release := holdRows(t, st, agents[:30]...)
	briefly := holdRows(t, st, agents[31])
	clock.Advance(time.Hour)
	settle := func() { // until the groups are done with those who wait
		for range 100 {
			_, err := eng.Transfer(ctx, teg.TransferParams{From: agents[33], To: agents[32], Amount: teg.AVT("0.01")})
			require.NoError(t, err)
		}
	}
	ticked, waited := make(chan error, 1), make(chan error, 30)
	go func() { ticked <- eng.Tick(ctx) }() // which waits for seconds; these wait as long as it takes
	for _, payer := range agents[:cap(waited)] {
		go func() {
			_, err := eng.Transfer(ctx, teg.TransferParams{From: payer, To: agents[32], Amount: teg.AVT("1")})
			waited <- err
		}()
	}
	settle()
	paid := make(chan error, 1)
	go func() {
		_, err := eng.Transfer(ctx, teg.TransferParams{From: agents[31], To: agents[32], Amount: teg.AVT("1")})
		paid <- err
	}()
	settle()
	briefly()
	require.NoError(t, <-paid)
	require.Empty(t, waited)
	release()
	for range cap(waited) {
		require.NoError(t, <-waited)
	}
	err := <-ticked // what was not to be had in time is left for the next
	if err != nil {
		require.ErrorIs(t, err, teg.ErrUnavailable)
		require.NoError(t, eng.Tick(ctx))
	}
	require.Equal(t, "98.999", tegtest.Available(t, eng, agents[0]))
}

// What is due is done in transactions of its own, which on SQLite would wait for
// the host for ever.
func TestTickInAHostsTransaction(t *testing.T) {
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		st := open(t)
		eng := tegtest.Over(t, st)
		tx, host := hostOf(t, st, nil)
		require.ErrorIs(t, eng.Using(host).Tick(limited(t)), teg.ErrInvalidState)
		require.NoError(t, tx.Rollback())
	})
}
