package teg

import (
	"context"
	"slices"
	"time"

	"github.com/agentvault/teg-layer/governance/webhook"
	"github.com/agentvault/teg-layer/store"
)

// load reads all webhooks that have not ended. Of what the log tells from the turn's
// position on they may know already; what is new with it is added when it is read.
func (d *dispatcher) load(ctx context.Context) error {
	d.land()
	d.forget()
	d.at, d.looked = d.turn.at, time.Time{}
	if err := d.at.look(ctx, d.reader()); err != nil {
		return inward(err)
	}
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
			s.next = max(p.Position, d.at.next)
		}
		s.lags = s.next < d.at.next || p.Pending || s.hook.Status == WebhookPaused
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
