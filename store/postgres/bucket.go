package postgres

import (
	"context"
	"time"

	"github.com/agentvault/teg-layer/store"
)

var _ store.Buckets = (*Store)(nil)

// draw moves the time at which a bucket is full. Where it is not moved, what is told is
// the row as it was when the statement began, which is good enough for a refusal. A
// bucket that is asked for less than nothing, or for more than it holds, is not made.
const draw = `
WITH drawn AS (
	INSERT INTO rate_buckets AS b (key, full_at)
	SELECT ?0, statement_timestamp() + ?1 * interval '1 microsecond' WHERE ?1 <> 0 AND ?1 <= ?2
	ON CONFLICT (key) DO UPDATE SET full_at = greatest(b.full_at, statement_timestamp()) + ?1 * interval '1 microsecond'
	WHERE ?1 < 0 OR greatest(b.full_at, statement_timestamp()) + ?1 * interval '1 microsecond'
		<= statement_timestamp() + ?2 * interval '1 microsecond'
	RETURNING full_at)
SELECT (extract(epoch FROM full_at - statement_timestamp()) * 1000000)::bigint, drawn FROM (
	SELECT full_at, true AS drawn FROM drawn
	UNION ALL SELECT full_at, false FROM rate_buckets WHERE key = ?0
	UNION ALL SELECT statement_timestamp(), false) AS seen
ORDER BY drawn DESC, full_at DESC LIMIT 1`

// Draw implements [store.Buckets]. Times are rounded to microseconds.
func (s *Store) Draw(ctx context.Context, key string, cost, period time.Duration) (time.Duration, bool, error) {
	var microseconds int64
	var drawn bool
	err := s.db.QueryRowContext(ctx, draw, key, cost.Round(time.Microsecond).Microseconds(), period.Microseconds()).Scan(&microseconds, &drawn)
	return time.Duration(microseconds) * time.Microsecond, drawn || err == nil && cost == 0, translate(err)
}

// SweepBuckets implements [store.Buckets]. It leaves those alone that somebody draws
// from.
func (s *Store) SweepBuckets(ctx context.Context) error {
	_, err := s.db.ExecContext(ctx, `DELETE FROM rate_buckets WHERE key IN
		(SELECT key FROM rate_buckets WHERE full_at < statement_timestamp() FOR UPDATE SKIP LOCKED)`)
	return translate(err)
}
