package teg

import (
	"context"
	"encoding/json"
	"time"

	"github.com/agentvault/teg-layer/governance/attestation"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

// AttestParams asks to take down what an agent attests.
type AttestParams struct {
	By      DID
	Type    string            // the code of an active policy of type attestation, or the attestation_type that its parameters name
	Data    json.RawMessage   // a JSON object of at most [MaxAttestation] bytes
	Pointer string            // to evidence, ipfs://CID[/path]; empty: none
	Proof   *AttestationProof // nil: none
	Key     string            // idempotency key
	DryRun  bool
}

// AttestReceipt is an attestation as it was right after an act upon it.
type AttestReceipt struct {
	Attestation
	Replayed bool
}

// maxPlans is how often an attestation is looked at again because its policy was changed
// meanwhile.
const maxPlans = 16

// Attest hands an attestation in: what the policy of its type asks of it is checked, its
// proof is verified, and, where nobody has to review it, its reward is paid and its
// agent's score changed in the same commit.
//
// A proof that does not hold is no error: the attestation is kept as
// [AttestationUnverified]. The same data for the same policy can be sent again only
// where that failed, or was rejected.
//
// Errors: [ErrInvalidInput], of the data an [*AttestationDataError]; [ErrSuspended];
// [ErrKeyReused]; [ErrNotFound] for a type that no active policy has; then
// [ErrDuplicateAttestation] and [ErrCooldown]; [ErrNoVerifier] for a proof where the
// engine has no Config.Proofs.
func (e *Engine) Attest(ctx context.Context, p AttestParams) (AttestReceipt, error) {
	data, err := p.check()
	if err != nil {
		return AttestReceipt{}, err
	}
	for round := range maxPlans {
		a, err := e.planAttestation(ctx, p, data)
		if err != nil {
			return AttestReceipt{}, err
		}
		op, err := a.operation(ctx)
		if err != nil {
			return AttestReceipt{}, err
		}
		op.permitted = round > 0 // it was asked before
		receipt, err := perform(e, op, a.decide, func(r store.Record) (AttestReceipt, error) { return e.recallAttestation(ctx, r) })
		if err != errPolicyChanged { //nolint:errorlint // of this verb's own decision, never wrapped
			return receipt, err
		}
	}
	return AttestReceipt{}, errPolicyChanged
}

func (p *AttestParams) check() (attestation.Data, error) {
	var none attestation.Data
	if err := check(checkKey(p.Key), named("agent_id", p.By), requiredText("attestation_type", p.Type, MaxAttestationType)); err != nil {
		return none, err
	}
	if p.Pointer != "" {
		if err := checkPointer("storage_pointer", p.Pointer); err != nil {
			return none, err
		}
	}
	if p.Proof != nil {
		if err := p.Proof.Check(); err != nil {
			return none, err
		}
	}
	data, err := attestation.Canonical(p.Data)
	if err != nil {
		return none, ledger.Invalid(attestation.DataField, "%v", err)
	}
	return data, nil
}

// CheckAttestationData says what is wrong with an attestation's data whatever its policy
// asks: it must be a JSON object of at most [MaxAttestation] bytes, of which every program
// reads the same.
func CheckAttestationData(data json.RawMessage) error {
	if _, err := attestation.Canonical(data); err != nil {
		return ledger.Invalid(attestation.DataField, "%v", err)
	}
	return nil
}

// CheckEvidencePointer says what is wrong with a pointer to evidence, which is
// ipfs://CID[/path].
func CheckEvidencePointer(field, pointer string) error { return checkPointer(field, pointer) }

// operation is the attestation on its way through the door.
func (a *attesting) operation(ctx context.Context) (*operation, error) {
	proof := []string{"", "", ""}
	if a.Proof != nil {
		proof = []string{a.Proof.Circuit, a.Proof.Text(), a.Proof.Canonical()}
	}
	op := &operation{
		ctx: ctx, verb: store.VerbAttest, by: a.By, caller: a.of, request: requestID(ctx), dryRun: a.DryRun, parties: []party{a.of},
		mark: markKey(a.By, store.VerbAttest, a.Key, append(proof, a.Type, a.data.Name(), a.Pointer)...),
	}
	op.intend(Intent{Agent: a.By, Name: a.Type})
	if a.policy == nil || !a.of.known() {
		return op, nil
	}
	op.need.reputation.Agents = []ledger.AccountID{a.of.available}
	op.need.attestation = attestation.Need{
		Scopes: []ledger.ID{a.scope}, Turns: []attestation.Pair{a.pair()}, Since: a.engine.clock.now().Add(-attestationDay),
	}
	a.engine.needReward(op, a.policy.ID, a.terms.Reward)
	return op, nil
}

func (a *attesting) pair() attestation.Pair {
	return attestation.Pair{Agent: a.By, Policy: a.policy.ID}
}

// decide takes the attestation in.
func (a *attesting) decide(d *decision) (AttestReceipt, []ledger.ID, error) {
	row, err := d.party("agent_id", a.By, a.of)
	if err != nil {
		return AttestReceipt{}, nil, err
	}
	found, known := d.policies.Attestation(a.Type)
	switch {
	case !known:
		return AttestReceipt{}, nil, &Refusal{Reason: ErrNotFound, Field: "attestation_type", Message: "no active policy is about attestations of this type"}
	case a.policy == nil || found.ID != a.policy.ID || found.Version != a.policy.Version:
		return AttestReceipt{}, nil, errPolicyChanged
	case a.refusal != nil:
		return AttestReceipt{}, nil, a.refusal
	}
	if err := a.inTurn(d); err != nil {
		return AttestReceipt{}, nil, err
	}
	change := attestation.Change{By: a.By, At: d.now}
	s := a.submission(d)
	switch {
	case s.Proven == attestation.ProofFails:
		change.Status = attestation.Unverified
	case a.terms.ReviewRequired:
		change.Status = attestation.PendingReview
	default:
		if err := d.reward(&s, a.origin, row, &change); err != nil {
			return AttestReceipt{}, nil, err
		}
	}
	s, step, err := s.Begin(change)
	if err != nil {
		return AttestReceipt{}, nil, err
	}
	d.attested.HandIn(s, a.pair(), step)
	d.recordAttestation(store.VerbAttest, &s, &step)
	return AttestReceipt{Attestation: s}, d.attestationSubjects(&s, step, false), nil
}

// inTurn refuses a duplicate, and then what comes too soon or is too much.
func (a *attesting) inTurn(d *decision) error {
	if d.attested.Standing(a.scope) {
		return ledger.Refuse(ErrDuplicateAttestation, "you have handed in the same data for the policy %s before", a.policy.Code).
			By("attestation.duplicate", ledger.Word("policy", a.policy.Code)).Unless(ledger.Do("Attest other data: the same counts once for a policy."))
	}
	turn, loaded := d.attested.Turn(a.pair())
	if !loaded {
		return errPolicyChanged // another policy's was asked for
	}
	if next := turn.Last.Add(a.terms.Cooldown); !turn.Last.IsZero() && next.After(d.now) {
		at := ledger.Moment("next", next)
		return ledger.Refuse(ErrCooldown, "the next one for the policy %s can be handed in at %s", a.policy.Code, next.Format(TimeFormat)).
			By("attestation.cooldown", ledger.Word("policy", a.policy.Code), ledger.Moment("last", turn.Last), ledger.Span("cooldown", a.terms.Cooldown), ledger.Moment("now", d.now)).
			Unless(at.Needs("time", ledger.NotBefore, "Hand it in at "+at.Value+" or later."))
	}
	if turn.Handed >= a.terms.DailyLimit {
		return ledger.Refuse(ErrCooldown, "you have handed in %d within a day, and the policy %s takes one only below %d", turn.Handed, a.policy.Code, a.terms.DailyLimit).
			By("attestation.daily", ledger.Word("policy", a.policy.Code), ledger.Count("handed_in", turn.Handed), ledger.Count("daily_limit", a.terms.DailyLimit), ledger.Moment("now", d.now)).
			Unless(ledger.Count("below", a.terms.DailyLimit-1).Needs("handed_in", ledger.AtMost, "Wait until fewer of them lie within a day."))
	}
	return nil
}

// attestationDay is the time in which an agent's attestations are counted.
const attestationDay = 24 * time.Hour

// submission is what is kept of the attestation.
func (a *attesting) submission(d *decision) Attestation {
	s := Attestation{
		ID: AttestationID(d.core.newID()), Agent: a.By, Scope: a.scope, Policy: a.policy.ID, Version: a.policy.Version, Code: a.policy.Code, Type: a.Type,
		Data: a.data.Text, Hash: a.data.Name(), Pointer: a.Pointer, Waits: a.terms.StorageRequired, Proven: a.proven, Offer: a.terms.Reward,
	}
	if a.Proof != nil {
		s.Circuit, s.Inputs, s.Proof = a.Proof.Circuit, a.Proof.Text(), string(a.Proof.Proof)
	}
	return s
}

// attestationSubjects are what the journal keeps of an act: which attestation, how many
// steps it has come where that is not one, and the reward's transaction.
func (d *decision) attestationSubjects(s *Attestation, step AttestationStep, later bool) []ledger.ID {
	list := []ledger.ID{ledger.ID(s.ID)}
	if later {
		list = append(list, idOf(ledger.AccountID(step.Seq)))
	}
	return append(list, d.transactionIDs()...)
}

// recallAttestation is an attestation as it was after the step that an earlier operation
// made.
func (e *Engine) recallAttestation(ctx context.Context, r store.Record) (AttestReceipt, error) {
	if len(r.Subjects) == 0 {
		return AttestReceipt{}, ErrInternal
	}
	s, err := e.Attestation(ctx, AttestationID(r.Subjects[0]))
	if err != nil {
		return AttestReceipt{}, err
	}
	steps, err := e.AttestationHistory(ctx, s.ID)
	if err != nil {
		return AttestReceipt{}, err
	}
	count := int64(1)
	if r.Verb != store.VerbAttest && len(r.Subjects) > 1 {
		count = int64(accountOf(r.Subjects[1]))
	}
	s.Notes, s.Steps = "", count
	for _, step := range steps[:min(int(count), len(steps))] {
		s.Status, s.Reward, s.Transaction, s.Storage, s.UpdatedAt = step.Status, step.Reward, step.Transaction, step.Storage, step.At
		if step.Notes != "" {
			s.Notes = step.Notes
		}
	}
	return AttestReceipt{Attestation: s, Replayed: true}, nil
}
