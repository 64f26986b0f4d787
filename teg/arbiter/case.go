package arbiter

import (
	"context"
	"strconv"

	"github.com/agentvault/teg-layer/teg"
)

type caseBody struct {
	ID          string     `json:"case_id"`
	Claimant    string     `json:"claimant_agent_id"`
	Defendant   string     `json:"defendant_agent_id"`
	Cause       causeBody  `json:"cause"`
	Payer       string     `json:"payer_agent_id,omitempty"`
	Reason      string     `json:"reason_code"`
	Category    string     `json:"category,omitempty"`
	Description string     `json:"description"`
	Response    string     `json:"response,omitempty"`
	Value       teg.Amount `json:"value"`
	FiledAt     string     `json:"filed_at"`
	Deadline    string     `json:"deadline"`
}

type causeBody struct {
	Kind string `json:"kind"`
	ID   string `json:"id"`
}

// Open implements [teg.Arbitrator].
func (s *Service) Open(ctx context.Context, c teg.Case) error {
	id := c.Dispute.String()
	return s.put(ctx, "/cases", id, caseBody{
		ID: id, Claimant: c.Claimant.String(), Defendant: c.Defendant.String(), Cause: causeBody{c.CauseKind, c.CauseID}, Payer: c.Payer.String(),
		Reason: c.Reason, Category: c.Category, Description: c.Description, Response: c.Response, Value: c.Value,
		FiledAt: c.FiledAt.UTC().Format(teg.TimeFormat), Deadline: c.Deadline.UTC().Format(teg.TimeFormat),
	})
}

type evidenceBody struct {
	Seq         int64  `json:"seq"`
	By          string `json:"submitted_by"`
	Pointer     string `json:"evidence_pointer"`
	Description string `json:"description,omitempty"`
	At          string `json:"submitted_at"`
}

// Submit implements [teg.Arbitrator].
func (s *Service) Submit(ctx context.Context, e teg.CaseEvidence) error {
	id := e.Dispute.String()
	return s.put(ctx, "/cases/"+id+"/evidence", id+"#"+strconv.FormatInt(e.Seq, 10), evidenceBody{
		Seq: e.Seq, By: e.By.String(), Pointer: e.Pointer, Description: e.Description, At: e.At.UTC().Format(teg.TimeFormat),
	})
}
