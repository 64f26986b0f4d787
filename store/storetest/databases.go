package storetest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver by which scratch databases are made
	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/postgres"
	"github.com/agentvault/teg-layer/store/sqlite"
)

// defaultPostgres is where tests look for a server unless TEG_TEST_POSTGRES_URL
// names another.
const defaultPostgres = "postgres://postgres@127.0.0.1:5432/postgres"

// EachDatabase runs a test on SQLite and on PostgreSQL. open makes a migrated
// store on a database of its own, which is gone when the test ends.
//
// On a machine without PostgreSQL the test runs on SQLite alone: see
// [NeedPostgres].
func EachDatabase(t *testing.T, test func(t *testing.T, open func(testing.TB) store.Store)) {
	t.Run("sqlite", func(t *testing.T) { test(t, OpenSQLite) })
	t.Run("postgres", func(t *testing.T) {
		NeedPostgres(t)
		test(t, OpenPostgres)
	})
}

// OpenSQLite makes a migrated store in a file of its own.
func OpenSQLite(t testing.TB) store.Store {
	t.Helper()
	st, err := sqlite.Open(context.Background(), filepath.Join(t.TempDir(), "teg.db"))
	require.NoError(t, err)
	return migrated(t, st)
}

// OpenPostgres makes a migrated store in a database of its own.
func OpenPostgres(t testing.TB) store.Store {
	t.Helper()
	st, err := postgres.Open(context.Background(), PostgresURL(t))
	require.NoError(t, err)
	return migrated(t, st)
}

func migrated(t testing.TB, st store.Store) store.Store {
	t.Cleanup(func() { require.NoError(t, st.Close()) })
	require.NoError(t, st.Migrate(context.Background()))
	return st
}

func server() (address string, required bool) {
	if given := os.Getenv("TEG_TEST_POSTGRES_URL"); given != "" {
		return given, true
	}
	return defaultPostgres, os.Getenv("CI") != ""
}

var answers = sync.OnceValue(func() error {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	address, _ := server()
	db, err := sql.Open("pgx", address)
	if err != nil {
		return err
	}
	defer db.Close()
	return db.PingContext(ctx)
})

// NeedPostgres skips the test where no PostgreSQL answers. Where one is required,
// since TEG_TEST_POSTGRES_URL or CI is set, it fails the test instead.
func NeedPostgres(t testing.TB) {
	t.Helper()
	err := answers()
	if _, required := server(); required {
		require.NoError(t, err, "PostgreSQL is required here: start it, or point TEG_TEST_POSTGRES_URL at it")
	}
	if err != nil {
		t.Skip("no PostgreSQL answers; point TEG_TEST_POSTGRES_URL at one")
	}
}

// PostgresURL makes an empty database and returns its address. The database is
// dropped when the test ends. Without a server the test ends here: see
// [NeedPostgres].
func PostgresURL(t testing.TB) string {
	t.Helper()
	NeedPostgres(t)
	address, _ := server()
	admin, err := sql.Open("pgx", address)
	require.NoError(t, err)
	var suffix [8]byte
	rand.Read(suffix[:])
	name := "teg_test_" + hex.EncodeToString(suffix[:])
	_, err = admin.Exec(`CREATE DATABASE ` + name)
	require.NoError(t, err)
	t.Cleanup(func() {
		_, err := admin.Exec(`DROP DATABASE IF EXISTS ` + name + ` WITH (FORCE)`)
		require.NoError(t, err)
		require.NoError(t, admin.Close())
	})
	parsed, err := url.Parse(address)
	require.NoError(t, err)
	parsed.Path = "/" + name
	return parsed.String()
}
