package bunstore

import (
	"github.com/agentvault/teg-layer/governance/dispute"
	"github.com/agentvault/teg-layer/ledger"
)

// Disputes are claims of agents against each other.
var Disputes = Table[dispute.Dispute]{
	Name: "teg_dispute_logs",
	Terms: []string{
		"id", "claimant", "defendant", "cause_kind", "cause", "transaction_id", "avtp", "reason", "category", "description", "value", "hold",
		"fee", "bond", "filed_at",
	},
	Standing: []string{
		"status", "deadline", "pinned", "pool", "response", "responded_at", "frivolous", "hold_end", "penalty", "collected", "notes",
		"claims", "defences", "steps", "updated_at",
	},
	places: func(d *dispute.Dispute) (terms, standing []any) {
		return []any{
				(*ledger.ID)(&d.ID), &d.Claimant, &d.Defendant, (*uint8)(&d.Cause.Kind), &d.Cause.ID, (*ledger.ID)(&d.Cause.Transaction),
				&d.Cause.AVTP, &d.Reason, &d.Category, &d.Description, &d.Value, (*ledger.ID)(&d.Hold), &d.Fee, &d.Bond, &d.FiledAt,
			}, []any{
				(*uint8)(&d.Status), &d.Deadline, &d.Pinned, &d.Pool, &d.Response, &d.RespondedAt, &d.Frivolous, (*uint8)(&d.HoldEnd),
				&d.Penalty, &d.Collected, &d.Notes, &d.Claims, &d.Defences, &d.Steps, &d.UpdatedAt,
			}
	},
}

// DisputeSteps are the timelines of disputes.
var DisputeSteps = Table[dispute.Step]{
	Name:  "teg_dispute_history",
	Terms: []string{"dispute", "seq", "from_status", "to_status", "actor", "note", "at", "until"},
	places: func(s *dispute.Step) (terms, standing []any) {
		return []any{(*ledger.ID)(&s.Dispute), &s.Seq, (*uint8)(&s.From), (*uint8)(&s.To), &s.By, &s.Note, &s.At, &s.Until}, nil
	},
}

// Evidence is what parties to disputes point at.
var Evidence = Table[dispute.Evidence]{
	Name:  "teg_dispute_evidence",
	Terms: []string{"id", "dispute", "seq", "party", "pointer", "description", "at"},
	places: func(e *dispute.Evidence) (terms, standing []any) {
		return []any{(*ledger.ID)(&e.ID), (*ledger.ID)(&e.Dispute), &e.Seq, &e.By, &e.Pointer, &e.Description, &e.At}, nil
	},
}

// StoredEvidence is what became of the content of evidence.
var StoredEvidence = Table[dispute.Storage]{
	Name:  "teg_dispute_storage",
	Terms: []string{"evidence", "sound", "size", "problem", "at"},
	places: func(s *dispute.Storage) (terms, standing []any) {
		return []any{(*ledger.ID)(&s.Evidence), &s.Sound, &s.Size, &s.Problem, &s.At}, nil
	},
}
