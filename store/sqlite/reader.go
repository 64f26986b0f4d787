package sqlite

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/agentvault/teg-layer/store"
)

func newReader(*bun.DB) store.Reader { return nil }

func (s *Store) Migrate(ctx context.Context) error {
	b, err := migrations.ReadFile("migrations/20261124000001_ledger.up.sql")
	if err != nil {
		return err
	}
	_, err = s.write.ExecContext(ctx, string(b))
	return err
}
func (s *Store) MigrateDown(ctx context.Context, force bool) error { return nil }
func (s *Store) SchemaStatus(ctx context.Context) (store.SchemaStatus, error) {
	return store.SchemaStatus{}, nil
}
