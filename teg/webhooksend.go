package teg

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/agentvault/teg-layer/governance/webhook"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

// WebhookTestType is the type of messages that tell of nothing: see [Engine.TestWebhook].
const WebhookTestType = "webhook.test"

// webhookMessage is what a receiver is told, as the Standard Webhooks have it.
type webhookMessage struct {
	Type      string       `json:"type"`
	Timestamp string       `json:"timestamp"`
	Data      webhookEvent `json:"data"`
}

// webhookEvent is an event as a receiver is told of it.
type webhookEvent struct {
	ID        string          `json:"entry_id"`
	Position  *int64          `json:"position"` // null: it is a test
	Actor     *string         `json:"actor"`    // null: it is not told who
	RequestID *string         `json:"request_id"`
	IDs       []string        `json:"ids"`
	Body      json.RawMessage `json:"body"`
}

// webhookNote is the body of a test.
type webhookNote struct {
	Note string `json:"note,omitempty"`
}

// messageOf is what a receiver is told of an event, of which the entry has what it may
// see.
func messageOf(entry *AuditLogEntry) ([]byte, error) {
	data := webhookEvent{ID: entry.ID.String(), Position: &entry.Position, Body: entry.Body, IDs: append([]string{}, entry.IDs...)}
	if entry.Position < 0 {
		data.Position = nil
	}
	if actor := entry.Actor.String(); actor != "" {
		data.Actor = &actor
	}
	if entry.RequestID != "" {
		data.RequestID = &entry.RequestID
	}
	if data.Body == nil {
		data.Body = json.RawMessage(`{}`)
	}
	return json.Marshal(webhookMessage{Type: entry.Action, Timestamp: momentText(entry.At), Data: data})
}

// shownTo is what a webhook may tell of an event; nothing where it may not tell of it.
func shownTo(w *Webhook, event *fedEvent) (AuditLogEntry, bool) {
	if !w.All {
		return event.to(w.Owner.String())
	}
	if about := w.About.String(); about != "" && event.names(about) == 0 {
		return AuditLogEntry{}, false
	}
	return event.to("")
}

// sent is what became of one attempt.
type sent struct {
	attempt webhook.Attempt
	reply   Reply
}

// taken reports whether the receiver took the message.
func (s *sent) taken() bool { return s.attempt.Fault == "" }

// send sends a message once.
func (c *core) send(ctx context.Context, w *Webhook, id MessageID, body []byte) sent {
	now := c.clock.now()
	began := time.Now()
	reply, err := c.deliver(ctx, Parcel{Webhook: w.ID, URL: w.URL, Message: id, At: now, Generations: w.Generations(now), Body: body})
	s := sent{webhook.Attempt{At: now, Took: time.Since(began).Truncate(time.Microsecond), Status: reply.Status}, reply}
	switch {
	case err != nil:
		s.attempt.Status, s.attempt.Fault = 0, shortened(err.Error())
	case !reply.taken():
		s.attempt.Fault = fmt.Sprintf("it answered %d", reply.Status)
	}
	if s.taken() {
		c.stats.delivered.Add(1)
	} else {
		c.stats.undelivered.Add(1)
	}
	return s
}

// deliver outlives a courier's panics.
func (c *core) deliver(ctx context.Context, p Parcel) (reply Reply, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			c.config.Logger.Error("a courier panicked", "webhook", p.Webhook.String(), "panic", fault)
			err = ErrInternal
		}
	}()
	return c.config.Courier.Deliver(ctx, p)
}

// maxFault is how much is kept of why an attempt failed, in bytes.
const maxFault = 200

func shortened(text string) string {
	if len(text) <= maxFault {
		return text
	}
	cut := text[:maxFault]
	for len(cut) > 0 && cut[len(cut)-1]&0xC0 == 0x80 {
		cut = cut[:len(cut)-1]
	}
	return cut + "…"
}

// TestWebhookParams asks for a message that tells of nothing.
type TestWebhookParams struct {
	WebhookParams
	Note string // comes with it; at most [MaxWebhookDescription] characters
}

// TestWebhook sends a webhook a message of type [WebhookTestType], at once and once, and
// says what became of it; also to one that is paused. Nothing else changes.
//
// Errors: [ErrInvalidInput], [ErrNotFound], [ErrSuspended] for the one who acts,
// [ErrForbidden] for one of all events whose owner may not read them, [ErrInvalidState] for one that has ended, or where there is no [Config.Courier],
// [ErrOverloaded] where too much is being sent at the moment, or another that its owner asked
// for.
func (e *Engine) TestWebhook(ctx context.Context, p TestWebhookParams) (WebhookDelivery, error) {
	if err := validText("note", p.Note, MaxWebhookDescription); err != nil {
		return WebhookDelivery{}, err
	}
	w, err := e.sendable(ctx, &p.WebhookParams)
	if err != nil {
		return WebhookDelivery{}, err
	}
	note, err := json.Marshal(webhookNote{p.Note})
	if err != nil {
		return WebhookDelivery{}, ErrInternal
	}
	entry := AuditLogEntry{ID: EventID(e.newID()), Position: -1, Action: WebhookTestType, At: e.clock.now(), Body: note}
	return e.sendOnce(ctx, &w, entry)
}

// ResendParams names a message that is to be sent again.
type ResendParams struct {
	WebhookParams
	Message MessageID
}

// ResendWebhook sends a message again, at once and once, under its id, whatever became of
// it before, and says what does now. The order of the others does not change.
//
// Errors: those of [Engine.TestWebhook], [ErrNotFound] also for a message that is not
// remembered, an [*ArchivedError] where its event was archived and forgotten.
func (e *Engine) ResendWebhook(ctx context.Context, p ResendParams) (WebhookDelivery, error) {
	w, err := e.sendable(ctx, &p.WebhookParams)
	if err != nil {
		return WebhookDelivery{}, err
	}
	found, err := e.reader().WebhookMessages(ctx, p.Message)
	if err != nil {
		return WebhookDelivery{}, outward(err)
	}
	if len(found) == 0 || found[0].Webhook != w.ID {
		return WebhookDelivery{}, ledger.Refuse(ErrNotFound, "there is no such message of this webhook")
	}
	if found[0].Test() {
		return WebhookDelivery{}, ledger.Refuse(ErrInvalidState, "a test is not sent again; make another")
	}
	events, _, err := e.reader().Follow(ctx, found[0].Position, 1)
	if err != nil {
		return WebhookDelivery{}, beyondLog(err)
	}
	if len(events) == 0 || ledger.ID(events[0].ID) != found[0].Event {
		return WebhookDelivery{}, ErrNotFound
	}
	entry, visible := shownTo(&w, newFedEvent(events[0]))
	if !visible { // it was of another kind then
		return WebhookDelivery{}, ledger.Refuse(ErrNotFound, "the webhook is not told of this event any more")
	}
	return e.sendOnce(ctx, &w, entry)
}

// sendable returns the webhook of who may have something sent by it.
func (e *Engine) sendable(ctx context.Context, p *WebhookParams) (Webhook, error) {
	if e.dry {
		return Webhook{}, ledger.Refuse(ErrInvalidState, "what is sent cannot be tried without being sent")
	}
	if err := check(e.ownTransactions(), named("by", p.By)); err != nil {
		return Webhook{}, err
	}
	if err := e.mayHook(ctx, p.By); err != nil {
		return Webhook{}, err
	}
	w, err := e.webhookOf(ctx, p.ID, p.By, false)
	if err == nil && !w.Live() {
		err = ledger.Refuse(ErrInvalidState, "the webhook has ended")
	}
	if err == nil {
		err = e.mayHearAll(ctx, p.By, w.All)
	}
	return w, err
}

// sendOnce sends a message beside those that are sent in order, and notes what became of
// it.
func (e *Engine) sendOnce(ctx context.Context, w *Webhook, entry AuditLogEntry) (WebhookDelivery, error) {
	if !e.enter() {
		return WebhookDelivery{}, ErrClosed
	}
	defer e.callers.Done()
	if _, busy := e.asking.LoadOrStore(w.Owner, true); busy { // or one with a slow receiver could take all places
		return WebhookDelivery{}, ErrOverloaded
	}
	defer e.asking.Delete(w.Owner)
	select {
	case e.testing <- struct{}{}:
		defer func() { <-e.testing }()
	default:
		return WebhookDelivery{}, ErrOverloaded
	}
	body, err := messageOf(&entry)
	if err != nil {
		return WebhookDelivery{}, ErrInternal
	}
	id := webhook.MessageOf(w.ID, ledger.ID(entry.ID))
	s := e.send(ctx, w, id, body)
	state := MessageDelivered
	if !s.taken() {
		state = MessageFailed
	}
	d := WebhookDelivery{ID: id, Webhook: w.ID, Event: ledger.ID(entry.ID), Position: entry.Position, Action: entry.Action}.Add(s.attempt, state)
	if err := e.store.Webhooks().NoteWebhooks(ctx, store.WebhookNote{Deliveries: []WebhookDelivery{d}}); err != nil {
		return d, outward(err)
	}
	found, err := e.reader().WebhookMessages(ctx, id)
	if err != nil || len(found) == 0 {
		return d, outward(err)
	}
	return found[0], nil
}

// testingAtOnce is how many messages are sent at the same time because somebody asked.
const testingAtOnce = 16
