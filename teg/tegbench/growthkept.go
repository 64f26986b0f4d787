package tegbench

import (
	"fmt"

	"github.com/agentvault/teg-layer/teg/tegbench/plot"
)

// Keep are the rounds of all verbs at all sizes, for benchstat.
func (g Growth) Keep(points []GrowthPoint) *Kept {
	g = g.WithDefaults()
	k := &Kept{Database: g.Place.String()}
	for i, p := range points {
		for _, c := range p.Costs {
			k.AddTimes(fmt.Sprintf("Growth/%s/rows=%d", c.Verb, g.Rows[i]), g.timesOf(c.Verb, p.Result.Transfers), c.Rounds)
		}
	}
	return k
}

// timesOf is how often a verb was done in a round.
func (g Growth) timesOf(verb string, transfers int) int {
	switch verb {
	case VerbTransfer, VerbAudit:
		return max(transfers, 1)
	case VerbTrustAnew:
		return 1
	case VerbCycle:
		return cycleTimes
	}
	return g.Reads
}

// Plot draws the verbs over the sizes.
func (g Growth) Plot(points []GrowthPoint) *plot.Plot {
	p := &plot.Plot{Title: "What each verb takes, on " + g.Place.String(), X: "rows in the tables that grow"}
	for i, verb := range verbs {
		line := plot.Line{Name: verb}
		for _, at := range points {
			line.Points = append(line.Points, plot.Point{X: float64(at.Rows), Seconds: at.Costs[i].Took.Seconds()})
		}
		p.Lines = append(p.Lines, line)
	}
	return p
}
