package postgres

import (
	"github.com/agentvault/teg-layer/governance/webhook"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/internal/bunstore"
)

var (
	webhooks = keep(&bunstore.Webhooks)

	// An owner's webhooks are counted by one transaction at a time: it may have no row that
	// could be locked.
	countWebhooks = statement{"count_webhooks", `SELECT pg_advisory_xact_lock(` + ownerClass + `, hashtext(owner)) FROM unnest($1::text[]) AS owner`}
	findWebhooks  = statement{"find_webhooks", selectFrom(&bunstore.Webhooks) + `owner = ANY($1::text[]) AND status <> 3`}
	lockWebhooks  = lockable("lock_webhooks", selectFrom(&bunstore.Webhooks)+`id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE`)
)

// loadWebhooks adds the statements that lock those that are named, and before it find
// those of owners.
func (l *loaded) loadWebhooks(calls []call, need *webhook.Need, mode store.LockMode) []call {
	if len(need.Owners) > 0 {
		calls = append(calls, do(countWebhooks, owners(need.Owners)), ask(findWebhooks, scanInto(&bunstore.Webhooks, &l.rows.Webhooks), owners(need.Owners)))
	}
	if len(need.IDs) > 0 {
		calls = append(calls, ask(pick(lockWebhooks, mode), scanInto(&bunstore.Webhooks, &l.rows.Webhooks), uuids(need.IDs)))
	}
	return calls
}

// webhookCalls write webhooks that were created, and what became of others.
func webhookCalls(c *store.Changes) (calls []call) {
	calls = webhooks.insertCall(calls, c.Webhooks.Created)
	return webhooks.changeCall(calls, c.Webhooks.Changed)
}

// Webhooks implements [store.Store].
func (s *Store) Webhooks() store.WebhookKeeper {
	return &bunstore.WebhookKeeper{Dialect: bunstore.Postgres, Within: s.inTransaction}
}
