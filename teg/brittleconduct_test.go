package teg_test

import (
	"context"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/reputation"
	"github.com/agentvault/teg-layer/store"
)

func (r *brittleReader) ScoresOf(ctx context.Context, agents ...did.DID) ([]reputation.Ranked, error) {
	return read(r, "ScoresOf", func() ([]reputation.Ranked, error) { return r.sound.ScoresOf(ctx, agents...) })
}

func (r *brittleReader) PlaceOf(ctx context.Context, agent did.DID) (found *reputation.Ranked, h reputation.Histogram, err error) {
	_, err = read(r, "PlaceOf", func() (struct{}, error) {
		found, h, err = r.sound.PlaceOf(ctx, agent)
		return struct{}{}, err
	})
	return found, h, err
}

func (r *brittleReader) Ranking(ctx context.Context, q reputation.RankingQuery) (list []reputation.Ranked, h reputation.Histogram, err error) {
	_, err = read(r, "Ranking", func() (struct{}, error) {
		list, h, err = r.sound.Ranking(ctx, q)
		return struct{}{}, err
	})
	return list, h, err
}

func (r *brittleReader) ScoreEvents(ctx context.Context, q reputation.EventQuery) (page []reputation.RecordedEvent, total int64, err error) {
	_, err = read(r, "ScoreEvents", func() (struct{}, error) {
		page, total, err = r.sound.ScoreEvents(ctx, q)
		return struct{}{}, err
	})
	return page, total, err
}

func (r *brittleReader) Signals(ctx context.Context, transactions ...ledger.TransactionID) ([]reputation.GivenSignal, error) {
	return read(r, "Signals", func() ([]reputation.GivenSignal, error) { return r.sound.Signals(ctx, transactions...) })
}

func (r *brittleReader) Reports(ctx context.Context, ids ...reputation.ReportID) ([]reputation.Report, error) {
	return read(r, "Reports", func() ([]reputation.Report, error) { return r.sound.Reports(ctx, ids...) })
}

func (r *brittleReader) AuditScores(ctx context.Context, visit func(reputation.Score) error) (reputation.Histogram, error) {
	return read(r, "AuditScores", func() (reputation.Histogram, error) { return r.sound.AuditScores(ctx, visit) })
}

func (r *brittleReader) AuditScoreEvents(ctx context.Context, agent ledger.AccountID, seq int64, limit int) ([]reputation.Event, error) {
	return read(r, "AuditScoreEvents", func() ([]reputation.Event, error) { return r.sound.AuditScoreEvents(ctx, agent, seq, limit) })
}

func (r *brittleReader) AuditReports(ctx context.Context, after reputation.ReportID, limit int) ([]reputation.Report, error) {
	return read(r, "AuditReports", func() ([]reputation.Report, error) { return r.sound.AuditReports(ctx, after, limit) })
}

func (r *brittleReader) AuditOutcomes(ctx context.Context, scopes ...ledger.ID) ([]reputation.Report, error) {
	return read(r, "AuditOutcomes", func() ([]reputation.Report, error) { return r.sound.AuditOutcomes(ctx, scopes...) })
}

func (r *brittleReader) References(ctx context.Context, keys ...store.Key) ([]store.Reference, error) {
	return read(r, "References", func() ([]store.Reference, error) { return r.sound.References(ctx, keys...) })
}

func (r *brittleReader) Follow(ctx context.Context, from int64, limit int, actions ...string) (events []store.Event, next int64, err error) {
	_, err = read(r, "Follow", func() (struct{}, error) {
		events, next, err = r.sound.Follow(ctx, from, limit, actions...)
		return struct{}{}, err
	})
	return events, next, err
}
