package teg

import (
	"context"
	"errors"
	"time"

	"github.com/agentvault/teg-layer/store"
)

// catchUp reads for some of those who lag behind, and have room again.
func (d *dispatcher) catchUp(ctx context.Context) error {
	helped, now := 0, d.clock.now()
	for _, s := range d.busy {
		if !s.lags || !s.active() || now.Before(s.retryAt) || len(s.queue) > maxQueued/2 {
			continue
		}
		if helped++; helped > lagsAtOne {
			d.moved = true
			return nil
		}
		if err := d.catchUpOne(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

func (d *dispatcher) catchUpOne(ctx context.Context, s *subscriber) error {
	if s.next >= d.at.next {
		s.lags = false
		return nil
	}
	events, next, err := d.reader().Follow(ctx, s.next, lagPage(&s.hook), s.hook.Kinds()...)
	if forgotten := (*store.ForgottenError)(nil); errors.As(err, &forgotten) {
		d.config.Logger.WarnContext(ctx, "a webhook was not told of events that were archived", "webhook", s.hook.ID.String(), "from", s.next, "to", forgotten.Tail)
		next, err = forgotten.Tail, nil
	}
	if err != nil {
		return beyondLog(err)
	}
	d.moved, d.dirty[s.hook.ID] = true, true
	if len(s.queue) == 0 {
		s.oldest = time.Time{}
	}
	for i := range events {
		if events[i].Position >= d.at.next { // the others have not been offered it yet
			break
		}
		s.next = events[i].Position
		if !s.offer(newFedEvent(events[i])) {
			return nil
		}
		s.next++
	}
	s.next = min(next, d.at.next)
	if len(events) > 0 && events[len(events)-1].Position >= d.at.next {
		s.next = d.at.next
	}
	s.lags = s.next < d.at.next
	return nil
}

// lagPage is how many events are read at once for a webhook that lags behind: as many as it
// has room for, where all are for it.
func lagPage(w *Webhook) int {
	if w.All && w.About.IsZero() {
		return maxQueued
	}
	return feedPage
}
