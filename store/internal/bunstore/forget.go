package bunstore

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"strings"

	"github.com/agentvault/teg-layer/store"
)

// forgetStep is how many events are put aside in one transaction.
const forgetStep = 1000

// keptList is the list of kept actions as SQL: they are the program's own.
var keptList = `('` + strings.Join(store.KeptActions, `', '`) + `')`

// AdvanceTail moves the tail of the log to the end of its segment, if that is at or below a
// position, in the transaction of one step: no step reads more than a segment. What is to be
// kept of its events is put aside first, some in each step. It reports whether there is more
// to do.
// Nothing is done where another process does the same now.
func (d Dialect) AdvanceTail(ctx context.Context, tx Transaction, below int64) (more bool, err error) {
	tail, end, err := d.tailDue(ctx, tx, below)
	if err != nil || end <= tail {
		return false, err
	}
	first, second := "?", "?"
	if d == Postgres {
		first, second = "$1", "$2"
	}
	result, err := tx.ExecContext(ctx, `INSERT INTO kept_events (`+eventColumns+`) SELECT `+eventColumns+` FROM events
		WHERE position >= `+first+` AND position < `+second+` AND action <> 'transfer' AND action IN `+keptList+`
		AND position > (SELECT coalesce(max(position), -1) FROM kept_events) ORDER BY position LIMIT `+strconv.Itoa(forgetStep), tail, end)
	if err != nil {
		return false, err
	}
	if n, err := result.RowsAffected(); err != nil || n == forgetStep {
		return true, err
	}
	_, err = tx.ExecContext(ctx, `UPDATE log_tail SET position = `+first, end)
	return true, err
}

// tailDue is where the tail is, and where it can be next.
func (d Dialect) tailDue(ctx context.Context, tx Transaction, below int64) (tail, end int64, err error) {
	lock, first, second := "", "?", "?"
	if d == Postgres {
		lock, first, second = ` FOR UPDATE SKIP LOCKED`, "$1", "$2"
	}
	err = tx.QueryRowContext(ctx, `SELECT position FROM log_tail`+lock).Scan(&tail)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, 0, nil
	}
	if err != nil {
		return 0, 0, err
	}
	err = tx.QueryRowContext(ctx, `SELECT coalesce(min(upto), 0) FROM log_segments WHERE upto > `+first+` AND upto <= `+second+`
		AND upto < (SELECT size FROM log_head)`, tail, below).Scan(&end)
	return tail, end, err
}
