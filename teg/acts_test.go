package teg_test

import (
	"context"

	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// doing is a verb in a scene.
type doing struct {
	name    string
	prepare func(*scene) error
	act     func(context.Context, *scene) error
	again   error // what a second time may be refused with: verbs without a key
	refusal error // what it is always refused with
	parts   bool  // one part of it may fail and the others be done
	patient bool  // it is done where rows are waited for: ErrLocked means that the wait ran out
}

// acts are the verbs.
var acts = []doing{
	{name: "transfer", act: func(ctx context.Context, s *scene) error {
		_, err := s.eng.Transfer(ctx, teg.TransferParams{From: s.alice, To: s.bob, Amount: teg.AVT("1"), Message: "hi", Reference: "r", Key: "k"})
		return err
	}},
	{name: "refused transfer", refusal: teg.ErrInsufficientBalance, act: func(ctx context.Context, s *scene) error {
		_, err := s.eng.Transfer(ctx, teg.TransferParams{From: s.alice, To: s.bob, Amount: teg.AVT("1000"), Key: "k"})
		return err
	}},
	{name: "transfer beside a hold that expired", patient: true, prepare: (*scene).expired, act: func(ctx context.Context, s *scene) error {
		_, err := s.eng.Transfer(ctx, teg.TransferParams{From: s.alice, To: s.bob, Amount: teg.AVT("90"), Key: "k"})
		return err
	}},
	{name: "transfer to the system", act: func(ctx context.Context, s *scene) error {
		_, err := s.eng.TransferToSystem(ctx, teg.SystemTransferParams{From: s.alice, Amount: teg.AVT("1"), Key: "k"})
		return err
	}},
	{name: "batch", act: func(ctx context.Context, s *scene) error {
		_, err := s.eng.TransferBatch(ctx, teg.BatchParams{From: s.alice, Key: "k", Transfers: []teg.BatchTransfer{
			{To: s.bob, Amount: teg.AVT("1")}, {To: s.bob, Amount: teg.AVT("1000")}, {To: s.bob, Amount: teg.AVT("2")}}})
		return err
	}},
	{name: "batch with an element that was sent before", prepare: (*scene).pay, act: func(ctx context.Context, s *scene) error {
		_, err := s.eng.TransferBatch(ctx, teg.BatchParams{From: s.alice, Key: "k", Transfers: []teg.BatchTransfer{
			{To: s.bob, Amount: teg.AVT("1")}, {To: s.bob, Amount: teg.AVT("10"), Key: "paid"}}})
		return err
	}},
	{name: "refund", prepare: (*scene).pay, act: func(ctx context.Context, s *scene) error {
		_, err := s.eng.Refund(ctx, teg.RefundParams{By: s.bob, TransactionID: s.paid, Amount: teg.AVT("3"), Key: "k"})
		return err
	}},
	{name: "hold", act: func(ctx context.Context, s *scene) error {
		_, err := s.eng.Hold(ctx, teg.HoldParams{From: s.alice, To: s.bob, Amount: teg.AVT("5"), Term: teg.MaxHoldTerm, Key: "k"})
		return err
	}},
	{name: "capture", prepare: (*scene).setAside, act: func(ctx context.Context, s *scene) error {
		_, err := s.eng.Capture(ctx, teg.CaptureParams{By: s.alice, HoldID: s.hold, Amount: teg.AVT("4"), Key: "k"})
		return err
	}},
	{name: "void", prepare: (*scene).setAside, act: func(ctx context.Context, s *scene) error {
		_, err := s.eng.Void(ctx, teg.VoidParams{By: s.bob, HoldID: s.hold, Key: "k"})
		return err
	}},
	{name: "issue to somebody new", act: func(ctx context.Context, s *scene) error {
		_, err := s.eng.Issue(ctx, teg.IssueParams{By: tegtest.Admin, To: s.carol, Amount: teg.AVT("7"), Reason: "x", Key: "k" + s.carol.String()})
		return err
	}},
	{name: "burn", act: func(ctx context.Context, s *scene) error {
		_, err := s.eng.Burn(ctx, teg.BurnParams{By: tegtest.Admin, Amount: teg.AVT("2"), Reason: "x", Key: "k" + s.carol.String()})
		return err
	}},
	{name: "adjust", act: func(ctx context.Context, s *scene) error {
		_, err := s.eng.Adjust(ctx, teg.AdjustParams{By: tegtest.Admin, From: s.alice, To: s.bob, Amount: teg.AVT("2"), Reason: "x", Key: "k" + s.carol.String()})
		return err
	}},
	{name: "register", again: teg.ErrAlreadyExists, act: func(ctx context.Context, s *scene) error {
		_, err := s.eng.RegisterAgent(ctx, teg.RegisterParams{Agent: s.carol, Grant: teg.AVT("20")})
		return err
	}},
	{name: "reactivate", again: teg.ErrInvalidState, prepare: (*scene).suspend, act: func(ctx context.Context, s *scene) error {
		_, err := s.eng.ReactivateAgent(ctx, teg.StandingParams{Agent: s.alice, By: tegtest.Admin})
		return err
	}},
	{name: "deactivate", again: teg.ErrInvalidState, prepare: (*scene).empty, act: func(ctx context.Context, s *scene) error {
		_, err := s.eng.DeactivateAgent(ctx, teg.StandingParams{Agent: s.alice, By: tegtest.Admin})
		return err
	}},
	{name: "tick", parts: true, prepare: (*scene).expired, act: func(ctx context.Context, s *scene) error { return s.eng.Tick(ctx) }},
}
