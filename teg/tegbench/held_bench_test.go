package tegbench

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/postgres"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
)

// A host that holds one account leaves unrelated transfers at least 0.8 of their rate,
// while one caller asks for it over and over. Windows with and without the host's lock
// take turns, so that what else the machine does happens to both; "of-alone" is the
// ratio of their sums. SQLite has one writer: there everybody waits for the host.
func BenchmarkHostHoldsOneAccount(b *testing.B) {
	ctx, agents := context.Background(), 5000 // few would be slow for another reason: PostgreSQL keeps the host's versions of every row
	var st *postgres.Store
	eng, dids := openBench(b, func(tb testing.TB) (opened store.Store) {
		opened = storetest.OpenPostgres(tb)
		st = opened.(*postgres.Store)
		return opened
	}, agents)
	unrelatedRate(eng, dids) // warm
	var alone, held float64
	for b.Loop() {
		alone += unrelatedRate(eng, dids)
		tx, err := st.DB().DB.BeginTx(ctx, nil)
		require.NoError(b, err)
		_, err = eng.Using(postgres.Tx(tx)).Transfer(ctx, teg.TransferParams{From: dids[0], To: dids[1], Amount: teg.AVT("1")})
		require.NoError(b, err)
		held += unrelatedRate(eng, dids)
		require.NoError(b, tx.Commit())
	}
	b.ReportMetric(alone/float64(b.N), "alone/s")
	b.ReportMetric(held/float64(b.N), "held/s")
	b.ReportMetric(held/alone, "of-alone")
}

// unrelatedRate is how many transfers a second go through that have nothing to do
// with the first two agents, beside one caller who wants the first, over and over.
func unrelatedRate(eng *teg.Engine, agents []teg.DID) float64 {
	const callers, during = 128, 1500 * time.Millisecond
	var done atomic.Int64
	var running sync.WaitGroup
	start := time.Now()
	for i := range callers {
		running.Go(func() {
			for n := 0; time.Since(start) < during; n++ {
				wanted := i == 0 && n%16 == 0
				from, to := agents[2+rand.IntN(len(agents)-2)], agents[2+rand.IntN(len(agents)-2)]
				if wanted {
					from = agents[0]
				}
				limited, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
				_, err := eng.Transfer(limited, teg.TransferParams{From: from, To: to, Amount: teg.AVT("0.01")})
				cancel()
				if err == nil && !wanted {
					done.Add(1)
				}
			}
		})
	}
	running.Wait()
	return float64(done.Load()) / time.Since(start).Seconds()
}
