package teg

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/agentvault/teg-layer/governance/webhook"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

// CreateWebhookParams asks for an address to be told of events.
type CreateWebhookParams struct {
	By          DID      // its owner
	URL         string   // https, as [Courier.CheckURL] wants it; at most [MaxWebhookURL] bytes
	Actions     []string // of [EventActions], at most [MaxWebhookActions]; none: all that the owner may see
	All         bool     // of all agents' events, in full: for administrators. Else of those that concern the owner
	About       DID      // with All: of those alone that name this agent
	Description string   // at most [MaxWebhookDescription] characters
	DryRun      bool
}

// WebhookReceipt is a webhook as an act left it.
type WebhookReceipt struct {
	Webhook
	// Secret is what its receiver checks signatures with, where the act made one: it is
	// shown this once. Empty in a dry run.
	Secret string
}

// CreateWebhook begins to tell an address of events: of all that are committed behind this
// act, each at least once, in the order of the log for each agent. [Engine.Run] sends them.
//
// Errors: [ErrInvalidInput], [ErrSuspended] for the one who acts, [ErrNotFound] for an owner
// without a profile who asks for its own events, [ErrForbidden] for an owner stripped of the role of administrators who asks for all, [ErrInvalidState] for one more than [MaxWebhooks] and
// where there is no [Config.Courier].
func (e *Engine) CreateWebhook(ctx context.Context, p CreateWebhookParams) (WebhookReceipt, error) {
	if err := e.checkWebhook(&p); err != nil {
		return WebhookReceipt{}, err
	}
	if err := e.mayHook(ctx, p.By); err != nil {
		return WebhookReceipt{}, err
	}
	if err := e.mayHearAll(ctx, p.By, p.All); err != nil {
		return WebhookReceipt{}, err
	}
	op, err := e.administrative(ctx, p.By, store.VerbCreateWebhook, p.DryRun)
	if err != nil {
		return WebhookReceipt{}, err
	}
	op.alone, op.need.webhooks = true, webhook.Need{Owners: []DID{p.By}}
	op.intend(Intent{Agent: p.About, Name: originOf(p.URL), Value: scopeOf(p.All)})
	return perform(e, op, func(d *decision) (WebhookReceipt, []ledger.ID, error) {
		if !p.All {
			if _, err := d.party("agent_id", p.By, op.caller); err != nil {
				return WebhookReceipt{}, nil, err
			}
		}
		if d.liveWebhooks(p.By) >= MaxWebhooks {
			return WebhookReceipt{}, nil, ledger.Refuse(ErrInvalidState, "nobody has more than %d webhooks; delete one", MaxWebhooks)
		}
		w := Webhook{
			ID: WebhookID(d.core.newID()), Owner: p.By, All: p.All, CreatedAt: d.now, URL: p.URL, Actions: webhook.JoinKinds(p.Actions),
			About: p.About, Description: p.Description, Status: WebhookActive, Generation: 1, Steps: 1, UpdatedAt: d.now,
		}
		d.webhooks[w.ID] = w
		d.undo = append(d.undo, func() { delete(d.webhooks, w.ID) })
		d.changes.Webhooks.Created = append(d.changes.Webhooks.Created, w)
		d.record(toldWebhook(store.VerbCreateWebhook, nil, &w))
		return e.webhookReceipt(w, p.DryRun), nil, nil
	}, func(store.Record) (WebhookReceipt, error) { return WebhookReceipt{}, ErrInternal })
}

// webhookReceipt is what an act left, with the secret that it made.
func (e *Engine) webhookReceipt(w Webhook, dryRun bool) WebhookReceipt {
	r := WebhookReceipt{Webhook: w}
	if !dryRun && !e.dry {
		r.Secret = e.config.Courier.Secret(w.ID, w.Generation)
	}
	return r
}

func (e *Engine) checkWebhook(p *CreateWebhookParams) error {
	if err := check(named("by", p.By), e.checkAddress(p.URL), checkActions(p.Actions, p.All),
		validText("description", p.Description, MaxWebhookDescription)); err != nil {
		return err
	}
	if !p.About.IsZero() && !p.All {
		return ledger.Invalid("agent_id", "is for webhooks that are told of all agents' events")
	}
	return nil
}

// mayHook refuses those who are suspended, and everybody where there is no courier.
func (e *Engine) mayHook(ctx context.Context, by DID) error {
	rows, err := e.reader().AccountsOf(ctx, by)
	if err != nil {
		return outward(err)
	}
	if row, _ := pick(rows); row != nil {
		if err := ledger.CanAct(row, e.clock.now()); err != nil {
			return e.explainSuspension(ctx, by, err)
		}
	}
	if e.config.Courier == nil {
		return ledger.Refuse(ErrInvalidState, "webhooks are off here")
	}
	return nil
}

// mayHearAll refuses a webhook of all events to those who were stripped of what it takes.
func (e *Engine) mayHearAll(ctx context.Context, by DID, all bool) error {
	if !all {
		return nil
	}
	in, err := e.RolesInForce(ctx, by, RolesOf(RoleAdmin))
	if err == nil && !in.Roles.Has(RoleAdmin) {
		err = ledger.Refuse(ErrForbidden, "only administrators are told of all events")
	}
	return err
}

func (e *Engine) checkAddress(address string) error {
	if address == "" || len(address) > MaxWebhookURL {
		return ledger.Invalid("url", "must have 1 to %d bytes", MaxWebhookURL)
	}
	if err := validText("url", address, MaxWebhookURL); err != nil {
		return err
	}
	if e.config.Courier == nil {
		return nil
	}
	if err := e.config.Courier.CheckURL(address); err != nil {
		return ledger.Invalid("url", "%s", err)
	}
	return nil
}

// checkActions refuses kinds of events that there are not, or that agents never see.
func checkActions(actions []string, all bool) error {
	if len(actions) > MaxWebhookActions {
		return ledger.Invalid("event_types", "at most %d", MaxWebhookActions)
	}
	for i, action := range actions {
		field := "event_types[" + strconv.Itoa(i) + "]"
		kind, known := audiences[action]
		switch {
		case !known:
			return ledger.Invalid(field, "there are no events of this type")
		case !all && kind.who == 0:
			return ledger.Invalid(field, "agents do not see events of this type")
		case slices.Contains(actions[:i], action):
			return ledger.Invalid(field, "is given twice")
		}
	}
	return nil
}

// originOf is the part of an address that holds no secret.
func originOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

func scopeOf(all bool) string {
	if all {
		return "all"
	}
	return "own"
}

// liveWebhooks counts those of an owner that have not ended.
func (d *decision) liveWebhooks(owner DID) (n int) {
	for _, w := range d.webhooks {
		if w.Owner == owner && w.Live() {
			n++
		}
	}
	return n
}

// toldWebhook is what the log tells of an act about a webhook: of the address no more than
// the host, of the secret nothing. The digest of how it stood before ties the events of one
// webhook together.
func toldWebhook(verb Verb, before, after *Webhook) act {
	a := act{
		action: verb.String(), referenceID: after.ID.String(), reference: webhookTerms(after), pointer: originOf(after.URL),
		status: after.Status.String(), reason: after.Reason,
	}
	if before != nil {
		a.value = webhookTerms(before)
	}
	return a
}

// webhookTerms stand in the log for a webhook as it is.
func webhookTerms(w *Webhook) string {
	return termsDigest(w.ID.String(), w.Owner.String(), scopeOf(w.All), momentText(w.CreatedAt), w.URL, w.Actions, w.About.String(), w.Description,
		w.Status.String(), w.Reason, strconv.FormatInt(w.Generation, 10), momentText(w.OldUntil), strconv.FormatInt(w.Steps, 10), momentText(w.UpdatedAt))
}

func momentText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(TimeFormat)
}
