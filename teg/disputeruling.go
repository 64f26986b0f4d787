package teg

import (
	"context"

	"github.com/agentvault/teg-layer/governance/dispute"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

// AdvanceDisputeParams asks to move a dispute on, or to reject it.
type AdvanceDisputeParams struct {
	By        DID // an administrator or arbitrator, no party to it
	DisputeID DisputeID
	Status    DisputeStatus // [DisputeUnderReview], [DisputeAwaitingArbitration] or [DisputeRejected]
	Note      string        // at most [MaxDisputeNotes] characters
	Frivolous bool          // with [DisputeRejected]: fee and bond are forfeited, and the claimant's score changes
	DryRun    bool
}

// AdvanceDispute moves a dispute on in its way, or rejects it before it has come to
// an arbitrator. From UNDER_REVIEW on stake of the defendant is pinned, up to the
// value in dispute.
//
// Errors: [ErrInvalidInput], [ErrSuspended] for the one who acts, [ErrNotFound],
// [ErrForbidden] for a party to it, [ErrInvalidState] for a way that there is not.
func (e *Engine) AdvanceDispute(ctx context.Context, p AdvanceDisputeParams) (DisputeReceipt, error) {
	if err := check(named("by", p.By), validText("note", p.Note, MaxDisputeNotes)); err != nil {
		return DisputeReceipt{}, err
	}
	if p.Status != DisputeUnderReview && p.Status != DisputeAwaitingArbitration && p.Status != DisputeRejected {
		return DisputeReceipt{}, ledger.Invalid("status", "must be UNDER_REVIEW, AWAITING_ARBITRATION or REJECTED")
	}
	if p.Frivolous && p.Status != DisputeRejected {
		return DisputeReceipt{}, ledger.Invalid("frivolous", "only a claim that is REJECTED is frivolous")
	}
	w := &disputeWork{by: p.By, id: p.DisputeID, verb: store.VerbAdvanceDispute}
	w.do = func(d *decision, of Dispute) (DisputeReceipt, error) {
		changed, step, err := of.Become(p.Status, p.By, p.Note, d.now, d.disputeTerms())
		if err != nil {
			return DisputeReceipt{}, err
		}
		return w.finishStep(d, changed, step, dispute.Verdict{End: p.Status, Frivolous: p.Frivolous})
	}
	return e.workOnDispute(ctx, w, p.DryRun, w.needPools, func(op *operation) { op.intents[0].Value = p.Status.String() })
}

// ResolveDisputeParams asks to decide a dispute.
type ResolveDisputeParams struct {
	By         DID // an administrator or arbitrator, no party to it
	DisputeID  DisputeID
	Resolution DisputeStatus // one of the three that decide it, or [DisputeRejected]
	Notes      string        // required, at most [MaxDisputeNotes] characters
	Frivolous  bool          // with [DisputeRejected]
	Hold       HoldEnd       // of the frozen hold; zero gives it back to what it was
	Penalty    Amount        // from who loses to who wins; zero: none
	Reputation *int          // by which the loser's score changes instead of the default
	DryRun     bool
}

// ResolveDispute decides a dispute, once. What it holds goes where the resolution
// sends it, the penalty is collected as far as there is something to collect, the
// rest of it is owed, and scores change, all in one commit. Collected and what is
// outstanding are in the answer.
//
// A dispute that awaits arbitration is decided; before that it can only be REJECTED,
// and after it not any more but by its deadline.
//
// Errors: [ErrInvalidInput] for a resolution that contradicts itself, a penalty with
// [DisputeSplit] included; [ErrSuspended] for the one who acts, [ErrNotFound],
// [ErrForbidden] for a party to it, [ErrInvalidState] for a way that there is not,
// and where the ruling is about a hold and none is frozen.
func (e *Engine) ResolveDispute(ctx context.Context, p ResolveDisputeParams) (DisputeReceipt, error) {
	return e.resolveDispute(ctx, p)
}

// resolveDispute is for what carries out the ruling of an arbitrator, too, which the
// decider is not asked about.
func (e *Engine) resolveDispute(ctx context.Context, p ResolveDisputeParams, prepare ...func(*operation)) (DisputeReceipt, error) {
	v := dispute.Verdict{End: p.Resolution, Frivolous: p.Frivolous, Hold: p.Hold, Penalty: p.Penalty, Reputation: p.Reputation}
	err := check(named("by", p.By), requiredText("resolution_notes", p.Notes, MaxDisputeNotes), v.Check(LowestScore, HighestScore))
	if err != nil {
		return DisputeReceipt{}, err
	}
	told := func(op *operation) { op.intents[0].Value, op.intents[0].Amount = p.Resolution.String(), p.Penalty }
	w := &disputeWork{by: p.By, id: p.DisputeID, verb: store.VerbResolveDispute}
	w.do = func(d *decision, of Dispute) (DisputeReceipt, error) {
		changed, step, err := of.Become(p.Resolution, p.By, p.Notes, d.now, d.disputeTerms())
		if err != nil {
			return DisputeReceipt{}, err
		}
		if v.Hold != 0 && of.Hold.IsZero() {
			return DisputeReceipt{}, ledger.Refuse(ErrInvalidState, "the dispute has frozen no hold that could be captured or voided")
		}
		changed.Notes = p.Notes
		return w.finishStep(d, changed, step, v)
	}
	return e.workOnDispute(ctx, w, p.DryRun, append(prepare, w.needPools, told)...)
}

// WithdrawDisputeParams asks to take a claim back.
type WithdrawDisputeParams struct {
	By        DID // the claimant
	DisputeID DisputeID
	DryRun    bool
}

// WithdrawDispute takes a claim back, out of any open state. The claimant has its bond
// back and, unless the defendant has responded, its fee; after that the fee is the
// defendant's.
//
// Errors: [ErrSuspended], [ErrNotFound] for who is no party, [ErrForbidden] for the
// defendant, [ErrInvalidState] for a dispute that has ended.
func (e *Engine) WithdrawDispute(ctx context.Context, p WithdrawDisputeParams) (DisputeReceipt, error) {
	if err := named("by", p.By); err != nil {
		return DisputeReceipt{}, err
	}
	w := &disputeWork{by: p.By, id: p.DisputeID, verb: store.VerbWithdrawDispute, parties: true}
	w.do = func(d *decision, of Dispute) (DisputeReceipt, error) {
		if p.By != of.Claimant {
			return DisputeReceipt{}, ledger.Refuse(ErrForbidden, "only the claimant takes a claim back")
		}
		changed, step, err := of.Become(DisputeWithdrawn, p.By, "", d.now, d.disputeTerms())
		if err != nil {
			return DisputeReceipt{}, err
		}
		return w.finishStep(d, changed, step, dispute.Verdict{End: DisputeWithdrawn})
	}
	return e.workOnDispute(ctx, w, p.DryRun)
}
