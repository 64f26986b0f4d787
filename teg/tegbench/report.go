package tegbench

import (
	"cmp"
	"slices"
	"time"
)

// Report holds medians. What was not asked for is zero.
type Report struct {
	Database    string
	Sync        time.Duration // what one commit waits for the disk
	Engine      Result
	Ones        Result // the engine with groups limited to one
	LoneEngine  Result // a lone caller
	LoneByHand  Result
	CeilingMean Result // by hand, in groups as large as the engine's
	CeilingFix  Result // by hand, in groups of [FixedGroup]

	// The medians of the ratios of each round.
	OfCeiling      float64 // the engine to CeilingMean
	OfFixedCeiling float64 // the engine to CeilingFix
	OfOnes         float64 // the engine to Ones
	OfLone         float64 // LoneEngine to LoneByHand
}

func (c *comparison) report() Report {
	median := func(of func(*round) Result) Result {
		runs := make([]Result, len(c.rounds))
		for i := range c.rounds {
			runs[i] = of(&c.rounds[i])
		}
		return MedianOf(runs)
	}
	ratio := func(of func(*round) (a, b Result)) float64 {
		var ratios []float64
		for i := range c.rounds {
			if a, b := of(&c.rounds[i]); b.Rate > 0 {
				ratios = append(ratios, a.Rate/b.Rate)
			}
		}
		return middle(ratios, cmp.Compare)
	}
	return Report{
		Database: c.Place.String(), Sync: c.sync,
		Engine:      median(func(r *round) Result { return r.engine }),
		Ones:        median(func(r *round) Result { return r.ones }),
		LoneEngine:  median(func(r *round) Result { return r.lone }),
		LoneByHand:  median(func(r *round) Result { return r.alone }),
		CeilingMean: median(func(r *round) Result { return r.mean }),
		CeilingFix:  median(func(r *round) Result { return r.fixed }),

		OfCeiling:      ratio(func(r *round) (a, b Result) { return r.engine, r.mean }),
		OfFixedCeiling: ratio(func(r *round) (a, b Result) { return r.engine, r.fixed }),
		OfOnes:         ratio(func(r *round) (a, b Result) { return r.engine, r.ones }),
		OfLone:         ratio(func(r *round) (a, b Result) { return r.lone, r.alone }),
	}
}

// MedianOf returns the run in the middle, by its rate.
func MedianOf(runs []Result) Result {
	return middle(runs, func(a, b Result) int { return cmp.Compare(a.Rate, b.Rate) })
}

// middle is the median, zero where there is nothing.
func middle[T any](list []T, compare func(a, b T) int) (none T) {
	if len(list) == 0 {
		return none
	}
	return slices.SortedFunc(slices.Values(list), compare)[len(list)/2]
}
