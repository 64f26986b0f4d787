package sqlite_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/sqlite"
	"github.com/agentvault/teg-layer/store/storetest"
)

func TestBackUp(t *testing.T) {
	t.Parallel()
	ctx, dir := context.Background(), t.TempDir()
	st, ok := storetest.OpenSQLite(t).(*sqlite.Store)
	require.True(t, ok)
	path := filepath.Join(dir, "a copy's name.db")
	require.NoError(t, st.BackUp(ctx, path))
	require.ErrorIs(t, st.BackUp(ctx, path), store.ErrNotEmpty, "nothing is overwritten")
	require.FileExists(t, path)
	copied, err := sqlite.Open(ctx, path)
	require.NoError(t, err)
	status, err := copied.SchemaStatus(ctx)
	require.NoError(t, err)
	require.Empty(t, status.Pending)
	require.NoError(t, copied.Close())

	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	require.Error(t, st.BackUp(cancelled, filepath.Join(dir, "none.db")))
	require.NoFileExists(t, filepath.Join(dir, "none.db"))
	require.Error(t, st.BackUp(ctx, filepath.Join(dir, "no such folder", "x.db")))
}
