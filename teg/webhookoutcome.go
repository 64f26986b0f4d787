package teg

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/agentvault/teg-layer/governance/webhook"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

// back takes in what became of a message.
func (d *dispatcher) back(r flown) {
	s := r.of
	d.moved = true
	r.home()
	s.prompt = r.attempt.Took < promptly && r.reply.Status != 0
	switch {
	case d.hooks[s.hook.ID] != s: // it has ended meanwhile
		return
	case r.cut:
		s.flying--
		r.q.state = waitsInQueue
		return
	}
	d.dirty[s.hook.ID] = true
	state := MessageDelivered
	if r.taken() {
		s.arrived(r.q)
	} else {
		state = d.refused(s, &r)
	}
	message := WebhookDelivery{ID: r.q.id, Webhook: s.hook.ID, Event: ledger.ID(r.q.event.ID), Position: r.q.event.Position, Action: r.q.event.Action}
	d.note.Deliveries = append(d.note.Deliveries, message.Add(r.attempt, state))
}

// refused says what becomes of a message that was not taken, and of its webhook.
func (d *dispatcher) refused(s *subscriber, r *flown) DeliveryState {
	now := d.clock.now()
	counts := s.failed(r.q, now)
	if r.reply.gone() {
		d.condemn(s, store.VerbEndWebhook, WebhookEnded, "its receiver answered 410: it wants no more")
		return MessageFailed
	}
	if counts {
		wait, last := webhook.Schedule(d.config.WebhookSchedule).Next(s.failures, r.reply.RetryAfter, rand.Float64())
		s.retryAt = now.Add(wait)
		if last {
			d.condemn(s, store.VerbPauseWebhook, WebhookPaused, "its receiver has taken nothing since "+momentText(s.since)+": "+r.attempt.Fault)
		}
	}
	s.shed()
	if s.over != nil {
		return MessageFailed
	}
	return MessageFailing
}

// condemn has a webhook paused or ended, which the log is to tell. Until that has been
// done nothing is sent.
func (d *dispatcher) condemn(s *subscriber, verb Verb, to WebhookStatus, reason string) {
	s.over = func(ctx context.Context) {
		ctx, cancel := context.WithTimeout(ctx, turnGiveUp)
		defer cancel()
		if err := d.endedByItself(ctx, s.hook.ID, verb, to, reason); err != nil {
			d.config.Logger.Warn("a webhook cannot go on, and could not be stopped; it is tried again", "webhook", s.hook.ID.String(), "error", err)
			s.overAt = d.clock.now().Add(turnGiveUp)
			return
		}
		d.config.Logger.Info("a webhook was stopped", "webhook", s.hook.ID.String(), "status", to.String(), "reason", reason)
		s.over = nil
		s.hook.Status = to // the log says so behind what was read of it
		d.moved = true
	}
	d.busy[s.hook.ID] = s
}

// conclude stops the webhooks that cannot go on.
func (d *dispatcher) conclude(ctx context.Context) error {
	now := d.clock.now()
	for _, s := range d.busy {
		if s.over != nil && s.flying == 0 && !now.Before(s.overAt) {
			s.shed()
			d.dirty[s.hook.ID] = true
			s.over(ctx)
		}
	}
	return nil
}

// write notes what is to be remembered, once in a while or now.
func (d *dispatcher) write(ctx context.Context, now bool) error {
	if !now && time.Since(d.noted) < turnNote && len(d.note.Deliveries) < maxUnnoted {
		return nil
	}
	note, at := d.note, d.at
	note.Places, note.Position, note.Last = nil, at.next, at.last
	for id := range d.dirty {
		if s := d.hooks[id]; s != nil {
			note.Places = append(note.Places, s.place(at.next))
		}
	}
	if len(note.Places)+len(note.Deliveries)+len(note.Forget) > 0 {
		if err := d.store.Webhooks().NoteWebhooks(ctx, note); err != nil {
			if errors.Is(err, store.ErrConflict) { // another process has the turn
				d.turn.lose()
				d.lost()
				return nil
			}
			return outward(err)
		}
	}
	d.note.Places, d.note.Deliveries, d.note.Forget = nil, nil, nil
	clear(d.dirty)
	d.noted, d.turn.done = time.Now(), at
	d.tell()
	return nil
}

// maxUnnoted is how many attempts are remembered before they are written down.
const maxUnnoted = 2000

// lost waits for what flies, and forgets all: another process has the turn, or nobody.
func (d *dispatcher) lost() {
	if len(d.hooks) == 0 && d.flying == 0 {
		d.tell()
		return
	}
	d.land()
	d.forget()
	d.tell()
}

// land waits for what flies.
func (d *dispatcher) land() {
	for d.flying > 0 {
		d.back(<-d.results)
	}
	d.sending.Wait()
}

// stop leaves the turn to others, and notes what is known.
func (d *dispatcher) stop(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), turnGiveUp)
	defer cancel()
	d.land()
	if d.turn.mine {
		if err := d.write(ctx, true); err != nil {
			d.config.Logger.WarnContext(ctx, "what webhooks were told could not be noted; it is told again", "error", err)
		}
	}
	d.giveUp(ctx, d.turn)
	d.forget()
	d.tell()
}

// tell says how webhooks get on.
func (d *dispatcher) tell() {
	health := WebhookHealth{Sending: d.turn.mine}
	for _, s := range d.hooks {
		if !s.active() {
			continue
		}
		health.Active++
		if s.failures > 0 {
			health.Failing++
		}
		if !s.oldest.IsZero() && (health.Oldest.IsZero() || s.oldest.Before(health.Oldest)) {
			health.Oldest = s.oldest
		}
	}
	d.dispatching.seeing.Lock()
	defer d.dispatching.seeing.Unlock()
	d.dispatching.health = health
}
