package tegbench

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// partTime is how long each part of a comparison runs, three times over.
const partTime = 1500 * time.Millisecond

// eachPlace runs a benchmark on every database that is to be had here.
func eachPlace(b *testing.B, bench func(*testing.B, Plan)) {
	for _, name := range []string{"sqlite", "postgres"} {
		b.Run(name, func(b *testing.B) { bench(b, Plan{Place: places[name](b), Load: Load{Duration: partTime}}) })
	}
}

// compare carries a plan out and reports what matters of it. One pass is enough:
// the medians are in it.
func compare(b *testing.B, p Plan) {
	for b.Loop() {
		r, err := Compare(context.Background(), p)
		require.NoError(b, err)
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(float64(r.Sync.Microseconds()), "fsync-µs")
		for _, metric := range []struct {
			value float64
			unit  string
		}{
			{r.Engine.Rate, "transfers/s"}, {r.Engine.Group, "group"}, {float64(r.Engine.P99.Microseconds()), "p99-µs"},
			{r.CeilingMean.Rate, "ceiling/s"}, {r.OfCeiling, "of-ceiling"},
			{r.CeilingFix.Rate, "ceiling500/s"}, {r.OfFixedCeiling, "of-ceiling500"},
			{r.Ones.Rate, "ones/s"}, {r.OfOnes, "times-ones"},
			{r.LoneEngine.Rate, "lone/s"}, {r.LoneByHand.Rate, "lone-by-hand/s"}, {r.OfLone, "of-lone"},
		} {
			if metric.value > 0 {
				b.ReportMetric(metric.value, metric.unit)
			}
		}
	}
}

// BenchmarkTransfer compares the engine with the hand-written ceilings.
func BenchmarkTransfer(b *testing.B) {
	eachPlace(b, func(b *testing.B, p Plan) {
		for _, distribution := range []struct {
			name string
			zipf float64
		}{{"uniform", 0}, {"zipf", 1}} {
			b.Run(distribution.name, func(b *testing.B) {
				for _, callers := range []int{1, 64, 256, 1024} {
					b.Run(strconv.Itoa(callers), func(b *testing.B) {
						p := p
						p.Zipf, p.Clients, p.Ceiling, p.Fixed = distribution.zipf, callers, true, callers == 1024
						compare(b, p)
					})
				}
			})
		}
	})
}

// BenchmarkGroupsOfOne compares 256 callers in groups with the same callers on an
// engine that commits each transfer for itself.
func BenchmarkGroupsOfOne(b *testing.B) {
	eachPlace(b, func(b *testing.B, p Plan) {
		p.Clients, p.Ones = 256, true
		compare(b, p)
	})
}

// BenchmarkLone compares a lone caller with a lone transaction by hand: BEGIN,
// statement by statement, COMMIT.
func BenchmarkLone(b *testing.B) {
	eachPlace(b, func(b *testing.B, p Plan) {
		p.Clients, p.Lone = 1, true
		compare(b, p)
	})
}
