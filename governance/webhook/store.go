package webhook

import (
	"context"

	"github.com/agentvault/teg-layer/ledger/did"
)

// Query selects webhooks, the newest first. Zero fields select everything.
type Query struct {
	Owner  did.DID
	Status Status
	Live   bool // those that have not ended
	Before ID   // only those created before this one
	Offset int64
	Limit  int
	Count  int64 // count up to so many matches; 0 counts nothing
}

// DeliveryQuery selects the deliveries of a webhook, the newest first.
type DeliveryQuery struct {
	Webhook ID
	State   DeliveryState // zero: any
	Before  *Delivery     // only those before this one; nil: from the newest on
	Offset  int64
	Limit   int
	Count   int64 // count up to so many matches; 0 counts nothing
}

// Reader tells of webhooks. Every method sees committed rows only, takes no locks, and
// returns an empty result, not an error, for what does not exist.
type Reader interface {
	// Webhooks returns a page, and how many match as far as they were counted.
	Webhooks(ctx context.Context, q Query) (page []Webhook, total int64, err error)
	// WebhooksByID returns those of the webhooks that exist, in no particular order.
	WebhooksByID(ctx context.Context, ids ...ID) ([]Webhook, error)
	// WebhookPlaces returns the places of those of the webhooks that have one, in no
	// particular order.
	WebhookPlaces(ctx context.Context, ids ...ID) ([]Place, error)
	// WebhooksPending returns the lowest position that an active webhook waits to be told
	// of behind all others, and whether there is one.
	WebhooksPending(ctx context.Context) (position int64, pending bool, err error)
	// WebhookDeliveries returns a page, and how many match as far as they were counted.
	WebhookDeliveries(ctx context.Context, q DeliveryQuery) (page []Delivery, total int64, err error)
	// WebhookMessages returns those of the messages that are remembered, in no particular
	// order.
	WebhookMessages(ctx context.Context, ids ...MessageID) ([]Delivery, error)
	// AuditWebhooks returns webhooks ordered by id, at most limit that follow the given
	// one.
	AuditWebhooks(ctx context.Context, after ID, limit int) ([]Webhook, error)
}
