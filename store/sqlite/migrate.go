package sqlite

import (
	"context"
	"database/sql"
	"embed"

	"github.com/uptrace/bun/dialect/sqlitedialect"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/internal/bunstore"
)

// files are the steps of the schema, up and down.
//
//go:embed migrations/*.sql
var files embed.FS

// migrations is the runner. Its handle is one more connection to the file, whose
// write lock keeps two processes apart.
func (s *Store) migrations() *bunstore.Migrations {
	return &bunstore.Migrations{
		Open:      func() (*sql.DB, error) { return pool(s.at.writerDSN(), 1, nil) },
		Dialect:   sqlitedialect.New(),
		Begin:     []string{"BEGIN IMMEDIATE"},
		Exists:    "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type IN ('table', 'view') AND name = ?)",
		Files:     files,
		Translate: translate,
	}
}

// Migrate applies every pending migration.
func (s *Store) Migrate(ctx context.Context) error {
	return s.alone(ctx, func() error { return s.migrations().Migrate(ctx) })
}

// MigrateDown takes the last migration back.
func (s *Store) MigrateDown(ctx context.Context, force bool) error {
	return s.alone(ctx, func() error { return s.migrations().MigrateDown(ctx, force) })
}

// SchemaStatus tells where the schema stands.
func (s *Store) SchemaStatus(ctx context.Context) (store.SchemaStatus, error) {
	return s.migrations().SchemaStatus(ctx)
}

// alone runs f while no one else of this process can write.
func (s *Store) alone(ctx context.Context, f func() error) error {
	held, err := s.acquire(ctx)
	if err != nil {
		return err
	}
	defer held.Close()
	defer s.checks.wake()
	return f()
}
