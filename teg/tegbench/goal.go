package tegbench

import (
	"cmp"
	"fmt"
	"slices"
)

// Goal is what something is to reach, or not to exceed.
type Goal struct {
	Name   string
	Unit   string  // of the bound, such as ms; empty for ratios
	Bound  float64 // that is still good
	AtMost bool    // less is better; otherwise more is
}

// Reading is what was seen of a goal.
type Reading struct {
	Goal
	Values []float64 // one for each round
	Detail string    // the figures behind it, for people
}

// Median is the value in the middle; NaN is none, and zero stands for no rounds.
func (r Reading) Median() float64 { return middle(r.Values, cmp.Compare) }

// Best is the value that is nearest to the goal, or farthest beyond it.
func (r Reading) Best() float64 {
	switch {
	case len(r.Values) == 0:
		return 0
	case r.AtMost:
		return slices.Min(r.Values)
	}
	return slices.Max(r.Values)
}

// Met reports whether the median is good. Where nothing was seen it is not.
func (r Reading) Met() bool { return r.reaches(r.Median(), r.Bound) }

// MetHalfway reports whether the best round reached half of the goal, or stayed below
// twice of what it is not to exceed. That is no measurement, but it is missed by what
// has become twice as slow, and not because a machine was busy for a round.
func (r Reading) MetHalfway() bool {
	if r.AtMost {
		return r.reaches(r.Best(), r.Bound*2)
	}
	return r.reaches(r.Best(), r.Bound/2)
}

// reaches compares so that what is not a number reaches nothing.
func (r Reading) reaches(value, bound float64) bool {
	switch {
	case len(r.Values) == 0:
		return false
	case r.AtMost:
		return value <= bound
	}
	return value >= bound
}

// Verdict is a word for people.
func (r Reading) Verdict() string {
	if r.Met() {
		return "met"
	}
	return "missed"
}

// Wanted is the bound in words, such as "at least 0.5".
func (g Goal) Wanted() string {
	side := "at least"
	if g.AtMost {
		side = "at most"
	}
	return fmt.Sprintf("%s %s", side, g.Shown(g.Bound))
}

// Shown is a value of the goal with its unit.
func (g Goal) Shown(value float64) string {
	if g.Unit == "" {
		return fmt.Sprintf("%.2f", value)
	}
	return fmt.Sprintf("%.1f %s", value, g.Unit)
}
