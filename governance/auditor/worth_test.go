package auditor

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// The rules as they are by default find nine tenths of what is hidden in a market,
// of each kind, and flag less than 2 % of honest agents.
func TestWorth(t *testing.T) {
	sum := report{map[Code]int{}, map[Code]int{}, map[Code]int{}, 0, 0}
	events := 0
	for seed := range uint64(6) {
		m := makeMarket(seed)
		r := m.judge(NewPack())
		for _, d := range catalogue {
			require.GreaterOrEqual(t, r.found[d.code]*10, r.hidden[d.code]*9, "seed %d, %s\n%s", seed, d.code, r)
		}
		require.Less(t, r.accused*100, r.honest*2, "seed %d\n%s", seed, r)
		sum.add(r)
		events += len(m.events)
	}
	fmt.Printf("six markets, %d events\n%s", events, sum)
}

func BenchmarkObserve(b *testing.B) {
	m := makeMarket(1)
	pack := NewPack()
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		if i == len(m.events) {
			i, pack = 0, NewPack()
		}
		pack.Observe(m.events[i])
		i++
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
}
