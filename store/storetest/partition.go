package storetest

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/postgres"
)

// narrow divides an empty log of PostgreSQL into parts of so many positions.
func narrow(t *testing.T, b *bench, width int) {
	t.Helper()
	db := handleOf(t, b.store)
	for _, statement := range []string{
		`ALTER TABLE events DETACH PARTITION events_0`, `DROP TABLE events_0`, `DROP TABLE events_1048576`,
		fmt.Sprintf(`UPDATE event_partitioning SET width = %d`, width), `DELETE FROM event_partitions`,
		`SELECT new_event_partition('events_0')`, fmt.Sprintf(`INSERT INTO event_partitions VALUES (0, %d)`, width),
		fmt.Sprintf(`ALTER TABLE events ATTACH PARTITION events_0 FOR VALUES FROM (MINVALUE) TO (%d)`, width),
	} {
		_, err := db.ExecContext(background(), statement)
		require.NoError(t, err, statement)
	}
}

// parts are the bounds of the parts that the log has on PostgreSQL.
func parts(t *testing.T, b *bench) (bounds []string) {
	t.Helper()
	err := handleOf(t, b.store).NewRaw(`SELECT c.relname || ' ' || pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
		WHERE i.inhparent = 'events'::regclass ORDER BY length(c.relname), c.relname`).Scan(background(), &bounds)
	require.NoError(t, err)
	return bounds
}

func countRows(t *testing.T, b *bench, table string) (rows int) {
	t.Helper()
	require.NoError(t, handleOf(t, b.store).QueryRowContext(background(), `SELECT count(*) FROM `+table).Scan(&rows))
	return rows
}

func testRoom(t *testing.T, b *bench) {
	_, onPostgres := b.store.(*postgres.Store)
	if onPostgres {
		narrow(t, b, 512)
	}
	for range 4 {
		require.NoError(t, b.store.Maintain(background(), store.Maintenance{}))
		b.log(t, 500)
	}
	b.archive(t, 1792)
	forget(t, b.store, 1792)
	require.EqualValues(t, 1792, b.tail(t))
	if !onPostgres {
		require.Equal(t, 208, countRows(t, b, "events"), "what is before the tail is gone")
		return
	}
	require.Equal(t, 464, countRows(t, b, "events"), "parts of which all is before the tail are gone")
	require.Equal(t, []string{"events_1536 FOR VALUES FROM ('1536') TO ('2048')", "events_2048 FOR VALUES FROM ('2048') TO ('2560')", "events_default DEFAULT"}, parts(t, b))
}

// testRoomAhead writes beyond the parts that PostgreSQL has, and behind them again.
func testRoomAhead(t *testing.T, b *bench) {
	if _, ok := b.store.(*postgres.Store); !ok {
		b.log(t, 10)
		require.Equal(t, 10, countRows(t, b, "events"))
		return
	}
	require.Equal(t, []string{"events_0 FOR VALUES FROM (MINVALUE) TO ('1048576')", "events_1048576 FOR VALUES FROM ('1048576') TO ('2097152')", "events_default DEFAULT"}, parts(t, b))
	narrow(t, b, 256)
	b.log(t, 700)
	require.Equal(t, 444, countRows(t, b, "events_default"), "there is no gap")
	require.NoError(t, b.store.Maintain(background(), store.Maintenance{}))
	require.Equal(t, []string{
		"events_0 FOR VALUES FROM (MINVALUE) TO ('256')", "events_256 FOR VALUES FROM ('256') TO ('1024')", "events_default DEFAULT",
	}, parts(t, b))
	b.log(t, 100)
	require.NoError(t, b.store.Maintain(background(), store.Maintenance{}))
	require.Len(t, parts(t, b), 4, "one ahead")
	require.Zero(t, countRows(t, b, "events_default"))
	require.Equal(t, 544, countRows(t, b, "events_256"))
	for _, part := range []string{"events_0", "events_256", "events_1024", "events_default"} {
		_, err := handleOf(t, b.store).ExecContext(background(), `TRUNCATE `+part)
		require.ErrorContains(t, err, part+" is append-only")
	}
	_, err := handleOf(t, b.store).ExecContext(background(), `DELETE FROM events_256`)
	require.ErrorContains(t, err, "is append-only")
	left, _, err := b.reader.Follow(background(), 0, 1000)
	require.NoError(t, err)
	require.Len(t, left, 800)
	var plan []string
	err = handleOf(t, b.store).NewRaw(`EXPLAIN (COSTS OFF) SELECT at FROM events WHERE position >= 300 AND position < 310`).Scan(background(), &plan)
	require.NoError(t, err)
	require.NotContains(t, fmt.Sprint(plan), "events_default")
	require.NotContains(t, fmt.Sprint(plan), "events_1024")
}
