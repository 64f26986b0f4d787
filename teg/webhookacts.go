package teg

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/agentvault/teg-layer/governance/webhook"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

// WebhookParams names a webhook, and who does something about it.
type WebhookParams struct {
	By DID
	ID WebhookID
	// Oversees lets By act on webhooks of others, too, as administrators may.
	Oversees bool
	Reason   string // why, for its owner to read; at most [MaxReason] characters
	DryRun   bool
}

// UpdateWebhookParams asks for other values; nil leaves one as it is.
type UpdateWebhookParams struct {
	WebhookParams
	URL         *string
	Actions     *[]string // empty: all that the owner may see
	Description *string
}

// ResumeWebhookParams asks to go on.
type ResumeWebhookParams struct {
	WebhookParams
	// FromNow leaves out what happened since it was paused, and what it failed with.
	FromNow bool
}

// RotateWebhookParams asks for another secret.
type RotateWebhookParams struct {
	WebhookParams
	// Overlap is for how long messages are signed with the secret before as well: at most
	// [MaxSecretOverlap]. Zero: not at all.
	Overlap time.Duration
}

// UpdateWebhook changes where a webhook's messages go, or which they are, from the next on
// that is sent.
//
// Errors: those of [Engine.CreateWebhook], [ErrNotFound], [ErrForbidden] for one of all events
// whose owner may not read them, [ErrInvalidState] for one that has ended.
func (e *Engine) UpdateWebhook(ctx context.Context, p UpdateWebhookParams) (WebhookReceipt, error) {
	if p.URL != nil {
		if err := e.checkAddress(*p.URL); err != nil {
			return WebhookReceipt{}, err
		}
	}
	if p.Description != nil {
		if err := validText("description", *p.Description, MaxWebhookDescription); err != nil {
			return WebhookReceipt{}, err
		}
	}
	address := ""
	setTo(&address, p.URL)
	return e.changeWebhook(ctx, webhookChange{WebhookParams: p.WebhookParams, verb: store.VerbUpdateWebhook, address: address, change: func(w Webhook, now time.Time) (Webhook, error) {
		if p.Actions != nil {
			if err := checkActions(*p.Actions, w.All); err != nil {
				return w, err
			}
		}
		return w.Change(func(w *Webhook) {
			setTo(&w.URL, p.URL)
			setTo(&w.Description, p.Description)
			if p.Actions != nil {
				w.Actions = webhook.JoinKinds(*p.Actions)
			}
		}, now)
	}})
}

// othersThan is an agent, or nobody where that is the one who acts.
func othersThan(by, agent DID) DID {
	if by == agent {
		return DID{}
	}
	return agent
}

func setTo[T any](to, value *T) {
	if value != nil {
		*to = *value
	}
}

// PauseWebhook sends nothing more until the webhook is resumed.
//
// Errors: [ErrInvalidInput], [ErrSuspended] for the one who acts, [ErrNotFound],
// [ErrInvalidState] for one that is paused or has ended, or where there is no
// [Config.Courier].
func (e *Engine) PauseWebhook(ctx context.Context, p WebhookParams) (WebhookReceipt, error) {
	return e.moveWebhook(ctx, p, store.VerbPauseWebhook, WebhookPaused, "")
}

// ResumeWebhook goes on from where the webhook was paused, so that nothing is missed that
// the log still has.
//
// Errors: those of [Engine.PauseWebhook], and [ErrForbidden] for one of all events whose owner
// may not read them.
func (e *Engine) ResumeWebhook(ctx context.Context, p ResumeWebhookParams) (WebhookReceipt, error) {
	outcome := ""
	if p.FromNow {
		outcome = outcomeFromNow
	}
	return e.moveWebhook(ctx, p.WebhookParams, store.VerbResumeWebhook, WebhookActive, outcome)
}

// outcomeFromNow stands in the event of a webhook that goes on with what happens behind it.
const outcomeFromNow = "from_now"

// DeleteWebhook ends a webhook for good. What became of its messages is forgotten.
//
// Errors: those of [Engine.PauseWebhook].
func (e *Engine) DeleteWebhook(ctx context.Context, p WebhookParams) (WebhookReceipt, error) {
	return e.moveWebhook(ctx, p, store.VerbEndWebhook, WebhookEnded, "")
}

func (e *Engine) moveWebhook(ctx context.Context, p WebhookParams, verb Verb, to WebhookStatus, outcome string) (WebhookReceipt, error) {
	return e.changeWebhook(ctx, webhookChange{WebhookParams: p, verb: verb, outcome: outcome, change: func(w Webhook, now time.Time) (Webhook, error) {
		return w.Move(to, p.Reason, now)
	}})
}

// RotateWebhookSecret makes the next secret, which is in the receipt alone. Messages are
// signed with the one before as well, for a while.
//
// Errors: those of [Engine.ResumeWebhook]; nobody gets the secret of another's webhook.
func (e *Engine) RotateWebhookSecret(ctx context.Context, p RotateWebhookParams) (WebhookReceipt, error) {
	if p.Overlap < 0 || p.Overlap > MaxSecretOverlap {
		return WebhookReceipt{}, ledger.Invalid("overlap_hours", "from 0 to %d", int(MaxSecretOverlap/time.Hour))
	}
	p.Oversees = false
	r, err := e.changeWebhook(ctx, webhookChange{WebhookParams: p.WebhookParams, verb: store.VerbRotateWebhook, change: func(w Webhook, now time.Time) (Webhook, error) {
		return w.Rotate(p.Overlap.Truncate(time.Microsecond), now)
	}})
	if err != nil {
		return WebhookReceipt{}, err
	}
	return e.webhookReceipt(r.Webhook, p.DryRun), nil
}

// webhookChange is an act about a webhook.
type webhookChange struct {
	WebhookParams
	verb    Verb
	outcome string
	address string // that it is to have from now on; empty: that it has
	change  func(w Webhook, now time.Time) (Webhook, error)
}

func (e *Engine) changeWebhook(ctx context.Context, c webhookChange) (WebhookReceipt, error) {
	if err := check(named("by", c.By), validText("reason", c.Reason, MaxReason)); err != nil {
		return WebhookReceipt{}, err
	}
	if err := e.mayHook(ctx, c.By); err != nil {
		return WebhookReceipt{}, err
	}
	w, err := e.webhookOf(ctx, c.ID, c.By, c.Oversees)
	if err != nil {
		return WebhookReceipt{}, err
	}
	if c.verb != store.VerbPauseWebhook && c.verb != store.VerbEndWebhook {
		if err := e.mayHearAll(ctx, c.By, w.All); err != nil {
			return WebhookReceipt{}, err
		}
	}
	op, err := e.administrative(ctx, c.By, c.verb, c.DryRun)
	if err != nil {
		return WebhookReceipt{}, err
	}
	op.intend(Intent{Agent: othersThan(c.By, w.Owner), Name: originOf(cmp.Or(c.address, w.URL)), Value: scopeOf(w.All)})
	return e.performWebhook(op, c)
}

// endedByItself says that a webhook cannot go on, in the name of the system: its receiver
// wants no more, or does not answer, or its owner may not have it any longer. That it stands
// so already is no error.
func (e *Engine) endedByItself(ctx context.Context, id WebhookID, verb Verb, to WebhookStatus, reason string) error {
	op := &operation{ctx: ctx, verb: verb, request: requestID(ctx)}
	_, err := e.performWebhook(op, webhookChange{
		WebhookParams: WebhookParams{ID: id, Reason: reason}, verb: verb,
		change: func(w Webhook, now time.Time) (Webhook, error) { return w.Move(to, reason, now) },
	})
	if errors.Is(err, ErrInvalidState) || errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

func (e *Engine) performWebhook(op *operation, c webhookChange) (WebhookReceipt, error) {
	op.alone, op.need.webhooks = true, webhook.Need{IDs: []WebhookID{c.ID}}
	return perform(e, op, func(d *decision) (WebhookReceipt, []ledger.ID, error) {
		before, found := d.webhooks[c.ID]
		if !found {
			return WebhookReceipt{}, nil, ledger.Refuse(ErrNotFound, "there is no such webhook")
		}
		after, err := c.change(before, d.now)
		if err != nil {
			return WebhookReceipt{}, nil, err
		}
		d.webhooks[c.ID] = after
		d.undo = append(d.undo, func() { d.webhooks[c.ID] = before })
		d.changes.Webhooks.Changed = append(d.changes.Webhooks.Changed, after)
		told := toldWebhook(c.verb, &before, &after)
		told.outcome = c.outcome
		d.record(told)
		return WebhookReceipt{Webhook: after}, nil, nil
	}, func(store.Record) (WebhookReceipt, error) { return WebhookReceipt{}, ErrInternal })
}
