package config

import "time"

// checkWebhooks sees to what webhooks need.
func (c *collector) checkWebhooks(config *Config) {
	key := config.WebhookSecretKey
	c.require(key.IsZero() || len(key.Reveal()) >= 32, "must have at least 32 bytes: whoever guesses it forges messages", "WEBHOOK_SECRET_KEY")
	c.require(!key.IsZero() || !config.WebhookAllowPrivate, "is for webhooks, which need a WEBHOOK_SECRET_KEY", "WEBHOOK_ALLOW_PRIVATE", "WEBHOOK_SECRET_KEY")
	c.within(config.WebhookTimeout, 100*time.Millisecond, time.Minute, "must be from 100ms to 1m", "WEBHOOK_TIMEOUT")
	c.require(1 <= config.WebhookConcurrency && config.WebhookConcurrency <= 1000, "must be from 1 to 1000", "WEBHOOK_CONCURRENCY")
}
