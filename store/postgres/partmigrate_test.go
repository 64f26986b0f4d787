package postgres_test

import (
	"context"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/postgres"
	"github.com/agentvault/teg-layer/store/storetest"
)

// A log that has rows in several parts, and in the default one, becomes one table and is
// divided again, in a schema that is not the usual one, and loses nothing.
func TestADividedLogBecomesOneTableAndBack(t *testing.T) {
	ctx, home := context.Background(), storetest.PostgresURL(t)
	outside, err := postgres.Open(ctx, home)
	require.NoError(t, err)
	defer outside.Close()
	alter(t, outside, `CREATE SCHEMA books`)
	address, err := url.Parse(home)
	require.NoError(t, err)
	query := address.Query()
	query.Set("search_path", "books")
	address.RawQuery = query.Encode()
	st, err := postgres.Open(ctx, address.String())
	require.NoError(t, err)
	defer st.Close()
	require.NoError(t, st.Migrate(ctx))
	alter(t, st, eventAt("5"), eventAt("1048580"), eventAt("2097152"), `UPDATE log_head SET size = 2097153`)
	intact := func() {
		t.Helper()
		var positions string
		require.NoError(t, st.DB().QueryRowContext(ctx, `SELECT string_agg(position::text, ' ' ORDER BY position) FROM events`).Scan(&positions))
		require.Equal(t, "5 1048580 2097152", positions)
		for _, statement := range []string{`DELETE FROM events`, `UPDATE events SET body = 'y'`, `TRUNCATE events`} {
			_, err := st.DB().ExecContext(ctx, statement)
			require.ErrorContains(t, err, "append-only", statement)
		}
	}
	intact()
	require.NoError(t, st.MigrateDown(ctx, false)) // the index of rare types
	require.NoError(t, st.MigrateDown(ctx, false)) // webhooks
	require.NoError(t, st.MigrateDown(ctx, false))
	intact()
	require.NoError(t, st.Migrate(ctx))
	intact()
	require.Equal(t, "0-3145728 3145728-4194304", partsNoted(t, st))
	require.NoError(t, st.Maintain(ctx, store.Maintenance{}))
	alter(t, outside, `CREATE TABLE public.events_4194304 ()`, `UPDATE books.log_head SET size = 3145729`)
	require.NoError(t, st.Maintain(ctx, store.Maintenance{}), "a table of another schema is none of ours")
	require.Equal(t, "0-3145728 3145728-4194304 4194304-5242880", partsNoted(t, st))
}
