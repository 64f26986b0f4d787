package teg_test

import (
	"context"

	"github.com/agentvault/teg-layer/governance/webhook"
	"github.com/agentvault/teg-layer/store"
)

func (r *brittleReader) Webhooks(ctx context.Context, q webhook.Query) ([]webhook.Webhook, int64, error) {
	var total int64
	page, err := read(r, "Webhooks", func() (page []webhook.Webhook, err error) {
		page, total, err = r.sound.Webhooks(ctx, q)
		return page, err
	})
	return page, total, err
}

func (r *brittleReader) WebhooksByID(ctx context.Context, ids ...webhook.ID) ([]webhook.Webhook, error) {
	return read(r, "WebhooksByID", func() ([]webhook.Webhook, error) { return r.sound.WebhooksByID(ctx, ids...) })
}

func (r *brittleReader) WebhookPlaces(ctx context.Context, ids ...webhook.ID) ([]webhook.Place, error) {
	return read(r, "WebhookPlaces", func() ([]webhook.Place, error) { return r.sound.WebhookPlaces(ctx, ids...) })
}

func (r *brittleReader) WebhooksPending(ctx context.Context) (int64, bool, error) {
	var pending bool
	position, err := read(r, "WebhooksPending", func() (position int64, err error) {
		position, pending, err = r.sound.WebhooksPending(ctx)
		return position, err
	})
	return position, pending, err
}

func (r *brittleReader) WebhookDeliveries(ctx context.Context, q webhook.DeliveryQuery) ([]webhook.Delivery, int64, error) {
	var total int64
	page, err := read(r, "WebhookDeliveries", func() (page []webhook.Delivery, err error) {
		page, total, err = r.sound.WebhookDeliveries(ctx, q)
		return page, err
	})
	return page, total, err
}

func (r *brittleReader) WebhookMessages(ctx context.Context, ids ...webhook.MessageID) ([]webhook.Delivery, error) {
	return read(r, "WebhookMessages", func() ([]webhook.Delivery, error) { return r.sound.WebhookMessages(ctx, ids...) })
}

func (r *brittleReader) AuditWebhooks(ctx context.Context, after webhook.ID, limit int) ([]webhook.Webhook, error) {
	return read(r, "AuditWebhooks", func() ([]webhook.Webhook, error) { return r.sound.AuditWebhooks(ctx, after, limit) })
}

func (s *brittle) Webhooks() store.WebhookKeeper { return brittleKeeper{s.Store.Webhooks(), s.faults} }

// brittleKeeper is a keeper of webhooks whose calls fail as planned.
type brittleKeeper struct {
	store.WebhookKeeper
	faults *faults
}

func (k brittleKeeper) NoteWebhooks(ctx context.Context, n store.WebhookNote) error {
	if err := k.faults.hit(atMaintain); err != nil {
		return err
	}
	return k.WebhookKeeper.NoteWebhooks(ctx, n)
}
