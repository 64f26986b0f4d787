package limit

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
)

const (
	patience  = 250 * time.Millisecond // with a store, for one request
	pauseTime = time.Second            // in which a store that failed is not asked
)

// Shared counts in a store that several servers have in common. While that does not
// answer, each server counts by itself, from what it has let through before: then N
// servers may let N times the limit through, and nobody is refused for the store's
// sake. A store that failed is left alone for a second, and tried by one request then,
// so that the others do not wait for it.
//
// What was refused is not asked for again before the tokens can be there, so that a
// caller who ignores 429 costs the store nothing.
type Shared struct {
	store   Limiter
	memory  *Memory
	refused *lru.Cache[Key, refusal]
	logger  *slog.Logger
	now     func() time.Time

	away     atomic.Bool  // as it was last logged
	resumeAt atomic.Int64 // when a store that is away is tried again, in Unix nanoseconds; 0: it is not away
	failures atomic.Int64
}

// refusal is what a bucket said, and when.
type refusal struct {
	Result
	n  int
	at time.Time
}

// NewShared counts in store, and in memory where it does not answer, which is logged
// when it begins and when it ends. A nil logger logs nothing.
func NewShared(store Limiter, memory *Memory, logger *slog.Logger) *Shared {
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	return &Shared{store: store, memory: memory, refused: newBuckets[refusal](DefaultSize), logger: logger, now: time.Now}
}

// Failures counts the requests that the store was asked for and did not answer.
func (s *Shared) Failures() int64 { return s.failures.Load() }

// Away reports whether the limits are counted in memory for now.
func (s *Shared) Away() bool { return s.away.Load() }

// Take implements [Limiter]. It never fails.
func (s *Shared) Take(ctx context.Context, key Key, n int, r Rate) (Result, error) {
	now := s.now()
	if known, ok := s.stillRefused(key, n, now); ok {
		return known, nil
	}
	local, _ := s.memory.Take(ctx, key, n, r) // so that it knows where to go on
	if !s.asks(now) {
		return local, nil
	}
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	result, err := s.store.Take(limited, key, n, r)
	if err != nil {
		s.failed(ctx, now, err)
		return local, nil
	}
	s.answered(ctx)
	if !result.Allowed {
		if local.Allowed { // what is refused does not count here, either
			_, _ = s.memory.Take(ctx, key, -n, r)
		}
		s.refused.Add(key, refusal{result, n, now})
	}
	return result, nil
}

// stillRefused reports what was said of a bucket from which as much or less was asked
// for before, while it cannot be otherwise.
func (s *Shared) stillRefused(key Key, n int, now time.Time) (Result, bool) {
	if n <= 0 {
		if n < 0 {
			s.refused.Remove(key)
		}
		return Result{}, false
	}
	known, ok := s.refused.Get(key)
	passed := now.Sub(known.at)
	if !ok || n < known.n || passed < 0 || passed >= known.Retry {
		return Result{}, false
	}
	known.Retry -= passed
	known.Full -= passed
	return known.Result, true
}

// asks reports whether a request is to ask the store. While that is away, one request
// tries it in each pause, and no other waits for what comes of it.
func (s *Shared) asks(now time.Time) bool {
	at := s.resumeAt.Load()
	return at == 0 || now.UnixNano() >= at && s.resumeAt.CompareAndSwap(at, now.Add(pauseTime).UnixNano())
}

// failed notes that the store did not answer. A caller who hung up is no fault of it.
func (s *Shared) failed(ctx context.Context, now time.Time, err error) {
	if ctx.Err() != nil {
		return
	}
	s.failures.Add(1)
	s.resumeAt.Store(now.Add(pauseTime).UnixNano())
	if s.away.CompareAndSwap(false, true) {
		s.logger.WarnContext(ctx, "the store of rate limits does not answer; each server counts by itself until it does", "error", err)
	}
}

func (s *Shared) answered(ctx context.Context) {
	if s.away.Load() && s.away.CompareAndSwap(true, false) {
		s.resumeAt.Store(0)
		s.logger.InfoContext(ctx, "the store of rate limits answers again")
	}
}
