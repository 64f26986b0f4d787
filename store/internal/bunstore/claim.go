package bunstore

import (
	"context"
	"database/sql"
	"errors"

	"github.com/agentvault/teg-layer/store"
)

// ReadUpTo implements [store.EventReader].
func (r *Reader) ReadUpTo(ctx context.Context, name string) (int64, error) {
	var position []int64
	if err := r.scan(ctx, &position, `SELECT position FROM log_readers WHERE name = ?`, name); err != nil || len(position) == 0 {
		return 0, err
	}
	return position[0], nil
}

// LogReaders implements [store.EventReader].
func (r *Reader) LogReaders(ctx context.Context, limit int) (readers []store.LogReader, err error) {
	err = r.scan(ctx, &readers, `SELECT name, position FROM log_readers ORDER BY name LIMIT ?`, limit)
	return readers, err
}

// querier runs a statement that answers one row, over bun or a transaction.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// asRead is a condition: the log has a certain event before a position, or nothing any more.
const asRead = `(EXISTS (SELECT 1 FROM events WHERE position = ? AND id = ?) OR (SELECT position FROM log_tail) >= ?)`

func (d Dialect) asRead(position int64, last store.EventID) []any {
	return []any{position - 1, d.ID(last), position}
}

// Claim carries out what [store.Store] says of it. Whoever does not get the name gets
// no row.
func (d Dialect) Claim(ctx context.Context, db querier, c store.Claim) (position int64, mine bool, err error) {
	greatest, least := `max`, `min`
	if d == Postgres {
		greatest, least = `greatest`, `least`
	}
	read, args := least+`(?, (SELECT size FROM log_head))`, []any{c.Name, c.Position}
	if c.Last != (store.EventID{}) {
		read = `CASE WHEN ` + asRead + ` THEN ` + read + ` ELSE 0 END`
		args = append([]any{c.Name}, append(d.asRead(c.Position, c.Last), c.Position)...)
	}
	err = db.QueryRowContext(ctx, `INSERT INTO log_readers AS r (name, position, holder, held_until) VALUES (?, `+read+`, ?, ?)
		ON CONFLICT (name) DO UPDATE SET position = `+greatest+`(r.position, excluded.position), holder = excluded.holder, held_until = excluded.held_until
		WHERE r.holder = excluded.holder OR r.held_until <= ? OR r.held_until > ? RETURNING position`,
		append(args, d.ID(c.Holder), d.Time(c.Until), d.Time(c.Now), d.Time(c.Longest))...).Scan(&position)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, false, nil
	}
	return position, err == nil, err
}
