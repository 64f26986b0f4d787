package bunstore

import (
	"context"
	"database/sql"
	"slices"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"github.com/agentvault/teg-layer/store"
)

// Reader answers every question of [store.Reader] over a connection pool, or
// over a transaction of the host.
type Reader struct {
	db        *bun.DB   // builds the queries
	conn      bun.IConn // runs them
	joined    bool      // conn is a transaction, which is one view already
	dialect   Dialect
	translate func(error) error
}

var _ store.Reader = (*Reader)(nil)

// NewReader makes a reader over a pool. translate turns the driver's errors into
// those of package store.
func NewReader(db *bun.DB, dialect Dialect, translate func(error) error) *Reader {
	return &Reader{db: db, conn: db, dialect: dialect, translate: translate}
}

// NewTxReader makes a reader over a transaction, which sees what it has written.
func NewTxReader(tx *sql.Tx, language schema.Dialect, dialect Dialect, translate func(error) error) *Reader {
	return &Reader{db: bun.NewDB(&sql.DB{}, language), conn: tx, joined: true, dialect: dialect, translate: translate}
}

// inList bounds the IN lists of one statement.
const inList = 500

// chunks calls ask with pieces of the list that fit into one statement. Where
// there are several, they are asked for on one view.
func chunks[T any](ctx context.Context, r *Reader, list []T, ask func(view *Reader, part []T) error) error {
	if len(list) == 0 {
		return nil
	}
	if len(list) <= inList {
		return ask(r, list)
	}
	return r.snapshot(ctx, func(_ context.Context, view *Reader) error {
		for part := range slices.Chunk(list, inList) {
			if err := ask(view, part); err != nil {
				return err
			}
		}
		return nil
	})
}

// scan runs a statement and fills the rows.
func (r *Reader) scan(ctx context.Context, rows any, query string, args ...any) error {
	return r.translate(r.db.NewRaw(query, args...).Conn(r.conn).Scan(ctx, rows))
}

// snapshot runs several statements on one consistent view.
func (r *Reader) snapshot(ctx context.Context, read func(ctx context.Context, view *Reader) error) error {
	if r.joined {
		return read(ctx, r)
	}
	options := &sql.TxOptions{ReadOnly: true}
	if r.dialect == Postgres {
		options.Isolation = sql.LevelRepeatableRead
	}
	tx, err := r.db.DB.BeginTx(ctx, options)
	if err != nil {
		return r.translate(err)
	}
	defer tx.Rollback()
	return read(ctx, &Reader{db: r.db, conn: tx, joined: true, dialect: r.dialect, translate: r.translate})
}
