package postgres

import (
	"context"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/internal/bunstore"
)

var (
	bootstrapTokens = keep(&bunstore.BootstrapTokens)

	lockBootstrapTokens = lockable("lock_bootstrap_tokens", selectFrom(&bunstore.BootstrapTokens)+`id = ANY($1::uuid[])
		ORDER BY id FOR NO KEY UPDATE`)
)

// bootstrapCalls write tokens that were issued, and what became of others.
func bootstrapCalls(c *store.Changes) (calls []call) {
	calls = bootstrapTokens.insertCall(calls, c.Bootstraps.Issued)
	return bootstrapTokens.changeCall(calls, c.Bootstraps.Used)
}

// forgetTokens deletes a bounded number of tokens that nobody used in time.
func (s *Store) forgetTokens(ctx context.Context, m store.Maintenance) error {
	if m.BootstrapTTL <= 0 {
		return nil
	}
	_, err := s.db.ExecContext(ctx, bunstore.Postgres.ForgetBootstrapTokens(), m.Now.Add(-m.BootstrapTTL), store.MaxForgotten)
	return translate(err)
}
