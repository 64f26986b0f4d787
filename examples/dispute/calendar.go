package main

import (
	"context"
	"sync/atomic"
	"time"
)

// calendar is the time of the story, which must not take weeks. A host leaves
// Config.Clock alone.
type calendar struct{ passed atomic.Int64 }

const day = 24 * time.Hour

// Now is called by the engine, from goroutines of its own.
func (c *calendar) Now() time.Time {
	return time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC).Add(time.Duration(c.passed.Load()))
}

// after lets time pass and has the engine do what falls due by then. In a server, Run
// does that every second.
func (s *story) after(ctx context.Context, d time.Duration) error {
	s.days.passed.Add(int64(d))
	return s.eng.Tick(ctx)
}
