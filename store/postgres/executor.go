package postgres

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// statement is one of the catalogue, under the name by which a writer's
// connection prepares it.
type statement struct{ name, sql string }

// call is a statement with its arguments, and what to do with what it answers.
type call struct {
	statement
	args []any
	scan func(scanner) error // for each row; nil where no rows come
	rows int64               // how many rows it must change; −1: any number
}

// scanner is a row that can be read, of either kind.
type scanner interface{ Scan(dest ...any) error }

// ask is a call that answers rows.
func ask(s statement, scan func(scanner) error, args ...any) call {
	return call{statement: s, args: args, scan: scan, rows: -1}
}

// change is a call that must change so many rows.
func change(s statement, rows int, args ...any) call {
	return call{statement: s, args: args, rows: int64(rows)}
}

// executor runs calls in order, and stops at the first that fails.
type executor interface {
	run(ctx context.Context, calls []call) error
}

// pipeline sends all calls at once and then reads all answers: one round trip.
type pipeline struct{ conn *pgx.Conn }

func (p pipeline) run(ctx context.Context, calls []call) error {
	batch := &pgx.Batch{QueuedQueries: make([]*pgx.QueuedQuery, 0, len(calls))}
	for i := range calls {
		text := calls[i].name
		if text == "" {
			text = calls[i].sql
		}
		batch.Queue(text, calls[i].args...)
	}
	results := p.conn.SendBatch(ctx, batch)
	for i := range calls {
		if err := read(results, &calls[i]); err != nil {
			_ = results.Close() // repeats the error
			return err
		}
	}
	return results.Close()
}

func read(results pgx.BatchResults, c *call) error {
	if c.scan == nil {
		tag, err := results.Exec()
		if err != nil {
			return err
		}
		return c.changed(tag.RowsAffected())
	}
	rows, err := results.Query()
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := c.scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (c *call) changed(rows int64) error {
	if c.rows >= 0 && rows != c.rows {
		return fmt.Errorf("postgres: %s changed %d rows instead of %d", c.name, rows, c.rows)
	}
	return nil
}

// oneByOne runs calls inside a host's transaction.
type oneByOne struct{ tx *sql.Tx }

func (o oneByOne) run(ctx context.Context, calls []call) error {
	for i := range calls {
		if err := o.call(ctx, &calls[i]); err != nil {
			return err
		}
	}
	return nil
}

func (o oneByOne) call(ctx context.Context, c *call) error {
	if c.scan == nil {
		result, err := o.tx.ExecContext(ctx, c.sql, c.args...)
		if err != nil {
			return err
		}
		rows, err := result.RowsAffected()
		if err != nil {
			return err
		}
		return c.changed(rows)
	}
	rows, err := o.tx.QueryContext(ctx, c.sql, c.args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := c.scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
