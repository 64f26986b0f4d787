package teg

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/agentvault/teg-layer/governance/webhook"
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

// load reads all webhooks that have not ended. Of what the log tells from the turn's
// position on they may know already; what is new with it is added when it is read.
func (d *dispatcher) load(ctx context.Context) error {
	d.land()
	d.forget()
	d.head, d.looked = d.turn.position, time.Time{}
	query := webhook.Query{Live: true, Limit: MaxLimit}
	for {
		page, _, err := d.reader().Webhooks(ctx, query)
		if err != nil {
			return outward(err)
		}
		if err := d.loadPage(ctx, page); err != nil {
			return err
		}
		if len(page) < query.Limit {
			return d.examine(ctx, slices.Clone(d.all))
		}
		query.Before = page[len(page)-1].ID
	}
}

func (d *dispatcher) loadPage(ctx context.Context, page []Webhook) error {
	ids := make([]WebhookID, len(page))
	for i := range page {
		ids[i] = page[i].ID
	}
	places, err := d.reader().WebhookPlaces(ctx, ids...)
	if err != nil {
		return outward(err)
	}
	told := make(map[WebhookID]webhook.Place, len(places))
	for _, p := range places {
		told[p.Webhook] = p
	}
	for i := range page {
		p, found := told[page[i].ID]
		if !found { // the log tells of it from here on
			continue
		}
		s := &subscriber{hook: page[i], next: p.Position, failures: p.Failures, since: p.Since, retryAt: p.NextAt, oldest: p.Since}
		if !p.Pending {
			s.next = max(p.Position, d.head)
		}
		s.lags = s.next < d.head || p.Pending || s.hook.Status == WebhookPaused
		if s.lags {
			d.dirty[s.hook.ID] = true // of one that was paused, from here on it waits
		}
		d.add(s)
	}
	return nil
}

func (d *dispatcher) add(s *subscriber) {
	d.hooks[s.hook.ID] = s
	if s.hook.All {
		d.all = append(d.all, s)
	} else {
		owner := s.hook.Owner.String()
		d.own[owner] = append(d.own[owner], s)
	}
	if s.lags {
		d.busy[s.hook.ID] = s
	}
}

func (d *dispatcher) remove(s *subscriber) {
	delete(d.hooks, s.hook.ID)
	delete(d.busy, s.hook.ID)
	delete(d.dirty, s.hook.ID)
	same := func(other *subscriber) bool { return other == s }
	d.all = slices.DeleteFunc(d.all, same)
	owner := s.hook.Owner.String()
	if d.own[owner] = slices.DeleteFunc(d.own[owner], same); len(d.own[owner]) == 0 {
		delete(d.own, owner)
	}
}

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
	events, next, err := d.reader().Follow(ctx, d.head, feedPage, only...)
	if forgotten := (*store.ForgottenError)(nil); errors.As(err, &forgotten) {
		d.config.Logger.WarnContext(ctx, "webhooks were not told of events that were archived", "from", d.head, "to", forgotten.Tail)
		d.head, d.moved = forgotten.Tail, true
		return nil
	}
	if err != nil {
		return inward(err)
	}
	for i := range events {
		d.head = events[i].Position
		if err := d.take(ctx, newFedEvent(events[i])); err != nil {
			return err // read again from this event on, which changes nothing
		}
		if d.moved = true; len(only) > 0 { // now there may be one
			d.head++
			return nil
		}
	}
	if d.head = next; len(events) < feedPage {
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
	for _, m := range event.mentions {
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
	for _, s := range d.hooks {
		if event.names(s.hook.Owner.String())&asAgent != 0 {
			list = append(list, s)
		}
	}
	return list
}

// examine stops the webhooks whose owners may not have them any more: those of all events
// where the owner is no administrator, and all where it was deactivated.
func (d *dispatcher) examine(ctx context.Context, list []*subscriber) error {
	for _, s := range list {
		if !s.active() {
			continue
		}
		in, err := d.RolesInForce(ctx, s.hook.Owner, RolesOf(RoleAgent, RoleAdmin))
		if err != nil {
			return err
		}
		if s.hook.All && !in.Roles.Has(RoleAdmin) {
			d.condemn(s, store.VerbPauseWebhook, WebhookPaused, "its owner may not read all events at the moment")
		}
		rows, err := d.reader().AccountsOf(ctx, s.hook.Owner)
		if err != nil {
			return outward(err)
		}
		if row, _ := pick(rows); row != nil && row.StatusAt(d.clock.now()) == StatusDeactivated {
			d.condemn(s, store.VerbEndWebhook, WebhookEnded, "its owner was deactivated")
		}
	}
	return nil
}

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
	if s.next >= d.head {
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
		if events[i].Position >= d.head { // the others have not been offered it yet
			break
		}
		s.next = events[i].Position
		if !s.offer(newFedEvent(events[i])) {
			return nil
		}
		s.next++
	}
	s.next = min(next, d.head)
	if len(events) > 0 && events[len(events)-1].Position >= d.head {
		s.next = d.head
	}
	s.lags = s.next < d.head
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
