package tegbench

import (
	"context"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/agentvault/teg-layer/store/storebench"
)

// runByHand writes a load by hand in groups of one size; a size of 0 writes each
// transfer for itself, statement by statement.
func runByHand(ctx context.Context, c *storebench.Ceiling, l Load, size int) (Result, error) {
	pick := newPicker(l)
	group := make([]storebench.Transfer, max(size, 1))
	var latencies []time.Duration
	began := time.Now()
	for left := l.Transfers; left > 0; left -= len(group) {
		group = group[:min(left, len(group))]
		for i := range group {
			from := rand.IntN(l.Accounts)
			group[i] = storebench.Transfer{From: from, To: pick.receiver(from), Amount: pick.sum()}
		}
		start := time.Now()
		var err error
		if size == 0 {
			err = c.Alone(ctx, group[0])
		} else {
			err = c.Group(ctx, group)
		}
		if err != nil {
			return Result{}, err
		}
		latencies = append(latencies, time.Since(start))
	}
	r := summarize(l.Transfers, time.Since(began), latencies)
	r.Group = float64(max(size, 1))
	return r, nil
}

// MedianOf returns the run in the middle, by its rate.
func MedianOf(runs []Result) Result {
	if len(runs) == 0 {
		return Result{}
	}
	sorted := slices.SortedFunc(slices.Values(runs), func(a, b Result) int {
		switch {
		case a.Rate < b.Rate:
			return -1
		case a.Rate > b.Rate:
			return 1
		}
		return 0
	})
	return sorted[len(sorted)/2]
}
