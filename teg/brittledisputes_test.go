package teg_test

import (
	"context"
	"time"

	"github.com/agentvault/teg-layer/governance/dispute"
	"github.com/agentvault/teg-layer/store"
)

func (r *brittleReader) Disputes(ctx context.Context, q dispute.Query) (page []dispute.Dispute, total int64, err error) {
	_, err = read(r, "Disputes", func() (struct{}, error) {
		page, total, err = r.sound.Disputes(ctx, q)
		return struct{}{}, err
	})
	return page, total, err
}

func (r *brittleReader) DisputeSteps(ctx context.Context, id dispute.ID) ([]dispute.Step, error) {
	return read(r, "DisputeSteps", func() ([]dispute.Step, error) { return r.sound.DisputeSteps(ctx, id) })
}

func (r *brittleReader) DisputeEvidence(ctx context.Context, id dispute.ID) ([]dispute.RecordedEvidence, error) {
	return read(r, "DisputeEvidence", func() ([]dispute.RecordedEvidence, error) { return r.sound.DisputeEvidence(ctx, id) })
}

func (r *brittleReader) DueDisputes(ctx context.Context, by time.Time, limit int) ([]dispute.Dispute, error) {
	return read(r, "DueDisputes", func() ([]dispute.Dispute, error) { return r.sound.DueDisputes(ctx, by, limit) })
}

func (r *brittleReader) UnstoredEvidence(ctx context.Context, q dispute.EvidenceQuery) ([]dispute.Evidence, error) {
	return read(r, "UnstoredEvidence", func() ([]dispute.Evidence, error) { return r.sound.UnstoredEvidence(ctx, q) })
}

func (r *brittleReader) AuditDisputes(ctx context.Context, after dispute.ID, limit int) ([]store.AuditedDispute, error) {
	return read(r, "AuditDisputes", func() ([]store.AuditedDispute, error) { return r.sound.AuditDisputes(ctx, after, limit) })
}
