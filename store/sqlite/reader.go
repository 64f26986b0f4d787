package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/sqlitedialect"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/internal/bunstore"
)

// reader asks over the pool of readers. What is asked all the time goes by statements that
// are prepared once on each connection.
type reader struct {
	*bunstore.Reader
	db *sql.DB
}

func newReader(db *bun.DB) store.Reader {
	return &reader{bunstore.NewReader(db, bunstore.SQLite, translate), db.DB}
}

// newTxReader asks inside a transaction, and so sees what it wrote.
func newTxReader(tx *sql.Tx) store.Reader {
	return bunstore.NewTxReader(tx, sqlitedialect.New(), bunstore.SQLite, joinable)
}

// AccountsOf implements [ledger.AccountReader].
func (r *reader) AccountsOf(ctx context.Context, owners ...did.DID) (accounts []ledger.Account, err error) {
	if len(owners) > lookupSizes[len(lookupSizes)-1] { // more than one statement, which want one view
		return r.Reader.AccountsOf(ctx, owners...)
	}
	held, err := r.db.Conn(ctx)
	if err != nil {
		return nil, translate(err)
	}
	rows := new(store.Rows)
	err = held.Raw(func(dc any) error {
		return loadAccounts(ctx, dc.(*conn), &store.Need{Owners: owners}, rows)
	})
	return rows.Accounts, translate(errors.Join(err, held.Close()))
}
