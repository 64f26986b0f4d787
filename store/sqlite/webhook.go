package sqlite

import (
	"context"
	"database/sql"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/internal/bunstore"
)

var webhooks = keep(&bunstore.Webhooks)

func loadWebhooks(ctx context.Context, e executor, need *store.Need, rows *store.Rows) (err error) {
	if !need.Webhooks.Empty() {
		rows.Webhooks, err = bunstore.LoadWebhooks(ctx, source{e}, need.Webhooks)
	}
	return err
}

// writeWebhooks writes webhooks that were created, and what became of others.
func writeWebhooks(ctx context.Context, e executor, c *store.Changes) error {
	if err := webhooks.insertAll(ctx, e, c.Webhooks.Created); err != nil {
		return err
	}
	return webhooks.changeAll(ctx, e, c.Webhooks.Changed)
}

// Webhooks implements [store.Store].
func (s *Store) Webhooks() store.WebhookKeeper {
	within := func(ctx context.Context, f func(bunstore.Executor) error) error {
		return s.inTransaction(ctx, func(tx *sql.Tx) error { return f(tx) })
	}
	return &bunstore.WebhookKeeper{Dialect: bunstore.SQLite, Within: within}
}
