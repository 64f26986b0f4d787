package teg_test

import (
	"context"
	"time"

	"github.com/agentvault/teg-layer/store"
)

func (r *brittleReader) LogTail(ctx context.Context) (int64, error) {
	return read(r, "LogTail", func() (int64, error) { return r.sound.LogTail(ctx) })
}

func (r *brittleReader) Segments(ctx context.Context, above int64, limit int) ([]store.Segment, error) {
	return read(r, "Segments", func() ([]store.Segment, error) { return r.sound.Segments(ctx, above, limit) })
}

func (r *brittleReader) LastSegment(ctx context.Context, before time.Time) (*store.Segment, error) {
	return read(r, "LastSegment", func() (*store.Segment, error) { return r.sound.LastSegment(ctx, before) })
}

func (r *brittleReader) KeptEvents(ctx context.Context, from int64, limit int) ([]store.Event, error) {
	return read(r, "KeptEvents", func() ([]store.Event, error) { return r.sound.KeptEvents(ctx, from, limit) })
}
