package teg_test

import (
	"context"
	"time"

	"github.com/agentvault/teg-layer/governance/auditor"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

func (r *brittleReader) Flags(ctx context.Context, q auditor.FlagQuery) (page []auditor.Flag, total int64, err error) {
	_, err = read(r, "Flags", func() (struct{}, error) {
		page, total, err = r.sound.Flags(ctx, q)
		return struct{}{}, err
	})
	return page, total, err
}

func (r *brittleReader) FlagSteps(ctx context.Context, flag auditor.FlagID) ([]auditor.Step, error) {
	return read(r, "FlagSteps", func() ([]auditor.Step, error) { return r.sound.FlagSteps(ctx, flag) })
}

func (r *brittleReader) FlagTallies(ctx context.Context) ([]auditor.Tally, error) {
	return read(r, "FlagTallies", func() ([]auditor.Tally, error) { return r.sound.FlagTallies(ctx) })
}

func (r *brittleReader) AuditFlags(ctx context.Context, after auditor.FlagID, limit int) ([]auditor.Flag, error) {
	return read(r, "AuditFlags", func() ([]auditor.Flag, error) { return r.sound.AuditFlags(ctx, after, limit) })
}

func (r *brittleReader) PositionAt(ctx context.Context, at time.Time) (int64, error) {
	return read(r, "PositionAt", func() (int64, error) { return r.sound.PositionAt(ctx, at) })
}

func (r *brittleReader) EventsAt(ctx context.Context, positions ...int64) ([]store.Event, error) {
	return read(r, "EventsAt", func() ([]store.Event, error) { return r.sound.EventsAt(ctx, positions...) })
}

func (r *brittleReader) PrivateParts(ctx context.Context, ids ...ledger.ID) ([]store.Private, error) {
	return read(r, "PrivateParts", func() ([]store.Private, error) { return r.sound.PrivateParts(ctx, ids...) })
}

func (r *brittleReader) LogReaders(ctx context.Context, limit int) ([]store.LogReader, error) {
	return read(r, "LogReaders", func() ([]store.LogReader, error) { return r.sound.LogReaders(ctx, limit) })
}

func (r *brittleReader) ReadUpTo(ctx context.Context, name string) (int64, error) {
	return read(r, "ReadUpTo", func() (int64, error) { return r.sound.ReadUpTo(ctx, name) })
}
