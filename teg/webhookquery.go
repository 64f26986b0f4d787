package teg

import (
	"context"
	"time"

	"github.com/agentvault/teg-layer/governance/webhook"
	"github.com/agentvault/teg-layer/ledger"
)

// WebhookState is a webhook, and how it gets on.
type WebhookState struct {
	Webhook
	Behind       bool      // there are events that it has not been told of, as was noted last
	Failures     int64     // in a row
	FailingSince time.Time // zero: it is not
	NextAttempt  time.Time // when it is tried again, where it fails
}

// WebhooksQuery selects webhooks, the newest first. Zero fields select everything.
type WebhooksQuery struct {
	Viewer DID // who asks: a cursor is good for nobody else
	Owner  DID
	Status WebhookStatus // zero: all that have not ended

	Limit  int    // 1 to [MaxLimit]; zero means [DefaultLimit]
	Offset int64  // not together with Cursor
	Cursor string // NextCursor of the page before
	Total  bool   // count also with a cursor
}

// WebhooksPage is a page of webhooks.
type WebhooksPage struct {
	Webhooks    []WebhookState
	Total       int64 // −1 where it was not counted
	TotalCapped bool  // there are more matches than Total, which is [CountLimit]
	NextCursor  string
}

// Webhooks returns a page of webhooks.
func (e *Engine) Webhooks(ctx context.Context, q WebhooksQuery) (WebhooksPage, error) {
	scope := newCursorScope("webhooks", q.Viewer.String(), q.Owner.String(), q.Status.String())
	page := pageRequest{limit: q.Limit, offset: q.Offset, cursor: q.Cursor, total: q.Total}
	at, err := page.resolve(scope)
	if err != nil {
		return WebhooksPage{}, err
	}
	found, counted, err := e.reader().Webhooks(ctx, webhook.Query{
		Owner: q.Owner, Status: q.Status, Live: q.Status == 0, Before: WebhookID(at.id), Offset: q.Offset, Limit: page.limit + 1, Count: page.count(),
	})
	if err != nil {
		return WebhooksPage{}, outward(err)
	}
	var result WebhooksPage
	result.Total, result.TotalCapped = page.shown(counted, true)
	found, more := cut(&page, found)
	if more {
		result.NextCursor = scope.cursor(place{id: ledger.ID(found[len(found)-1].ID)})
	}
	result.Webhooks, err = e.webhookStates(ctx, found)
	return result, err
}

// webhookStates adds to webhooks how they get on.
func (e *Engine) webhookStates(ctx context.Context, of []Webhook) ([]WebhookState, error) {
	ids := make([]WebhookID, len(of))
	for i := range of {
		ids[i] = of[i].ID
	}
	found, err := e.reader().WebhookPlaces(ctx, ids...)
	if err != nil {
		return nil, outward(err)
	}
	places := make(map[WebhookID]webhook.Place, len(found))
	for _, p := range found {
		places[p.Webhook] = p
	}
	states := make([]WebhookState, len(of))
	for i := range of {
		p := places[of[i].ID]
		states[i] = WebhookState{Webhook: of[i], Behind: p.Pending, Failures: p.Failures, FailingSince: p.Since, NextAttempt: p.NextAt}
	}
	return states, nil
}

// Webhook returns a webhook. To a viewer others than its own do not exist; nobody in
// particular sees all.
func (e *Engine) Webhook(ctx context.Context, id WebhookID, viewer DID) (WebhookState, error) {
	w, err := e.webhookOf(ctx, id, viewer, viewer.IsZero())
	if err != nil {
		return WebhookState{}, err
	}
	states, err := e.webhookStates(ctx, []Webhook{w})
	if err != nil {
		return WebhookState{}, err
	}
	return states[0], nil
}

// webhookOf returns a webhook of an owner's, or anybody's to who oversees them.
func (e *Engine) webhookOf(ctx context.Context, id WebhookID, owner DID, oversees bool) (Webhook, error) {
	found, err := e.reader().WebhooksByID(ctx, id)
	if err != nil {
		return Webhook{}, outward(err)
	}
	if len(found) == 0 || !oversees && found[0].Owner != owner {
		return Webhook{}, ledger.Refuse(ErrNotFound, "there is no such webhook")
	}
	return found[0], nil
}

// DeliveriesQuery selects the messages of a webhook, the newest first.
type DeliveriesQuery struct {
	Webhook WebhookID
	Viewer  DID           // its owner; nobody in particular sees all
	State   DeliveryState // zero: any

	Limit  int    // 1 to [MaxLimit]; zero means [DefaultLimit]
	Offset int64  // not together with Cursor
	Cursor string // NextCursor of the page before
	Total  bool   // count also with a cursor
}

// DeliveriesPage is a page of messages. Of each webhook the newest thousand are
// remembered.
type DeliveriesPage struct {
	Deliveries  []WebhookDelivery
	Total       int64 // −1 where it was not counted
	TotalCapped bool
	NextCursor  string
}

// WebhookDeliveries returns a page of what was sent, with the attempts. What is sent is
// seen here within about a second.
//
// Errors: [ErrInvalidInput], [ErrNotFound].
func (e *Engine) WebhookDeliveries(ctx context.Context, q DeliveriesQuery) (DeliveriesPage, error) {
	scope := newCursorScope("deliveries", q.Viewer.String(), q.Webhook.String(), q.State.String())
	page := pageRequest{limit: q.Limit, offset: q.Offset, cursor: q.Cursor, total: q.Total}
	at, err := page.resolve(scope)
	if err != nil {
		return DeliveriesPage{}, err
	}
	if _, err := e.webhookOf(ctx, q.Webhook, q.Viewer, q.Viewer.IsZero()); err != nil {
		return DeliveriesPage{}, err
	}
	query := webhook.DeliveryQuery{Webhook: q.Webhook, State: q.State, Offset: q.Offset, Limit: page.limit + 1, Count: page.count()}
	if q.Cursor != "" {
		query.Before = &WebhookDelivery{ID: MessageID(at.id), CreatedAt: time.UnixMicro(at.seq)}
	}
	found, counted, err := e.reader().WebhookDeliveries(ctx, query)
	if err != nil {
		return DeliveriesPage{}, outward(err)
	}
	var result DeliveriesPage
	result.Total, result.TotalCapped = page.shown(counted, true)
	found, more := cut(&page, found)
	if more {
		last := &found[len(found)-1]
		result.NextCursor = scope.cursor(place{seq: last.CreatedAt.UnixMicro(), id: ledger.ID(last.ID)})
	}
	result.Deliveries = found
	return result, nil
}
