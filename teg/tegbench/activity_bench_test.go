package tegbench

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// What happened is told at the same cost, however much that was in the last hour: what is new
// is read. The first question reads the hour.
func BenchmarkActivity(b *testing.B) {
	ctx := context.Background()
	for name, open := range databases {
		for _, transfers := range []int{1000, 100_000} {
			st := open(b)
			eng := tegtest.Over(b, st)
			agents := tegtest.FundMany(b, eng, 1000, "1000000")
			pay := func(n int) {
				spread(b, 8, n/10, func(i int) error {
					p := teg.BatchParams{From: agents[i%1000]}
					for j := range 10 {
						p.Transfers = append(p.Transfers, teg.BatchTransfer{To: agents[(i+j+1)%1000], Amount: teg.AVT("0.01")})
					}
					_, err := eng.TransferBatch(ctx, p)
					return err
				})
			}
			ask := func(b *testing.B, eng *teg.Engine) {
				_, err := eng.Activity(ctx, teg.ActivityQuery{Width: teg.Hourly})
				require.NoError(b, err)
			}
			pay(transfers)
			b.Run(fmt.Sprintf("%s/transfers=%d/first", name, transfers), func(b *testing.B) {
				for b.Loop() {
					b.StopTimer()
					fresh, err := teg.New(ctx, st, teg.Config{Clock: tegtest.NewClock().Now})
					require.NoError(b, err)
					b.StartTimer()
					ask(b, fresh)
					b.StopTimer()
					require.NoError(b, fresh.Close())
					b.StartTimer()
				}
			})
			ask(b, eng) // the first
			for _, new := range []int{0, 10, 1000} {
				b.Run(fmt.Sprintf("%s/transfers=%d/new=%d", name, transfers, new), func(b *testing.B) {
					for b.Loop() {
						b.StopTimer()
						pay(new)
						b.StartTimer()
						ask(b, eng)
					}
				})
			}
		}
	}
}
