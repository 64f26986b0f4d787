package teg

import (
	"context"
	"time"

	"github.com/agentvault/teg-layer/governance/auditor"
)

// AuditorStats is how the auditor does.
type AuditorStats struct {
	Rules []RuleStats // in the order of [Engine.Rules], then codes that people have used

	Position int64 // of the rules in the log, as far as it was written down
	Behind   int64 // events that they have not read, as far as it was written down
}

// RuleStats is what came of the flags of one code.
type RuleStats struct {
	Code          RuleCode
	Severities    map[Severity]int64 // how many flags of each, those in shadow not counted
	New           int64
	UnderReview   int64
	Resolved      int64
	FalsePositive int64
	Shadow        int64 // what the rule has found while it ran in shadow

	// FalsePositiveRate is the part of the ended ones in which there was nothing; nil
	// while none has ended.
	FalsePositiveRate *float64
	// TimeToResolution is how long a flag took to its end, on average; zero while none
	// has ended.
	TimeToResolution time.Duration
}

// AuditorStats counts the flags of every rule and says how far the rules have read.
func (e *Engine) AuditorStats(ctx context.Context) (AuditorStats, error) {
	tallies, err := e.reader().FlagTallies(ctx)
	if err != nil {
		return AuditorStats{}, outward(err)
	}
	pack, err := e.settings(ctx)
	if err != nil {
		return AuditorStats{}, err
	}
	var stats AuditorStats
	for _, rule := range pack.Settings() {
		stats.Rules = append(stats.Rules, RuleStats{Code: rule.Code})
	}
	taken := map[RuleCode]time.Duration{}
	for _, t := range tallies {
		rule := stats.rule(t.Code)
		rule.add(&t)
		if !t.Shadow && !t.Status.Open() {
			taken[t.Code] += t.Taken
		}
	}
	for i := range stats.Rules {
		stats.Rules[i].settle(taken[stats.Rules[i].Code])
	}
	size, _, err := e.reader().LogSize(ctx)
	if err != nil {
		return AuditorStats{}, outward(err)
	}
	stats.Position, err = e.reader().ReadUpTo(ctx, auditorName)
	stats.Behind = max(0, size-stats.Position)
	return stats, outward(err)
}

// All is what came of the flags of all codes together.
func (s *AuditorStats) All() RuleStats {
	all := RuleStats{Severities: map[Severity]int64{}}
	var taken time.Duration
	for _, r := range s.Rules {
		for severity, flags := range r.Severities {
			all.Severities[severity] += flags
		}
		all.New, all.UnderReview, all.Shadow = all.New+r.New, all.UnderReview+r.UnderReview, all.Shadow+r.Shadow
		all.Resolved, all.FalsePositive = all.Resolved+r.Resolved, all.FalsePositive+r.FalsePositive
		taken += r.TimeToResolution * time.Duration(r.Resolved+r.FalsePositive)
	}
	all.settle(taken)
	return all
}

func (s *AuditorStats) rule(code RuleCode) *RuleStats {
	for i := range s.Rules {
		if s.Rules[i].Code == code {
			return &s.Rules[i]
		}
	}
	s.Rules = append(s.Rules, RuleStats{Code: code})
	return &s.Rules[len(s.Rules)-1]
}

func (r *RuleStats) add(t *auditor.Tally) {
	if t.Shadow {
		r.Shadow += t.Flags
		return
	}
	if r.Severities == nil {
		r.Severities = map[Severity]int64{}
	}
	r.Severities[t.Severity] += t.Flags
	switch t.Status {
	case FlagNew:
		r.New += t.Flags
	case FlagUnderReview:
		r.UnderReview += t.Flags
	case FlagResolved:
		r.Resolved += t.Flags
	case FlagFalsePositive:
		r.FalsePositive += t.Flags
	}
}

// settle makes averages of those that have ended and took so long together.
func (r *RuleStats) settle(taken time.Duration) {
	ended := r.Resolved + r.FalsePositive
	if ended == 0 {
		return
	}
	rate := float64(r.FalsePositive) / float64(ended)
	r.FalsePositiveRate, r.TimeToResolution = &rate, taken/time.Duration(ended)
}
