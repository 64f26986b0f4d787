package tegbench

import (
	"cmp"
	"fmt"
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

	rounds []round
}

// round is one run of each part.
type round struct{ engine, ones, lone, alone, mean, fixed Result }

// ReportOf is what some runs of one target say.
func ReportOf(database string, runs []Result) Report {
	r := Report{Database: database, Engine: MedianOf(runs)}
	for _, run := range runs {
		r.rounds = append(r.rounds, round{engine: run})
	}
	return r
}

// CeilingRatios are those of the engine to the ceiling in groups as large as its own, of
// each round.
func (r *Report) CeilingRatios() []float64 {
	return ratios(r.rounds, func(r *round) (a, b Result) { return r.engine, r.mean })
}

// Keep are all runs of all parts, for benchstat.
func (r *Report) Keep(l Load) *Kept {
	l = l.WithDefaults()
	k := &Kept{Database: r.Database}
	for i := range r.rounds {
		round := &r.rounds[i]
		for _, part := range []struct {
			name string
			of   Result
		}{
			{"engine", round.engine}, {"by_hand", round.mean}, {"by_hand_500", round.fixed},
			{"groups_of_one", round.ones}, {"lone", round.lone}, {"lone_by_hand", round.alone},
		} {
			if part.of.Rate > 0 {
				k.AddResult(fmt.Sprintf("Transfer/%s/clients=%d/zipf=%g/batch=%d", part.name, l.Clients, l.Zipf, l.Batch), part.of)
			}
		}
		if round.mean.Rate > 0 {
			k.Add(fmt.Sprintf("Transfer/of_ceiling/clients=%d/zipf=%g/batch=%d", l.Clients, l.Zipf, l.Batch), 1,
				Measure{round.engine.Rate / round.mean.Rate, Ratio})
		}
	}
	return k
}

// ratios are those of two parts, of each round that has both.
func ratios(rounds []round, of func(*round) (a, b Result)) (list []float64) {
	for i := range rounds {
		if a, b := of(&rounds[i]); b.Rate > 0 {
			list = append(list, a.Rate/b.Rate)
		}
	}
	return list
}

func (c *comparison) report() Report {
	median := func(of func(*round) Result) Result {
		runs := make([]Result, len(c.rounds))
		for i := range c.rounds {
			runs[i] = of(&c.rounds[i])
		}
		return MedianOf(runs)
	}
	ratio := func(of func(*round) (a, b Result)) float64 { return middle(ratios(c.rounds, of), cmp.Compare) }
	return Report{
		Database: c.Place.String(), Sync: c.sync, rounds: slices.Clone(c.rounds),
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
