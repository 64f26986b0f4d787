package teg

import (
	"context"
	"errors"
	"fmt"

	"github.com/agentvault/teg-layer/store"
)

// bookmark is how far somebody has read the log. It knows the event that was read last: a
// standby that had not got all of the log when it took over has another there once it has
// grown again, and what it has before that was never read.
type bookmark struct {
	next int64         // from which on nothing was read
	last store.EventID // the event before it; zero: what stands there when it is looked at
}

// follow reads on as [store.EventReader.Follow] does. A log that ends before, or has another
// event there, is [store.ErrBeyondLog].
func (b bookmark) follow(ctx context.Context, r store.Reader, limit int, actions ...string) ([]store.Event, bookmark, error) {
	switch {
	case len(actions) > 0:
		return b.pick(ctx, r, limit, actions)
	case b.next == 0:
		return b.followOn(ctx, r, limit)
	}
	events, next, err := r.Follow(ctx, b.next-1, limit+1)
	if errors.Is(err, store.ErrForgotten) { // at least the event before
		return b.followOn(ctx, r, limit)
	}
	if err == nil {
		err = b.sees(events)
	}
	if err != nil {
		return nil, b, err
	}
	return events[1:], bookmark{next, events[len(events)-1].ID}, nil
}

// followOn reads on without a look at what was read last.
func (b bookmark) followOn(ctx context.Context, r store.Reader, limit int) ([]store.Event, bookmark, error) {
	events, next, err := r.Follow(ctx, b.next, limit)
	if err != nil {
		return nil, b, err
	}
	b.next = next
	if len(events) > 0 {
		b.last = events[len(events)-1].ID
	}
	return events, b, nil
}

// pick reads events of some actions. It knows the event at the end before it reads, and
// looks for the one that was read last behind that: whatever becomes of the log in between,
// one of the two is missing now or the next time.
func (b bookmark) pick(ctx context.Context, r store.Reader, limit int, actions []string) ([]store.Event, bookmark, error) {
	end, _, err := r.LogSize(ctx)
	if err != nil || end == b.next {
		return nil, b, err
	}
	after := bookmark{next: end}
	if err := after.look(ctx, r); err != nil {
		return nil, b, err
	}
	events, next, err := r.Follow(ctx, b.next, limit, actions...)
	if err == nil {
		err = b.look(ctx, r)
	}
	if err != nil {
		return nil, b, err
	}
	if next < end && len(events) < limit {
		return nil, b, fmt.Errorf("%w: it has become shorter than %d", store.ErrBeyondLog, end)
	}
	for len(events) > 0 && events[len(events)-1].Position >= end {
		events = events[:len(events)-1]
	}
	if next < end {
		after = bookmark{next, events[len(events)-1].ID}
	}
	return events, after, nil
}

// look sees whether the log still has what was read last, and learns it where it was not
// known.
func (b *bookmark) look(ctx context.Context, r store.Reader) error {
	if b.next == 0 {
		return nil
	}
	events, _, err := r.Follow(ctx, b.next-1, 1)
	if errors.Is(err, store.ErrForgotten) {
		return nil
	}
	if err == nil {
		err = b.sees(events)
	}
	if err == nil {
		b.last = events[0].ID
	}
	return err
}

// sees compares what was read last with what is there now.
func (b *bookmark) sees(events []store.Event) error {
	if len(events) == 0 || b.last != (store.EventID{}) && events[0].ID != b.last {
		return fmt.Errorf("%w: another event stands before %d", store.ErrBeyondLog, b.next)
	}
	return nil
}
