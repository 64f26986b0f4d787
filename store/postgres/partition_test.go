package postgres_test

import (
	"context"
	"database/sql"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/postgres"
	"github.com/agentvault/teg-layer/store/storetest"
)

// A group's events go into the part that they belong to, and no other is locked or opened.
func TestEventsTouchOnePart(t *testing.T) {
	st, ctx := storetest.OpenNewPostgres(t), context.Background()
	tx, err := st.DB().DB.BeginTx(ctx, nil)
	require.NoError(t, err)
	defer tx.Rollback()
	_, err = tx.ExecContext(ctx, st.InsertEvents(), `{11111111-1111-1111-1111-111111111111}`, `{transfer}`, `{did:test:a}`, `{2026-01-01T00:00:00Z}`, `{x}`, 0, 0)
	require.NoError(t, err)
	rows, err := tx.QueryContext(ctx, `SELECT DISTINCT c.relname FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
		WHERE l.pid = pg_backend_pid() AND c.relname LIKE 'events%' AND c.relkind IN ('r', 'p') ORDER BY 1`)
	require.NoError(t, err)
	defer rows.Close()
	var locked []string
	for rows.Next() {
		var name string
		require.NoError(t, rows.Scan(&name))
		locked = append(locked, name)
	}
	require.NoError(t, rows.Err())
	require.Equal(t, []string{"events", "events_0"}, locked)
}

// Who serves owns nothing, and can have parts made and dropped all the same.
func TestPartsAreMadeForWhoOwnsNothing(t *testing.T) {
	ctx, home := context.Background(), storetest.PostgresURL(t)
	st, err := postgres.Open(ctx, home)
	require.NoError(t, err)
	defer st.Close()
	require.NoError(t, st.Migrate(ctx))
	var database string
	require.NoError(t, st.DB().QueryRowContext(ctx, `SELECT current_database()`).Scan(&database))
	role := "server_of_" + database
	exec := func(statements ...string) {
		t.Helper()
		for _, statement := range statements {
			_, err := st.DB().ExecContext(ctx, statement)
			require.NoError(t, err, statement)
		}
	}
	exec(`CREATE ROLE `+role+` LOGIN`, `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO `+role,
		`GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO `+role, `REVOKE INSERT, UPDATE, DELETE ON log_segments FROM `+role, `UPDATE log_head SET size = 1500000`,
		`INSERT INTO log_segments VALUES (1310720, 0, decode(repeat('00', 32), 'hex'), decode(repeat('00', 32), 'hex'), now(), '{}', now())`)
	defer exec(`DROP OWNED BY `+role, `DROP ROLE `+role)
	address, err := url.Parse(home)
	require.NoError(t, err)
	address.User = url.User(role)
	serving, err := postgres.Open(ctx, address.String())
	require.NoError(t, err)
	defer serving.Close()
	for range 2 {
		require.NoError(t, serving.Maintain(ctx, store.Maintenance{ForgetEvents: 1310720}))
	}
	tail, err := serving.Reader().LogTail(ctx)
	require.NoError(t, err)
	require.EqualValues(t, 1310720, tail)
	var parts string
	require.NoError(t, serving.DB().QueryRowContext(ctx, `SELECT string_agg(lower || '-' || upper, ' ' ORDER BY lower) FROM event_partitions`).Scan(&parts))
	require.Equal(t, "1048576-2097152 2097152-3145728", parts)
	_, err = serving.DB().ExecContext(ctx, `DROP TABLE events_1048576`)
	require.ErrorContains(t, err, "must be owner")
}

// While somebody reads for long no part is made, which is no fault: it is made as soon as that
// one has ended.
func TestPartsWaitForWhoReads(t *testing.T) {
	st, ctx := storetest.OpenNewPostgres(t), context.Background()
	_, err := st.DB().ExecContext(ctx, `UPDATE log_head SET size = 1500000`)
	require.NoError(t, err)
	tx, err := st.DB().DB.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	require.NoError(t, err)
	defer tx.Rollback()
	_, err = tx.ExecContext(ctx, `LOCK TABLE events IN ACCESS SHARE MODE`)
	require.NoError(t, err)
	require.NoError(t, st.Maintain(ctx, store.Maintenance{Now: time.Now()}), "it is left for the next time")
	parts := func() (count int) {
		require.NoError(t, st.DB().QueryRowContext(ctx, `SELECT count(*) FROM event_partitions`).Scan(&count))
		return count
	}
	require.Equal(t, 2, parts())
	require.NoError(t, tx.Rollback())
	require.NoError(t, st.Maintain(ctx, store.Maintenance{Now: time.Now()}))
	require.Equal(t, 3, parts())
}

// What the log holds is there after the migration that divides it, and after the way back.
func TestTheLogIsDividedWithWhatItHolds(t *testing.T) {
	st, ctx := storetest.OpenNewPostgres(t), context.Background()
	for _, statement := range []string{
		`INSERT INTO events SELECT g, gen_random_uuid(), CASE g % 2 WHEN 0 THEN 'transfer' ELSE 'signal' END, 'did:test:a', now(), '{}'
			FROM (SELECT generate_series(0, 99) UNION SELECT generate_series(1048570, 1048580) UNION SELECT generate_series(2999990, 2999999)) AS of (g)`,
		`UPDATE log_head SET size = 3000000`,
	} {
		_, err := st.DB().ExecContext(ctx, statement)
		require.NoError(t, err)
	}
	held := func() (digest string) {
		require.NoError(t, st.DB().QueryRowContext(ctx, `SELECT count(*) || ' ' || md5(string_agg(e::text, ',' ORDER BY position)) FROM events AS e`).Scan(&digest))
		for _, change := range []string{`DELETE FROM events`, `TRUNCATE events`, `UPDATE events SET action = 'x' WHERE position = 1048580`} {
			_, err := st.DB().ExecContext(ctx, change)
			require.ErrorContains(t, err, "append-only", change)
		}
		return digest
	}
	parts := func() (bounds string) {
		require.NoError(t, st.DB().QueryRowContext(ctx, `SELECT coalesce(string_agg(lower || '-' || upper, ' ' ORDER BY lower), '') FROM event_partitions`).Scan(&bounds))
		return bounds
	}
	before := held()
	require.Contains(t, before, "121 ")
	require.Equal(t, "0-1048576 1048576-2097152", parts(), "the rest is in the default part")
	for range 2 {
		require.NoError(t, st.MigrateDown(ctx, false), "an index is no data")
		require.NoError(t, st.MigrateDown(ctx, false), "nobody has webhooks")
		require.NoError(t, st.MigrateDown(ctx, false), "nothing was archived")
		require.Equal(t, before, held())
		require.NoError(t, st.Migrate(ctx))
		require.Equal(t, before, held())
		require.Equal(t, "0-3145728 3145728-4194304", parts(), "all that was there is the first part")
	}
	var indexes string
	require.NoError(t, st.DB().QueryRowContext(ctx, `SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class JOIN pg_index ON indexrelid = oid
		WHERE indrelid = 'events_0'::regclass AND indisvalid`).Scan(&indexes))
	require.Equal(t, "events_0_pkey events_0_rare", indexes, "those that it had")
}
