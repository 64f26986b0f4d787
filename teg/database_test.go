package teg_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/sqlite"
)

// eachDatabase runs a test on SQLite and on PostgreSQL. open makes a migrated
// store on a database of its own, which ends with the test.
func eachDatabase(t *testing.T, test func(t *testing.T, open func(testing.TB) store.Store)) {
	t.Run("sqlite", func(t *testing.T) { test(t, openSQLite) })
}

func openSQLite(t testing.TB) store.Store {
	ctx := context.Background()
	st, err := sqlite.Open(ctx, filepath.Join(t.TempDir(), "teg.db"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, st.Close()) })
	require.NoError(t, st.Migrate(ctx))
	return st
}
