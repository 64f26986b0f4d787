package teg

import (
	"context"
	"encoding/hex"
	"strconv"

	"github.com/agentvault/teg-layer/governance/dispute"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/reputation"
	"github.com/agentvault/teg-layer/store"
)

// RaiseDisputeParams asks to file a dispute about a transaction or, where none is
// named, about an AVTP transaction that somebody reported.
type RaiseDisputeParams struct {
	By            DID // the claimant
	Defendant     DID
	TransactionID TransactionID // a transfer between the two, or any transaction of a hold between them
	AVTP          string        // AVTP's id of a transaction between the two, at most 128 characters
	Reason        string        // a code of the claimant's choice, at most [MaxDisputeReason] characters
	Category      string        // at most [MaxDisputeReason] characters
	Description   string        // required, at most [MaxDisputeDescription] characters
	Pointer       string        // the first evidence, as in [EvidenceParams]; empty: none yet
	Key           string        // idempotency key
	DryRun        bool
}

// DisputeReceipt is a dispute as it was right after an act upon it.
type DisputeReceipt struct {
	Dispute
	Evidence []DisputeEvidence // that the act gave
	Timeline []DisputeStep     // the steps that it took
	Replayed bool
}

// RaiseDispute files a dispute. Its fee and its bond, at the terms of the moment, go
// from the claimant's available balance to its locked one until the dispute ends. A
// hold that it is about is frozen.
//
// What is disputed must have ended within DisputeTerms.Window: a transfer when it was
// made, a hold when it was captured, given back or expired, so that an active one can
// always be disputed, an AVTP transaction when it was first reported.
//
// Errors: [ErrInvalidInput], for a transaction with another agent than the defendant
// too, [ErrSuspended], [ErrKeyReused], [ErrNotFound] for an agent and for a
// transaction that is not the claimant's to see, [ErrInvalidState] for what can not
// be disputed or no longer, [ErrAlreadyExists] where the claimant disputed the same
// before, and where a dispute about it is open, [*InsufficientBalanceError].
func (e *Engine) RaiseDispute(ctx context.Context, p RaiseDisputeParams) (DisputeReceipt, error) {
	if err := p.check(); err != nil {
		return DisputeReceipt{}, err
	}
	f, err := e.newFiling(ctx, p)
	if err != nil {
		return DisputeReceipt{}, err
	}
	return perform(e, f.operation(ctx), f.decide, func(r store.Record) (DisputeReceipt, error) { return e.recallDispute(ctx, r) })
}

func (p *RaiseDisputeParams) check() error {
	err := check(checkKey(p.Key), named("by", p.By), named("defendant_agent_id", p.Defendant),
		requiredText("reason_code", p.Reason, MaxDisputeReason), requiredText("brief_description", p.Description, MaxDisputeDescription),
		validText("dispute_reason_category", p.Category, MaxDisputeReason), validText("avtp_transaction_id", p.AVTP, MaxReference),
	)
	switch {
	case err != nil:
		return err
	case p.By == p.Defendant:
		return ledger.Invalid("defendant_agent_id", "must be another than the claimant")
	case p.TransactionID.IsZero() == (p.AVTP == ""):
		return ledger.Invalid("transaction_id", "either this or avtp_transaction_id is required, and not both")
	case p.Pointer != "":
		return checkPointer("evidence_pointer", p.Pointer)
	}
	return nil
}

// filing is a dispute being filed.
type filing struct {
	RaiseDisputeParams
	disputants
	subject // as far as it could be found without a lock
}

func (e *Engine) newFiling(ctx context.Context, p RaiseDisputeParams) (*filing, error) {
	f := &filing{RaiseDisputeParams: p}
	var err error
	if f.disputants, err = e.disputants(ctx, p.By, p.Defendant); err != nil {
		return nil, err
	}
	f.subject, err = e.findSubject(ctx, &f.RaiseDisputeParams)
	return f, err
}

func (f *filing) operation(ctx context.Context) *operation {
	op := &operation{
		ctx: ctx, verb: store.VerbRaiseDispute, by: f.By, caller: f.of(f.By), request: requestID(ctx), dryRun: f.DryRun,
		mark: markKey(f.By, store.VerbRaiseDispute, f.Key, f.Defendant.String(), f.TransactionID.String(), f.AVTP, f.Reason, f.Category,
			f.Description, f.Pointer),
	}
	op.intend(Intent{Agent: f.Defendant, Transaction: f.TransactionID, Hold: f.hold, Name: f.AVTP, Value: f.Reason})
	f.require(op)
	op.need.reputation.Scopes = f.scopes
	if !f.hold.IsZero() {
		op.need.holds = []HoldID{f.hold}
	}
	for _, cause := range f.causes() {
		op.need.disputes.About = append(op.need.disputes.About, cause)
		op.need.references = append(op.need.references, causeKey(f.By, cause))
	}
	return op
}

// causeKey makes the dispute of a party about a cause the only one for ever.
func causeKey(by DID, cause ledger.ID) store.Key {
	return referenceKey(by, store.VerbRaiseDispute, hex.EncodeToString(cause[:]))
}

func (f *filing) decide(d *decision) (DisputeReceipt, []ledger.ID, error) {
	if _, err := d.party("by", f.By, f.claimantParty); err != nil {
		return DisputeReceipt{}, nil, err
	}
	defendant, err := d.party("defendant_agent_id", f.Defendant, f.defendantParty)
	if err != nil {
		return DisputeReceipt{}, nil, err
	}
	if err := ledger.CanReceive(defendant, d.now); err != nil {
		return DisputeReceipt{}, nil, err
	}
	if err := f.bringToPresent(d); err != nil {
		return DisputeReceipt{}, nil, err
	}
	c, err := f.resolve(d)
	if err != nil {
		return DisputeReceipt{}, nil, err
	}
	terms := d.disputeTerms()
	if err := check(terms.InWindow(c.happened, d.now), f.free(d, c.cause.ID)); err != nil {
		return DisputeReceipt{}, nil, err
	}
	filed, step := terms.File(Dispute{
		ID: DisputeID(d.core.newID()), Claimant: f.By, Defendant: f.Defendant, Cause: c.cause, Reason: f.Reason, Category: f.Category,
		Description: f.Description, Value: c.value, Hold: c.freezes,
	}, d.now)
	if err := d.openDispute(&filed, f.disputants); err != nil {
		return DisputeReceipt{}, nil, err
	}
	d.useReference(causeKey(f.By, filed.Cause.ID), ledger.ID(filed.ID))
	d.disputes.File(filed, step)
	return f.record(d, filed, step)
}

// bringToPresent does what the time has brought about before anything is decided: what
// the deadlines of disputes about the same did, and then what is due to the two, which
// may be a hold that was frozen until then.
func (f *filing) bringToPresent(d *decision) error {
	for _, cause := range f.causes() {
		open, found := d.disputes.OpenAbout(cause)
		if !found || f.AVTP == "" && !f.between { // a dispute of others is left alone
			continue
		}
		if err := d.lapse(open.ID, f.disputants); err != nil {
			return err
		}
	}
	return d.releaseDue(f.claimantParty.available, f.defendantParty.available)
}

// free refuses a cause that the claimant disputed before, and one that is disputed.
func (f *filing) free(d *decision, cause ledger.ID) error {
	if d.references[causeKey(f.By, cause)] {
		return ledger.Refuse(ErrAlreadyExists, "the claimant has disputed this before")
	}
	if _, open := d.disputes.OpenAbout(cause); open {
		return ledger.Refuse(ErrAlreadyExists, "a dispute about this is open; wait for its end")
	}
	return nil
}

// record tells of the filing, and of the evidence that came with it.
func (f *filing) record(d *decision, filed Dispute, step DisputeStep) (DisputeReceipt, []ledger.ID, error) {
	a := disputeAct(store.VerbRaiseDispute, &filed)
	a.amount, a.until = filed.Locked(), filed.Deadline
	receipt := DisputeReceipt{Dispute: filed, Timeline: []DisputeStep{step}}
	var piece EvidenceID
	if f.Pointer != "" {
		changed, e, err := filed.Add(dispute.Evidence{ID: EvidenceID(d.core.newID()), By: f.By, Pointer: f.Pointer, At: d.now})
		if err != nil {
			return DisputeReceipt{}, nil, err
		}
		d.useReference(pieceKey(f.By, filed.ID, f.Pointer), ledger.ID(e.ID))
		d.disputes.Add(changed, e)
		a.evidence, a.pointer, piece = e.ID, e.Pointer, e.ID
		receipt.Dispute, receipt.Evidence = changed, []DisputeEvidence{{Evidence: e}}
	}
	d.recordPrivately(a, f.Description)
	return receipt, d.subjectsOf(ledger.ID(filed.ID), ledger.ID(piece)), nil
}

// openDispute sets aside what a dispute is filed with, and freezes what it is about.
func (d *decision) openDispute(of *Dispute, who disputants) error {
	if sum := of.Locked(); !sum.IsZero() {
		claimant := who.of(of.Claimant)
		posting := ledger.Move(ledger.TypeBond, claimant.available, claimant.locked, sum, disputeNotes(of))
		if err := d.present(posting); err != nil {
			return err
		}
		if _, err := d.postAs(posting); err != nil {
			return err
		}
	}
	if of.Hold.IsZero() {
		return nil
	}
	hold := *d.holds[of.Hold]
	if err := hold.Freeze(d.now); err != nil {
		return err
	}
	d.changeHold(hold)
	return nil
}

func disputeNotes(of *Dispute) ledger.Notes { return ledger.Notes{ReferenceID: of.ID.String()} }

// disputeAct is what every event about a dispute tells.
func disputeAct(verb store.Verb, of *Dispute) act {
	return act{
		action: verb.String(), sender: of.Claimant, receiver: of.Defendant, hold: of.Hold, reason: of.Reason, reference: termsOfDispute(of),
		referenceID: of.ID.String(), status: of.Status.String(),
	}
}

// termsOfDispute stand in the log for what of a dispute never changes. Its words are
// left out: they may have to be erased one day.
func termsOfDispute(of *Dispute) string {
	sum := digest(of.Claimant.String(), of.Defendant.String(), of.Cause.Kind.String(), hex.EncodeToString(of.Cause.ID[:]),
		of.Cause.Transaction.String(), of.Cause.AVTP, of.Reason, of.Category, of.Value.String(), of.Hold.String(),
		of.Fee.String(), of.Bond.String(), strconv.FormatInt(of.FiledAt.UnixMicro(), 10))
	return hex.EncodeToString(sum[:16])
}

// recordPrivately writes the event of an act of which it keeps only the digest of the
// words.
func (d *decision) recordPrivately(a act, text string) {
	if text != "" {
		a.id = store.EventID(d.core.newID())
		a.private = d.keepPrivate(ledger.ID(a.id), text)
	}
	d.record(a)
}

// recallDispute is a dispute as it was when it was filed.
func (e *Engine) recallDispute(ctx context.Context, r store.Record) (DisputeReceipt, error) {
	if len(r.Subjects) < heads[r.Verb] {
		return DisputeReceipt{}, ErrInternal
	}
	id := DisputeID(r.Subjects[0])
	found, _, err := e.reader().Disputes(ctx, dispute.Query{IDs: []DisputeID{id}, Limit: 1})
	if err != nil {
		return DisputeReceipt{}, outward(err)
	}
	steps, err := e.reader().DisputeSteps(ctx, id)
	if err != nil {
		return DisputeReceipt{}, outward(err)
	}
	evidence, err := e.reader().DisputeEvidence(ctx, id)
	if err != nil {
		return DisputeReceipt{}, outward(err)
	}
	if len(found) == 0 || len(steps) == 0 {
		return DisputeReceipt{}, ErrInternal
	}
	receipt := DisputeReceipt{Dispute: found[0].AsFiled(steps[0]), Timeline: steps[:1], Replayed: true}
	for _, piece := range evidence {
		if piece.ID == EvidenceID(r.Subjects[1]) {
			receipt.Claims = 1
			receipt.Evidence = []DisputeEvidence{{Evidence: piece.Evidence}}
		}
	}
	return receipt, nil
}

// disputeTerms are the terms in force.
func (g *group) disputeTerms() DisputeTerms { return g.terms.Dispute }

// disputePoints are by how much the end of a dispute changes scores.
func (g *group) disputePoints() dispute.Points {
	return dispute.Points{Lost: g.terms.Reputation.DisputeLost, Won: g.terms.Reputation.DisputeWon}
}

// The bounds of a score.
const (
	LowestScore  = reputation.MinScore
	HighestScore = reputation.MaxScore
)
