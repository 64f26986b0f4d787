package bunstore

import (
	"context"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

type recordRow struct {
	Key         idColumn
	Fingerprint idColumn
	Caller      int64
	Verb        uint8
	Items       int
	Subjects    []byte
	Refusal     []byte
	At          timeColumn
}

const recordColumns = `key, fingerprint, caller, verb, items, subjects, refusal, at`

func (row *recordRow) record() store.Record {
	record := store.Record{
		Key: store.Key(row.Key), Fingerprint: store.Fingerprint(row.Fingerprint), Caller: ledger.AccountID(row.Caller),
		Verb: store.Verb(row.Verb), Items: row.Items, Refusal: row.Refusal, At: row.At.Time,
	}
	record.ReadSubjects(row.Subjects)
	return record
}

// References implements [store.JournalReader].
func (r *Reader) References(ctx context.Context, keys ...store.Key) (taken []store.Reference, err error) {
	err = chunks(ctx, r, keys, func(view *Reader, part []store.Key) error {
		var rows []struct{ Key, Subject idColumn }
		err := view.scan(ctx, &rows, `SELECT key, subject FROM act_references WHERE key IN (?)`, ids(view.dialect, part))
		for i := range rows {
			taken = append(taken, store.Reference{Key: store.Key(rows[i].Key), Subject: ledger.ID(rows[i].Subject)})
		}
		return err
	})
	return taken, err
}

// Records implements [store.JournalReader]: it looks into both generations.
func (r *Reader) Records(ctx context.Context, keys ...store.Key) ([]store.Record, error) {
	var records []store.Record
	err := chunks(ctx, r, keys, func(view *Reader, part []store.Key) error {
		list := ids(r.dialect, part)
		var rows []recordRow
		err := view.scan(ctx, &rows, `SELECT `+recordColumns+` FROM journal_0 WHERE key IN (?)
			UNION ALL SELECT `+recordColumns+` FROM journal_1 WHERE key IN (?)`, list, list)
		for i := range rows {
			records = append(records, rows[i].record())
		}
		return err
	})
	return records, err
}
