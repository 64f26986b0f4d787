package main

import (
	"github.com/agentvault/teg-layer/server/config"
	"github.com/agentvault/teg-layer/server/webhook"
	"github.com/agentvault/teg-layer/teg"
)

// carryBy says who carries what webhooks are told; nobody where there is no key for their
// secrets.
func (b *books) carryBy(c *config.Config, engine *teg.Config) error {
	if c.WebhookSecretKey.IsZero() {
		return nil
	}
	courier, err := webhook.New(webhook.Config{Key: c.WebhookSecretKey.Reveal(), AllowPrivate: c.WebhookAllowPrivate, Timeout: c.WebhookTimeout})
	if err != nil {
		return err
	}
	b.courier = courier
	engine.Courier, engine.WebhookConcurrency = courier, c.WebhookConcurrency
	return nil
}
