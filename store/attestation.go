package store

import (
	"context"

	"github.com/agentvault/teg-layer/governance/attestation"
)

// AttestationReader tells what has been attested, and hands it out as [AuditReader] does
// the rest.
type AttestationReader interface {
	// Attestations returns a page, newest first, and how many match as far as they were
	// counted.
	Attestations(ctx context.Context, q attestation.Query) (page []attestation.Submission, total int64, err error)
	// AttestationSteps returns the history of a submission, oldest first.
	AttestationSteps(ctx context.Context, id attestation.SubmissionID) ([]attestation.Step, error)
	// AuditAttestations returns submissions ordered by id.
	AuditAttestations(ctx context.Context, after attestation.SubmissionID, limit int) ([]attestation.Submission, error)
	// AttestationBudgets returns what the rewards of each policy have come to, in no
	// particular order.
	AttestationBudgets(ctx context.Context) ([]attestation.Budget, error)
	// Circuits returns those of the circuits that exist, or all where none is named,
	// ordered by their ids.
	Circuits(ctx context.Context, ids ...string) ([]attestation.Circuit, error)
}
