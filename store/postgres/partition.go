package postgres

import (
	"context"
	"database/sql"
	"errors"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/internal/bunstore"
)

// forgetSteps bounds what one call of Maintain forgets.
const forgetSteps = 32

// addPartition sees to it that the log has a part for the events to come. What is asked
// first is cheap, and mostly all: parts are made when they are a whole one ahead. Where
// somebody reads for long, as pg_dump does, it is left for the next time; the default part
// takes what comes meanwhile.
func (s *Store) addPartition(ctx context.Context) error {
	var due bool
	err := s.db.QueryRowContext(ctx, `SELECT (SELECT max(upper) FROM event_partitions) <=
		(SELECT size FROM log_head) + (SELECT width FROM event_partitioning)`).Scan(&due)
	for err == nil && due {
		err = s.briefly(ctx, func(tx *sql.Tx) error {
			return tx.QueryRowContext(ctx, `SELECT add_event_partition()`).Scan(&due)
		})
	}
	return unlessLocked(err)
}

// forgetEvents moves the tail of the log on, and drops the parts that lie before it. It
// takes turns with other servers: who is second finds nothing to do.
func (s *Store) forgetEvents(ctx context.Context, m store.Maintenance) error {
	if m.ForgetEvents <= 0 {
		return nil
	}
	more, err := true, error(nil)
	for range forgetSteps {
		if err == nil && more {
			err = s.briefly(ctx, func(tx *sql.Tx) (err error) {
				more, err = bunstore.Postgres.AdvanceTail(ctx, tx, m.ForgetEvents)
				return err
			})
		}
	}
	if err != nil || more {
		return unlessLocked(err)
	}
	for dropped := true; dropped && err == nil; {
		err = s.briefly(ctx, func(tx *sql.Tx) error {
			return tx.QueryRowContext(ctx, `SELECT drop_event_partition()`).Scan(&dropped)
		})
	}
	return unlessLocked(err)
}

// briefly runs a transaction that waits for no lock longer than 20 ms: while it waits for a
// table, every group that wants that waits behind.
func (s *Store) briefly(ctx context.Context, do func(*sql.Tx) error) error {
	tx, err := s.db.DB.BeginTx(ctx, nil)
	if err != nil {
		return translate(err)
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, `SET LOCAL lock_timeout = '20ms'`); err != nil {
		return translate(err)
	}
	if err := do(tx); err != nil {
		return translate(err)
	}
	return translate(tx.Commit())
}

// unlessLocked is no error where somebody held what was wanted.
func unlessLocked(err error) error {
	if errors.Is(err, store.ErrLocked) {
		return nil
	}
	return err
}
