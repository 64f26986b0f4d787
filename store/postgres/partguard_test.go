package postgres_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/postgres"
	"github.com/agentvault/teg-layer/store/storetest"
)

// alter runs statements one after the other.
func alter(t *testing.T, st *postgres.Store, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		_, err := st.DB().ExecContext(context.Background(), statement)
		require.NoError(t, err, statement)
	}
}

// archivedTo lets the log end at a position, be archived up to another, and forget that.
func archivedTo(t *testing.T, st *postgres.Store, size, tail string) {
	t.Helper()
	alter(t, st, `UPDATE log_head SET size = `+size,
		`INSERT INTO log_segments VALUES (`+tail+`, 0, decode(repeat('00', 32), 'hex'), decode(repeat('00', 32), 'hex'), now(), '{}', now())`,
		`UPDATE log_tail SET position = `+tail)
}

// eventAt writes an event at a position.
func eventAt(position string) string {
	return `INSERT INTO events VALUES (` + position + `, '11111111-1111-1111-1111-111111111111', 'transfer', 'did:test:a', now(), 'x')`
}

// A part goes by what is in it, and not only by what is noted of it: whoever serves may
// write the notes.
func TestNoPartIsDroppedThatHasMoreThanWasArchived(t *testing.T) {
	st, ctx := storetest.OpenNewPostgres(t), context.Background()
	archivedTo(t, st, "600", "256")
	alter(t, st, eventAt("599"),
		`UPDATE event_partitions SET upper = 256 WHERE lower = 0`)
	require.ErrorContains(t, st.Maintain(ctx, store.Maintenance{ForgetEvents: 256}), "events_0 has events that were not archived")
	events, err := st.Reader().AuditEvents(ctx, 599, 1)
	require.NoError(t, err)
	require.Len(t, events, 1)
}

// The last part stays though all of it is forgotten, or nobody knew where the next begins.
func TestTheLastPartStays(t *testing.T) {
	st, ctx := storetest.OpenNewPostgres(t), context.Background()
	archivedTo(t, st, "10485760", "9437184")
	alter(t, st, eventAt("10485759"),
		`SELECT drop_event_partition()`, `SELECT drop_event_partition()`)
	require.NoError(t, st.Maintain(ctx, store.Maintenance{ForgetEvents: 9437184}))
	require.Equal(t, "2097152-12582912", partsNoted(t, st))
	events, err := st.Reader().AuditEvents(ctx, 10485759, 1)
	require.NoError(t, err)
	require.Len(t, events, 1)
}

func partsNoted(t *testing.T, st *postgres.Store) (parts string) {
	t.Helper()
	err := st.DB().QueryRowContext(context.Background(), `SELECT string_agg(lower || '-' || upper, ' ' ORDER BY lower) FROM event_partitions`).Scan(&parts)
	require.NoError(t, err)
	return parts
}

// A row that comes into the default part while the next is being made becomes a row of that.
func TestAPartIsMadeWhileTheDefaultOneFills(t *testing.T) {
	st, ctx := storetest.OpenNewPostgres(t), context.Background()
	alter(t, st, `UPDATE log_head SET size = 2097153`)
	tx, err := st.DB().DB.BeginTx(ctx, nil)
	require.NoError(t, err)
	defer tx.Rollback()
	_, err = tx.ExecContext(ctx, eventAt("2097152"))
	require.NoError(t, err)
	made := make(chan error, 1)
	go func() {
		_, err := st.DB().ExecContext(ctx, `SELECT add_event_partition()`)
		made <- err
	}()
	require.Eventually(t, func() bool {
		var waits bool
		err := st.DB().QueryRowContext(ctx, `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')`).Scan(&waits)
		return err == nil && waits
	}, time.Minute, time.Millisecond)
	require.NoError(t, tx.Commit())
	require.NoError(t, <-made)
	var in string
	require.NoError(t, st.DB().QueryRowContext(ctx, `SELECT tableoid::regclass FROM events WHERE position = 2097152`).Scan(&in))
	require.Equal(t, "events_2097152", in)
}

// Who can only connect makes no tables by the owner's hand.
func TestNobodyElseMakesTables(t *testing.T) {
	var allowed bool
	err := storetest.OpenNewPostgres(t).DB().QueryRowContext(context.Background(), `SELECT has_function_privilege('public', 'new_event_partition(text)', 'EXECUTE')`).Scan(&allowed)
	require.NoError(t, err)
	require.False(t, allowed)
}

// The tail asks the log's own segments, and no table that is temporary.
func TestTheTailAsksTheLogsOwnSegments(t *testing.T) {
	st, ctx := storetest.OpenNewPostgres(t), context.Background()
	conn, err := st.DB().DB.Conn(ctx)
	require.NoError(t, err)
	defer conn.Close()
	_, err = conn.ExecContext(ctx, `CREATE TEMP TABLE log_segments AS SELECT 256::bigint AS upto`)
	require.NoError(t, err)
	defer conn.ExecContext(ctx, `DROP TABLE pg_temp.log_segments`)
	_, err = conn.ExecContext(ctx, `UPDATE log_tail SET position = 256`)
	require.ErrorContains(t, err, "log_tail is append-only")
}
