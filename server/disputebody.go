package server

import (
	"github.com/agentvault/teg-layer/teg"
)

// disputeBody is a dispute. What it was filed with is in fee_amount and bond_amount,
// what is disputed in amount; what of a penalty the ruling could not collect is in
// penalty_outstanding, also once it has been paid.
type disputeBody struct {
	ID          teg.DisputeID     `json:"dispute_id"`
	Claimant    teg.DID           `json:"claimant_agent_id"`
	Defendant   teg.DID           `json:"defendant_agent_id"`
	Status      teg.DisputeStatus `json:"status"`
	Deadline    *string           `json:"deadline"`
	Transaction *string           `json:"transaction_id"`
	AVTP        *string           `json:"avtp_transaction_id"`
	Hold        *string           `json:"hold_id"`
	Reason      string            `json:"reason_code"`
	Category    *string           `json:"dispute_reason_category"`
	Description string            `json:"brief_description"`
	Value       teg.Amount        `json:"amount"`
	Fee         teg.Amount        `json:"fee_amount"`
	Bond        teg.Amount        `json:"bond_amount"`
	Pinned      teg.Amount        `json:"pinned_stake"`
	Response    *string           `json:"response"`
	RespondedAt *string           `json:"responded_at"`
	Frivolous   bool              `json:"frivolous"`
	HoldOutcome *string           `json:"hold_outcome"`
	Notes       *string           `json:"resolution_notes"`
	Penalty     teg.Amount        `json:"token_penalty"`
	Collected   teg.Amount        `json:"penalty_collected"`
	Outstanding teg.Amount        `json:"penalty_outstanding"`
	CreatedAt   string            `json:"created_at"`
	UpdatedAt   string            `json:"updated_at"`
}

func disputeOf(d *teg.Dispute) disputeBody {
	return disputeBody{
		ID: d.ID, Claimant: d.Claimant, Defendant: d.Defendant, Status: d.Status, Deadline: stampOrNull(d.Deadline),
		Transaction: orNull(d.Cause.Transaction.String()), AVTP: orNull(d.Cause.AVTP), Hold: orNull(d.Hold.String()),
		Reason: d.Reason, Category: orNull(d.Category), Description: d.Description, Value: d.Value, Fee: d.Fee, Bond: d.Bond, Pinned: d.Pinned,
		Response: orNull(d.Response), RespondedAt: stampOrNull(d.RespondedAt), Frivolous: d.Frivolous, HoldOutcome: orNull(d.HoldEnd.String()),
		Notes: orNull(d.Notes), Penalty: d.Penalty, Collected: d.Collected, Outstanding: d.Outstanding(),
		CreatedAt: stamp(d.FiledAt), UpdatedAt: stamp(d.UpdatedAt),
	}
}

// disputeViewBody is a dispute with all that was said and done.
type disputeViewBody struct {
	disputeBody
	Evidence []evidenceBody    `json:"evidence"`
	Timeline []disputeStepBody `json:"timeline"`
}

// evidenceBody is a piece of evidence. Its storage_status is unverified until its
// content has been fetched, then verified, or rejected with why.
type evidenceBody struct {
	ID          teg.EvidenceID `json:"evidence_id"`
	Agent       teg.DID        `json:"agent_id"`
	Pointer     string         `json:"evidence_pointer"`
	Description *string        `json:"description"`
	CreatedAt   string         `json:"created_at"`
	Storage     string         `json:"storage_status"`
	Problem     *string        `json:"storage_problem"`
}

type disputeStepBody struct {
	From      *string `json:"from"`
	To        string  `json:"to"`
	Actor     *string `json:"actor"`
	Timestamp string  `json:"timestamp"`
	Note      *string `json:"note"`
}

func viewOf(d *teg.Dispute, evidence []teg.DisputeEvidence, timeline []teg.DisputeStep) disputeViewBody {
	body := disputeViewBody{
		disputeBody: disputeOf(d), Evidence: make([]evidenceBody, len(evidence)), Timeline: make([]disputeStepBody, len(timeline)),
	}
	for i := range evidence {
		e := &evidence[i]
		body.Evidence[i] = evidenceBody{
			e.ID, e.By, e.Pointer, orNull(e.Description), stamp(e.At), storageStatus(e), orNull(e.Storage.Problem),
		}
	}
	for i := range timeline {
		s := &timeline[i]
		var from *string
		if s.From != 0 {
			from = orNull(s.From.String())
		}
		body.Timeline[i] = disputeStepBody{from, s.To.String(), didOrNull(s.By), stamp(s.At), orNull(s.Note)}
	}
	return body
}

func storageStatus(e *teg.DisputeEvidence) string {
	switch {
	case e.Storage.At.IsZero():
		return "unverified"
	case e.Storage.Sound:
		return "verified"
	}
	return "rejected"
}
