package postgres

import "time"

// How long rows that others hold are waited for with [store.LockBriefly]: at least so
// long, at most so long, and between them as many of the writer's own transactions.
const (
	briefly      = 50 * time.Millisecond
	brieflyMost  = 2 * time.Second
	brieflySpans = 8
)

// spans is the moving average of how long a writer's transactions hold their rows. Those
// of other servers, which work on the same rows, hold them about as long: who gave up
// sooner would take their rows for held by somebody who keeps them, and carry out alone
// what should be done in groups.
type spans time.Duration

func (s *spans) add(last time.Duration) { *s += (spans(last) - *s) / 8 }

func (s *spans) patience() time.Duration {
	return min(max(briefly, brieflySpans*time.Duration(*s)), brieflyMost)
}
