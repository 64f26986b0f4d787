package teg_test

import (
	"context"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// somePointer is a pointer to evidence.
const somePointer = "ipfs://bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy"

// disputeActs are the verbs upon disputes.
var disputeActs = []doing{
	{name: "raise a dispute", prepare: (*scene).setAside, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.RaiseDispute(ctx, s.grievance())
	}},
	{name: "give evidence", prepare: (*scene).dispute, again: teg.ErrAlreadyExists, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.AddEvidence(ctx, teg.EvidenceParams{DryRun: s.dry, By: s.bob, DisputeID: s.disputed, Pointer: somePointer, Description: "a receipt"})
	}},
	{name: "respond to a dispute", prepare: (*scene).dispute, again: teg.ErrAlreadyExists, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.RespondToDispute(ctx, teg.ResponseParams{DryRun: s.dry, By: s.bob, DisputeID: s.disputed, Response: "it was delivered"})
	}},
	{name: "withdraw a dispute", prepare: (*scene).dispute, again: teg.ErrInvalidState, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.WithdrawDispute(ctx, teg.WithdrawDisputeParams{DryRun: s.dry, By: s.alice, DisputeID: s.disputed})
	}},
	{name: "review a dispute", prepare: (*scene).dispute, again: teg.ErrInvalidState, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.AdvanceDispute(ctx, s.step(teg.DisputeUnderReview))
	}},
	{name: "reject a dispute", prepare: (*scene).dispute, again: teg.ErrInvalidState, act: func(ctx context.Context, s *scene) (any, error) {
		p := s.step(teg.DisputeRejected)
		p.Frivolous = true
		return s.eng.AdvanceDispute(ctx, p)
	}},
	{name: "resolve a dispute", prepare: (*scene).arbitrate, again: teg.ErrInvalidState, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.ResolveDispute(ctx, teg.ResolveDisputeParams{
			DryRun: s.dry, By: tegtest.Admin, DisputeID: s.disputed, Resolution: teg.DisputeFavorClaimant, Notes: "nothing came", Hold: teg.HoldEndVoided,
			Penalty: teg.AVT("20"),
		})
	}},
	{name: "a deadline of a dispute", parts: true, unasked: true, prepare: (*scene).overdue, act: tick},
}

// grievance is a dispute about the hold that the scene has, or about nothing that there
// is. It asks the engine nothing, since what is asked may be made to fail.
func (s *scene) grievance() teg.RaiseDisputeParams {
	about := s.placed
	if about.IsZero() {
		about = teg.TransactionID{1}
	}
	return teg.RaiseDisputeParams{
		DryRun: s.dry, By: s.alice, Defendant: s.bob, TransactionID: about, Reason: "NOT_DELIVERED", Description: "nothing came",
		Pointer: somePointer, Key: "k",
	}
}

func (s *scene) dispute() error {
	if s.hold.IsZero() {
		require.NoError(s.t, s.setAside())
	}
	d, err := s.eng.RaiseDispute(context.Background(), s.grievance())
	s.disputed = d.ID
	return err
}

func (s *scene) step(to teg.DisputeStatus) teg.AdvanceDisputeParams {
	return teg.AdvanceDisputeParams{DryRun: s.dry, By: tegtest.Admin, DisputeID: s.disputed, Status: to, Note: "so it goes on"}
}

// arbitrate leaves a dispute to be decided, with stake of the defendant pinned.
func (s *scene) arbitrate() error {
	ctx := context.Background()
	_, err := s.eng.Stake(ctx, teg.StakeParams{By: s.bob, Amount: teg.AVT("90")})
	require.NoError(s.t, err)
	require.NoError(s.t, s.dispute())
	_, err = s.eng.AdvanceDispute(ctx, s.step(teg.DisputeUnderReview))
	require.NoError(s.t, err)
	_, err = s.eng.AdvanceDispute(ctx, s.step(teg.DisputeAwaitingArbitration))
	s.staked = append(s.staked, s.bob)
	return err
}

// overdue leaves a dispute whose first deadline is over.
// Those of the scenes before have ended by then.
func (s *scene) overdue() error {
	s.clock.Advance(100 * 24 * time.Hour)
	require.NoError(s.t, s.eng.Tick(context.Background()))
	require.NoError(s.t, s.dispute())
	s.clock.Advance(teg.DefaultDisputeTerms().Open + time.Second)
	return nil
}

// refusedDisputes are the verbs upon disputes where each is refused.
var refusedDisputes = []doing{
	{name: "dispute without the bond", refusal: teg.ErrInsufficientBalance, prepare: (*scene).spent, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.RaiseDispute(ctx, s.grievance())
	}},
	{name: "dispute what is disputed", refusal: teg.ErrAlreadyExists, prepare: (*scene).dispute, act: func(ctx context.Context, s *scene) (any, error) {
		p := s.grievance()
		p.By, p.Defendant, p.Key = s.bob, s.alice, "another"
		return s.eng.RaiseDispute(ctx, p)
	}},
	{name: "capture what is frozen", refusal: teg.ErrInvalidState, prepare: (*scene).dispute, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.Capture(ctx, teg.CaptureParams{DryRun: s.dry, By: s.alice, HoldID: s.hold, Key: "k"})
	}},
	{name: "resolve what is under review", refusal: teg.ErrInvalidState, prepare: (*scene).dispute, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.ResolveDispute(ctx, teg.ResolveDisputeParams{DryRun: s.dry, By: tegtest.Admin, DisputeID: s.disputed, Resolution: teg.DisputeSplit, Notes: "x"})
	}},
	{name: "decide one's own dispute", refusal: teg.ErrForbidden, prepare: (*scene).arbitrate, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.ResolveDispute(ctx, teg.ResolveDisputeParams{DryRun: s.dry, By: s.bob, DisputeID: s.disputed, Resolution: teg.DisputeSplit, Notes: "x"})
	}},
	{name: "withdraw another's claim", refusal: teg.ErrForbidden, prepare: (*scene).dispute, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.WithdrawDispute(ctx, teg.WithdrawDisputeParams{DryRun: s.dry, By: s.bob, DisputeID: s.disputed})
	}},
	{name: "give evidence for nothing", refusal: teg.ErrNotFound, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.AddEvidence(ctx, teg.EvidenceParams{DryRun: s.dry, By: s.bob, DisputeID: s.disputed, Pointer: somePointer})
	}},
}

// spent leaves a payer of a hold with nothing.
func (s *scene) spent() error {
	require.NoError(s.t, s.setAside())
	balance, err := s.eng.Balance(context.Background(), s.alice)
	require.NoError(s.t, err)
	_, err = s.eng.TransferToSystem(context.Background(), teg.SystemTransferParams{From: s.alice, Amount: balance.Available})
	return err
}
