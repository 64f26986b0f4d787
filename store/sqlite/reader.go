package sqlite

import (
	"database/sql"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/sqlitedialect"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/internal/bunstore"
)

// newReader asks over the pool of readers.
func newReader(db *bun.DB) store.Reader { return bunstore.NewReader(db, bunstore.SQLite, translate) }

// newTxReader asks inside a transaction, and so sees what it wrote.
func newTxReader(tx *sql.Tx) store.Reader {
	return bunstore.NewTxReader(tx, sqlitedialect.New(), bunstore.SQLite, joinable)
}
