package storebench

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/store"
)

// counts are the numbers of rows for which statements are prepared.
var counts = [...]int{64, 8, 1}

// sized is a statement in each of these sizes.
type sized [len(counts)]*sql.Stmt

// sqliteStatements is everything that is prepared.
type sqliteStatements struct {
	begin, commit, move, moveTreasury, head, readTreasury, readState, threeEntries *sql.Stmt
	accounts, transactions, entries, events                                        sized
	keys, records                                                                  [2]sized // of each generation of the journal
}

// entryColumns begins the INSERTs of entries. OR FAIL spares SQLite the journal
// with which it could undo one statement alone.
const entryColumns = "INSERT OR FAIL INTO entries (transaction_id, leg, account_id, seq, amount, balance_after)"

func prepareSQLite(ctx context.Context, conn *sql.Conn) (*sqliteStatements, error) {
	var failed error
	one := func(text string) *sql.Stmt {
		st, err := conn.PrepareContext(ctx, text)
		failed = errors.Join(failed, err)
		return st
	}
	inSizes := func(text, row string) (s sized) {
		for i, n := range counts {
			s[i] = one(fmt.Sprintf(text, strings.TrimSuffix(strings.Repeat(row+",", n), ",")))
		}
		return s
	}
	s := &sqliteStatements{
		begin: one("BEGIN IMMEDIATE"), commit: one("COMMIT"),
		readTreasury: one("SELECT balance, seq, fees, transactions FROM accounts WHERE id = ?"),
		readState:    one("SELECT generation, (SELECT size FROM log_head) FROM journal_state"),
		move:         one("UPDATE accounts SET balance = ?, seq = ? WHERE id = ?"),
		moveTreasury: one("UPDATE accounts SET balance = ?, seq = ?, fees = ?, transactions = ? WHERE id = ?"),
		head:         one("UPDATE log_head SET size = ?"),
		threeEntries: one(entryColumns + " VALUES (?,?,?,?,?,?),(?,?,?,?,?,?),(?,?,?,?,?,?)"),
		accounts:     inSizes("SELECT id, balance, seq, status FROM accounts WHERE id IN (%s)", "?"),
		transactions: inSizes("INSERT OR FAIL INTO teg_transactions (id, type, sender, sender_seq, receiver, receiver_seq, amount, fee, at) VALUES %s", "(?,?,?,?,?,?,?,?,?)"),
		entries:      inSizes(entryColumns+" VALUES %s", "(?,?,?,?,?,?)"),
		events:       inSizes("INSERT OR FAIL INTO events (position, id, action, actor, at, body) VALUES %s", "(?,?,?,?,?,?)"),
	}
	for g := range s.keys {
		table := fmt.Sprintf("journal_%d", g)
		s.keys[g] = inSizes("SELECT key, fingerprint FROM "+table+" WHERE key IN (%s)", "?")
		s.records[g] = inSizes("INSERT OR FAIL INTO "+table+" (key, fingerprint, caller, verb, items, subjects, at) VALUES %s", "(?,?,?,?,?,?,?)")
	}
	return s, failed
}

// fit returns the largest statement for at most n rows.
func (s *sized) fit(n int, byRow bool) (*sql.Stmt, int) {
	for i, size := range counts {
		if size <= n && !byRow || size == 1 {
			return s[i], size
		}
	}
	return nil, 0
}

// exec runs a statement unless an earlier one failed.
func (w *sqliteWriter) exec(ctx context.Context, st *sql.Stmt, args ...any) {
	if w.err == nil {
		_, w.err = st.ExecContext(ctx, args...)
	}
}

// query reads rows unless an earlier statement failed.
func (w *sqliteWriter) query(ctx context.Context, st *sql.Stmt, visit func(*sql.Rows) error, args ...any) {
	if w.err != nil {
		return
	}
	rows, err := st.QueryContext(ctx, args...)
	if err != nil {
		w.err = err
		return
	}
	for err == nil && rows.Next() {
		err = visit(rows)
	}
	w.err = errors.Join(err, rows.Err(), rows.Close())
}

// lookUp reads what there is of n things.
func (w *sqliteWriter) lookUp(ctx context.Context, by sized, byRow bool, n int, value func(int) any, visit func(*sql.Rows) error) {
	for done := 0; done < n; {
		st, size := by.fit(n-done, byRow)
		w.args = w.args[:0]
		for i := range size {
			w.args = append(w.args, value(done+i))
		}
		w.query(ctx, st, visit, w.args...)
		done += size
	}
}

// insert writes n rows.
func (w *sqliteWriter) insert(ctx context.Context, by sized, byRow bool, n int, bind func(int)) {
	for done := 0; done < n; {
		st, size := by.fit(n-done, byRow)
		w.args = w.args[:0]
		for i := range size {
			bind(done + i)
		}
		w.exec(ctx, st, w.args...)
		done += size
	}
}

// insertEntries writes the entries of a transfer together even where everything
// else is written by row.
func (w *sqliteWriter) insertEntries(ctx context.Context, g *group, byRow bool) {
	if !byRow {
		w.insert(ctx, w.entries, false, 3*len(g.transfer), func(i int) { w.bindEntry(&g.transfer[i/3], i%3) })
		return
	}
	for i := range g.transfer {
		w.args = w.args[:0]
		for leg := range g.transfer[i].legs {
			w.bindEntry(&g.transfer[i], leg)
		}
		w.exec(ctx, w.threeEntries, w.args...)
	}
}

func (w *sqliteWriter) bindTransaction(g *group, i int) {
	p := &g.transfer[i]
	from, to := &p.legs[0], &p.legs[1]
	w.args = append(w.args, p.id[:], int64(ledger.TypeTransfer), from.account, from.seq, to.account, to.seq,
		blob(p.sum.Signed()), blob(p.legs[2].change), g.at.UnixMicro())
}

func (w *sqliteWriter) bindEntry(p *posting, i int) {
	l := &p.legs[i]
	w.args = append(w.args, p.id[:], i, l.account, l.seq, blob(l.change), blob(l.after))
}

func (w *sqliteWriter) bindRecord(g *group, i int) {
	p := &g.transfer[i]
	w.args = append(w.args, p.key[:], p.fingerprint[:], p.from.id, int64(store.VerbTransfer), 1, p.id[:], g.at.UnixMicro())
}

func (w *sqliteWriter) bindEvent(g *group, i int) {
	p := &g.transfer[i]
	w.args = append(w.args, g.logSize+int64(i), p.event[:], "transfer", p.from.owner, g.at.UnixMicro(), p.body)
}

// blob is an amount as its sixteen ordered bytes.
func blob(s amount.Signed) []byte {
	b := s.Bytes()
	return b[:]
}
