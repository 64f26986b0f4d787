package teg

import (
	"context"

	"github.com/agentvault/teg-layer/governance/attestation"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

// tickRewards is how many rewards that are owed one tick looks at.
const tickRewards = 500

// payAttestations pays rewards that are owed, oldest first, as far as the treasury goes:
// a reward that it does not cover keeps those behind it waiting, so that small ones do
// not keep the treasury empty for ever.
func (e *Engine) payAttestations(ctx context.Context) error {
	due, err := e.dueRewards(ctx)
	if err != nil || len(due) == 0 {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, tickPatience)
	defer cancel()
	return e.together(len(due), func(i int) error { return e.payAttestation(ctx, due[i]) })
}

// dueRewards are the attestations whose rewards the treasury covers now, taken together.
func (e *Engine) dueRewards(ctx context.Context) ([]AttestationID, error) {
	query := attestation.Query{Payable: true, OldFirst: true, Limit: tickRewards}
	if e.config.Evidence == nil { // nobody looks whether evidence is there, so nothing waits for it
		query.Payable, query.Status = false, attestation.PendingReward
	}
	owed, _, err := e.reader().Attestations(ctx, query)
	if err != nil || len(owed) == 0 {
		return nil, outward(err)
	}
	treasury, err := e.Treasury(ctx)
	if err != nil {
		return nil, err
	}
	left := treasury.Balance
	var due []AttestationID
	for i := range owed {
		rest, err := left.Sub(owed[i].Reward)
		if err != nil {
			break
		}
		left, due = rest, append(due, owed[i].ID)
	}
	return due, nil
}

// payAttestation is an act of the system: nobody asked for it. It is done once, whoever
// finds it due.
func (e *Engine) payAttestation(ctx context.Context, id AttestationID) error {
	work, err := e.attestationWork(ctx, id)
	if err != nil {
		return err
	}
	op := &operation{ctx: ctx, verb: store.VerbPayAttestation, request: requestID(ctx)}
	work.require(op, true)
	_, err = perform(e, op, work.settle, func(store.Record) (AttestReceipt, error) { return AttestReceipt{}, ErrInternal })
	return err
}

// settle pays a reward that is owed. An agent that was deactivated receives nothing: its
// attestation ends without.
func (w *attestationWork) settle(d *decision) (AttestReceipt, []ledger.ID, error) {
	s, row, err := w.load(d)
	if err != nil || s.Status != attestation.PendingReward {
		return AttestReceipt{}, nil, err
	}
	change := attestation.Change{Reward: s.Reward, At: d.now}
	if ledger.CanReceive(row, d.now) != nil {
		d.attested.Release(s.Policy, s.Reward, s.ChargedAt)
		change.Reward = Amount{}
	}
	if err := d.pay(&s, row, &change); err != nil || change.Status == attestation.PendingReward {
		return AttestReceipt{}, nil, err
	}
	return d.changeAttestation(store.VerbPayAttestation, s, change)
}

// seeEvidence looks for evidence that was not seen yet: what is there is pinned and noted,
// and what is not is looked for again, ever more rarely. It is in no transaction while it
// waits for storage.
func (e *Engine) seeEvidence(ctx context.Context) error {
	if e.config.Evidence == nil {
		return nil
	}
	due, err := e.dueEvidence(ctx)
	if err != nil {
		return err
	}
	return lookAtOnce(len(due), func(i int) error { return e.look(ctx, &due[i]) })
}

// dueEvidence is what evidence of attestations is to be looked for now.
func (e *Engine) dueEvidence(ctx context.Context) ([]Attestation, error) {
	ask := func(q attestation.Query) ([]Attestation, error) {
		q.Storage = attestation.StorageUnverified
		page, _, err := e.reader().Attestations(ctx, q)
		return page, err
	}
	return nextUnseen(&e.unseen, e.clock.now(),
		func() ([]Attestation, error) { return ask(attestation.Query{Limit: evidenceNewest}) },
		func(after ledger.ID) ([]Attestation, error) {
			return ask(attestation.Query{OldFirst: true, After: AttestationID(after), Limit: evidencePage})
		},
		func(s *Attestation) ledger.ID { return ledger.ID(s.ID) })
}

// look fetches, pins and notes one piece of evidence.
func (e *Engine) look(ctx context.Context, s *Attestation) error {
	limited, cancel := context.WithTimeout(ctx, evidencePatience)
	defer cancel()
	_, err := e.config.Evidence.Fetch(limited, s.Pointer, 0)
	if err == nil {
		err = e.config.Evidence.Pin(limited, s.Pointer)
	}
	if err != nil {
		if ctx.Err() == nil {
			e.config.Logger.InfoContext(ctx, "evidence could not be seen; it is looked for again", "attestation", s.ID, "error", err)
		}
		e.unseen.failed(ledger.ID(s.ID), e.clock.now())
		return nil // storage may be out of reach; nothing waits for it but the reward
	}
	if err := e.noteEvidence(ctx, s); err != nil {
		return err
	}
	e.unseen.found(ledger.ID(s.ID))
	return nil
}

// noteEvidence notes that evidence was seen, once, whoever saw it.
func (e *Engine) noteEvidence(ctx context.Context, s *Attestation) error {
	work, err := e.attestationWork(ctx, s.ID)
	if err != nil {
		return err
	}
	op := &operation{ctx: ctx, verb: store.VerbSeeEvidence, request: requestID(ctx)}
	work.require(op, false)
	_, err = perform(e, op, func(d *decision) (AttestReceipt, []ledger.ID, error) {
		s, _, err := work.load(d)
		if err != nil || s.Storage != attestation.StorageUnverified {
			return AttestReceipt{}, nil, err
		}
		return d.changeAttestation(store.VerbSeeEvidence, s, attestation.Change{Storage: attestation.StorageVerified, At: d.now})
	}, func(store.Record) (AttestReceipt, error) { return AttestReceipt{}, ErrInternal })
	return err
}
