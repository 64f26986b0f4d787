package teg

import (
	"context"
	"slices"
	"time"

	"github.com/agentvault/teg-layer/store"
)

// Pool is how the connections of a database are used that serve one purpose.
type Pool = store.Pool

// Pools tells how the connections to the database are used right now. It asks no
// database, and costs next to nothing.
func (e *Engine) Pools() []Pool { return e.store.Pools() }

// LogReaderStats is how far the event log was read under one name, by the auditor or
// by who follows the log.
type LogReaderStats struct {
	Name     string
	Position int64 // from which on nothing was read, as far as it was written down
	Behind   int64 // events from there to the end of the log
	// Lag is how long ago the oldest of these was committed: what the reader knows is
	// that old. Zero where nothing is left to read.
	Lag time.Duration
}

// LogReaders tells how far behind the log its readers are: the first [MaxLimit] names,
// in alphabetical order. Positions are written down once a second, so that a reader that
// keeps up may seem to be a second behind. One that has ended for good falls behind for
// ever: a name is never forgotten. The log's tree is none of them: [Engine.LogStatus] tells
// how far that has come.
func (e *Engine) LogReaders(ctx context.Context) ([]LogReaderStats, error) {
	readers, err := e.reader().LogReaders(ctx, MaxLimit+len(withoutPosition))
	if err != nil {
		return nil, outward(err)
	}
	size, _, err := e.reader().LogSize(ctx)
	if err != nil {
		return nil, outward(err)
	}
	readers = slices.DeleteFunc(readers, func(r store.LogReader) bool { return slices.Contains(withoutPosition, r.Name) })
	stats := make([]LogReaderStats, 0, len(readers))
	for _, r := range readers[:min(len(readers), MaxLimit)] {
		s := LogReaderStats{Name: r.Name, Position: r.Position, Behind: max(0, size-r.Position)}
		if s.Behind > 0 {
			if s.Lag, err = e.lagAt(ctx, r.Position); err != nil {
				return nil, outward(err)
			}
		}
		stats = append(stats, s)
	}
	return stats, nil
}

// withoutPosition are those that only take turns under a name: how far the tree has come is
// in [LogStatus], and the arbitrator reads no log.
var withoutPosition = []string{treeName, arbitratorName}

// lagAt is the age of the event at a position.
func (e *Engine) lagAt(ctx context.Context, position int64) (time.Duration, error) {
	tail, err := e.reader().LogTail(ctx)
	if err != nil {
		return 0, err
	}
	events, _, err := e.reader().Follow(ctx, max(position, tail), 1)
	if err != nil || len(events) == 0 {
		return 0, err
	}
	return max(0, e.clock.now().Sub(events[0].At)), nil
}
