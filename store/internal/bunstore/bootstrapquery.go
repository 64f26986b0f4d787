package bunstore

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/agentvault/teg-layer/ledger"
)

var bootstrapTokensByID = selectFrom(&BootstrapTokens, "id IN (%s)")

// LoadBootstrapTokens reads tokens by their ids.
func LoadBootstrapTokens(ctx context.Context, from Source, ids []ledger.BootstrapID) (rows []ledger.BootstrapToken, err error) {
	err = from.Select(ctx, bootstrapTokensByID, names(ids), BootstrapTokens.AppendTo(&rows))
	return rows, err
}

// BootstrapTokens implements [ledger.BootstrapReader].
func (r *Reader) BootstrapTokens(ctx context.Context, hashes ...string) (rows []ledger.BootstrapToken, err error) {
	err = chunks(ctx, r, hashes, func(view *Reader, part []string) error {
		found, err := list(ctx, view, &BootstrapTokens, `hash IN (?)`, bun.List(part))
		rows = append(rows, found...)
		return err
	})
	return rows, err
}

// AuditBootstrapTokens implements [ledger.BootstrapReader].
func (r *Reader) AuditBootstrapTokens(ctx context.Context, after ledger.BootstrapID, limit int) ([]ledger.BootstrapToken, error) {
	return audit(ctx, r, &BootstrapTokens, after, limit)
}

// ForgetBootstrapTokens deletes, of the tokens that nobody used, those that expired by
// an instant, the oldest first and at most so many. What others hold is theirs to say,
// as on PostgreSQL it may be in use at the moment.
func (d Dialect) ForgetBootstrapTokens() string {
	held := ""
	if d == Postgres {
		held = ` FOR UPDATE SKIP LOCKED`
	}
	return `DELETE FROM bootstrap_tokens WHERE id IN (SELECT id FROM bootstrap_tokens WHERE used_at IS NULL AND expires_at <= ? ORDER BY expires_at LIMIT ?` + held + `)`
}
