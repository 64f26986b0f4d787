package bunstore

import (
	"context"
	"database/sql"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	_ "modernc.org/sqlite" // the driver under test
)

// sqliteFiles are the SQLite driver's migrations.
var sqliteFiles = os.DirFS("../../sqlite/migrations")

func same(err error) error { return err }

// migrationsOf makes a runner over a new file, and a handle on that file.
func migrationsOf(t *testing.T, files fs.FS) (*Migrations, *bun.DB) {
	t.Helper()
	name := "file:" + filepath.Join(t.TempDir(), "teg.db") + "?_busy_timeout=5000&_journal_mode=WAL"
	open := func() (*sql.DB, error) { return sql.Open("sqlite", name) }
	handle, err := open()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, handle.Close()) })
	require.NoError(t, handle.Ping(), "it is in WAL mode before several connections set that at once, which SQLite may refuse")
	return &Migrations{
		Open: open, Dialect: sqlitedialect.New(), Begin: []string{"BEGIN IMMEDIATE"},
		Exists: "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type IN ('table', 'view') AND name = ?)",
		Files:  files, Translate: same,
	}, bun.NewDB(handle, sqlitedialect.New())
}

func background() context.Context { return context.Background() }
