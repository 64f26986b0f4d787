package teg_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// together calls act n times at once and waits for all.
func together(n int, act func(i int)) {
	var ready, done sync.WaitGroup
	start := make(chan struct{})
	ready.Add(n)
	for i := range n {
		done.Go(func() {
			ready.Done()
			<-start
			act(i)
		})
	}
	ready.Wait()
	close(start)
	done.Wait()
}

// One key, sent a hundred times at once, moves value once, and everybody gets
// the one answer.
func TestSameKeyAtOnce(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		ctx, eng := context.Background(), tegtest.Over(t, open(t))
		alice, bob := tegtest.Fund(t, eng, "did:example:alice", "100"), tegtest.Fund(t, eng, "did:example:bob", "0")
		receipts := make([]teg.TransferReceipt, 100)
		var fresh atomic.Int64
		together(len(receipts), func(i int) {
			r, err := eng.Transfer(ctx, teg.TransferParams{From: alice, To: bob, Amount: teg.AVT("10"), Key: "once"})
			require.NoError(t, err)
			if !r.Replayed {
				fresh.Add(1)
			}
			r.Replayed = false
			receipts[i] = r
		})
		require.EqualValues(t, 1, fresh.Load())
		for _, r := range receipts {
			require.Equal(t, receipts[0], r)
		}
		require.Equal(t, "10", tegtest.Available(t, eng, bob))
	})
}

// The journal changes its generation while one key is sent over and over: it
// still moves value once.
func TestSameKeyAcrossGenerations(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		clock := tegtest.NewClock()
		ctx, eng := context.Background(), tegtest.Over(t, open(t), tegtest.WithClock(clock))
		alice, bob := tegtest.Fund(t, eng, "did:example:alice", "100"), tegtest.Fund(t, eng, "did:example:bob", "0")
		require.NoError(t, eng.Tick(ctx)) // the first generation begins
		clock.Advance(23 * time.Hour)
		together(50, func(i int) {
			if i%10 == 9 {
				clock.Advance(90 * time.Minute) // 24 h after the generation began, never 24 h after the key
				require.NoError(t, eng.Tick(ctx))
				return
			}
			_, err := eng.Transfer(ctx, teg.TransferParams{From: alice, To: bob, Amount: teg.AVT("10"), Key: "once"})
			require.NoError(t, err)
		})
		require.Equal(t, "10", tegtest.Available(t, eng, bob))
	})
}

// Opposite transfers neither deadlock nor lose anything.
func TestOppositeTransfers(t *testing.T) {
	t.Parallel()
	eachDatabaseTwice(t, func(t *testing.T, stores [2]store.Store) {
		ctx, eng, other := context.Background(), tegtest.Over(t, stores[0]), tegtest.Over(t, stores[1])
		alice, bob := tegtest.Fund(t, eng, "did:example:alice", "1000"), tegtest.Fund(t, eng, "did:example:bob", "1000")
		together(64, func(i int) {
			engine, from, to := eng, alice, bob
			if i%2 == 0 {
				from, to = bob, alice
			}
			if i%4 < 2 {
				engine = other
			}
			for range 10 {
				_, err := engine.Transfer(ctx, teg.TransferParams{From: from, To: to, Amount: teg.AVT("1")})
				require.NoError(t, err)
			}
		})
		require.Equal(t, "999.68", tegtest.Available(t, eng, alice))
		require.Equal(t, "999.68", tegtest.Available(t, eng, bob))
	})
}

// Nobody spends the same value twice, whatever verb takes it.
func TestDoubleSpend(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		ctx, eng := context.Background(), tegtest.Over(t, open(t))
		alice, bob := tegtest.Fund(t, eng, "did:example:alice", "10.001"), tegtest.Fund(t, eng, "did:example:bob", "0")
		var succeeded atomic.Int64
		together(60, func(i int) {
			var err error
			switch i % 3 {
			case 0:
				_, err = eng.Transfer(ctx, teg.TransferParams{From: alice, To: bob, Amount: teg.AVT("10")})
			case 1:
				_, err = eng.Hold(ctx, teg.HoldParams{From: alice, To: bob, Amount: teg.AVT("10")})
			case 2:
				_, err = eng.TransferToSystem(ctx, teg.SystemTransferParams{From: alice, Amount: teg.AVT("10.001")})
			}
			if err == nil {
				succeeded.Add(1)
				return
			}
			require.ErrorIs(t, err, teg.ErrInsufficientBalance)
		})
		require.EqualValues(t, 1, succeeded.Load())
		require.Equal(t, "0", tegtest.Available(t, eng, alice))
	})
}

// A hold ends once, in whichever way was first, and those who come too late are
// told which: that it has expired, or that it has been ended.
func TestHoldEndsOnce(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		clock := tegtest.NewClock()
		ctx, eng := context.Background(), tegtest.Over(t, open(t), tegtest.WithClock(clock))
		alice, bob := tegtest.Fund(t, eng, "did:example:alice", "100"), tegtest.Fund(t, eng, "did:example:bob", "0")
		hold, err := eng.Hold(ctx, teg.HoldParams{From: alice, To: bob, Amount: teg.AVT("10"), Term: time.Minute})
		require.NoError(t, err)
		told := make([]error, 40)
		together(len(told), func(i int) {
			switch i % 4 {
			case 0:
				_, told[i] = eng.Capture(ctx, teg.CaptureParams{By: alice, HoldID: hold.HoldID})
			case 1:
				_, told[i] = eng.Void(ctx, teg.VoidParams{By: bob, HoldID: hold.HoldID})
			case 2:
				clock.Advance(10 * time.Second)
				require.NoError(t, eng.Tick(ctx))
			case 3:
				_, err := eng.Transfer(ctx, teg.TransferParams{From: alice, To: bob, Amount: teg.AVT("0.01")})
				require.NoError(t, err)
			}
		})
		hold, err = eng.GetHold(ctx, alice, hold.HoldID)
		require.NoError(t, err)
		late, ended, left := teg.ErrInvalidState, 1, "99.89"
		switch hold.State {
		case teg.HoldExpired:
			late, ended = teg.ErrExpired, 0
		case teg.HoldCaptured:
			left = "89.889"
		default:
			require.Equal(t, teg.HoldVoided, hold.State)
		}
		for i, err := range told {
			switch {
			case i%4 > 1:
			case err == nil:
				ended--
			default:
				require.ErrorIs(t, err, late)
			}
		}
		require.Zero(t, ended)
		b, err := eng.Balance(ctx, alice)
		require.NoError(t, err)
		require.Equal(t, left, b.Available.String())
		require.Equal(t, "0", b.Locked.String())
	})
}

// Refunds never give back more than the original, however many are asked for.
func TestRefundOnce(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		ctx, eng := context.Background(), tegtest.Over(t, open(t))
		alice, bob := tegtest.Fund(t, eng, "did:example:alice", "100"), tegtest.Fund(t, eng, "did:example:bob", "100")
		paid, err := eng.Transfer(ctx, teg.TransferParams{From: alice, To: bob, Amount: teg.AVT("10")})
		require.NoError(t, err)
		var refunded atomic.Int64
		together(30, func(int) {
			_, err := eng.Refund(ctx, teg.RefundParams{By: bob, TransactionID: paid.TransactionID, Amount: teg.AVT("3")})
			if err == nil {
				refunded.Add(1)
				return
			}
			require.ErrorIs(t, err, teg.ErrInvalidInput, "only 1 is left")
		})
		require.EqualValues(t, 3, refunded.Load())
		require.Equal(t, "101", tegtest.Available(t, eng, bob))
	})
}

// An agent is made once, whoever is first.
func TestRegisterOnce(t *testing.T) {
	t.Parallel()
	eachDatabaseTwice(t, func(t *testing.T, stores [2]store.Store) {
		ctx, engines := context.Background(), []*teg.Engine{tegtest.Over(t, stores[0]), tegtest.Over(t, stores[1])}
		alice := teg.Agent("did:example:alice")
		var made atomic.Int64
		together(40, func(i int) {
			eng := engines[i%2]
			if i%4 == 0 {
				_, err := eng.Issue(ctx, teg.IssueParams{By: tegtest.Admin, To: alice, Amount: teg.AVT("1"), Reason: "grant"})
				require.NoError(t, err)
				return
			}
			_, err := eng.RegisterAgent(ctx, teg.RegisterParams{Agent: alice})
			if err == nil {
				made.Add(1)
				return
			}
			require.ErrorIs(t, err, teg.ErrAlreadyExists)
		})
		require.LessOrEqual(t, made.Load(), int64(1))
		require.Equal(t, "10", tegtest.Available(t, engines[0], alice))
	})
}

// An administrator without a profile has no row that is locked: the journal's
// index alone keeps one key from acting twice.
func TestSameKeyWithoutProfile(t *testing.T) {
	t.Parallel()
	eachDatabaseTwice(t, func(t *testing.T, stores [2]store.Store) {
		ctx, engines := context.Background(), []*teg.Engine{tegtest.Over(t, stores[0]), tegtest.Over(t, stores[1])}
		agents := tegtest.FundMany(t, engines[0], 2, "0")
		together(20, func(i int) {
			_, err := engines[i%2].Issue(ctx, teg.IssueParams{By: tegtest.Admin, To: agents[0], Amount: teg.AVT("5"), Reason: "grant", Key: "once"})
			require.NoError(t, err)
		})
		require.Equal(t, "5", tegtest.Available(t, engines[0], agents[0]))
	})
}
