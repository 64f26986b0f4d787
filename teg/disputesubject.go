package teg

import (
	"context"
	"time"

	"github.com/agentvault/teg-layer/governance/dispute"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/reputation"
)

// disputants are the two parties to a dispute and where their rows are.
type disputants struct {
	claimant, defendant           DID
	claimantParty, defendantParty party
}

func (e *Engine) disputants(ctx context.Context, claimant, defendant DID) (disputants, error) {
	found, err := e.parties(ctx, claimant, defendant)
	if err != nil {
		return disputants{}, err
	}
	return disputants{claimant, defendant, found[0], found[1]}, nil
}

// of tells where the rows of one of the two are.
func (w *disputants) of(agent DID) party {
	if agent == w.claimant {
		return w.claimantParty
	}
	return w.defendantParty
}

// require has the rows of both loaded.
func (w *disputants) require(op *operation) {
	op.need.system = true // a hold has terms of its own, and the treasury may get something
	for _, p := range []party{w.claimantParty, w.defendantParty} {
		if p.known() {
			op.parties = append(op.parties, p)
			op.need.accounts = append(op.need.accounts, p.locked)
			op.need.reputation.Agents = append(op.need.reputation.Agents, p.available)
		}
	}
}

// subject is what a dispute is to be about, as far as it never changes.
type subject struct {
	seen     bool // it exists, and the claimant may see it
	between  bool // the claimant and the defendant
	unfit    ledger.TransactionType
	transfer *ledger.Recorded
	hold     HoldID
	scopes   []ledger.ID // of the AVTP transaction: with either as its initiator
}

// causes are what disputes about it may be about.
func (s *subject) causes() []ledger.ID {
	switch {
	case s.transfer != nil:
		return []ledger.ID{ledger.ID(s.transfer.ID)}
	case !s.hold.IsZero():
		return []ledger.ID{ledger.ID(s.hold)}
	}
	return s.scopes
}

// findSubject reads what is named, without a lock.
func (e *Engine) findSubject(ctx context.Context, p *RaiseDisputeParams) (subject, error) {
	if p.AVTP != "" {
		there := OutcomeParams{Initiator: p.By, Responder: p.Defendant, AVTP: p.AVTP}
		back := OutcomeParams{Initiator: p.Defendant, Responder: p.By, AVTP: p.AVTP}
		return subject{scopes: []ledger.ID{there.scope(), back.scope()}}, nil
	}
	found, err := e.reader().Transactions(ctx, p.TransactionID)
	if err != nil || len(found) == 0 {
		return subject{}, outward(err)
	}
	tx := &found[0]
	switch tx.Type {
	case ledger.TypeTransfer:
		return subjectBetween(p, tx.SenderID, tx.ReceiverID, subject{transfer: tx}), nil
	case ledger.TypeHold, ledger.TypeHoldRelease, ledger.TypeHoldCapture:
		return e.findDisputedHold(ctx, p, tx)
	}
	return subjectBetween(p, tx.SenderID, tx.ReceiverID, subject{unfit: tx.Type}), nil
}

// findDisputedHold reads the hold that a transaction belongs to.
func (e *Engine) findDisputedHold(ctx context.Context, p *RaiseDisputeParams, tx *ledger.Recorded) (subject, error) {
	id, err := ledger.ParseHoldID(tx.Notes.ReferenceID)
	if err != nil {
		return subject{}, ErrInternal
	}
	holds, err := e.reader().Holds(ctx, ledger.HoldQuery{IDs: []HoldID{id}, Limit: 1})
	if err != nil || len(holds) == 0 {
		return subject{}, outward(err)
	}
	return subjectBetween(p, holds[0].PayerID, holds[0].ReceiverID, subject{hold: id}), nil
}

// subjectBetween is a subject between two owners of accounts, nothing of which is
// known where the claimant is neither.
func subjectBetween(p *RaiseDisputeParams, a, b DID, s subject) subject {
	if p.By != a && p.By != b {
		return subject{}
	}
	s.seen, s.between = true, p.Defendant == a || p.Defendant == b
	return s
}

// disputed is what a dispute is about, once everything is locked.
type disputed struct {
	cause    DisputeCause
	value    Amount
	happened time.Time // from when on the window is counted
	freezes  HoldID    // zero: nothing
}

// resolve says what is disputed, or why it cannot be.
func (f *filing) resolve(d *decision) (disputed, error) {
	if f.AVTP != "" {
		return f.resolveAVTP(d)
	}
	switch {
	case !f.seen:
		return disputed{}, &Refusal{Reason: ErrNotFound, Field: "transaction_id", Message: "no such transaction"}
	case !f.between:
		return disputed{}, ledger.Invalid("transaction_id", "must be a transaction between the claimant and the defendant")
	case f.unfit != 0:
		return disputed{}, ledger.Refuse(ErrInvalidState, "a transaction of type %s is not disputed; a transfer and a hold can be", f.unfit)
	case f.transfer != nil:
		return disputed{
			cause: DisputeCause{Kind: dispute.CauseTransfer, ID: ledger.ID(f.transfer.ID), Transaction: f.TransactionID},
			value: f.transfer.Amount, happened: f.transfer.At,
		}, nil
	}
	hold := d.holds[f.hold]
	if hold == nil {
		return disputed{}, ErrInternal // a hold is never deleted
	}
	c := disputed{
		cause: DisputeCause{Kind: dispute.CauseHold, ID: ledger.ID(hold.ID), Transaction: f.TransactionID},
		value: hold.Amount, happened: hold.ClosedAt,
	}
	switch hold.State {
	case HoldActive, HoldFrozen:
		c.happened = d.now
	case HoldExpired: // whenever that was written
		c.happened = hold.ExpiresAt
	}
	if hold.State == HoldActive {
		c.freezes = hold.ID
	}
	return c, nil
}

// resolveAVTP finds the AVTP transaction of the two that was reported, with whichever
// of them as its initiator.
func (f *filing) resolveAVTP(d *decision) (disputed, error) {
	for _, scope := range f.scopes {
		reports := d.conduct.ReportsOf(scope)
		if len(reports) == 0 {
			continue
		}
		c := disputed{cause: DisputeCause{Kind: dispute.CauseAVTP, ID: scope, AVTP: f.AVTP}, happened: reports[0].At}
		for i := range reports {
			if reports[i].At.Before(c.happened) {
				c.happened = reports[i].At
			}
		}
		c.value = f.price(reports)
		return c, nil
	}
	return disputed{}, &Refusal{Reason: ErrNotFound, Field: "avtp_transaction_id", Message: "no AVTP transaction of this id has been reported between the two"}
}

// price is what the service cost: what the platform says, else what the defendant has
// said itself. By the claimant's word alone nothing is pinned.
func (f *filing) price(reports []reputation.Report) (price Amount) {
	for i := range reports {
		switch r := &reports[i]; {
		case r.Final && !r.Price.IsZero():
			return r.Price
		case r.Reporter == f.Defendant:
			price = r.Price
		}
	}
	return price
}
