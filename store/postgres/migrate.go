package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"embed"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun/dialect/pgdialect"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/internal/bunstore"
)

// files are the steps of the schema, up and down.
//
//go:embed migrations/*.sql
var files embed.FS

// migrations is the runner. An advisory lock, held to the end of its
// transaction, keeps two processes apart.
func (s *Store) migrations() *bunstore.Migrations {
	return &bunstore.Migrations{
		Open:      func() (*sql.DB, error) { return sql.OpenDB(keptConnector{stdlib.GetConnector(*s.config)}), nil },
		Dialect:   pgdialect.New(),
		Begin:     []string{"BEGIN", "SELECT pg_advisory_xact_lock(" + migrateLock + ")"},
		Exists:    "SELECT to_regclass(quote_ident(current_schema()) || '.' || quote_ident(?)) IS NOT NULL",
		Files:     files,
		Translate: translate,
	}
}

// keptConnector makes connections that stay in the transaction that was begun on
// them by hand. The driver's own are thrown away by database/sql when they come
// back to the pool with a transaction open.
type keptConnector struct{ driver.Connector }

// Connect implements [driver.Connector].
func (c keptConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return keptConn{conn.(*stdlib.Conn)}, nil
}

type keptConn struct{ *stdlib.Conn }

// ResetSession leaves the session as it is.
func (keptConn) ResetSession(context.Context) error { return nil }

// Migrate applies every pending migration.
func (s *Store) Migrate(ctx context.Context) error { return s.migrations().Migrate(ctx) }

// MigrateDown takes the last migration back.
func (s *Store) MigrateDown(ctx context.Context, force bool) error {
	return s.migrations().MigrateDown(ctx, force)
}

// SchemaStatus tells where the schema stands.
func (s *Store) SchemaStatus(ctx context.Context) (store.SchemaStatus, error) {
	return s.migrations().SchemaStatus(ctx)
}
