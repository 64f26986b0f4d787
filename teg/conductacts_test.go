package teg_test

import (
	"context"

	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// conductActs are the verbs upon scores.
var conductActs = []doing{
	{name: "signal", prepare: (*scene).pay, again: teg.ErrSignalApplied, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.Signal(ctx, teg.SignalParams{DryRun: s.dry, By: s.alice, TransactionID: s.paid, Value: -1})
	}},
	{name: "outcome that the platform reports", act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.ReportOutcome(ctx, s.outcome(tegtest.Admin, teg.OutcomeFailureConsumer))
	}},
	{name: "outcome with a payment", prepare: (*scene).pay, act: func(ctx context.Context, s *scene) (any, error) {
		p := s.outcome(s.alice, teg.OutcomeSuccess)
		p.TransactionID = s.paid
		return s.eng.ReportOutcome(ctx, p)
	}},
	{name: "outcome that the other agrees to", prepare: (*scene).report, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.ReportOutcome(ctx, s.outcome(s.bob, teg.OutcomeFailureProvider))
	}},
}

// outcome is a report of what alice asked bob to do.
func (s *scene) outcome(by teg.DID, ended teg.ServiceOutcome) teg.OutcomeParams {
	return teg.OutcomeParams{
		DryRun: s.dry, By: by, Final: by == tegtest.Admin, AVTP: "avtp-" + s.carol.String(), Initiator: s.alice, Responder: s.bob, Outcome: ended,
	}
}

func (s *scene) report() error {
	_, err := s.eng.ReportOutcome(context.Background(), s.outcome(s.alice, teg.OutcomeFailureProvider))
	return err
}
