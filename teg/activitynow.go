package teg

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

// present is what happens in spans that others may still add to. It is read once, and kept up
// by the log: events are numbered in the order in which they can be seen, so that none is
// missed and none counted twice, whichever server or host wrote it, and whenever.
type present struct {
	width   time.Duration
	from    time.Time              // what is before is the past
	read    bookmark               // how far events are counted
	counted map[store.EventID]bool // that were seen before they had a number
	spans   map[int64]*openSpan    // by their start, in seconds; in others nothing happened
	seen    time.Time              // when the log was last read to its end
}

// openSpan is what happened in a span, and who paid.
type openSpan struct {
	Activity
	payers map[ledger.AccountID]struct{}
}

// How long after its end a span belongs to the past; how long before that its transactions
// were begun, of which is only heard now; and how many events are at least followed before
// all is read anew, where that is less.
const (
	spanSettles  = 10 * time.Minute
	spanLate     = 24 * time.Hour
	spanFollowed = 5 * logPage
)

// activityKept is for how long after a question the present is kept up for the next.
const activityKept = time.Hour

// present brings what happens up to the log's end, and returns it as it is then.
func (c *course) present(ctx context.Context, e *core) (*present, error) {
	select {
	case c.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-c.turn }()
	if err := c.follow(ctx, e); err != nil {
		return nil, err
	}
	return c.running.settled(c, e.clock.now()), nil
}

// follow reads on, or begins anew where nothing was read yet, or more would have to be than
// from the beginning.
func (c *course) follow(ctx context.Context, e *core) error {
	if c.running != nil {
		followed, err := c.running.follow(ctx, e.store.Reader(), c)
		switch {
		case errors.Is(err, store.ErrBeyondLog):
			c.stale = time.Time{}
		case err != nil && !errors.Is(err, store.ErrForgotten):
			return err
		case followed:
			c.running.seen = e.clock.now()
			return nil
		default:
			c.stale = c.running.seen.Add(-spanLate)
		}
		c.running = nil
	}
	now := e.clock.now()
	from := now.Add(-spanSettles).Truncate(c.width)
	view, err := e.store.Reader().ActivitySince(ctx, from, c.width)
	if err == nil {
		c.forget(c.stale) // only now: what others read of the past before the view may lack what is in it
		c.running = newPresent(view, from, c.width, now)
	}
	return err
}

func newPresent(view store.ActivityView, from time.Time, width time.Duration, now time.Time) *present {
	p := &present{
		width: width, from: from, read: bookmark{view.Size, view.Last}, counted: map[store.EventID]bool{}, spans: map[int64]*openSpan{}, seen: now,
	}
	for _, id := range view.Waiting {
		p.counted[id] = true
	}
	for _, found := range view.Spans {
		s := p.span(found.Start)
		s.Activity = found.Activity
		for _, payer := range found.By {
			s.payers[payer] = struct{}{}
		}
	}
	return p
}

// span is the one that an instant lies in.
func (p *present) span(at time.Time) *openSpan {
	start := at.UTC().Truncate(p.width)
	s := p.spans[start.Unix()]
	if s == nil {
		s = &openSpan{Activity: Activity{Start: start}, payers: map[ledger.AccountID]struct{}{}}
		p.spans[start.Unix()] = s
	}
	return s
}

// at is what happened in a span.
func (p *present) at(start time.Time) Activity {
	if s := p.spans[start.Unix()]; s != nil {
		return s.Activity
	}
	return Activity{Start: start}
}

// follow reads the log to its end, and says so, unless that is too much.
func (p *present) follow(ctx context.Context, r store.Reader, c *course) (bool, error) {
	size, _, err := r.LogSize(ctx)
	if err != nil || size-p.read.next > max(spanFollowed, p.transactions()/4) {
		return false, err
	}
	for {
		page, after, err := p.read.follow(ctx, r, logPage)
		if err != nil {
			return false, err
		}
		if err := p.take(ctx, r, c, page); err != nil {
			return false, err
		}
		if p.read = after; len(page) < logPage {
			return true, nil
		}
	}
}

func (p *present) transactions() (sum int64) {
	for _, s := range p.spans {
		sum += s.Transactions
	}
	return sum
}

// take counts what events tell.
func (p *present) take(ctx context.Context, r store.Reader, c *course, page []store.Event) error {
	var ids []TransactionID
	for i := range page {
		if p.counted[page[i].ID] {
			continue
		}
		of, err := transactionsOf(&page[i])
		if err != nil {
			return err
		}
		ids = append(ids, of...)
	}
	moves, err := r.Moves(ctx, ids...)
	if err != nil {
		return err
	}
	for i := range moves {
		if moves[i].At.Before(p.from) {
			c.forgetAt(moves[i].At.UTC())
			continue
		}
		if err := p.span(moves[i].At).count(&moves[i]); err != nil {
			return err
		}
	}
	for i := range page {
		delete(p.counted, page[i].ID)
	}
	return nil
}

// transactionsOf are those that an event names.
func transactionsOf(event *store.Event) ([]TransactionID, error) {
	var body struct {
		Transactions []string `json:"transactions"`
	}
	err := json.Unmarshal(event.Body, &body)
	ids := make([]TransactionID, len(body.Transactions))
	for i := 0; i < len(ids) && err == nil; i++ {
		ids[i], err = ledger.ParseTransactionID(body.Transactions[i])
	}
	return ids, err
}

func (s *openSpan) count(m *store.Move) error {
	if m.Type == ledger.TypeTransfer {
		s.payers[m.Sender] = struct{}{}
		s.Payers = int64(len(s.payers))
	}
	return s.Add(m.Type, m.Amount, m.Fee)
}

// settled has spans that ended long ago remembered as the past, and returns a copy of the
// rest, without who paid.
func (p *present) settled(c *course, now time.Time) *present {
	for ; p.from.Add(p.width + spanSettles).Before(now); p.from = p.from.Add(p.width) {
		c.settle(p.at(p.from))
		delete(p.spans, p.from.Unix())
	}
	view := &present{from: p.from, spans: make(map[int64]*openSpan, len(p.spans))}
	for start, s := range p.spans {
		view.spans[start] = &openSpan{Activity: s.Activity}
	}
	return view
}

// keepActivity keeps up what was asked for lately.
func (e *Engine) keepActivity(ctx context.Context) error {
	for _, width := range []time.Duration{Hourly, Daily} {
		c := e.activities.of(width)
		if asked := c.asked.Load(); asked == nil || time.Since(*asked) > activityKept {
			continue
		}
		if _, err := c.present(ctx, e.core); err != nil {
			return outward(err)
		}
	}
	return nil
}
