package teg_test

import (
	"context"

	"github.com/agentvault/teg-layer/governance/dispute"
	"github.com/agentvault/teg-layer/governance/panel"
)

func (r *brittleReader) PanelRows(ctx context.Context, disputes ...dispute.ID) (panel.Rows, error) {
	return read(r, "PanelRows", func() (panel.Rows, error) { return r.sound.PanelRows(ctx, disputes...) })
}

func (r *brittleReader) PanelRolls(ctx context.Context, of dispute.ID) (map[panel.RoundID]string, error) {
	return read(r, "PanelRolls", func() (map[panel.RoundID]string, error) { return r.sound.PanelRolls(ctx, of) })
}

func (r *brittleReader) OpenRounds(ctx context.Context, after panel.RoundID, limit int) ([]panel.Round, error) {
	return read(r, "OpenRounds", func() ([]panel.Round, error) { return r.sound.OpenRounds(ctx, after, limit) })
}

func (r *brittleReader) PanelSteps(ctx context.Context, round panel.RoundID) ([]panel.Step, error) {
	return read(r, "PanelSteps", func() ([]panel.Step, error) { return r.sound.PanelSteps(ctx, round) })
}

func (r *brittleReader) SeatsOf(ctx context.Context, q panel.SeatQuery) (page []panel.Seat, total int64, err error) {
	_, err = read(r, "SeatsOf", func() (struct{}, error) {
		page, total, err = r.sound.SeatsOf(ctx, q)
		return struct{}{}, err
	})
	return page, total, err
}

func (r *brittleReader) Candidates(ctx context.Context, q panel.CandidateQuery) ([]panel.Candidate, error) {
	return read(r, "Candidates", func() ([]panel.Candidate, error) { return r.sound.Candidates(ctx, q) })
}

func (r *brittleReader) AuditRounds(ctx context.Context, after panel.RoundID, limit int) ([]panel.Round, error) {
	return read(r, "AuditRounds", func() ([]panel.Round, error) { return r.sound.AuditRounds(ctx, after, limit) })
}
