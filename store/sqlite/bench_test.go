package sqlite

import (
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
	w, err := s.Writer(b.Context())
	require.NoError(b, err)
	rows, system := agents(b, s, 10_000), collector(b, s)
	pick := func() (from, to *ledger.Account) {
		i, j := rand.IntN(len(rows)), rand.IntN(len(rows)-1)
		if j >= i {
			j++
		}
		return &rows[i], &rows[j]
	}
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		b.StopTimer()
		changes := transfers(size, pick, system)
		b.StartTimer()
		tx, _, err := w.Begin(b.Context(), needOf(changes), store.LockBriefly)
		require.NoError(b, err)
		require.NoError(b, tx.Commit(b.Context(), changes))
	}
	b.ReportMetric(float64(size*b.N)/b.Elapsed().Seconds(), "transfers/s")
}
