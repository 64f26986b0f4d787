package bunstore

import (
	"github.com/agentvault/teg-layer/governance/webhook"
	"github.com/agentvault/teg-layer/ledger"
)

// Webhooks are those that are told of events.
var Webhooks = Table[webhook.Webhook]{
	Name:  "webhooks",
	Terms: []string{"id", "owner", "all_events", "created_at"},
	Standing: []string{
		"url", "actions", "about", "description", "status", "reason", "generation", "old_until", "steps", "updated_at",
	},
	places: func(w *webhook.Webhook) (terms, standing []any) {
		return []any{(*ledger.ID)(&w.ID), &w.Owner, &w.All, &w.CreatedAt},
			[]any{
				&w.URL, &w.Actions, &w.About, &w.Description, (*uint8)(&w.Status), &w.Reason, &w.Generation, &w.OldUntil, &w.Steps,
				&w.UpdatedAt,
			}
	},
}

// WebhookPlaces say how far each was told of the log.
var WebhookPlaces = Table[webhook.Place]{
	Name:     "webhook_places",
	Terms:    []string{"webhook"},
	Standing: []string{"position", "pending", "failures", "since", "next_at"},
	places: func(p *webhook.Place) (terms, standing []any) {
		return []any{(*ledger.ID)(&p.Webhook)}, []any{&p.Position, &p.Pending, &p.Failures, &p.Since, &p.NextAt}
	},
}

// webhookMessage is a delivery as it is kept: its attempts are one text.
type webhookMessage struct {
	webhook.Delivery
	attempts string
}

// webhookMessages are the deliveries that are remembered.
var webhookMessages = Table[webhookMessage]{
	Name:     "webhook_deliveries",
	Terms:    []string{"id", "webhook", "event", "position", "action", "created_at"},
	Standing: []string{"state", "attempts", "updated_at"},
	places: func(m *webhookMessage) (terms, standing []any) {
		return []any{(*ledger.ID)(&m.ID), (*ledger.ID)(&m.Webhook), &m.Event, &m.Position, &m.Action, &m.CreatedAt},
			[]any{(*uint8)(&m.State), &m.attempts, &m.UpdatedAt}
	},
}
