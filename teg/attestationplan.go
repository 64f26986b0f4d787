package teg

import (
	"context"
	"errors"

	"github.com/agentvault/teg-layer/governance/attestation"
	"github.com/agentvault/teg-layer/governance/policy"
	"github.com/agentvault/teg-layer/ledger"
)

// attesting is an attestation under way, with what could be found out about it before
// any row is locked: whether its data fits and its proof holds takes time, and follows
// from the request and one version of its policy alone.
type attesting struct {
	AttestParams
	engine  *Engine
	data    attestation.Data
	scope   ledger.ID
	of      party
	origin  Origin
	policy  *policy.Policy // nil: no active policy is of the type
	terms   policy.AttestationTerms
	proven  attestation.Proven
	refusal error // by the policy's terms
}

// errPolicyChanged sends an attestation back to be looked at under the policy that is in
// force now. A caller sees it only where that happens over and over.
var errPolicyChanged = ledger.NewReason(ErrUnavailable.Code(), "the policy of this attestation is being changed; try again")

// planAttestation looks at the attestation outside of any transaction.
func (e *Engine) planAttestation(ctx context.Context, p AttestParams, data attestation.Data) (*attesting, error) {
	a := &attesting{AttestParams: p, engine: e, data: data}
	found, err := e.parties(ctx, p.By)
	if err != nil {
		return nil, err
	}
	a.of = found[0]
	of, known := e.inForce.Load().policies.Attestation(p.Type)
	if !known || !a.of.known() {
		return a, nil
	}
	if a.terms, err = of.AttestationTerms(); err != nil {
		return nil, err
	}
	a.policy, a.scope = of, attestation.Scope(p.By, of.ID, data.Hash)
	if !a.terms.Reward.IsZero() {
		if a.origin, err = e.originOf(ctx, p.By); err != nil {
			return nil, err
		}
	}
	if a.refusal, err = e.fits(a); err != nil || a.refusal != nil {
		return a, err
	}
	return a, a.prove(ctx)
}

// fits holds the attestation against the policy, its proof aside.
func (e *Engine) fits(a *attesting) (refusal, err error) {
	switch {
	case a.terms.StorageRequired && a.Pointer == "":
		return ledger.Invalid("storage_pointer", "the policy %s asks for evidence in storage", a.policy.Code), nil
	case a.terms.Circuit != "" && a.Proof == nil:
		return ledger.Invalid("zkp_proof", "the policy %s asks for a proof for the circuit %s", a.policy.Code, a.terms.Circuit), nil
	case a.terms.Circuit != "" && a.Proof.Circuit != a.terms.Circuit:
		return ledger.Invalid("zkp_proof.circuit_id", "the policy %s asks for a proof for the circuit %s", a.policy.Code, a.terms.Circuit), nil
	case a.terms.DataSchema == nil:
		return nil, nil
	}
	schema, err := e.schemas.of(a.policy, a.terms.DataSchema)
	if err != nil { // PutPolicy lets no such schema in
		return nil, ledger.Refuse(ErrInvalidState, "the data_schema of the policy %s %v", a.policy.Code, err)
	}
	return schema.Check(a.data.Text), nil
}

// checkDataSchema refuses a policy whose schema for data is none. Nothing else is known
// to be wrong with its parameters.
func checkDataSchema(p *PutPolicyParams) error {
	if p.Parameters == nil || p.Type != PolicyAttestation {
		return nil
	}
	of := policy.Policy{Type: p.Type, Parameters: *p.Parameters}
	terms, err := of.AttestationTerms()
	if err != nil || terms.DataSchema == nil {
		return err
	}
	if _, err := attestation.CompileSchema(terms.DataSchema); err != nil {
		return ledger.Invalid("parameters.data_schema", "%v", err)
	}
	return nil
}

// prove finds out whether the proof holds, and is about this agent and this data.
func (a *attesting) prove(ctx context.Context) error {
	if a.Proof == nil {
		return nil
	}
	circuit, known, err := a.engine.circuit(ctx, a.Proof.Circuit)
	switch {
	case err != nil:
		return err
	case !known:
		a.refusal = ledger.Invalid("zkp_proof.circuit_id", "no circuit of this name is registered")
		return nil
	}
	names := circuit.Inputs()
	if len(names) != len(a.Proof.Inputs) {
		a.refusal = ledger.Invalid("zkp_proof.public_inputs", "the circuit has %d public inputs", len(names))
		return nil
	}
	a.proven = attestation.ProofFails
	if attestation.CheckStatement(names, a.Proof.Inputs, a.By, a.data) != nil {
		return nil
	}
	held, err := a.engine.holds(ctx, circuit, a.Proof)
	if held {
		a.proven = attestation.ProofHolds
	}
	return err
}

// holds asks the verifier, a few at a time: each takes a processor for itself.
func (c *core) holds(ctx context.Context, circuit *Circuit, p *AttestationProof) (bool, error) {
	if c.config.Proofs == nil {
		return false, ErrNoVerifier
	}
	select {
	case c.proving <- struct{}{}:
	case <-ctx.Done():
		return false, outward(ctx.Err())
	}
	defer func() { <-c.proving }()
	err := c.config.Proofs.Verify([]byte(circuit.Key), p.Inputs, p.Proof)
	if errors.Is(err, ErrUnavailable) { // of a verifier that asks somebody else
		return false, err
	}
	return err == nil, nil
}

// originOf tells how an agent came here, which never changes.
func (e *Engine) originOf(ctx context.Context, id DID) (Origin, error) {
	if p, known := e.directory.get(id); known && p.origin != 0 {
		return p.origin, nil
	}
	agents, err := e.reader().Agents(ctx, id)
	if err != nil || len(agents) == 0 {
		return 0, outward(err)
	}
	if p, known := e.directory.get(id); known && e.host == nil {
		p.origin = agents[0].Origin
		e.directory.put(id, p)
	}
	return agents[0].Origin, nil
}
