package teg

import (
	"context"
	"sync"
	"time"

	"github.com/agentvault/teg-layer/ledger"
)

// ActivityQuery asks what happened in spans of time that follow each other.
type ActivityQuery struct {
	// From ≤ t < To, From rounded down to a whole span in UTC, and To up. A zero To is now, a
	// zero From 48 hours or 30 days before To.
	From, To time.Time
	Width    time.Duration // [Hourly] or [Daily]
}

// Widths of spans.
const (
	Hourly = time.Hour
	Daily  = 24 * time.Hour
)

// Activity is what happened in a span of time.
type Activity = ledger.Activity

// MaxSpans is how many spans can be asked for at once.
const MaxSpans = 1000

// settledAfter is how long after the end of a span nothing of it is to be expected any more.
const settledAfter = 10 * time.Minute

// spansAtOnce is how many are asked for together, so that what was added up is not lost where
// the rest takes too long.
const spansAtOnce = 48

// activities remembers what happened in spans that have passed, which does not change. It
// holds at most rememberedSpans of them.
type activities struct {
	mu    sync.Mutex
	spans map[spanKey]Activity
}

type spanKey struct {
	start int64 // in seconds
	width time.Duration
}

const rememberedSpans = 20_000

// Activity returns what happened in each span of a range of time, those in which nothing did
// among them. What has passed is added up once, and then remembered: the first question about
// a range reads all of its transactions.
//
// Errors: [ErrInvalidInput] for a width that is neither, a range that ends before it begins,
// or more than [MaxSpans] of them.
func (e *Engine) Activity(ctx context.Context, q ActivityQuery) ([]Activity, error) {
	if q.Width != Hourly && q.Width != Daily {
		return nil, ledger.Invalid("interval", "hour or day")
	}
	from, to := q.spans(e.clock.now())
	switch {
	case !from.Before(to):
		return nil, ledger.Invalid("end_date", "must be after start_date")
	case to.Sub(from) > MaxSpans*q.Width:
		return nil, ledger.Invalid("start_date", "at most %d spans before end_date", MaxSpans)
	}
	var list []Activity
	for start := from; start.Before(to); {
		end := earlier(start.Add(spansAtOnce*q.Width), to)
		part, err := e.activityWithin(ctx, start, end, q.Width)
		if err != nil {
			return nil, err
		}
		list, start = append(list, part...), end
	}
	return list, nil
}

// spans are the whole spans that are asked for.
func (q *ActivityQuery) spans(now time.Time) (from, to time.Time) {
	to = now.UTC()
	if !q.To.IsZero() {
		to = q.To.UTC()
	}
	to = to.Add(q.Width - 1).Truncate(q.Width)
	if !q.From.IsZero() {
		return q.From.UTC().Truncate(q.Width), to
	}
	if q.Width == Daily {
		return to.Add(-30 * Daily), to
	}
	return to.Add(-48 * Hourly), to
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// activityWithin reads what is not remembered, from the first span of that kind on.
func (e *Engine) activityWithin(ctx context.Context, from, to time.Time, width time.Duration) ([]Activity, error) {
	list := e.past.recall(from, to, width)
	missing := from.Add(time.Duration(len(list)) * width)
	if !missing.Before(to) {
		return list, nil
	}
	now := e.clock.now()
	found, err := e.reader().Activity(ctx, ledger.ActivityQuery{From: missing, To: to, Width: width})
	if err != nil {
		return nil, outward(err)
	}
	for start := missing; start.Before(to); start = start.Add(width) {
		span := Activity{Start: start}
		if len(found) > 0 && found[0].Start.Equal(start) {
			span, found = found[0], found[1:]
			span.Start = start
		}
		list = append(list, span)
		if start.Add(width + settledAfter).Before(now) {
			e.past.remember(span, width)
		}
	}
	return list, nil
}

// recall returns spans from the first on, up to one that is not remembered.
func (a *activities) recall(from, to time.Time, width time.Duration) (list []Activity) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for start := from; start.Before(to); start = start.Add(width) {
		span, known := a.spans[spanKey{start.Unix(), width}]
		if !known {
			break
		}
		list = append(list, span)
	}
	return list
}

func (a *activities) remember(span Activity, width time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.spans == nil || len(a.spans) >= rememberedSpans {
		a.spans = map[spanKey]Activity{}
	}
	a.spans[spanKey{span.Start.Unix(), width}] = span
}
