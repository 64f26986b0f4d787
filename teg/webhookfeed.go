package teg

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/agentvault/teg-layer/store"
)

// Bounds of one look at the log: how many events are read, how soon after one that found
// the end there is another, and how many webhooks that lag behind are helped on.
const (
	feedPage  = 500
	feedPause = followPause / 4
	lagsAtOne = 4
)

// webhookActions are what the log tells of webhooks.
var webhookActions = []string{
	store.VerbCreateWebhook.String(), store.VerbUpdateWebhook.String(), store.VerbPauseWebhook.String(),
	store.VerbResumeWebhook.String(), store.VerbRotateWebhook.String(), store.VerbEndWebhook.String(),
}

// standingActions can take from an owner what its webhooks need.
var standingActions = []string{store.VerbSuspendAgent.String(), store.VerbDeactivateAgent.String(), store.VerbSetRoles.String()}

// feed reads on in the log, once for all webhooks that are up to date. Where there are
// none, it looks for the next that is created, and for nothing else.
func (d *dispatcher) feed(ctx context.Context) error {
	if time.Since(d.looked) < feedPause {
		return nil
	}
	var only []string
	if len(d.hooks) == 0 {
		only = webhookActions
	}
	events, after, err := d.at.follow(ctx, d.reader(), feedPage, only...)
	if forgotten := (*store.ForgottenError)(nil); errors.As(err, &forgotten) {
		d.config.Logger.WarnContext(ctx, "webhooks were not told of events that were archived", "from", d.at.next, "to", forgotten.Tail)
		d.at, d.moved = bookmark{next: forgotten.Tail}, true
		return nil
	}
	if err != nil {
		return inward(err)
	}
	for i := range events {
		if err := d.take(ctx, newFedEvent(events[i])); err != nil {
			return err // read again from this event on, which changes nothing
		}
		d.at, d.moved = bookmark{events[i].Position + 1, events[i].ID}, true
		if len(only) > 0 { // now there may be one
			return nil
		}
	}
	if d.at = after; len(events) < feedPage {
		d.looked = time.Now()
	}
	return nil
}

// take heeds what an event says of webhooks and their owners, and hands it to those that it
// is for.
func (d *dispatcher) take(ctx context.Context, event *fedEvent) error {
	var err error
	switch {
	case slices.Contains(webhookActions, event.Action):
		err = d.heedWebhook(ctx, event)
	case slices.Contains(standingActions, event.Action):
		err = d.examine(ctx, d.ownedByAgentsOf(event))
	}
	if err != nil {
		return err
	}
	for _, s := range d.all {
		d.offer(s, event)
	}
	for _, m := range mentionsAmong(d.own, event) {
		for _, s := range d.own[m.agent] {
			d.offer(s, event)
		}
	}
	return nil
}

func (d *dispatcher) offer(s *subscriber, event *fedEvent) {
	if s.lags { // it reads by itself
		return
	}
	before := len(s.queue)
	if !s.offer(event) {
		s.fall(event.Position)
	}
	if s.lags || len(s.queue) > before {
		d.busy[s.hook.ID], d.dirty[s.hook.ID] = s, true
	}
}

// heedWebhook takes in what the log tells of a webhook, as it stands by now.
func (d *dispatcher) heedWebhook(ctx context.Context, event *fedEvent) error {
	var told struct {
		ID      string `json:"reference_id"`
		Outcome string `json:"outcome"`
	}
	err := json.Unmarshal(event.Body, &told)
	id, unknown := ParseWebhookID(told.ID)
	if err = errors.Join(err, unknown); err != nil { // it will never be otherwise
		d.config.Logger.ErrorContext(ctx, "the log tells of a webhook that has no name", "event", event.ID.String(), "error", err)
		return nil
	}
	found, err := d.reader().WebhooksByID(ctx, id)
	if err != nil || len(found) == 0 {
		return outward(err)
	}
	d.dirty[id] = true
	s := d.hooks[id]
	switch {
	case !found[0].Live():
		if s != nil {
			d.remove(s)
		}
		d.note.Forget = append(d.note.Forget, id)
		return nil
	case s == nil:
		s = &subscriber{hook: found[0], next: event.Position + 1, lags: found[0].Status == WebhookPaused}
		d.add(s)
	default:
		d.stands(s, found[0], event, told.Outcome == outcomeFromNow)
	}
	return d.examine(ctx, []*subscriber{s}) // its owner may have lost the right in the same moment
}

// stands takes in how a webhook stands that is known. What was read before a crash may be
// read again: what was noted behind it stays.
func (d *dispatcher) stands(s *subscriber, hook Webhook, event *fedEvent, fromNow bool) {
	s.hook = hook
	d.busy[hook.ID] = s
	if fromNow && event.Position >= s.next {
		s.queue, s.lags, s.next, s.oldest = nil, false, event.Position+1, time.Time{}
	}
	if hook.Status == WebhookPaused {
		if s.shed(); !s.lags {
			s.fall(max(s.next, event.Position))
		}
		return
	}
	switch event.Action {
	case store.VerbResumeWebhook.String(), store.VerbUpdateWebhook.String():
		s.anew()
	}
}

// ownedByAgentsOf are the webhooks of those whom an event is about.
func (d *dispatcher) ownedByAgentsOf(event *fedEvent) (list []*subscriber) {
	for _, m := range event.mentions() {
		if m.in&asAgent == 0 {
			continue
		}
		list = append(list, d.own[m.agent]...)
		for _, s := range d.all {
			if s.hook.Owner.String() == m.agent {
				list = append(list, s)
			}
		}
	}
	return list
}
