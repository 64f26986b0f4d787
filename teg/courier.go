package teg

import (
	"context"
	"time"

	"github.com/agentvault/teg-layer/governance/webhook"
	"github.com/agentvault/teg-layer/ledger"
)

// Courier carries what webhooks are told to their receivers. [Config.Courier] says which;
// package server/webhook has one that speaks HTTP and signs. It must be safe for concurrent
// use, and heed its context.
type Courier interface {
	// CheckURL says why nothing can be sent to an address, for its owner to read.
	CheckURL(address string) error
	// Secret is the text with which the receiver of a webhook checks signatures, of a
	// generation: the same for the same two, whenever and in whichever process it is asked.
	Secret(id WebhookID, generation int64) string
	// Deliver sends a parcel once. An error means that there was no answer; its text is
	// shown to the webhook's owner, and must not tell of the network that it was sent from.
	Deliver(ctx context.Context, p Parcel) (Reply, error)
}

// Parcel is a message on its way.
type Parcel struct {
	Webhook     WebhookID
	URL         string
	Message     MessageID // the same each time that it is sent
	At          time.Time // when it is sent
	Generations []int64   // of the secrets that it is signed with
	Body        []byte    // JSON
}

// Reply is what a receiver answered.
type Reply struct {
	Status     int           // of HTTP
	RetryAfter time.Duration // for how long it wants to be left alone; zero: it did not say
}

// taken reports whether the receiver took the message.
func (r *Reply) taken() bool { return r.Status >= 200 && r.Status < 300 }

// gone reports whether the receiver wants no more.
func (r *Reply) gone() bool { return r.Status == statusGone }

const statusGone = 410

// Bounds of webhooks.
const (
	MaxWebhookURL         = webhook.MaxURL // bytes
	MaxWebhookDescription = webhook.MaxDescription
	MaxWebhookActions     = webhook.MaxActions
	MaxWebhooks           = webhook.MaxLive // of one owner, that have not ended
	MaxSecretOverlap      = 7 * 24 * time.Hour
)

// checkWebhooks fills in what was left out of the configuration of webhooks.
func (c *Config) checkWebhooks() error {
	if c.WebhookConcurrency < 0 || len(c.WebhookSchedule) > maxSchedule {
		return ledger.Invalid("Config", "WebhookConcurrency is negative, or WebhookSchedule longer than %d", maxSchedule)
	}
	for _, wait := range c.WebhookSchedule {
		if wait <= 0 {
			return ledger.Invalid("WebhookSchedule", "each wait is more than zero")
		}
	}
	if c.WebhookConcurrency == 0 {
		c.WebhookConcurrency = 64
	}
	if len(c.WebhookSchedule) == 0 {
		c.WebhookSchedule = webhook.DefaultSchedule()
	}
	return nil
}

// maxSchedule is how often a message is tried again at most.
const maxSchedule = 100
