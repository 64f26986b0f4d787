package teg_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// A batch that is sent again gets the first answer, whatever keys its elements
// have, and however old what they got is.
func TestBatchReplays(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		clock := tegtest.NewClock()
		ctx, eng := context.Background(), tegtest.Over(t, open(t), tegtest.WithClock(clock))
		agents := tegtest.FundMany(t, eng, 2, "100")
		later := func(d time.Duration) {
			clock.Advance(d)
			require.NoError(t, eng.Tick(ctx))
		}
		later(0)
		for _, key := range []string{"same", "other"} {
			_, err := eng.Transfer(ctx, teg.TransferParams{From: agents[0], To: agents[1], Amount: teg.AVT("5"), Key: key})
			require.NoError(t, err)
		}
		later(25 * time.Hour)
		later(23 * time.Hour)
		p := teg.BatchParams{From: agents[0], Key: "b", Transfers: []teg.BatchTransfer{
			{To: agents[1], Amount: teg.AVT("5"), Key: "same"}, {To: agents[1], Amount: teg.AVT("7"), Key: "other"}, {To: agents[1], Amount: teg.AVT("1")},
		}}
		first, err := eng.TransferBatch(ctx, p)
		require.NoError(t, err)
		require.Equal(t, "IDEMPOTENCY_KEY_REUSED", teg.CodeOf(first.Results[1].Err))
		for range 2 {
			again, err := eng.TransferBatch(ctx, p)
			require.NoError(t, err)
			require.True(t, again.Replayed)
			for i, r := range again.Results {
				require.Equal(t, first.Results[i].Receipt.TransactionID, r.Receipt.TransactionID)
				require.Equal(t, teg.CodeOf(first.Results[i].Err), teg.CodeOf(r.Err))
			}
			later(2 * time.Hour) // the generation in which the first keys were is dropped
		}
	})
}

// Where no more refusals are remembered, a batch is not remembered as decided.
func TestBatchBeyondTheRefusalLimit(t *testing.T) {
	t.Parallel()
	ctx, eng := context.Background(), tegtest.New(t)
	agents := tegtest.FundMany(t, eng, 2, "10")
	p := teg.BatchParams{From: agents[0], Key: "fill"}
	for range teg.MaxBatch {
		p.Transfers = append(p.Transfers, teg.BatchTransfer{To: agents[1], Amount: teg.AVT("1000")})
	}
	full, err := eng.TransferBatch(ctx, p)
	require.NoError(t, err)
	require.Equal(t, teg.MaxBatch, full.Failed)
	p.Key, p.Transfers = "beyond", p.Transfers[:1]
	for range 2 {
		r, err := eng.TransferBatch(ctx, p)
		require.NoError(t, err)
		require.Equal(t, "BIZ_INSUFFICIENT_BALANCE", teg.CodeOf(r.Results[0].Err))
	}
}

// Any number of parties may have holds that expired.
func TestBatchToManyWithExpiredHolds(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		clock := tegtest.NewClock()
		ctx, eng := context.Background(), tegtest.Over(t, open(t), tegtest.WithClock(clock))
		agents := tegtest.FundMany(t, eng, 30, "10")
		p := teg.BatchParams{From: agents[0]}
		for _, to := range agents[1:] {
			_, err := eng.Hold(ctx, teg.HoldParams{From: to, To: agents[0], Amount: teg.AVT("1"), Term: time.Second})
			require.NoError(t, err)
			p.Transfers = append(p.Transfers, teg.BatchTransfer{To: to, Amount: teg.AVT("0.1")})
		}
		clock.Advance(2 * time.Second)
		r, err := eng.TransferBatch(ctx, p)
		require.NoError(t, err)
		require.Equal(t, len(p.Transfers), r.Succeeded)
		require.Equal(t, "10.1", tegtest.Available(t, eng, agents[1]))
	})
}
