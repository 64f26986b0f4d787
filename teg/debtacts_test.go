package teg_test

import (
	"context"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// debtActs are verbs by which value comes to one who owes, and what pays from it.
var debtActs = []doing{
	{name: "transfer to a debtor", prepare: (*scene).indebt, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.Transfer(ctx, teg.TransferParams{DryRun: s.dry, From: s.alice, To: s.bob, Amount: teg.AVT("10"), Key: "k"})
	}},
	{name: "batch to a debtor", prepare: (*scene).indebt, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.TransferBatch(ctx, teg.BatchParams{DryRun: s.dry, From: s.alice, Key: "k", Transfers: []teg.BatchTransfer{
			{To: s.bob, Amount: teg.AVT("1")}, {To: s.bob, Amount: teg.AVT("1000")}, {To: s.bob, Amount: teg.AVT("2")}}})
	}},
	{name: "issue to a debtor", prepare: (*scene).indebt, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.Issue(ctx, teg.IssueParams{DryRun: s.dry, By: tegtest.Admin, To: s.bob, Amount: teg.AVT("7"), Reason: "x", Key: "k" + s.carol.String()})
	}},
	{name: "claim of commission by a debtor", prepare: (*scene).earnInDebt, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.ClaimRewards(ctx, teg.ClaimParams{DryRun: s.dry, By: s.bob, Key: "k"})
	}},
	{name: "tick that pays a debt", parts: true, unasked: true, prepare: (*scene).setForCreditors, act: tick},
	{name: "a debt that is made", unasked: true, act: func(ctx context.Context, s *scene) (any, error) {
		return nil, s.eng.Owe(ctx, s.bob, s.alice, teg.AVT("5"), ledger.ID{1}, "k")
	}},
}

// refusedDebtors are who owes something and does what it may not.
var refusedDebtors = []doing{
	{name: "transfer of what is set aside", refusal: teg.ErrInsufficientBalance, prepare: (*scene).setForCreditors, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.Transfer(ctx, teg.TransferParams{DryRun: s.dry, From: s.bob, To: s.alice, Amount: teg.AVT("100.5"), Key: "k"})
	}},
	{name: "deactivate one who owes", refusal: teg.ErrInvalidState, prepare: (*scene).indebt, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.DeactivateAgent(ctx, teg.StandingParams{DryRun: s.dry, Agent: s.bob, By: tegtest.Admin})
	}},
}

// indebt has Bob owe Alice something.
func (s *scene) indebt() error {
	return s.eng.Owe(context.Background(), s.bob, s.alice, teg.AVT("5"), ledger.ID{1}, "")
}

func (s *scene) earnInDebt() error {
	require.NoError(s.t, s.earn())
	return s.indebt()
}

// setForCreditors leaves a part of what Bob owes set aside.
func (s *scene) setForCreditors() error {
	s.payOthers()
	require.NoError(s.t, s.indebt())
	_, err := s.eng.Transfer(context.Background(), teg.TransferParams{From: s.alice, To: s.bob, Amount: teg.AVT("3")})
	return err
}

// payOthers pays what the scenes before left to be paid, so that a tick does what is due
// of this one.
func (s *scene) payOthers() { require.NoError(s.t, s.eng.Tick(context.Background())) }
