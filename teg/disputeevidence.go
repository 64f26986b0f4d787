package teg

import (
	"context"

	"github.com/agentvault/teg-layer/governance/dispute"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

// EvidenceParams asks to lay evidence before those who decide a dispute.
type EvidenceParams struct {
	By          DID // one of the two parties
	DisputeID   DisputeID
	Pointer     string // ipfs://CID, with a path where there is one; at most [MaxPointer] bytes
	Description string // at most [MaxDisputeNotes] characters
	DryRun      bool
}

// AddEvidence adds evidence to an open dispute. A party gives each pointer once, and
// [MaxDisputeEvidence] pieces at most. Whether the content can be had does not matter
// here: it is fetched and kept later, where the configuration has a storage.
//
// Errors: [ErrInvalidInput], [ErrSuspended], [ErrNotFound] for who is no party,
// [ErrInvalidState] for a dispute that has ended and for too much evidence,
// [ErrAlreadyExists] for what the party gave before.
func (e *Engine) AddEvidence(ctx context.Context, p EvidenceParams) (DisputeReceipt, error) {
	if err := check(named("by", p.By), checkPointer("evidence_pointer", p.Pointer), validText("description", p.Description, MaxDisputeNotes)); err != nil {
		return DisputeReceipt{}, err
	}
	key := pieceKey(p.By, p.DisputeID, p.Pointer)
	w := &disputeWork{by: p.By, id: p.DisputeID, verb: store.VerbAddEvidence, parties: true}
	w.do = func(d *decision, of Dispute) (DisputeReceipt, error) {
		changed, e, err := of.Add(dispute.Evidence{
			ID: EvidenceID(d.core.newID()), By: p.By, Pointer: p.Pointer, Description: p.Description, At: d.now,
		})
		if err != nil {
			return DisputeReceipt{}, err
		}
		if d.references[key] {
			return DisputeReceipt{}, ledger.Refuse(ErrAlreadyExists, "this has been given before")
		}
		d.useReference(key, ledger.ID(e.ID))
		d.disputes.Add(changed, e)
		a := disputeAct(w.verb, &changed)
		a.evidence, a.pointer = e.ID, e.Pointer
		d.recordPrivately(a, p.Description)
		return DisputeReceipt{Dispute: changed, Evidence: []DisputeEvidence{{Evidence: e}}}, nil
	}
	return e.workOnDispute(ctx, w, p.DryRun, func(op *operation) { op.need.references = append(op.need.references, key) })
}

// pieceKey makes a party's piece of evidence in a dispute the only one for ever.
func pieceKey(by DID, id DisputeID, pointer string) store.Key {
	return referenceKey(by, store.VerbAddEvidence, id.String()+" "+pointer)
}

// ResponseParams is what the defendant says to a claim.
type ResponseParams struct {
	By        DID // the defendant, also while it is suspended
	DisputeID DisputeID
	Response  string // required, at most [MaxDisputeResponse] characters
	DryRun    bool
}

// RespondToDispute takes in what the defendant says, once. It changes no state; from
// then on the fee of a claim that is withdrawn is the defendant's.
//
// Errors: [ErrInvalidInput], [ErrNotFound] for who is no party, [ErrForbidden] for the
// claimant, [ErrInvalidState] for a dispute that has ended, [ErrAlreadyExists] for a
// second response.
func (e *Engine) RespondToDispute(ctx context.Context, p ResponseParams) (DisputeReceipt, error) {
	if err := check(named("by", p.By), requiredText("response", p.Response, MaxDisputeResponse)); err != nil {
		return DisputeReceipt{}, err
	}
	w := &disputeWork{by: p.By, id: p.DisputeID, verb: store.VerbRespondToDispute, parties: true}
	w.do = func(d *decision, of Dispute) (DisputeReceipt, error) {
		changed, err := of.Respond(p.By, p.Response, d.now)
		if err != nil {
			return DisputeReceipt{}, err
		}
		d.disputes.Change(changed)
		d.recordPrivately(disputeAct(w.verb, &changed), p.Response)
		return DisputeReceipt{Dispute: changed}, nil
	}
	return e.workOnDispute(ctx, w, p.DryRun, func(op *operation) { op.allowed = true })
}
