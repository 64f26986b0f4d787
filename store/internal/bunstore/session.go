package bunstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/migrate"

	"github.com/agentvault/teg-layer/store"
)

// open hands out a handle of one connection and a migrator over it.
func (m *Migrations) open(ctx context.Context, use func(*bun.DB, *migrate.Migrator) error) error {
	migrations, err := m.discover()
	if err != nil {
		return err
	}
	handle, err := m.Open()
	if err != nil {
		return m.Translate(err)
	}
	defer handle.Close()
	return m.Translate(pinned(ctx, handle, func(only *sql.DB) error {
		db := bun.NewDB(only, m.Dialect)
		return use(db, migrate.NewMigrator(db, migrations, migrate.WithMarkAppliedOnSuccess(true)))
	}))
}

func (m *Migrations) inTransaction(ctx context.Context, work func(*bun.DB, *migrate.Migrator) error) error {
	return m.open(ctx, func(db *bun.DB, migrator *migrate.Migrator) error {
		for _, statement := range m.Begin {
			if _, err := db.ExecContext(ctx, statement); err != nil {
				return err
			}
		}
		err := work(db, migrator)
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			// The connection is closed right after, which ends whatever is left.
			_ = end(ctx, db, `ROLLBACK`)
			return err
		}
		return end(ctx, db, `COMMIT`)
	})
}

// endTimeout bounds the last statement of a transaction.
const endTimeout = 30 * time.Second

// end runs it in spite of a caller who has gone: a driver may report a COMMIT as
// cancelled that took place.
func end(ctx context.Context, db *bun.DB, statement string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTimeout)
	defer cancel()
	_, err := db.ExecContext(ctx, statement)
	return err
}

// errConnectionLost is what every statement returns after the one connection is
// gone.
var errConnectionLost = fmt.Errorf("%w: the connection was lost, and what was begun on it", store.ErrUnavailable)

// pinned hands out a handle over one connection of the given handle. The handles
// of database/sql replace a connection that was lost, without telling, and would
// carry on outside the transaction; this one refuses.
func pinned(ctx context.Context, handle *sql.DB, use func(*sql.DB) error) error {
	conn, err := handle.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.Raw(func(inner any) error {
		only := sql.OpenDB(&onlyConnection{conn: inner.(driver.Conn), driver: handle.Driver()})
		defer only.Close()
		only.SetMaxOpenConns(1)
		only.SetMaxIdleConns(1)
		return use(only)
	})
}

// onlyConnection connects once.
type onlyConnection struct {
	conn   driver.Conn
	driver driver.Driver
	given  atomic.Bool
}

// Connect implements [driver.Connector].
func (c *onlyConnection) Connect(context.Context) (driver.Conn, error) {
	if c.given.Swap(true) {
		return nil, errConnectionLost
	}
	return c.conn, nil
}

// Driver implements [driver.Connector].
func (c *onlyConnection) Driver() driver.Driver { return c.driver }
