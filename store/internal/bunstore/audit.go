package bunstore

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

// auditRows is how many account rows are read at a time.
const auditRows = 5000

// AuditAccounts implements [store.AuditReader].
func (r *Reader) AuditAccounts(ctx context.Context, visit func(ledger.Account) error) error {
	return r.snapshot(ctx, func(ctx context.Context, view *Reader) error {
		var last ledger.AccountID
		for {
			var rows []accountRow
			err := view.scan(ctx, &rows, `SELECT `+accountColumns+` FROM accounts WHERE id > ? ORDER BY id LIMIT ?`, last, auditRows)
			if err != nil {
				return err
			}
			for i := range rows {
				account, err := rows[i].account()
				if err != nil {
					return err
				}
				if err := visit(account); err != nil {
					return err
				}
				last = account.ID
			}
			if len(rows) < auditRows {
				return nil
			}
		}
	})
}

// AuditEntries implements [store.AuditReader].
func (r *Reader) AuditEntries(ctx context.Context, account ledger.AccountID, seq int64, limit int) ([]ledger.Entry, error) {
	var rows []entryRow
	err := r.scan(ctx, &rows, `SELECT `+entryColumns+` FROM entries WHERE (account_id, seq) > (?, ?)
		ORDER BY account_id, seq LIMIT ?`, account, seq, limit)
	entries := make([]ledger.Entry, len(rows))
	for i := range rows {
		entries[i] = rows[i].entry()
	}
	return entries, err
}

// AuditTransactions implements [store.AuditReader].
func (r *Reader) AuditTransactions(ctx context.Context, after ledger.TransactionID, limit int) ([]ledger.Transaction, error) {
	var rows []transactionRow
	where, args := r.behind(`t.id`, after)
	err := r.scan(ctx, &rows, `SELECT `+transactionColumns+` FROM teg_transactions t WHERE `+where+` ORDER BY t.id LIMIT ?`, append(args, limit)...)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	var legs []entryRow
	err = r.scan(ctx, &legs, `SELECT `+entryColumns+` FROM entries WHERE transaction_id BETWEEN ? AND ?
		ORDER BY transaction_id, leg`, r.dialect.ID(rows[0].ID), r.dialect.ID(rows[len(rows)-1].ID))
	entries := make(map[idColumn][]ledger.Entry, len(rows))
	for i := range legs {
		id := legs[i].TransactionID
		entries[id] = append(entries[id], legs[i].entry())
	}
	transactions := make([]ledger.Transaction, len(rows))
	for i := range rows {
		transactions[i] = rows[i].transaction()
		transactions[i].Entries = entries[rows[i].ID]
	}
	return transactions, err
}

// AuditHolds implements [store.AuditReader].
func (r *Reader) AuditHolds(ctx context.Context, after ledger.HoldID, limit int) ([]store.AuditedHold, error) {
	var holds []store.AuditedHold
	err := r.snapshot(ctx, func(ctx context.Context, view *Reader) error {
		var rows []holdRow
		where, args := r.behind(`h.id`, after)
		err := view.scan(ctx, &rows, `SELECT `+holdColumns+` FROM holds h WHERE `+where+` ORDER BY h.id LIMIT ?`, append(args, limit)...)
		if err != nil {
			return err
		}
		for i := range rows {
			hold, err := rows[i].hold()
			if err != nil {
				return err
			}
			holds = append(holds, store.AuditedHold{Hold: hold})
		}
		return view.setAside(ctx, holds)
	})
	return holds, err
}

// setAside sums up what the transactions of holds made on their locked rows.
func (r *Reader) setAside(ctx context.Context, holds []store.AuditedHold) error {
	place := make(map[string]*store.AuditedHold, len(holds))
	names := make([]string, len(holds))
	for i := range holds {
		names[i] = holds[i].ID.String()
		place[names[i]] = &holds[i]
	}
	return chunks(ctx, r, names, func(view *Reader, part []string) error {
		var rows []struct {
			ReferenceID string
			Type        uint8
			Leg         int
			AccountID   int64
			Amount      signedColumn
		}
		err := view.scan(ctx, &rows, `SELECT t.reference_id, t.type, e.leg, e.account_id, e.amount FROM teg_transactions t
			JOIN entries e ON e.transaction_id = t.id WHERE t.reference_id IN (?)`, bun.List(part))
		for i := range rows {
			hold := place[rows[i].ReferenceID]
			if hold == nil { // a spoilt index led to a row that says something else
				continue
			}
			if rows[i].Leg == 0 && ledger.TransactionType(rows[i].Type) == ledger.TypeHoldRelease {
				hold.Releases++
			}
			if err == nil && ledger.AccountID(rows[i].AccountID) == hold.Locked {
				hold.SetAside, err = hold.SetAside.Add(rows[i].Amount.Signed)
			}
		}
		return err
	})
}

// AuditEvents implements [store.AuditReader].
func (r *Reader) AuditEvents(ctx context.Context, from int64, limit int) ([]store.Event, error) {
	var rows []eventRow
	err := r.scan(ctx, &rows, `SELECT `+eventColumns+` FROM events WHERE position >= ? ORDER BY position LIMIT ?`, from, limit)
	if err != nil {
		return nil, err
	}
	tail, err := r.LogTail(ctx) // after the rows: what was there then may be gone by now, but not the other way round
	if err == nil && from < tail {
		err = ends{Tail: tail, Size: from}.begins(from)
	}
	if err != nil {
		return nil, err
	}
	return events(rows)
}

// AuditRecords implements [store.AuditReader].
func (r *Reader) AuditRecords(ctx context.Context, after store.Key, limit int) ([]store.Record, error) {
	var rows []recordRow
	key := r.dialect.ID(after)
	err := r.scan(ctx, &rows, `SELECT `+recordColumns+` FROM (
			SELECT * FROM (SELECT `+recordColumns+` FROM journal_0 WHERE key > ? ORDER BY key LIMIT ?) AS a
			UNION ALL
			SELECT * FROM (SELECT `+recordColumns+` FROM journal_1 WHERE key > ? ORDER BY key LIMIT ?) AS b
		) AS both_generations ORDER BY key LIMIT ?`, key, limit, key, limit, limit)
	records := make([]store.Record, len(rows))
	for i := range rows {
		records[i] = rows[i].record()
	}
	return records, err
}
