package tegbench

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// The median is what is measured; the best round decides whether half was reached.
func TestGoals(t *testing.T) {
	for _, test := range []struct {
		name         string
		most         bool
		bound        float64
		values       []float64
		met, halfway bool
	}{
		{"reached", false, 0.7, []float64{0.71, 0.9, 0.2}, true, true},
		{"at the bound", false, 0.7, []float64{0.7}, true, true},
		{"missed, but not by half", false, 0.7, []float64{0.1, 0.36, 0.2}, false, true},
		{"half is enough", false, 0.7, []float64{0.35}, false, true},
		{"all rounds below half", false, 0.7, []float64{0.34, 0.1, 0.349}, false, false},
		{"below a limit", true, 25, []float64{10, 24, 90}, true, true},
		{"one round below twice the limit", true, 25, []float64{49, 90, 90}, false, true},
		{"beyond twice the limit", true, 25, []float64{51, 90}, false, false},
		{"nothing was seen", false, 0, nil, false, false},
		{"nothing was seen of a limit", true, 25, nil, false, false},
		{"no number", false, 0.5, []float64{math.NaN()}, false, false},
		{"no number of a limit", true, 0.5, []float64{math.NaN()}, false, false},
	} {
		r := Reading{Goal: Goal{Bound: test.bound, AtMost: test.most}, Values: test.values}
		require.Equal(t, test.met, r.Met(), test.name)
		require.Equal(t, test.halfway, r.MetHalfway(), test.name)
	}
}

func TestGoalsInWords(t *testing.T) {
	ratio := Reading{Goal: Goal{Bound: 0.5}, Values: []float64{0.4}}
	require.Equal(t, "at least 0.50", ratio.Wanted())
	require.Equal(t, "missed", ratio.Verdict())
	size := Reading{Goal: Goal{Bound: 200, Unit: "MiB", AtMost: true}, Values: []float64{150.04}}
	require.Equal(t, "at most 200.0 MiB", size.Wanted())
	require.Equal(t, "150.0 MiB", size.Shown(size.Median()))
	require.Equal(t, "met", size.Verdict())
}
