package teg

import (
	"context"

	"github.com/agentvault/teg-layer/governance/dispute"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/staking"
	"github.com/agentvault/teg-layer/store"
)

// disputeWork is one act upon a dispute that is there.
type disputeWork struct {
	by   DID
	id   DisputeID
	verb store.Verb
	disputants
	found bool
	hold  HoldID // that it froze

	// parties says that only these may do it, and know of the dispute at all; others
	// may where they are not a party.
	parties bool
	do      func(d *decision, of Dispute) (DisputeReceipt, error)
}

// workOnDispute carries an act upon a dispute out.
func (e *Engine) workOnDispute(ctx context.Context, w *disputeWork, dryRun bool, prepare ...func(*operation)) (DisputeReceipt, error) {
	op, err := e.administrative(ctx, w.by, w.verb, dryRun)
	if err != nil {
		return DisputeReceipt{}, err
	}
	if err := e.findDispute(ctx, w); err != nil {
		return DisputeReceipt{}, err
	}
	op.intend(Intent{Dispute: w.id, Hold: w.hold})
	w.needs(op)
	for _, more := range prepare {
		more(op)
	}
	return perform(e, op, w.decide, func(store.Record) (DisputeReceipt, error) { return DisputeReceipt{}, ErrInternal })
}

// findDispute reads what of the dispute never changes.
func (e *Engine) findDispute(ctx context.Context, w *disputeWork) error {
	found, _, err := e.reader().Disputes(ctx, dispute.Query{IDs: []DisputeID{w.id}, Limit: 1})
	if err != nil || len(found) == 0 {
		return outward(err)
	}
	w.found, w.hold = true, found[0].Hold
	w.disputants, err = e.disputants(ctx, found[0].Claimant, found[0].Defendant)
	return err
}

func (w *disputeWork) needs(op *operation) {
	if !w.found {
		return
	}
	w.require(op)
	op.need.disputes.IDs = []DisputeID{w.id}
	if !w.hold.IsZero() {
		op.need.holds = []HoldID{w.hold}
	}
}

// needPools has the defendant's stake loaded from the beginning, which a review pins and
// a ruling gives free. Who asks for it later is committed alone.
func (w *disputeWork) needPools(op *operation) {
	if w.found {
		op.need.staking = staking.Need{Total: true, PoolsOf: []ledger.AccountID{w.defendantParty.available}}
	}
}

func (w *disputeWork) decide(d *decision) (DisputeReceipt, []ledger.ID, error) {
	of, found := d.disputes.Dispute(w.id)
	if !w.found || !found || w.parties && !of.Party(w.by) {
		return DisputeReceipt{}, nil, noDispute()
	}
	if !w.parties && of.Party(w.by) {
		return DisputeReceipt{}, nil, ledger.Refuse(ErrForbidden, "nobody decides a dispute that it is a party to")
	}
	if err := d.lapse(w.id, w.disputants); err != nil {
		return DisputeReceipt{}, nil, err
	}
	of, _ = d.disputes.Dispute(w.id)
	receipt, err := w.do(d, of)
	return receipt, []ledger.ID{ledger.ID(w.id)}, err
}

func noDispute() error { return ledger.Refuse(ErrNotFound, "no such dispute") }

// finishStep keeps what a step by hand has made of a dispute, and tells of it.
func (w *disputeWork) finishStep(d *decision, changed Dispute, step DisputeStep, v dispute.Verdict) (DisputeReceipt, error) {
	if err := d.enter(&changed, step, v, w.disputants); err != nil {
		return DisputeReceipt{}, err
	}
	a := disputeAct(w.verb, &changed)
	a.penalty, a.collected, a.frivolous, a.until = changed.Penalty, changed.Collected, changed.Frivolous, changed.Deadline
	a.outcome = changed.HoldEnd.String()
	d.recordPrivately(a, step.Note)
	return DisputeReceipt{Dispute: changed, Timeline: []DisputeStep{step}}, nil
}
