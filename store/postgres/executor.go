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
	scan func(scanner) error // for each row; nil where none is read
}

// scanner is a row that can be read, of either kind.
type scanner interface{ Scan(dest ...any) error }

// ask is a call that answers rows.
func ask(s statement, scan func(scanner) error, args ...any) call {
	return call{statement: s, args: args, scan: scan}
}

// do is a call whose answer does not matter, as long as it is no error.
func do(s statement, args ...any) call { return call{statement: s, args: args} }

// guarded makes a statement that fails unless it changes the expected number of
// rows. The server has to hold that by itself: COMMIT follows in the same round
// trip, before a client could count. The change must have no RETURNING of its
// own. The failure says what happened, as a number that cannot be read.
func guarded(name, change, expected string) statement {
	return statement{name, `WITH changed AS (` + change + ` RETURNING 1)
		SELECT CASE WHEN count(*) = ` + expected + ` THEN 0 ELSE ('` + name + ` changed ' || count(*) || ' rows')::int END FROM changed`}
}

// executor runs calls in order, and stops at the first that fails.
type executor interface {
	run(ctx context.Context, calls []call) error
}

// pipeline sends all calls at once and then reads all answers: one round trip.
type pipeline struct {
	conn  *pgx.Conn
	known map[string]string // what the connection has prepared
}

// run prepares what is new to the connection when its turn has come, so that it waits for
// locks as the transaction does.
func (p pipeline) run(ctx context.Context, calls []call) error {
	first := 0
	for i := range calls {
		name, text := calls[i].name, calls[i].sql
		if name == "" || p.known[name] == text {
			continue
		}
		if err := p.send(ctx, calls[first:i]); err != nil {
			return err
		}
		if _, err := p.conn.Prepare(ctx, name, text); err != nil {
			return fmt.Errorf("prepare %s: %w", name, err)
		}
		p.known[name], first = text, i
	}
	return p.send(ctx, calls[first:])
}

func (p pipeline) send(ctx context.Context, calls []call) error {
	if len(calls) == 0 {
		return nil
	}
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
		_, err := results.Exec()
		return err
	}
	rows, err := results.Query()
	if err != nil {
		return err
	}
	defer rows.Close()
	return c.scanAll(rows)
}

// scanAll reads the rows that a call answers.
func (c *call) scanAll(rows interface {
	scanner
	Next() bool
	Err() error
},
) error {
	for rows.Next() {
		if err := c.scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
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
		args, err := literals(c.args)
		if err == nil {
			_, err = o.tx.ExecContext(ctx, c.sql, args...)
		}
		return err
	}
	rows, err := o.tx.QueryContext(ctx, c.sql, c.args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	return c.scanAll(rows)
}

// literals are the arguments for a connection that was not made here.
func literals(args []any) ([]any, error) {
	plain := make([]any, len(args))
	for i, arg := range args {
		plain[i] = arg
		if a, built := arg.(*array); built {
			text, err := a.literal()
			if err != nil {
				return nil, err
			}
			plain[i] = text
		}
	}
	return plain, nil
}
