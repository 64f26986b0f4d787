package sqlite

import (
	"bytes"
	"context"
	"os"
	"slices"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

// BenchmarkGroup commits groups of 256 transfers between 10,000 agents, every
// commit synced.
func BenchmarkGroup(b *testing.B) {
	for _, size := range []int{1, 16, 256} {
		b.Run(map[int]string{1: "of1", 16: "of16", 256: "of256"}[size], func(b *testing.B) { benchmarkGroup(b, size) })
	}
}

func benchmarkGroup(b *testing.B, size int) {
	s := opened(b)
	ctx := context.Background()
	rows := agents(b, s, 10_000)
	system, err := s.collector(ctx)
	require.NoError(b, err)
	pick := func() (from, to *ledger.Account) {
		i, j := rand.IntN(len(rows)), rand.IntN(len(rows)-1)
		if j >= i {
			j++
		}
		return &rows[i], &rows[j]
	}
	w, err := s.Writer(ctx)
	require.NoError(b, err)
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		b.StopTimer()
		changes := transfers(size, pick, system)
		if os.Getenv("SORT") != "" { slices.SortFunc(changes.Moved, func(a, b *ledger.Account) int { return int(a.ID - b.ID) }) }
		if os.Getenv("SORTR") != "" { slices.SortFunc(changes.Records, func(a, b store.Record) int { return bytes.Compare(a.Key[:], b.Key[:]) }) }
		need := needOf(changes)
		b.StartTimer()
		tx, _, err := w.Begin(ctx, need, store.LockBriefly)
		require.NoError(b, err)
		require.NoError(b, tx.Commit(ctx, changes))
	}
	b.ReportMetric(float64(size*b.N)/b.Elapsed().Seconds(), "transfers/s")
}

// collector reads the treasury row at which writers collect.
func (s *Store) collector(ctx context.Context) (*ledger.Account, error) {
	row := &ledger.Account{Kind: ledger.Treasury, Owner: treasury, Stripe: writerStripe, Status: ledger.Active}
	err := s.read.DB.QueryRowContext(ctx, "SELECT id, seq FROM accounts WHERE kind = 3 AND stripe = 1").Scan(&row.ID, &row.Seq)
	return row, err
}
