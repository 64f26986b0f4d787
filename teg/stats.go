package teg

import "sync/atomic"

// Stats counts what an engine has done since it was made.
type Stats struct {
	Groups      int64 // transactions committed, or ended without a change
	Operations  int64 // in those groups
	Failures    int64 // operations that failed for a technical reason
	Waiting     int64 // operations that wait right now
	Denied      int64 // acts that the Decider denied
	Undecided   int64 // calls that were refused because the Decider gave no answer
	Delivered   int64 // messages that receivers of webhooks took
	Undelivered int64 // attempts to deliver one that failed
}

// MeanGroup is the mean number of operations in a group.
func (s Stats) MeanGroup() float64 {
	if s.Groups == 0 {
		return 0
	}
	return float64(s.Operations) / float64(s.Groups)
}

type counters struct {
	groups, operations, failures, denied, undecided, delivered, undelivered atomic.Int64
}

func (c *counters) commit(operations int) {
	c.groups.Add(1)
	c.operations.Add(int64(operations))
}

// Stats returns the counts so far.
func (e *Engine) Stats() Stats {
	return Stats{
		Groups: e.stats.groups.Load(), Operations: e.stats.operations.Load(),
		Failures: e.stats.failures.Load(), Waiting: e.waiting.Load(),
		Denied: e.stats.denied.Load(), Undecided: e.stats.undecided.Load(),
		Delivered: e.stats.delivered.Load(), Undelivered: e.stats.undelivered.Load(),
	}
}
