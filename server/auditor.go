package server

import (
	"time"

	"github.com/agentvault/teg-layer/teg"
)

// flagCounts is what came of flags, those in shadow aside.
type flagCounts struct {
	Total             int64            `json:"total_flags"`
	ByStatus          map[string]int64 `json:"by_status"`
	BySeverity        map[string]int64 `json:"by_severity"`
	FalsePositiveRate *float64         `json:"false_positive_rate"`
	TimeToResolution  *float64         `json:"mean_resolution_seconds"`
	Shadow            int64            `json:"shadow_findings"`
}

type auditorMetricsBody struct {
	flagCounts
	Position int64             `json:"position"`
	Behind   int64             `json:"lag_events"`
	Rules    []ruleMetricsBody `json:"rules"`
}

type ruleMetricsBody struct {
	Code teg.RuleCode `json:"code"`
	flagCounts
}

// getAuditorMetrics tells how the auditor and those who review its flags do.
func getAuditorMetrics(c *call) (answer, error) {
	s, err := c.engine().AuditorStats(c.ctx)
	body := auditorMetricsBody{
		flagCounts: countsOf(s.All()), Position: s.Position, Behind: s.Behind, Rules: make([]ruleMetricsBody, len(s.Rules)),
	}
	for i, r := range s.Rules {
		body.Rules[i] = ruleMetricsBody{r.Code, countsOf(r)}
	}
	return answer{body: body}, err
}

func countsOf(r teg.RuleStats) flagCounts {
	counts := flagCounts{
		Total: r.New + r.UnderReview + r.Resolved + r.FalsePositive, FalsePositiveRate: r.FalsePositiveRate, Shadow: r.Shadow,
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
		counts.TimeToResolution = &seconds
	}
	return counts
}
