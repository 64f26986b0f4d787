package store

import (
	"context"

	"github.com/agentvault/teg-layer/governance/webhook"
	"github.com/agentvault/teg-layer/ledger"
)

// WebhookKeeper writes down how far webhooks were told of the log, and what became of
// their messages. Each call is a short transaction of its own, beside those of groups.
type WebhookKeeper interface {
	// NoteWebhooks writes a note, all or nothing. Where it is that of a reader of the log
	// who does not hold that name any more, or of another log, nothing is written: [ErrConflict].
	NoteWebhooks(ctx context.Context, n WebhookNote) error
}

// WebhookNote is what one process has to say of webhooks.
type WebhookNote struct {
	// Reader is the name under which the log is read by whom this is from, and Holder
	// the process: see [Claim]. Empty: it is from nobody who reads the log, and says
	// nothing of places.
	Reader string
	Holder ledger.ID
	// Position is how far the log was read for it, and Last the event before that. Where
	// the log has another there nothing is written: [ErrConflict]. Zero: whichever it is.
	Position int64
	Last     EventID

	Places []webhook.Place // as they are now
	// Deliveries have the attempts that are new, which are added to those that are
	// known. Of each webhook the newest [webhook.MaxDeliveries] are remembered, and some more
	// until they are looked for.
	Deliveries []webhook.Delivery
	Forget     []webhook.ID // webhooks of which nothing is to be remembered here: they have ended
}
