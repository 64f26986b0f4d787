package storebench

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"time"

	_ "modernc.org/sqlite" // the driver

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
)

// sqliteWriter holds the one connection and everything prepared on it.
type sqliteWriter struct {
	path string
	db   *sql.DB
	conn *sql.Conn
	*sqliteStatements
	checks *checkpoints

	args []any
	err  error // the first that a statement of the group returned
}

const sqlitePragmas = "?_txlock=immediate&_busy_timeout=5000&_journal_mode=WAL&_synchronous=FULL&_foreign_keys=1" +
	"&_pragma=recursive_triggers(1)&_pragma=temp_store(memory)&_pragma=wal_autocheckpoint(0)&_pragma=cache_size(-65536)"

// openSQLite opens the file with the settings of the engine's writer.
func openSQLite(ctx context.Context, path string) (writer, error) {
	db, err := sql.Open("sqlite", "file:"+path+sqlitePragmas)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	w := &sqliteWriter{path: path, db: db}
	if w.conn, err = db.Conn(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if w.checks, err = startCheckpoints(ctx, path); err != nil {
		return nil, errors.Join(err, w.close())
	}
	if w.sqliteStatements, err = prepareSQLite(ctx, w.conn); err != nil {
		return nil, errors.Join(err, w.close())
	}
	return w, nil
}

func (w *sqliteWriter) close() error {
	var err error
	if w.checks != nil {
		err = w.checks.stop()
	}
	return errors.Join(err, w.conn.Close(), w.db.Close())
}

func (w *sqliteWriter) choice() bool { return true }

func (w *sqliteWriter) abort(ctx context.Context) {
	_, _ = w.conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK") // the failure has been reported
	w.checks.leave()
}

func (w *sqliteWriter) find(ctx context.Context, owners []string) (treasury int64, agents []int64, err error) {
	err = w.conn.QueryRowContext(ctx, "SELECT id FROM accounts WHERE kind = ? AND stripe = 1", ledger.Treasury).Scan(&treasury)
	if err != nil {
		return 0, nil, err
	}
	rows, err := w.conn.QueryContext(ctx, "SELECT id, owner FROM accounts WHERE kind = ?", ledger.Available)
	if err != nil {
		return 0, nil, err
	}
	defer rows.Close()
	byOwner := make(map[string]int64, len(owners))
	for rows.Next() {
		var id int64
		var owner string
		if err := rows.Scan(&id, &owner); err != nil {
			return 0, nil, err
		}
		byOwner[owner] = id
	}
	if err := rows.Err(); err != nil {
		return 0, nil, err
	}
	agents, err = inOrder(owners, byOwner)
	return treasury, agents, err
}

// load takes the file's write lock and reads.
func (w *sqliteWriter) load(ctx context.Context, b *books, g *group, byRow bool) error {
	w.err = nil
	w.checks.enter()
	w.exec(ctx, w.begin)
	w.query(ctx, w.readTreasury, g.readTreasury, g.treasury.id)
	w.lookUp(ctx, w.accounts, byRow, len(g.accounts), func(i int) any { return g.accounts[i].id }, b.readAccount)
	for _, generation := range w.keys {
		w.lookUp(ctx, generation, byRow, len(g.transfer), func(i int) any { return g.transfer[i].key[:] }, func(*sql.Rows) error {
			g.known++
			return nil
		})
	}
	w.query(ctx, w.readState, func(rows *sql.Rows) error { return rows.Scan(&g.generation, &g.logSize) })
	return w.err
}

func (g *group) readTreasury(rows *sql.Rows) (err error) {
	var balance, fees sql.RawBytes
	if err = rows.Scan(&balance, &g.treasury.seq, &fees, &g.count); err != nil {
		return err
	}
	if g.treasury.balance, err = amount.SignedFromBytes(balance); err != nil {
		return err
	}
	signed, err := amount.SignedFromBytes(fees)
	if err == nil {
		g.fees, err = signed.Amount()
	}
	return err
}

func (b *books) readAccount(rows *sql.Rows) error {
	var id, seq, status int64
	var bytes sql.RawBytes
	if err := rows.Scan(&id, &bytes, &seq, &status); err != nil {
		return err
	}
	balance, err := amount.SignedFromBytes(bytes)
	b.loaded(id, balance, seq, ledger.Status(status))
	return err
}

// write writes what changed, the head of the log last, and commits.
func (w *sqliteWriter) write(ctx context.Context, g *group, byRow bool) error {
	for _, a := range g.accounts {
		w.exec(ctx, w.move, blob(a.balance), a.seq, a.id)
	}
	w.exec(ctx, w.moveTreasury, blob(g.treasury.balance), g.treasury.seq, blob(g.fees.Signed()), g.count, g.treasury.id)
	n := len(g.transfer)
	w.insert(ctx, w.transactions, byRow, n, func(i int) { w.bindTransaction(g, i) })
	w.insertEntries(ctx, g, byRow)
	w.insert(ctx, w.records[g.generation&1], byRow, n, func(i int) { w.bindRecord(g, i) })
	w.insert(ctx, w.events, byRow, n, func(i int) { w.bindEvent(g, i) })
	w.exec(ctx, w.head, g.logSize+int64(n))
	w.exec(ctx, w.commit)
	if w.err == nil {
		w.checks.leave()
	}
	return w.err
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
