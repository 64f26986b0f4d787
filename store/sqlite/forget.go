package sqlite

import (
	"context"
	"database/sql"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/internal/bunstore"
)

// forgetSteps bounds what one call of Maintain forgets. Groups take their turns between
// the steps.
const forgetSteps = 32

// forgetEvents moves the tail of the log on, and deletes what lies before it.
func (s *Store) forgetEvents(ctx context.Context, m store.Maintenance) error {
	if m.ForgetEvents <= 0 {
		return nil
	}
	if due, err := s.forgettingDue(ctx, m.ForgetEvents); err != nil || !due {
		return err
	}
	advancing, more := true, true
	for range forgetSteps {
		if !more {
			return nil
		}
		err := s.inTransaction(ctx, func(tx *sql.Tx) (err error) {
			if advancing {
				advancing, err = bunstore.SQLite.AdvanceTail(ctx, tx, m.ForgetEvents)
				return err
			}
			more, err = deleteForgotten(ctx, tx)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// forgettingDue reports whether the tail may move on, or events lie before it. It takes no
// turn of the writer, which has better to do each time that nothing is due.
func (s *Store) forgettingDue(ctx context.Context, below int64) (due bool, err error) {
	err = s.read.DB.QueryRowContext(ctx, `SELECT position < ? OR EXISTS (SELECT 1 FROM events WHERE position < log_tail.position) FROM log_tail`, below).Scan(&due)
	return due, translate(err)
}

// forgetStep is how many events are deleted in one transaction.
const forgetStep = 1000

// deleteForgotten deletes some of the events before the tail, and reports whether there
// may be more.
func deleteForgotten(ctx context.Context, tx *sql.Tx) (more bool, err error) {
	result, err := tx.ExecContext(ctx, `DELETE FROM events WHERE position IN (SELECT position FROM events
		WHERE position < (SELECT position FROM log_tail) ORDER BY position LIMIT ?)`, forgetStep)
	if err != nil {
		return false, err
	}
	deleted, err := result.RowsAffected()
	return deleted == forgetStep, err
}
