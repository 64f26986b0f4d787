package bunstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/archive"
)

// Dump writes every row of the tables that are exported, as the transaction sees them.
func Dump(ctx context.Context, tx *sql.Tx, d Dialect, out *archive.Writer) error {
	for _, table := range archive.Tables() {
		if err := out.Begin(table); err != nil {
			return err
		}
		if err := dumpTable(ctx, tx, d, table, out); err != nil {
			return fmt.Errorf("reading %s: %w", table.Name, err)
		}
	}
	return nil
}

func dumpTable(ctx context.Context, tx *sql.Tx, d Dialect, table *archive.Table, out *archive.Writer) error {
	rows, err := tx.QueryContext(ctx, "SELECT "+strings.Join(table.Names(), ", ")+" FROM "+d.exported(table)+" ORDER BY "+d.order(table))
	if err != nil {
		return err
	}
	defer rows.Close()
	found := make([]any, len(table.Columns))
	places, values := make([]any, len(found)), make([]any, len(found))
	for i := range found {
		places[i] = &found[i]
	}
	for rows.Next() {
		if err := rows.Scan(places...); err != nil {
			return err
		}
		for i, column := range table.Columns {
			if values[i], err = exportedValue(column.Kind, found[i]); err != nil {
				return fmt.Errorf("%s: %w", column.Name, err)
			}
		}
		if err := out.Row(values); err != nil {
			return err
		}
	}
	return rows.Err()
}

// fromTail leaves events out that are forgotten, and only not deleted yet.
const fromTail = ` WHERE position >= (SELECT position FROM log_tail)`

// exported is what a table's rows are selected from. Events that wait in PostgreSQL's
// inbox are exported with the positions that they are going to have.
func (d Dialect) exported(table *archive.Table) string {
	switch {
	case d == SQLite && table.Name == "events":
		return `(SELECT ` + eventColumns + ` FROM events` + fromTail + `) AS events`
	case table.Name == "kept_events":
		return `(SELECT ` + eventColumns + ` FROM kept_events WHERE position < (SELECT position FROM log_tail)) AS kept_events`
	case d == Postgres && table.Name == "events":
		return `(SELECT ` + eventColumns + ` FROM events` + fromTail + ` UNION ALL
			SELECT (SELECT size FROM log_head) + row_number() OVER (ORDER BY id) - 1, id, action, actor, at, body FROM event_inbox) AS events`
	case d == Postgres && table.Name == "log_head":
		return `(SELECT singleton, size + (SELECT count(*) FROM event_inbox) AS size, terms_version FROM log_head) AS log_head`
	}
	return table.Name
}

// order is that of the key, texts by their bytes.
func (d Dialect) order(table *archive.Table) string {
	columns := make([]string, len(table.Key))
	for i, name := range table.Key {
		columns[i] = name
		for _, column := range table.Columns {
			if d == Postgres && column.Name == name && column.Kind == archive.Text {
				columns[i] += ` COLLATE "C"`
			}
		}
	}
	return strings.Join(columns, ", ")
}

// Load writes the rows of an export into the tables of a transaction, which have to be
// empty, and compares what is there then with what the export says.
func Load(ctx context.Context, tx *sql.Tx, d Dialect, in *archive.Reader) error {
	for _, table := range archive.Tables() {
		if err := makeRoom(ctx, tx, table); err != nil {
			return err
		}
	}
	if err := loadRows(ctx, tx, d, in); err != nil {
		return err
	}
	again, err := archive.NewWriter(io.Discard, in.Schema())
	if err != nil {
		return err
	}
	if err := Dump(ctx, tx, d, again); err != nil {
		return err
	}
	kept, err := again.Close()
	if err != nil {
		return err
	}
	if err := in.Summary().Compare(kept); err != nil {
		return fmt.Errorf("the database does not keep what the export says: %w", err)
	}
	return nil
}

// makeRoom takes the one row away that the schema comes with, and refuses all others.
func makeRoom(ctx context.Context, tx *sql.Tx, table *archive.Table) error {
	if table.Single() {
		_, err := tx.ExecContext(ctx, "DELETE FROM "+table.Name)
		return err
	}
	var one int
	err := tx.QueryRowContext(ctx, "SELECT 1 FROM "+table.Name+" LIMIT 1").Scan(&one)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return err
	}
	return fmt.Errorf("%w: %s has rows; make a new database and run: teg migrate up", store.ErrNotEmpty, table.Name)
}

// loadRows writes rows as they are read, some at a time.
func loadRows(ctx context.Context, tx *sql.Tx, d Dialect, in *archive.Reader) (err error) {
	b := &batch{tx: tx, dialect: d}
	defer func() { err = errors.Join(err, b.close()) }()
	for {
		row, err := in.Next()
		switch {
		case errors.Is(err, io.EOF):
			return b.flush(ctx)
		case err != nil:
			return err
		}
		if err := b.add(ctx, row); err != nil {
			return err
		}
	}
}

// batchArguments bounds what one statement takes; SQLite and PostgreSQL allow for 32,766
// and 65,535.
const batchArguments = 4000

// batch are rows of one table that are written together.
type batch struct {
	tx      *sql.Tx
	dialect Dialect
	table   *archive.Table
	full    *sql.Stmt // as many rows as one statement takes
	args    []any
	rows    int
	from    int64 // the line of the first
	to      int64
}

func (b *batch) add(ctx context.Context, row archive.Row) error {
	if row.Table != b.table {
		if err := b.turn(ctx, row.Table); err != nil {
			return err
		}
	}
	if b.rows == 0 {
		b.from = row.Line
	}
	for _, value := range row.Values {
		b.args = append(b.args, b.dialect.argument(value))
	}
	b.rows, b.to = b.rows+1, row.Line
	if b.rows < b.most() {
		return nil
	}
	return b.write(ctx, func() (sql.Result, error) { return b.full.ExecContext(ctx, b.args...) })
}

// most is how many rows one statement takes.
func (b *batch) most() int { return max(1, batchArguments/len(b.table.Columns)) }

// turn goes on to another table.
func (b *batch) turn(ctx context.Context, table *archive.Table) (err error) {
	if err := errors.Join(b.flush(ctx), b.close()); err != nil {
		return err
	}
	b.table = table
	b.full, err = b.tx.PrepareContext(ctx, b.statement(b.most()))
	return err
}

// flush writes the rows that are left.
func (b *batch) flush(ctx context.Context) error {
	if b.rows == 0 {
		return nil
	}
	return b.write(ctx, func() (sql.Result, error) { return b.tx.ExecContext(ctx, b.statement(b.rows), b.args...) })
}

func (b *batch) write(ctx context.Context, exec func() (sql.Result, error)) error {
	_, err := exec()
	if err != nil && ctx.Err() == nil {
		err = fmt.Errorf("lines %d to %d: the database refuses them: %w", b.from, b.to, err)
	}
	b.args, b.rows = b.args[:0], 0
	return err
}

func (b *batch) close() error {
	if b.full == nil {
		return nil
	}
	err := b.full.Close()
	b.full = nil
	return err
}

// statement writes so many rows.
func (b *batch) statement(rows int) string {
	var text strings.Builder
	text.WriteString("INSERT INTO " + b.table.Name + " (" + strings.Join(b.table.Names(), ", ") + ") VALUES ")
	for i := range rows * len(b.table.Columns) {
		switch {
		case i == 0:
			text.WriteByte('(')
		case i%len(b.table.Columns) == 0:
			text.WriteString("), (")
		default:
			text.WriteString(", ")
		}
		text.WriteByte(b.dialect.placeholder())
		if b.dialect == Postgres {
			text.WriteString(strconv.Itoa(i + 1))
		}
	}
	return text.String() + ")"
}
