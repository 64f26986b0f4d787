package server

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/agentvault/teg-layer/server/strictjson"
	"github.com/agentvault/teg-layer/teg"
)

type attestRequest struct {
	Type    string          `json:"attestation_type"`
	Data    json.RawMessage `json:"attestation_data"`
	Pointer *string         `json:"storage_pointer"`
	Proof   *proofRequest   `json:"zkp_proof"`
}

// proofRequest is a proof as the tools of its circuit write it. Public inputs are decimal
// texts, as there, or numbers.
type proofRequest struct {
	Circuit string          `json:"circuit_id"`
	Inputs  []any           `json:"public_inputs"`
	Proof   json.RawMessage `json:"proof"`
}

func (in *attestRequest) check(f *faults) {
	f.filled("attestation_type", in.Type, teg.MaxAttestationType)
	if !f.inside("attestation_data") {
		f.refused("attestation_data", teg.CheckAttestationData(in.Data), nil)
	}
	if in.Pointer != nil {
		f.refused("storage_pointer", teg.CheckEvidencePointer("storage_pointer", *in.Pointer), in.Pointer)
	}
	if in.Proof != nil && !f.has("zkp_proof") {
		in.Proof.check(f)
	}
}

func (in *proofRequest) check(f *faults) {
	for i := range in.Inputs {
		if _, ok := inputText(in.Inputs[i]); !ok {
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
	p := &teg.AttestationProof{Circuit: in.Circuit, Proof: in.Proof}
	for i := range in.Inputs {
		text, _ := inputText(in.Inputs[i])
		p.Inputs = append(p.Inputs, text)
	}
	return p
}

// submissionBody is an attestation as its agent sees it. reward_amount is what was paid,
// or what is owed while the status is pending_reward.
type submissionBody struct {
	ID          teg.AttestationID     `json:"submission_id"`
	Status      teg.AttestationStatus `json:"status"`
	PolicyID    string                `json:"policy_id"`
	PolicyCode  string                `json:"policy_code"`
	Reward      teg.Amount            `json:"reward_amount"`
	Transaction *string               `json:"reward_transaction_id"`
	SubmittedAt string                `json:"submitted_at"`

	Agent    teg.DID `json:"agent_id"`
	Type     string  `json:"attestation_type"`
	Hash     string  `json:"data_hash"`
	Pointer  *string `json:"storage_pointer"`
	Storage  string  `json:"storage_status"`
	Circuit  *string `json:"circuit_id"`
	Verified *bool   `json:"proof_verified"`
	Notes    *string `json:"notes"`
	Updated  string  `json:"updated_at"`
}

func submissionOf(s *teg.Attestation) submissionBody {
	body := submissionBody{
		ID: s.ID, Status: s.Status, PolicyID: s.Policy.String(), PolicyCode: s.Code, Reward: s.Reward, Transaction: orNull(s.Transaction.String()),
		SubmittedAt: stamp(s.SubmittedAt), Agent: s.Agent, Type: s.Type, Hash: s.Hash, Pointer: orNull(s.Pointer), Storage: s.Storage.String(),
		Circuit: orNull(s.Circuit), Notes: orNull(s.Notes), Updated: stamp(s.UpdatedAt),
	}
	if s.Circuit != "" {
		holds := s.Proven == teg.ProofHolds
		body.Verified = &holds
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
	p := teg.AttestParams{By: c.caller.Agent, Type: in.Type, Data: in.Data, Pointer: orZero(in.Pointer), Key: c.key}
	if in.Proof != nil {
		p.Proof = in.Proof.proof()
	}
	r, err := c.engine().Attest(c.ctx, p)
	return submissionAnswer(&r, err)
}

type submissionsBody struct {
	Submissions []submissionBody `json:"submissions"`
	pageInfo
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
		body := submissionsBody{make([]submissionBody, len(found.Attestations)), p.info(found.Total, found.TotalCapped, found.NextCursor)}
		for i := range found.Attestations {
			body.Submissions[i] = submissionOf(&found.Attestations[i])
		}
		return answer{body: body}, nil
	}, nil
}

type oneSubmissionBody struct {
	submissionBody
	Data    json.RawMessage      `json:"attestation_data"`
	History []submissionStepBody `json:"history"`
}

type submissionStepBody struct {
	Status    teg.AttestationStatus `json:"status"`
	Storage   string                `json:"storage_status"`
	Actor     *string               `json:"actor"`
	Timestamp string                `json:"timestamp"`
	Note      *string               `json:"note"`
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
	body := oneSubmissionBody{submissionOf(&s), json.RawMessage(s.Data), make([]submissionStepBody, len(steps))}
	for i, step := range steps {
		body.History[i] = submissionStepBody{step.Status, step.Storage.String(), didOrNull(step.By), stamp(step.At), orNull(step.Notes)}
	}
	return answer{body: body}, nil
}

// submissionID is the attestation that the path names, zero for what is no id; see
// [call.transactionID].
func (c *call) submissionID() teg.AttestationID {
	id, _ := teg.ParseAttestationID(c.vars["submission_id"])
	return id
}

type judgeRequest struct {
	Approved bool    `json:"approved"`
	Notes    *string `json:"notes"`
}

func (in *judgeRequest) check(f *faults) { f.text("notes", in.Notes, teg.MaxAttestationNotes) }

func putSubmission(c *call, in *judgeRequest) (answer, error) {
	r, err := c.engine().ReviewAttestation(c.ctx, teg.ReviewAttestationParams{
		By: c.caller.Agent, AttestationID: c.submissionID(), Approved: in.Approved, Notes: orZero(in.Notes), Key: c.key,
	})
	return submissionAnswer(&r, err)
}
