package teg

import (
	"context"
	"strconv"

	"github.com/agentvault/teg-layer/governance/attestation"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

// ReviewAttestationParams asks to decide about an attestation that waits for it.
type ReviewAttestationParams struct {
	By            DID
	AttestationID AttestationID
	Approved      bool
	Notes         string // at most 2,000 characters
	Key           string // idempotency key
	DryRun        bool
}

// MaxAttestationNotes is how long the notes of a review are at most, in characters.
const MaxAttestationNotes = 2000

// ReviewAttestation accepts an attestation that waits for a review, or rejects it. One
// that is accepted gets what [Engine.Attest] would have given it, in the same commit: the
// reward that was promised when it was handed in, within the budget of now. The data of
// one that is rejected may be handed in again at once.
//
// Errors: [ErrInvalidInput], [ErrSuspended] for the one who acts, [ErrKeyReused],
// [ErrNotFound], [ErrForbidden] for the agent's own, [ErrInvalidState] for one that does
// not wait.
func (e *Engine) ReviewAttestation(ctx context.Context, p ReviewAttestationParams) (AttestReceipt, error) {
	if err := check(checkKey(p.Key), named("by", p.By), validText("notes", p.Notes, MaxAttestationNotes)); err != nil {
		return AttestReceipt{}, err
	}
	op, err := e.administrative(ctx, p.By, store.VerbReviewAttestation, p.DryRun)
	if err != nil {
		return AttestReceipt{}, err
	}
	op.intend(Intent{Attestation: p.AttestationID, Value: reviewed(p.Approved)})
	op.mark = markKey(p.By, store.VerbReviewAttestation, p.Key, p.AttestationID.String(), strconv.FormatBool(p.Approved), p.Notes)
	work, err := e.attestationWork(ctx, p.AttestationID)
	if err != nil {
		return AttestReceipt{}, err
	}
	work.require(op, p.Approved)
	return perform(e, op, func(d *decision) (AttestReceipt, []ledger.ID, error) { return work.review(d, p) },
		func(r store.Record) (AttestReceipt, error) { return e.recallAttestation(ctx, r) })
}

// reviewed is the end of a review in a word.
func reviewed(approved bool) string {
	if approved {
		return "approved"
	}
	return "rejected"
}

// attestationWork is an act upon an attestation, with what of it never changes.
type attestationWork struct {
	engine *Engine
	id     AttestationID
	known  bool
	about  Attestation // as it was read: what can change is not to be believed
	of     party
	origin Origin
}

func (e *Engine) attestationWork(ctx context.Context, id AttestationID) (*attestationWork, error) {
	w := &attestationWork{engine: e, id: id}
	found, _, err := e.reader().Attestations(ctx, attestation.Query{IDs: []AttestationID{id}, Limit: 1})
	if err != nil || len(found) == 0 {
		return w, outward(err)
	}
	w.known, w.about = true, found[0]
	of, err := e.parties(ctx, w.about.Agent)
	if err != nil {
		return w, err
	}
	w.of = of[0]
	w.origin, err = e.originOf(ctx, w.about.Agent)
	return w, err
}

// require has the rows loaded that the act needs.
func (w *attestationWork) require(op *operation, rewards bool) {
	if !w.known {
		return
	}
	op.parties = append(op.parties, w.of)
	op.need.attestation.Submissions = append(op.need.attestation.Submissions, w.id)
	if rewards {
		op.need.reputation.Agents = append(op.need.reputation.Agents, w.of.available)
		w.engine.needReward(op, w.about.Policy, w.about.Offer)
	}
}

// load returns the attestation as it is, and its agent's row.
func (w *attestationWork) load(d *decision) (Attestation, *ledger.Account, error) {
	s, loaded := d.attested.Submission(w.id)
	if !w.known || !loaded {
		return s, nil, noAttestation()
	}
	row, err := d.party("agent_id", s.Agent, w.of)
	return s, row, err
}

func noAttestation() error { return ledger.Refuse(ErrNotFound, "no such attestation") }

func (w *attestationWork) review(d *decision, p ReviewAttestationParams) (AttestReceipt, []ledger.ID, error) {
	s, row, err := w.load(d)
	switch {
	case err != nil:
		return AttestReceipt{}, nil, err
	case s.Agent == p.By:
		return AttestReceipt{}, nil, ledger.Refuse(ErrForbidden, "nobody reviews an attestation of its own")
	case s.Status != attestation.PendingReview:
		return AttestReceipt{}, nil, ledger.Refuse(ErrInvalidState, "an attestation that is %s waits for no review", s.Status)
	}
	change := attestation.Change{By: p.By, Status: attestation.Rejected, Notes: p.Notes, At: d.now}
	if p.Approved {
		if err := d.reward(&s, w.origin, row, &change); err != nil {
			return AttestReceipt{}, nil, err
		}
	}
	return d.changeAttestation(store.VerbReviewAttestation, s, change)
}

// changeAttestation replaces an attestation by what it becomes.
func (d *decision) changeAttestation(verb Verb, s Attestation, change attestation.Change) (AttestReceipt, []ledger.ID, error) {
	s, step, err := s.Become(change)
	if err != nil {
		return AttestReceipt{}, nil, err
	}
	d.attested.Change(s, step)
	d.recordAttestation(verb, &s, &step)
	return AttestReceipt{Attestation: s}, d.attestationSubjects(&s, step, true), nil
}
