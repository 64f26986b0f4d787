package tegbench

import (
	"fmt"

	"github.com/agentvault/teg-layer/teg/tegbench/plot"
)

// KeepGrowth are the rounds of all verbs at all sizes.
func KeepGrowth(database string, sizes []int64, points []GrowthPoint) *Kept {
	k := &Kept{Database: database}
	for i, p := range points {
		for _, c := range p.Costs {
			k.AddTimes(fmt.Sprintf("Growth/%s/rows=%d", c.Verb, sizes[i]), timesOf(c.Verb, p.Result.Transfers), c.Rounds)
		}
	}
	return k
}

// timesOf is how often a verb was done in a round.
func timesOf(verb string, transfers int) int {
	switch verb {
	case VerbTransfer, VerbAudit:
		return max(transfers, 1)
	case VerbTrustAnew:
		return 1
	case VerbCycle:
		return cycleTimes
	}
	return readTimes
}

// PlotGrowth draws the verbs over the sizes.
func PlotGrowth(database string, points []GrowthPoint) *plot.Plot {
	p := &plot.Plot{Title: "What each verb takes, on " + database, X: "rows in the tables that grow"}
	for i, verb := range verbs {
		line := plot.Line{Name: verb}
		for _, at := range points {
			line.Points = append(line.Points, plot.Point{X: float64(at.Rows), Seconds: at.Costs[i].Took.Seconds()})
		}
		p.Lines = append(p.Lines, line)
	}
	return p
}
