package server

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/agentvault/teg-layer/server/api"
	"github.com/agentvault/teg-layer/server/strictjson"
	"github.com/agentvault/teg-layer/teg"
)

type attestRequest api.AttestationRequest

func (in *attestRequest) check(f *faults) {
	f.filled("attestation_type", in.AttestationType, teg.MaxAttestationType)
	if !f.inside("attestation_data") {
		f.refused("attestation_data", teg.CheckAttestationData(in.AttestationData), nil)
	}
	if in.StoragePointer != nil {
		f.refused("storage_pointer", teg.CheckEvidencePointer("storage_pointer", *in.StoragePointer), in.StoragePointer)
	}
	if in.ZkpProof != nil && !f.has("zkp_proof") {
		(*proofRequest)(in.ZkpProof).check(f)
	}
}

// proofRequest is a proof as the tools of its circuit write it. Public inputs are decimal
// texts, as there, or numbers.
type proofRequest api.Proof

func (in *proofRequest) check(f *faults) {
	for i := range in.PublicInputs {
		if _, ok := inputText(in.PublicInputs[i]); !ok {
			f.add(fmt.Sprintf("zkp_proof.public_inputs[%d]", i), "must be a whole number, or a string that is one", nil)
		}
	}
	if f.inside("zkp_proof") {
		return
	}
	p := in.proof()
	if err := p.Check(); err != nil {
		f.refusedThere(err)
	}
}

func inputText(given any) (string, bool) {
	switch given := given.(type) {
	case string:
		return given, true
	case json.Number:
		return given.String(), true
	}
	return "", false
}

func (in *proofRequest) proof() *teg.AttestationProof {
	p := &teg.AttestationProof{Circuit: in.CircuitID, Proof: in.Proof}
	for i := range in.PublicInputs {
		text, _ := inputText(in.PublicInputs[i])
		p.Inputs = append(p.Inputs, text)
	}
	return p
}

// submissionOf is an attestation as its agent sees it. reward_amount is what was paid, or
// what is owed while the status is pending_reward.
func submissionOf(s *teg.Attestation) api.Attestation {
	body := api.Attestation{
		SubmissionID: s.ID, Status: s.Status, PolicyID: s.Policy, PolicyCode: s.Code, RewardAmount: s.Reward, RewardTransactionID: known(s.Transaction),
		SubmittedAt: stamp(s.SubmittedAt), AgentID: s.Agent, AttestationType: s.Type, DataHash: s.Hash, StoragePointer: orNull(s.Pointer),
		StorageStatus: api.StorageStatus(s.Storage.String()), CircuitID: orNull(s.Circuit), Notes: orNull(s.Notes), UpdatedAt: stamp(s.UpdatedAt),
	}
	if s.Circuit != "" {
		holds := s.Proven == teg.ProofHolds
		body.ProofVerified = &holds
	}
	return body
}

func submissionAnswer(r *teg.AttestReceipt, err error) (answer, error) {
	if err != nil {
		return answer{}, unfit(err)
	}
	return answer{body: submissionOf(&r.Attestation), replayed: r.Replayed}, nil
}

// unfit is what a policy's schema says against the data, field by field.
func unfit(err error) error {
	var refused *teg.AttestationDataError
	if !errors.As(err, &refused) {
		return err
	}
	var input strictjson.InputError
	for _, fault := range refused.Faults {
		input.Add(strictjson.FieldError{Field: fault.Field, Message: fault.Message})
	}
	return &input
}

func postAttestation(c *call, in *attestRequest) (answer, error) {
	p := teg.AttestParams{By: c.caller.Agent, Type: in.AttestationType, Data: in.AttestationData, Pointer: orZero(in.StoragePointer), Key: c.key}
	if in.ZkpProof != nil {
		p.Proof = (*proofRequest)(in.ZkpProof).proof()
	}
	r, err := c.engine().Attest(c.ctx, p)
	return submissionAnswer(&r, err)
}

// getSubmissions lists the caller's own.
func getSubmissions(c *call) (func() (answer, error), error) {
	q := teg.AttestationsQuery{Viewer: c.caller.Agent, Agent: c.caller.Agent, Status: oneOf(&c.query, "status", teg.ParseAttestationStatus)}
	return c.submissions(q)
}

// getAllSubmissions lists those of all agents, for who reviews them.
func getAllSubmissions(c *call) (func() (answer, error), error) {
	q := teg.AttestationsQuery{Viewer: c.caller.Agent, Agent: c.query.agent("agent_id"), Status: oneOf(&c.query, "status", teg.ParseAttestationStatus)}
	return c.submissions(q)
}

func (c *call) submissions(q teg.AttestationsQuery) (func() (answer, error), error) {
	p := c.query.page()
	q.Limit, q.Offset, q.Cursor, q.Total = p.limit, p.offset, p.cursor, p.total
	return func() (answer, error) {
		found, err := c.engine().Attestations(c.ctx, q)
		if err != nil {
			return answer{}, valued(err, "cursor", p.cursor)
		}
		body := api.AttestationsPage{
			Submissions: make([]api.Attestation, len(found.Attestations)), Page: p.info(found.Total, found.TotalCapped, found.NextCursor),
		}
		for i := range found.Attestations {
			body.Submissions[i] = submissionOf(&found.Attestations[i])
		}
		return answer{body: body}, nil
	}, nil
}

// getSubmission shows an attestation with its data and all that became of it, to its
// agent, and to who may review it.
func getSubmission(c *call) (answer, error) {
	s, err := c.engine().Attestation(c.ctx, c.submissionID())
	if err != nil {
		return answer{}, err
	}
	viewer, err := c.viewer(auditors.roles)
	if err != nil {
		return answer{}, err
	}
	if !viewer.IsZero() && s.Agent != viewer {
		_, err := c.engine().Attestation(c.ctx, teg.AttestationID{}) // what is another's looks like what is not there
		return answer{}, err
	}
	steps, err := c.engine().AttestationHistory(c.ctx, s.ID)
	if err != nil {
		return answer{}, err
	}
	steps = steps[:min(int(s.Steps), len(steps))] // it may have grown since
	body := api.AttestationInFull{
		Attestation: submissionOf(&s), AttestationData: json.RawMessage(s.Data), History: make([]api.AttestationStep, len(steps)),
	}
	for i, step := range steps {
		body.History[i] = api.AttestationStep{
			Status: step.Status, StorageStatus: api.StorageStatus(step.Storage.String()), Actor: known(step.By), Timestamp: stamp(step.At), Note: orNull(step.Notes),
		}
	}
	return answer{body: body}, nil
}

// submissionID is the attestation that the path names, zero for what is no id; see
// [call.transactionID].
func (c *call) submissionID() teg.AttestationID {
	id, _ := teg.ParseAttestationID(c.vars["submission_id"])
	return id
}

type judgeRequest api.AttestationReviewRequest

func (in *judgeRequest) check(f *faults) { f.text("notes", in.Notes, teg.MaxAttestationNotes) }

func putSubmission(c *call, in *judgeRequest) (answer, error) {
	r, err := c.engine().ReviewAttestation(c.ctx, teg.ReviewAttestationParams{
		By: c.caller.Agent, AttestationID: c.submissionID(), Approved: in.Approved, Notes: orZero(in.Notes), Key: c.key,
	})
	return submissionAnswer(&r, err)
}
