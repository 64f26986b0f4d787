package teg_test

import (
	"context"
	"slices"

	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// action is what a verb does in a scene, or would do where the scene is dry.
type action func(context.Context, *scene) (receipt any, err error)

// doing is a verb in a scene.
type doing struct {
	name    string
	prepare func(*scene) error
	act     action
	again   error // what a second time may be refused with: verbs without a key
	repeats bool  // a second time is another act: without a key, too
	refusal error // what it is always refused with
	parts   bool  // one part of it may fail and the others be done
	unasked bool  // it is no verb, and has no dry run
}

// acts are the verbs.
var acts = slices.Concat(moneyActs, stakeActs, conductActs, flagActs, policyActs, attestActs, disputeActs, debtActs, bootstrapActs, webhookActs)

// moneyActs are those upon balances and agents.
var moneyActs = []doing{
	{name: "transfer", act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.Transfer(ctx, teg.TransferParams{DryRun: s.dry, From: s.alice, To: s.bob, Amount: teg.AVT("1"), Message: "hi", Reference: "r", Key: "k"})
	}},
	{name: "refused transfer", refusal: teg.ErrInsufficientBalance, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.Transfer(ctx, teg.TransferParams{DryRun: s.dry, From: s.alice, To: s.bob, Amount: teg.AVT("1000"), Key: "k"})
	}},
	{name: "transfer beside a hold that expired", prepare: (*scene).expired, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.Transfer(ctx, teg.TransferParams{DryRun: s.dry, From: s.alice, To: s.bob, Amount: teg.AVT("90"), Key: "k"})
	}},
	{name: "transfer to the system", act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.TransferToSystem(ctx, teg.SystemTransferParams{DryRun: s.dry, From: s.alice, Amount: teg.AVT("1"), Key: "k"})
	}},
	{name: "batch", act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.TransferBatch(ctx, teg.BatchParams{DryRun: s.dry, From: s.alice, Key: "k", Transfers: []teg.BatchTransfer{
			{To: s.bob, Amount: teg.AVT("1")}, {To: s.bob, Amount: teg.AVT("1000")}, {To: s.bob, Amount: teg.AVT("2")}}})
	}},
	{name: "batch with an element that was sent before", prepare: (*scene).pay, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.TransferBatch(ctx, teg.BatchParams{DryRun: s.dry, From: s.alice, Key: "k", Transfers: []teg.BatchTransfer{
			{To: s.bob, Amount: teg.AVT("1")}, {To: s.bob, Amount: teg.AVT("10"), Key: "paid"}}})
	}},
	{name: "refund", prepare: (*scene).pay, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.Refund(ctx, teg.RefundParams{DryRun: s.dry, By: s.bob, TransactionID: s.paid, Amount: teg.AVT("3"), Key: "k"})
	}},
	{name: "hold", act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.Hold(ctx, teg.HoldParams{DryRun: s.dry, From: s.alice, To: s.bob, Amount: teg.AVT("5"), Term: teg.MaxHoldTerm, Key: "k"})
	}},
	{name: "capture", prepare: (*scene).setAside, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.Capture(ctx, teg.CaptureParams{DryRun: s.dry, By: s.alice, HoldID: s.hold, Amount: teg.AVT("4"), Key: "k"})
	}},
	{name: "void", prepare: (*scene).setAside, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.Void(ctx, teg.VoidParams{DryRun: s.dry, By: s.bob, HoldID: s.hold, Key: "k"})
	}},
	{name: "issue to somebody new", act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.Issue(ctx, teg.IssueParams{DryRun: s.dry, By: tegtest.Admin, To: s.carol, Amount: teg.AVT("7"), Reason: "x", Key: "k" + s.carol.String()})
	}},
	{name: "burn", act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.Burn(ctx, teg.BurnParams{DryRun: s.dry, By: tegtest.Admin, Amount: teg.AVT("2"), Reason: "x", Key: "k" + s.carol.String()})
	}},
	{name: "adjust", act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.Adjust(ctx, teg.AdjustParams{DryRun: s.dry, By: tegtest.Admin, From: s.alice, To: s.bob, Amount: teg.AVT("2"), Reason: "x", Key: "k" + s.carol.String()})
	}},
	{name: "register", again: teg.ErrAlreadyExists, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.RegisterAgent(ctx, teg.RegisterParams{DryRun: s.dry, Agent: s.carol, Grant: teg.AVT("20")})
	}},
	{name: "reactivate", again: teg.ErrInvalidState, prepare: (*scene).suspend, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.ReactivateAgent(ctx, teg.StandingParams{DryRun: s.dry, Agent: s.alice, By: tegtest.Admin})
	}},
	{name: "deactivate", again: teg.ErrInvalidState, prepare: (*scene).empty, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.DeactivateAgent(ctx, teg.StandingParams{DryRun: s.dry, Agent: s.alice, By: tegtest.Admin})
	}},
	{name: "tick", parts: true, unasked: true, prepare: (*scene).expired, act: tick},
}
