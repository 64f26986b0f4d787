package sqlite_test

import (
	"context"
	"os"
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
	requirePrivate(t, path)
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

// A new database, and what SQLite puts beside it, is its owner's alone, whatever the umask
// says. One that is there keeps the permissions that somebody gave it.
func TestNewFilesArePrivate(t *testing.T) {
	t.Parallel()
	ctx, path := context.Background(), filepath.Join(t.TempDir(), "teg.db")
	st, err := sqlite.Open(ctx, path)
	require.NoError(t, err)
	require.NoError(t, st.Migrate(ctx))
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		requirePrivate(t, name)
	}
	require.NoError(t, st.Close())
	require.NoError(t, os.Chmod(path, 0o640))
	st, err = sqlite.Open(ctx, path)
	require.NoError(t, err)
	require.NoError(t, st.Close())
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o640), info.Mode().Perm())
}

func requirePrivate(t *testing.T, path string) {
	t.Helper()
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm(), path)
}

// An index that has lost a row is found, though all rows are there to be read.
func TestSound(t *testing.T) {
	t.Parallel()
	ctx, path := context.Background(), filepath.Join(t.TempDir(), "teg.db")
	st, err := sqlite.Open(ctx, path)
	require.NoError(t, err)
	_, err = st.DB().ExecContext(ctx, "CREATE TABLE orders (item TEXT UNIQUE); INSERT INTO orders VALUES ('a book'), ('a pen')")
	require.NoError(t, err)
	require.NoError(t, st.Sound(ctx))
	var root, size int64
	require.NoError(t, st.DB().QueryRowContext(ctx, "SELECT rootpage FROM sqlite_schema WHERE name = 'sqlite_autoindex_orders_1'").Scan(&root))
	require.NoError(t, st.DB().QueryRowContext(ctx, "PRAGMA page_size").Scan(&size))
	require.NoError(t, st.Close())

	file, err := os.OpenFile(path, os.O_RDWR, 0)
	require.NoError(t, err)
	last := make([]byte, 1) // of the page; entries stand at its end
	_, err = file.ReadAt(last, root*size-1)
	require.NoError(t, err)
	last[0] ^= 1
	_, err = file.WriteAt(last, root*size-1)
	require.NoError(t, err)
	require.NoError(t, file.Close())

	st, err = sqlite.Open(ctx, path)
	require.NoError(t, err)
	err = st.Sound(ctx)
	require.ErrorIs(t, err, store.ErrUnavailable)
	require.ErrorContains(t, err, "sqlite_autoindex_orders_1")
	require.NoError(t, st.Close())
}
