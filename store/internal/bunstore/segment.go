package bunstore

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/agentvault/teg-layer/store"
)

type segmentRow struct {
	Since  int64
	Upto   int64
	SHA256 hashColumn `bun:"sha256"`
	Root   hashColumn
	Newest timeColumn
	Told   string
	At     timeColumn
}

const segmentColumns = `since, upto, sha256, root, newest, told, at`

func segments(rows []segmentRow) []store.Segment {
	list := make([]store.Segment, len(rows))
	for i, row := range rows {
		list[i] = store.Segment{
			From: row.Since, To: row.Upto, SHA256: row.SHA256.hash(), Root: row.Root.hash(), Newest: row.Newest.Time, Told: []byte(row.Told), At: row.At.Time,
		}
	}
	return list
}

// LogTail implements [store.SegmentReader].
func (r *Reader) LogTail(ctx context.Context) (tail int64, err error) {
	return tail, r.scan(ctx, &tail, `SELECT position FROM log_tail`)
}

// Segments implements [store.SegmentReader].
func (r *Reader) Segments(ctx context.Context, above int64, limit int) ([]store.Segment, error) {
	var rows []segmentRow
	err := r.scan(ctx, &rows, `SELECT `+segmentColumns+` FROM log_segments WHERE upto > ? ORDER BY upto LIMIT ?`, above, limit)
	return segments(rows), err
}

// LastSegment implements [store.SegmentReader]. It looks back from the last: there are
// few, and as many of them as retention keeps are newer.
func (r *Reader) LastSegment(ctx context.Context, before time.Time) (*store.Segment, error) {
	var rows []segmentRow
	where, args := ``, []any{}
	if !before.IsZero() {
		where, args = ` WHERE newest < ?`, append(args, r.dialect.From(before))
	}
	err := r.scan(ctx, &rows, `SELECT `+segmentColumns+` FROM log_segments`+where+` ORDER BY upto DESC LIMIT 1`, args...)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return &segments(rows)[0], nil
}

// KeptEvents implements [store.SegmentReader]. Some may have been put aside before the tail
// reached them.
func (r *Reader) KeptEvents(ctx context.Context, from int64, limit int) ([]store.Event, error) {
	var rows []eventRow
	err := r.scan(ctx, &rows, `SELECT `+eventColumns+` FROM kept_events WHERE position >= ? AND position < (SELECT position FROM log_tail)
		ORDER BY position LIMIT ?`, from, limit)
	if err != nil {
		return nil, err
	}
	return events(rows)
}

// KeepSegment carries out what [store.Store] says of it, inside a transaction of the
// driver's own handle.
func (d Dialect) KeepSegment(ctx context.Context, tx Transaction, s store.Segment) error {
	var end int64
	if err := tx.QueryRowContext(ctx, `SELECT coalesce(max(upto), 0) FROM log_segments`).Scan(&end); err != nil {
		return err
	}
	if end != s.From {
		return fmt.Errorf("%w: segments end at %d, not at %d", store.ErrConflict, end, s.From)
	}
	_, err := tx.ExecContext(ctx, d.insert("log_segments", "since", "upto", "sha256", "root", "newest", "told", "at"),
		s.From, s.To, s.SHA256[:], s.Root[:], d.Time(s.Newest), string(s.Told), d.Time(s.At))
	return err
}

// Transaction is one of the driver's own handle.
type Transaction interface {
	execer
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}
