package sqlite

import (
	"context"
	"database/sql"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/archive"
	"github.com/agentvault/teg-layer/store/internal/bunstore"
)

// Dump implements [store.Archiver]. While it reads, the write-ahead log cannot begin again
// and grows by what others write.
func (s *Store) Dump(ctx context.Context, out *archive.Writer) error {
	tx, err := s.read.DB.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return translate(err)
	}
	defer tx.Rollback()
	return translate(bunstore.Dump(ctx, tx, bunstore.SQLite, out))
}

// Load implements [store.Archiver].
func (s *Store) Load(ctx context.Context, in *archive.Reader, check func(context.Context, store.Reader) error) error {
	return s.inTransaction(ctx, func(tx *sql.Tx) error {
		if err := bunstore.Load(ctx, tx, bunstore.SQLite, in); err != nil {
			return err
		}
		return check(ctx, newTxReader(tx))
	})
}
