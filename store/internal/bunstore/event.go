package bunstore

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/store"
)

type eventRow struct {
	Position int64
	ID       idColumn
	Action   string
	Actor    string
	At       timeColumn
	Body     []byte
}

const eventColumns = `position, id, action, actor, at, body`

func (row *eventRow) event() (store.Event, error) {
	actor, err := did.Parse(row.Actor)
	return store.Event{
		Position: row.Position, ID: store.EventID(row.ID), Action: row.Action, Actor: actor, At: row.At.Time, Body: row.Body,
	}, err
}

func events(rows []eventRow) ([]store.Event, error) {
	list := make([]store.Event, len(rows))
	for i := range rows {
		var err error
		if list[i], err = rows[i].event(); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// ends are the first position of the log that can be read, and the one behind its last.
type ends struct{ Tail, Size int64 }

func (r *Reader) ends(ctx context.Context) (log ends, err error) {
	err = r.scan(ctx, &log, `SELECT size, (SELECT position FROM log_tail) AS tail FROM log_head`)
	return log, err
}

// begins refuses what the log does not hold any more, or yet.
func (log ends) begins(from int64) error {
	switch {
	case from > log.Size:
		return fmt.Errorf("%w: %d of %d", store.ErrBeyondLog, from, log.Size)
	case from < log.Tail:
		return &store.ForgottenError{Tail: log.Tail}
	}
	return nil
}

// Events implements [store.EventReader]. Positions are dense, so that a page
// without a filter is one seek at any depth.
func (r *Reader) Events(ctx context.Context, q store.EventQuery) (page []store.Event, total int64, err error) {
	err = r.snapshot(ctx, func(ctx context.Context, view *Reader) error {
		page, total, err = view.events(ctx, q)
		return err
	})
	return page, total, err
}

func (r *Reader) events(ctx context.Context, q store.EventQuery) ([]store.Event, int64, error) {
	log, err := r.ends(ctx)
	if err != nil {
		return nil, 0, err
	}
	var total int64
	where, args := r.eventFilter(q)
	if q.Count > 0 {
		if total, err = r.countEvents(ctx, q, log, where, args); err != nil {
			return nil, 0, err
		}
	}
	below, offset := log.Size, q.Offset
	if q.Below > 0 {
		below = q.Below
	}
	if where == "" {
		below, offset = below-offset, 0
	}
	var rows []eventRow
	err = r.scan(ctx, &rows, `SELECT `+eventColumns+` FROM events WHERE position >= ? AND position < ?`+where+`
		ORDER BY position DESC LIMIT ? OFFSET ?`, append(append([]any{log.Tail, below}, args...), q.Limit, offset)...)
	if err != nil {
		return nil, 0, err
	}
	page, err := events(rows)
	return page, total, err
}

func (r *Reader) countEvents(ctx context.Context, q store.EventQuery, log ends, where string, args []any) (int64, error) {
	if where == "" {
		return log.Size - log.Tail, nil
	}
	var total int64
	err := r.scan(ctx, &total, `SELECT count(*) FROM (SELECT 1 FROM events WHERE position >= ? AND position < ?`+where+` LIMIT ?) AS matches`,
		append(append([]any{log.Tail, log.Size}, args...), q.Count)...)
	return total, err
}

// eventFilter is what must be looked at row by row. Actions other than
// transfers have an index of their own, which the planner uses where it sees
// that the action is not the common one.
func (r *Reader) eventFilter(q store.EventQuery) (string, []any) {
	var where strings.Builder
	var args []any
	if q.Action != "" {
		where.WriteString(` AND action = ?`)
		if q.Action != "transfer" {
			where.WriteString(` AND action <> 'transfer'`)
		}
		args = append(args, q.Action)
	}
	if !q.Actor.IsZero() {
		where.WriteString(` AND actor = ?`)
		args = append(args, q.Actor.String())
	}
	if !q.From.IsZero() {
		where.WriteString(` AND at >= ?`)
		args = append(args, r.dialect.From(q.From))
	}
	if !q.To.IsZero() {
		where.WriteString(` AND at < ?`)
		args = append(args, r.dialect.From(q.To))
	}
	return where.String(), args
}

// PositionAt implements [store.EventReader]. It halves the log, one event at a time.
func (r *Reader) PositionAt(ctx context.Context, at time.Time) (position int64, err error) {
	err = r.snapshot(ctx, func(ctx context.Context, view *Reader) error {
		log, err := view.ends(ctx)
		if err != nil {
			return err
		}
		high := log.Size
		for position = log.Tail; position < high; {
			middle := position + (high-position)/2
			var when timeColumn
			err := view.scan(ctx, visitor(func(scan func(into []any) error) error { return scan([]any{&when}) }), `SELECT at FROM events WHERE position = ?`, middle)
			if err != nil {
				return err
			}
			if when.Before(at) {
				position = middle + 1
			} else {
				high = middle
			}
		}
		return nil
	})
	return position, err
}

// EventsAt implements [store.EventReader].
func (r *Reader) EventsAt(ctx context.Context, positions ...int64) (list []store.Event, err error) {
	err = chunks(ctx, r, positions, func(view *Reader, part []int64) error {
		var rows []eventRow
		if err := view.scan(ctx, &rows, `SELECT `+eventColumns+` FROM events WHERE position IN (?)`, bun.List(part)); err != nil {
			return err
		}
		found, err := events(rows)
		list = append(list, found...)
		return err
	})
	return list, err
}

// PrivateParts implements [store.EventReader].
func (r *Reader) PrivateParts(ctx context.Context, list ...ledger.ID) (parts []store.Private, err error) {
	err = chunks(ctx, r, list, func(view *Reader, part []ledger.ID) error {
		var rows []struct {
			ID   idColumn
			Salt []byte
			Body []byte
		}
		err := view.scan(ctx, &rows, `SELECT id, salt, body FROM private_parts WHERE id IN (?)`, ids(r.dialect, part))
		for _, row := range rows {
			private := store.Private{ID: ledger.ID(row.ID), Body: row.Body}
			copy(private.Salt[:], row.Salt)
			parts = append(parts, private)
		}
		return err
	})
	return parts, err
}

// LogSize implements [store.AuditReader].
func (r *Reader) LogSize(ctx context.Context) (numbered, waiting int64, err error) {
	inbox := `(SELECT count(*) FROM event_inbox)`
	if r.dialect == SQLite {
		inbox = `0` // there is one writer, and nothing waits
	}
	var size struct{ Numbered, Waiting int64 }
	err = r.scan(ctx, &size, `SELECT size AS numbered, `+inbox+` AS waiting FROM log_head`)
	return size.Numbered, size.Waiting, err
}
