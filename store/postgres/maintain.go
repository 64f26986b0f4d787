package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/agentvault/teg-layer/store"
)

// Maintain gives the journal its next generation when the present one is older
// than m.JournalTTL, numbers the events that wait in the inbox, makes room for events to
// come, and forgets tokens that nobody used in time and events that were archived.
func (s *Store) Maintain(ctx context.Context, m store.Maintenance) error {
	return errors.Join(s.rotate(ctx, m), s.emptyInbox(ctx), s.addPartition(ctx), s.forgetTokens(ctx, m), s.forgetEvents(ctx, m))
}

// rotate empties the generation that is older still and puts it in the place of
// the present one. A table that is being read is left for the next time: while
// this waits for it, every group that looks a key up waits behind.
func (s *Store) rotate(ctx context.Context, m store.Maintenance) error {
	var since time.Time
	if err := s.db.QueryRowContext(ctx, `SELECT since FROM journal_state`).Scan(&since); err != nil {
		return translate(err)
	}
	if m.JournalTTL <= 0 || m.Now.Sub(since) < m.JournalTTL {
		return nil
	}
	err := s.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.ExecContext(ctx, `SET LOCAL lock_timeout = '20ms'`); err != nil {
			return err
		}
		var generation int
		if err := tx.QueryRowContext(ctx, `SELECT generation, since FROM journal_state FOR UPDATE`).Scan(&generation, &since); err != nil {
			return err
		}
		if m.Now.Sub(since) < m.JournalTTL { // another process was first
			return nil
		}
		next := 1 - generation
		if _, err := tx.ExecContext(ctx, fmt.Sprintf(`TRUNCATE journal_%d`, next)); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `UPDATE journal_state SET generation = ?, since = ?`, next, m.Now)
		return err
	})
	if err = translate(err); errors.Is(err, store.ErrLocked) {
		return nil
	}
	return err
}

// inboxStep is how many events are numbered at a time.
const inboxStep = 1000

// emptyInbox moves the events that hosts' transactions left behind into the
// log, in the order in which they were made.
func (s *Store) emptyInbox(ctx context.Context) error {
	for {
		result, err := s.db.ExecContext(ctx, `
			WITH waiting AS (SELECT id FROM event_inbox ORDER BY id LIMIT ? FOR UPDATE SKIP LOCKED),
			moved AS (DELETE FROM event_inbox USING waiting WHERE event_inbox.id = waiting.id RETURNING event_inbox.*),
			head AS (UPDATE log_head SET size = size + (SELECT count(*) FROM moved)
				WHERE EXISTS (SELECT 1 FROM moved) RETURNING size - (SELECT count(*) FROM moved) AS base)
			INSERT INTO events (position, id, action, actor, at, body)
			SELECT (SELECT base FROM head) + row_number() OVER (ORDER BY id) - 1, id, action, actor, at, body FROM moved`, inboxStep)
		if err != nil {
			return translate(err)
		}
		if moved, err := result.RowsAffected(); err != nil || moved < inboxStep {
			return translate(err)
		}
	}
}
