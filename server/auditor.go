package server

import (
	"time"

	"github.com/agentvault/teg-layer/server/api"
	"github.com/agentvault/teg-layer/teg"
)

// getAuditorMetrics tells how the auditor and those who review its flags do.
func getAuditorMetrics(c *call) (answer, error) {
	s, err := c.engine().AuditorStats(c.ctx)
	body := api.AuditorMetrics{
		FlagCounts: countsOf(s.All()), Position: s.Position, LagEvents: s.Behind, Rules: make([]api.RuleMetrics, len(s.Rules)),
	}
	for i, r := range s.Rules {
		body.Rules[i] = api.RuleMetrics{Code: r.Code, FlagCounts: countsOf(r)}
	}
	return answer{body: body}, err
}

// countsOf is what came of flags, those in shadow aside.
func countsOf(r teg.RuleStats) api.FlagCounts {
	counts := api.FlagCounts{
		TotalFlags: r.New + r.UnderReview + r.Resolved + r.FalsePositive, FalsePositiveRate: r.FalsePositiveRate, ShadowFindings: r.Shadow,
		ByStatus: map[string]int64{
			teg.FlagNew.String(): r.New, teg.FlagUnderReview.String(): r.UnderReview,
			teg.FlagResolved.String(): r.Resolved, teg.FlagFalsePositive.String(): r.FalsePositive,
		},
		BySeverity: map[string]int64{},
	}
	for s := teg.SeverityLow; s <= teg.SeverityCritical; s++ {
		counts.BySeverity[s.String()] = r.Severities[s]
	}
	if r.FalsePositiveRate != nil {
		seconds := r.TimeToResolution.Round(time.Microsecond).Seconds()
		counts.MeanResolutionSeconds = &seconds
	}
	return counts
}
