package teg

import (
	"context"
	"slices"
	"time"

	"github.com/agentvault/teg-layer/governance/webhook"
	"github.com/agentvault/teg-layer/ledger"
)

// Bounds of what is kept in memory for one webhook, and sent at the same time to one and to
// all of one owner.
const (
	maxQueued  = 64
	maxSending = 8
)

// subscriber is a webhook that has not ended, as the process knows it that sends. It is
// used by one goroutine.
type subscriber struct {
	hook   Webhook
	next   int64     // from which on it takes events: in turn with all others or, lagging, by itself
	lags   bool      // what comes next has to be read for it
	oldest time.Time // when something that it has not been told of happened; zero: there is nothing
	queue  []*queued // what it is to be told next, in order
	flying int       // of these, on their way
	prompt bool      // its receiver answered soon, when it was heard of last
	siteIs string    // where its messages go
	siteOf string    // the address of which that is known

	failures int64
	since    time.Time
	retryAt  time.Time
	round    int64                 // counts failures and successes after them, so that those who flew together count as one
	over     func(context.Context) // what has to become of it, and did not yet
	overAt   time.Time
}

// queued is a message that waits, or flies, or arrived before others that were first.
type queued struct {
	event *fedEvent
	entry AuditLogEntry
	id    MessageID
	state uint8
	round int64
}

// The states of what is queued.
const (
	waitsInQueue uint8 = iota
	fliesNow
	hasArrived
)

// active reports whether it is sent anything.
func (s *subscriber) active() bool { return s.hook.Status == WebhookActive && s.over == nil }

// idle reports whether there is nothing to do for it until something happens.
func (s *subscriber) idle() bool {
	return s.over == nil && s.flying == 0 && (s.hook.Status != WebhookActive || len(s.queue) == 0 && !s.lags)
}

// offer queues an event, if it is for the webhook, and reports false where there is no
// room.
func (s *subscriber) offer(event *fedEvent) bool {
	if event.Position < s.next || !s.hook.Takes(event.Action) {
		return true
	}
	entry, visible := shownTo(&s.hook, event)
	if !visible {
		return true
	}
	if s.oldest.IsZero() {
		s.oldest = event.At
	}
	if len(s.queue) >= maxQueued {
		return false
	}
	s.queue = append(s.queue, &queued{event: event, entry: entry, id: webhook.MessageOf(s.hook.ID, ledger.ID(event.ID))})
	return true
}

// fall has the webhook read by itself, from a position on.
func (s *subscriber) fall(next int64) { s.lags, s.next = true, next }

// shed drops what waits behind the last that flies or has arrived: it is read again when
// its time comes.
func (s *subscriber) shed() {
	last := len(s.queue)
	for last > 0 && s.queue[last-1].state == waitsInQueue {
		last--
	}
	if last < len(s.queue) {
		s.fall(s.queue[last].event.Position)
		clear(s.queue[last:])
		s.queue = s.queue[:last]
	}
}

// startable lists what may be sent now, in order: one message of each agent at a time, and
// after a failure the first alone.
func (s *subscriber) startable(now time.Time, room int) (list []*queued) {
	if !s.active() || now.Before(s.retryAt) {
		return nil
	}
	room = min(room, maxSending-s.flying)
	if s.failures > 0 {
		if s.flying == 0 && len(s.queue) > 0 && room > 0 {
			return s.queue[:1]
		}
		return nil
	}
	var busy []string
	for _, q := range s.queue {
		if len(list) >= room {
			break
		}
		if q.state == hasArrived {
			continue
		}
		free := q.state == waitsInQueue && !slices.ContainsFunc(q.event.mentions(), func(m mention) bool { return slices.Contains(busy, m.agent) })
		if free {
			list = append(list, q)
		}
		for _, m := range q.event.mentions() {
			busy = append(busy, m.agent)
		}
	}
	return list
}

// arrived takes in that a message was taken.
func (s *subscriber) arrived(q *queued) {
	s.flying--
	q.state = hasArrived
	if q.round == s.round && s.failures > 0 {
		s.failures, s.since, s.retryAt = 0, time.Time{}, time.Time{}
		s.round++
	}
	for len(s.queue) > 0 && s.queue[0].state == hasArrived {
		s.queue[0] = nil
		s.queue = s.queue[1:]
	}
	switch {
	case len(s.queue) > 0:
		s.oldest = s.queue[0].event.At
	case !s.lags:
		s.oldest = time.Time{}
	}
}

// failed takes in that a message was not taken, and reports whether that counts: those that
// flew together fail together.
func (s *subscriber) failed(q *queued, at time.Time) bool {
	s.flying--
	q.state = waitsInQueue
	if q.round != s.round {
		return false
	}
	s.round++
	if s.failures++; s.since.IsZero() {
		s.since = at
	}
	return true
}

// anew forgets failures.
func (s *subscriber) anew() {
	s.failures, s.since, s.retryAt = 0, time.Time{}, time.Time{}
	s.round++
}

// place is how far the webhook was told, where all were told of what is before head.
func (s *subscriber) place(head int64) webhook.Place {
	p := webhook.Place{Webhook: s.hook.ID, Position: max(head, s.next), Failures: s.failures, Since: s.since, NextAt: s.retryAt}
	switch {
	case len(s.queue) > 0:
		p.Position, p.Pending = s.queue[0].event.Position, true
	case s.lags:
		p.Position, p.Pending = s.next, true
	}
	return p
}
