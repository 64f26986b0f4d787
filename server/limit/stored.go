package limit

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/agentvault/teg-layer/store"
)

// sweepEvery is how often buckets that are full are deleted.
const sweepEvery = 10 * time.Minute

// Stored counts in a database that several servers share. Use it through [Shared].
type Stored struct {
	buckets store.Buckets
	logger  *slog.Logger
}

var _ Limiter = (*Stored)(nil)

// NewStored counts in a database. Let [Stored.Run] go on beside it.
func NewStored(buckets store.Buckets, logger *slog.Logger) *Stored {
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	return &Stored{buckets, logger}
}

// Take implements [Limiter]. The time is the database's, one for all servers.
func (s *Stored) Take(ctx context.Context, key Key, n int, r Rate) (Result, error) {
	full, allowed, err := s.buckets.Draw(ctx, key.String(), r.Cost(n), r.Period)
	if err != nil {
		return Result{}, err
	}
	return Describe(allowed, full, n, r), nil
}

// Run deletes buckets that have become full, which is what those are that are not
// there, now and then until the context ends.
func (s *Stored) Run(ctx context.Context) error {
	every := time.NewTicker(sweepEvery)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-every.C:
		}
		if err := s.buckets.SweepBuckets(ctx); err != nil && !errors.Is(err, context.Canceled) {
			s.logger.WarnContext(ctx, "buckets of rate limits that are full could not be deleted", "error", err)
		}
	}
}
