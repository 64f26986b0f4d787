package bunstore

import (
	"github.com/agentvault/teg-layer/governance/attestation"
	"github.com/agentvault/teg-layer/ledger"
)

// Attestations are what agents have handed in.
var Attestations = Table[attestation.Submission]{
	Name: "teg_attestation_logs",
	Terms: []string{
		"id", "agent", "scope", "policy", "policy_version", "policy_code", "type", "data", "data_hash", "pointer", "waits_for_storage",
		"circuit", "inputs", "proof", "proven", "offer", "submitted_at",
	},
	Standing: []string{"status", "reward", "transaction_id", "storage", "charged_at", "notes", "steps", "updated_at"},
	places: func(s *attestation.Submission) (terms, standing []any) {
		return []any{
				(*ledger.ID)(&s.ID), &s.Agent, &s.Scope, (*ledger.ID)(&s.Policy), &s.Version, &s.Code, &s.Type, &s.Data, &s.Hash, &s.Pointer, &s.Waits,
				&s.Circuit, &s.Inputs, &s.Proof, (*uint8)(&s.Proven), &s.Offer, &s.SubmittedAt,
			}, []any{
				(*uint8)(&s.Status), &s.Reward, (*ledger.ID)(&s.Transaction), (*uint8)(&s.Storage), &s.ChargedAt, &s.Notes, &s.Steps, &s.UpdatedAt,
			}
	},
}

// AttestationSteps are the changes of submissions.
var AttestationSteps = Table[attestation.Step]{
	Name:  "attestation_history",
	Terms: []string{"submission", "seq", "actor", "status", "reward", "transaction_id", "storage", "notes", "at"},
	places: func(s *attestation.Step) (terms, standing []any) {
		return []any{
			(*ledger.ID)(&s.Submission), &s.Seq, &s.By, (*uint8)(&s.Status), &s.Reward, (*ledger.ID)(&s.Transaction), (*uint8)(&s.Storage), &s.Notes, &s.At,
		}, nil
	},
}

// AttestationBudgets are what the rewards of policies have come to.
var AttestationBudgets = Table[attestation.Budget]{
	Name:     "attestation_budgets",
	Terms:    []string{"policy"},
	Standing: []string{"day", "today", "total"},
	places: func(b *attestation.Budget) (terms, standing []any) {
		return []any{(*ledger.ID)(&b.Policy)}, []any{&b.Day, &b.Today, &b.Total}
	},
}

// Circuits are what proofs are verified by.
var Circuits = Table[attestation.Circuit]{
	Name:  "attestation_circuits",
	Terms: []string{"id", "verifying_key", "key_hash", "input_names", "registered_by", "at"},
	places: func(c *attestation.Circuit) (terms, standing []any) {
		return []any{&c.ID, &c.Key, &c.Hash, &c.Names, &c.By, &c.At}, nil
	},
}
