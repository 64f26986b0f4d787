package teg_test

import (
	"context"

	"github.com/agentvault/teg-layer/governance/attestation"
)

func (r *brittleReader) Attestations(ctx context.Context, q attestation.Query) (page []attestation.Submission, total int64, err error) {
	_, err = read(r, "Attestations", func() (struct{}, error) {
		page, total, err = r.sound.Attestations(ctx, q)
		return struct{}{}, err
	})
	return page, total, err
}

func (r *brittleReader) AttestationSteps(ctx context.Context, id attestation.SubmissionID) ([]attestation.Step, error) {
	return read(r, "AttestationSteps", func() ([]attestation.Step, error) { return r.sound.AttestationSteps(ctx, id) })
}

func (r *brittleReader) AuditAttestations(ctx context.Context, after attestation.SubmissionID, limit int) ([]attestation.Submission, error) {
	return read(r, "AuditAttestations", func() ([]attestation.Submission, error) { return r.sound.AuditAttestations(ctx, after, limit) })
}

func (r *brittleReader) AttestationBudgets(ctx context.Context) ([]attestation.Budget, error) {
	return read(r, "AttestationBudgets", func() ([]attestation.Budget, error) { return r.sound.AttestationBudgets(ctx) })
}

func (r *brittleReader) Circuits(ctx context.Context, ids ...string) ([]attestation.Circuit, error) {
	return read(r, "Circuits", func() ([]attestation.Circuit, error) { return r.sound.Circuits(ctx, ids...) })
}
