package tegbench

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
)

// Balances for 64 callers at once, who are answered together, beside the same rows read for
// each by itself. Both take turns; "of-alone" is how many times as fast the engine is.
func BenchmarkBalances(b *testing.B) {
	const callers, each, agents = 64, 100, 5000
	for name, open := range databases {
		b.Run(name, func(b *testing.B) {
			var st store.Store
			eng, dids := openBench(b, func(tb testing.TB) store.Store { st = open(tb); return st }, agents)
			var engine, alone time.Duration
			for b.Loop() {
				engine += together(b, callers, each, func(ctx context.Context) error {
					_, err := eng.Balance(ctx, dids[rand.IntN(len(dids))])
					return err
				})
				alone += together(b, callers, each, func(ctx context.Context) error {
					_, err := st.Reader().AccountsOf(ctx, dids[rand.IntN(len(dids))])
					return err
				})
			}
			b.ReportMetric(float64(b.N*callers*each)/engine.Seconds(), "balances/s")
			b.ReportMetric(alone.Seconds()/engine.Seconds(), "of-alone")
		})
	}
}

// together is how long so many callers take who ask so often each.
func together(b *testing.B, callers, each int, ask func(context.Context) error) time.Duration {
	b.Helper()
	var all sync.WaitGroup
	errs := make([]error, callers)
	start := time.Now()
	for i := range callers {
		all.Go(func() {
			for range each {
				if err := ask(context.Background()); err != nil {
					errs[i] = err
				}
			}
		})
	}
	all.Wait()
	took := time.Since(start)
	for _, err := range errs {
		require.NoError(b, err)
	}
	return took
}
