package postgres_test

import (
	"context"
	"database/sql"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store/postgres"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// A server that ends the connections between two groups, as a restart does,
// costs nobody anything.
func TestConnectionsEndBetweenGroups(t *testing.T) {
	ctx, st := context.Background(), storetest.OpenPostgres(t)
	eng := tegtest.Over(t, st)
	agents := tegtest.FundMany(t, eng, 2, "100")
	for range 3 {
		end(t, st.(*postgres.Store))
		_, err := eng.Transfer(ctx, teg.TransferParams{From: agents[0], To: agents[1], Amount: teg.AVT("1")})
		require.NoError(t, err)
	}
	require.Equal(t, "103", tegtest.Available(t, eng, agents[1]))
}

// end kills every other backend of the database.
func end(t *testing.T, st *postgres.Store) {
	t.Helper()
	var ended sql.NullInt64
	err := st.DB().QueryRowContext(context.Background(), `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
		WHERE datname = current_database() AND pid <> pg_backend_pid()`).Scan(&ended)
	require.NoError(t, err)
}
