package storebench

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	_ "modernc.org/sqlite" // the driver

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
)

// multiple is how many rows the larger of two prepared INSERTs writes at a time.
const multiple = 32

// sqliteWriter holds the one connection and everything prepared on it.
type sqliteWriter struct {
	path string
	db   *sql.DB
	conn *sql.Conn
	err  error // of preparing

	begin, commit, move, treasury, head    *sql.Stmt
	transactions, entries, records, events [2]*sql.Stmt // of one row, of multiple rows
	threeEntries                           *sql.Stmt
	args                                   []any
}

func openSQLite(ctx context.Context, path string) (writer, int64, int64, error) {
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)"+
		"&_pragma=cache_size(-65536)&_pragma=temp_store(memory)&_pragma=wal_autocheckpoint(20000)")
	if err != nil {
		return nil, 0, 0, err
	}
	db.SetMaxOpenConns(1)
	w := &sqliteWriter{path: path, db: db}
	if w.conn, err = db.Conn(ctx); err != nil {
		return nil, 0, 0, errors.Join(err, db.Close())
	}
	w.prepare(ctx)
	var treasury, last int64
	err = w.conn.QueryRowContext(ctx, "SELECT (SELECT id FROM accounts WHERE kind = ? AND stripe = 1), max(id) FROM accounts", ledger.Treasury).Scan(&treasury, &last)
	if err = errors.Join(w.err, err); err != nil {
		return nil, 0, 0, errors.Join(err, w.close())
	}
	return w, treasury, last, nil
}

func (w *sqliteWriter) prepare(ctx context.Context) {
	one := func(text string) *sql.Stmt {
		st, err := w.conn.PrepareContext(ctx, text)
		w.err = errors.Join(w.err, err)
		return st
	}
	insert := func(text string, columns int) [2]*sql.Stmt {
		row := "(" + strings.TrimSuffix(strings.Repeat("?,", columns), ",") + ")"
		return [2]*sql.Stmt{one(text + " VALUES " + row), one(text + " VALUES " + strings.TrimSuffix(strings.Repeat(row+",", multiple), ","))}
	}
	w.begin, w.commit = one("BEGIN IMMEDIATE"), one("COMMIT")
	w.move = one("UPDATE accounts SET balance = ?, seq = ? WHERE id = ?")
	w.treasury = one("UPDATE accounts SET balance = ?, seq = ?, fees = ?, transactions = ? WHERE id = ?")
	w.head = one("UPDATE log_head SET size = ?")
	w.transactions = insert("INSERT INTO teg_transactions (id, type, sender, sender_seq, receiver, receiver_seq, amount, fee, at)", 9)
	w.entries = insert("INSERT INTO entries (transaction_id, leg, account_id, seq, amount, balance_after)", 6)
	w.threeEntries = one("INSERT INTO entries (transaction_id, leg, account_id, seq, amount, balance_after) VALUES (?,?,?,?,?,?),(?,?,?,?,?,?),(?,?,?,?,?,?)")
	w.records = insert("INSERT INTO journal_0 (key, fingerprint, caller, verb, items, subjects, at)", 7)
	w.events = insert("INSERT INTO events (position, id, action, actor, at, body)", 6)
}

func (w *sqliteWriter) populate(ctx context.Context, first int64, b *books) error {
	tx, err := w.conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	st, err := tx.PrepareContext(ctx, "INSERT INTO accounts (id, owner, kind, stripe, balance, seq, status) VALUES (?, ?, ?, 0, ?, 0, 1)")
	if err != nil {
		return errors.Join(err, tx.Rollback())
	}
	for i := range b.agents {
		a := &b.agents[i]
		owner := fmt.Sprintf("did:bench:%d", i)
		_, paying := st.ExecContext(ctx, a.id, owner, ledger.Available, blob(a.balance))
		_, locked := st.ExecContext(ctx, a.id+1, owner, ledger.Locked, blob(amount.Signed{}))
		if err := errors.Join(paying, locked); err != nil {
			return errors.Join(err, tx.Rollback())
		}
	}
	return tx.Commit()
}

func (w *sqliteWriter) together(ctx context.Context, r *rows) error {
	w.err = nil
	w.exec(ctx, w.begin)
	slices.SortFunc(r.moved, func(a, b *account) int { return int(a.id - b.id) }) // neighbours share pages
	for _, a := range r.moved {
		w.exec(ctx, w.move, blob(a.balance), a.seq, a.id)
	}
	n := len(r.transactions)
	w.insert(ctx, w.transactions, n, func(i int) { w.bindTransaction(r, &r.transactions[i]) })
	w.insert(ctx, w.entries, 3*n, func(i int) { w.bindEntry(&r.transactions[i/3], i%3) })
	w.insert(ctx, w.records, n, func(i int) { w.bindRecord(r, &r.transactions[i]) })
	w.insert(ctx, w.events, n, func(i int) { w.bindEvent(r, i) })
	return w.finish(ctx, r)
}

func (w *sqliteWriter) oneByOne(ctx context.Context, r *rows) error {
	w.err = nil
	w.exec(ctx, w.begin)
	for _, a := range r.moved {
		w.exec(ctx, w.move, blob(a.balance), a.seq, a.id)
	}
	tx := &r.transactions[0]
	w.insert(ctx, w.transactions, 1, func(int) { w.bindTransaction(r, tx) })
	w.args = w.args[:0]
	for leg := range tx.legs {
		w.bindEntry(tx, leg)
	}
	w.exec(ctx, w.threeEntries, w.args...)
	w.insert(ctx, w.records, 1, func(int) { w.bindRecord(r, tx) })
	w.insert(ctx, w.events, 1, func(int) { w.bindEvent(r, 0) })
	return w.finish(ctx, r)
}

// finish writes the rows that every transfer changes, and commits.
func (w *sqliteWriter) finish(ctx context.Context, r *rows) error {
	w.exec(ctx, w.treasury, blob(r.treasury.balance), r.treasury.seq, blob(r.fees.Signed()), r.count, r.treasury.id)
	w.exec(ctx, w.head, r.logSize+int64(len(r.transactions)))
	w.exec(ctx, w.commit)
	return w.err
}

// exec runs a statement unless an earlier one failed.
func (w *sqliteWriter) exec(ctx context.Context, st *sql.Stmt, args ...any) {
	if w.err == nil {
		_, w.err = st.ExecContext(ctx, args...)
	}
}

// insert writes n rows, as many at a time as there is a statement for.
func (w *sqliteWriter) insert(ctx context.Context, by [2]*sql.Stmt, n int, bind func(int)) {
	for i := 0; i < n; {
		st, size := by[0], 1
		if n-i >= multiple {
			st, size = by[1], multiple
		}
		w.args = w.args[:0]
		for range size {
			bind(i)
			i++
		}
		w.exec(ctx, st, w.args...)
	}
}

func (w *sqliteWriter) bindTransaction(r *rows, tx *transaction) {
	from, to := &tx.legs[0], &tx.legs[1]
	w.args = append(w.args, tx.id[:], int64(ledger.TypeTransfer), from.account, from.seq, to.account, to.seq,
		blob(tx.sum.Signed()), blob(fee.Signed()), r.at.UnixMicro())
}

func (w *sqliteWriter) bindEntry(tx *transaction, leg int) {
	l := &tx.legs[leg]
	w.args = append(w.args, tx.id[:], leg, l.account, l.seq, blob(l.change), blob(l.after))
}

func (w *sqliteWriter) bindRecord(r *rows, tx *transaction) {
	w.args = append(w.args, tx.key[:], tx.fingerprint[:], tx.legs[0].account, 1, 1, tx.id[:], r.at.UnixMicro())
}

func (w *sqliteWriter) bindEvent(r *rows, i int) {
	w.args = append(w.args, r.logSize+int64(i), r.transactions[i].event[:], "transfer", "did:bench:1234", r.at.UnixMicro(), r.body)
}

func blob(s amount.Signed) []byte {
	b := s.Bytes()
	return b[:]
}

// sync appends pages to a file of its own beside the database.
func (w *sqliteWriter) sync(context.Context) (time.Duration, error) {
	f, err := os.Create(filepath.Join(filepath.Dir(w.path), "sync"))
	if err != nil {
		return 0, err
	}
	defer f.Close()
	page := make([]byte, 4096)
	return median(func() error {
		if _, err := f.Write(page); err != nil {
			return err
		}
		return f.Sync()
	})
}

func (w *sqliteWriter) close() error { return errors.Join(w.conn.Close(), w.db.Close()) }
