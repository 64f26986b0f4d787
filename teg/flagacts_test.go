package teg_test

import (
	"context"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/governance/auditor"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// flagActs are the verbs upon flags and rules.
var flagActs = []doing{
	{name: "raise a flag", prepare: (*scene).pay, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.RaiseFlag(ctx, s.accusation())
	}},
	{name: "review a flag", prepare: (*scene).accuse, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.UpdateFlag(ctx, teg.UpdateFlagParams{DryRun: s.dry, By: tegtest.Admin, FlagID: s.flag, Status: teg.FlagUnderReview, Key: "k" + s.flag.String()})
	}},
	{name: "confirm a flag", prepare: (*scene).review, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.UpdateFlag(ctx, teg.UpdateFlagParams{DryRun: s.dry, By: tegtest.Admin, FlagID: s.flag, Status: teg.FlagResolved, Notes: "so it is", Key: "k" + s.flag.String()})
	}},
	{name: "escalate a flag", prepare: (*scene).accuse, again: teg.ErrInvalidState, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.EscalateFlag(ctx, teg.EscalateFlagParams{DryRun: s.dry, By: tegtest.Admin, FlagID: s.flag, Reason: "more of it"})
	}},
	{name: "review flags", prepare: (*scene).accuse, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.UpdateFlags(ctx, teg.UpdateFlagsParams{
			DryRun: s.dry, By: tegtest.Admin, FlagIDs: []teg.FlagID{s.flag, {1}}, Status: teg.FlagUnderReview, Key: "k" + s.flag.String(),
		})
	}},
	{name: "set rules", act: func(ctx context.Context, s *scene) (any, error) {
		change := teg.RuleChange{Code: auditor.FanIn, Thresholds: map[string]teg.Amount{"min_senders": teg.AVT("30")}}
		return s.eng.SetRules(ctx, teg.SetRulesParams{DryRun: s.dry, By: tegtest.Admin, Changes: []teg.RuleChange{change}, Key: "k" + s.carol.String()})
	}},
}

// accusation is a flag of who was paid.
func (s *scene) accusation() teg.RaiseFlagParams {
	p := teg.RaiseFlagParams{
		DryRun: s.dry, By: tegtest.Admin, Agent: s.bob, Code: "PHISHING", Reason: "asked for a key", Severity: teg.SeverityHigh, Key: "k" + s.carol.String(),
	}
	if !s.paid.IsZero() {
		p.Transactions = []teg.TransactionID{s.paid}
	}
	return p
}

func (s *scene) accuse() error {
	flag, err := s.eng.RaiseFlag(context.Background(), s.accusation())
	s.flag = flag.ID
	return err
}

// review leaves a CRITICAL flag to be confirmed.
func (s *scene) review() error {
	require.NoError(s.t, s.accuse())
	_, err := s.eng.EscalateFlag(context.Background(), teg.EscalateFlagParams{By: tegtest.Admin, FlagID: s.flag, Reason: "at once"})
	require.NoError(s.t, err)
	_, err = s.eng.UpdateFlag(context.Background(), teg.UpdateFlagParams{By: tegtest.Admin, FlagID: s.flag, Status: teg.FlagUnderReview})
	return err
}
