package teg

import (
	"context"
	"sync"
	"sync/atomic"
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

// spansAtOnce is how many are asked for together, so that what was added up is not lost where
// the rest takes too long.
const spansAtOnce = 48

// Activity returns what happened in each span of a range of time, those in which nothing did
// among them. It adds up what has passed once, and remembers it; what goes on is kept up by
// the log, so that only what came since the last question is read: see [Engine.Run]. The first
// question about a range reads all of its transactions, the first of all those of the last
// span as well. In a host's transaction nothing is remembered.
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
	if e.host != nil {
		return e.readActivity(ctx, from, to, q.Width)
	}
	course := e.activities.of(q.Width)
	present, err := course.present(ctx, e.core)
	if err != nil {
		return nil, outward(err)
	}
	now := time.Now()
	course.asked.Store(&now)
	var list []Activity
	for start, past := from, earlier(to, present.from); start.Before(past); {
		end := earlier(start.Add(spansAtOnce*q.Width), past)
		part, err := e.activityWithin(ctx, course, start, end)
		if err != nil {
			return nil, err
		}
		list, start = append(list, part...), end
	}
	for start := from.Add(time.Duration(len(list)) * q.Width); start.Before(to); start = start.Add(q.Width) {
		list = append(list, present.at(start))
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

// activityWithin reads what is not remembered of the past, from the first span of that kind on.
func (e *Engine) activityWithin(ctx context.Context, c *course, from, to time.Time) ([]Activity, error) {
	list, changes := c.recall(from, to)
	missing := from.Add(time.Duration(len(list)) * c.width)
	if !missing.Before(to) {
		return list, nil
	}
	found, err := e.readActivity(ctx, missing, to, c.width)
	if err == nil {
		c.remember(changes, found...)
	}
	return append(list, found...), err
}

// readActivity reads each span of a range.
func (e *Engine) readActivity(ctx context.Context, from, to time.Time, width time.Duration) (list []Activity, err error) {
	found, err := e.reader().Activity(ctx, ledger.ActivityQuery{From: from, To: to, Width: width})
	if err != nil {
		return nil, outward(err)
	}
	for start := from; start.Before(to); start = start.Add(width) {
		span := Activity{Start: start}
		if len(found) > 0 && found[0].Start.Equal(start) {
			span, found = found[0], found[1:]
			span.Start = start
		}
		list = append(list, span)
	}
	return list, nil
}

// activities is what this process knows of what happened.
type activities struct{ hours, days *course }

func (a *activities) of(width time.Duration) *course {
	if width == Daily {
		return a.days
	}
	return a.hours
}

// course is what happened in spans of one width: of the past what was asked for, at most
// rememberedSpans of them, and all of the present.
type course struct {
	width   time.Duration
	turn    chan struct{} // full while somebody brings the present up to date, whose it is
	running *present      // nil while nobody has asked, or it begins anew
	stale   time.Time     // what ends behind it is forgotten when the present begins anew
	asked   atomic.Pointer[time.Time]

	mu      sync.Mutex
	past    map[int64]Activity // by their start, in seconds
	changes int64              // how often something of the past was forgotten
}

const rememberedSpans = 10_000

func newCourse(width time.Duration) *course {
	return &course{width: width, turn: make(chan struct{}, 1)}
}

// recall returns spans from the first on, up to one that is not remembered, and how often
// something was forgotten.
func (c *course) recall(from, to time.Time) (list []Activity, changes int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for start := from; start.Before(to); start = start.Add(c.width) {
		span, known := c.past[start.Unix()]
		if !known {
			break
		}
		list = append(list, span)
	}
	return list, c.changes
}

// remember keeps what was read, unless something was forgotten since: it may be of these.
func (c *course) remember(changes int64, spans ...Activity) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if changes == c.changes {
		c.keep(spans)
	}
}

// settle keeps what the present knew of a span that has passed.
func (c *course) settle(span Activity) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.keep([]Activity{span})
}

func (c *course) keep(spans []Activity) {
	if c.past == nil || len(c.past)+len(spans) > rememberedSpans {
		c.past = map[int64]Activity{}
	}
	for _, span := range spans {
		c.past[span.Start.Unix()] = span
	}
}

// forget has the spans read again, of the past, that end after an instant.
func (c *course) forget(after time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.changes++
	for start, span := range c.past {
		if span.Start.Add(c.width).After(after) {
			delete(c.past, start)
		}
	}
}

// forgetAt has the span read again in which something happened of which is heard late.
func (c *course) forgetAt(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.changes++
	delete(c.past, at.Truncate(c.width).Unix())
}
