package storetest

import (
	"context"
	"database/sql"
	"errors"
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

// EachDatabase runs a test on SQLite and on PostgreSQL, on both at once: most of a
// test is waiting for one of them. open makes a migrated store on a database of its
// own, which is gone when the test ends. Both are done when it returns.
//
// On a machine without PostgreSQL the test runs on SQLite alone: see
// [NeedPostgres].
func EachDatabase(t *testing.T, test func(t *testing.T, open func(testing.TB) store.Store)) {
	var both sync.WaitGroup
	defer both.Wait()
	for name, open := range databases {
		both.Go(func() { t.Run(name, func(t *testing.T) { test(t, open) }) })
	}
}

// EachInTurn is EachDatabase one after the other, for tests that measure, or that
// look at the whole process.
func EachInTurn(t *testing.T, test func(t *testing.T, open func(testing.TB) store.Store)) {
	for name, open := range databases {
		t.Run(name, func(t *testing.T) { test(t, open) })
	}
}

// databases are the two, by the names that their tests have.
var databases = map[string]func(testing.TB) store.Store{"sqlite": OpenSQLite, "postgres": OpenPostgres}

// OpenSQLite makes a migrated store in a file of its own: a copy of one that was migrated
// before.
func OpenSQLite(t testing.TB) store.Store {
	t.Helper()
	content, err := migratedFile()
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "teg.db")
	require.NoError(t, os.WriteFile(path, content, 0o600))
	st, err := sqlite.Open(context.Background(), path)
	require.NoError(t, err)
	return migrated(t, st)
}

// migratedFile is a database of SQLite with nothing in it but the tables.
var migratedFile = sync.OnceValues(func() (content []byte, err error) {
	folder, err := os.MkdirTemp("", "teg-migrated-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	path, ctx := filepath.Join(folder, "teg.db"), context.Background()
	st, err := sqlite.Open(ctx, path)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(st.Migrate(ctx), st.Close()); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// OpenPostgres makes a migrated store in a database of its own, which is quick where the
// package's tests go by [Main].
func OpenPostgres(t testing.TB) store.Store {
	t.Helper()
	NeedPostgres(t)
	address, done := migratedURL(t)
	st, err := postgres.Open(context.Background(), sharing(t, address))
	require.NoError(t, err)
	if done {
		t.Cleanup(func() { require.NoError(t, st.Close()) })
		return st
	}
	return migrated(t, st)
}

// OpenNewPostgres is OpenPostgres in a database that nobody has used: for tests of plans, which
// hang on what the server remembers of rows that are gone.
func OpenNewPostgres(t testing.TB) *postgres.Store {
	t.Helper()
	st, err := postgres.Open(context.Background(), sharing(t, PostgresURL(t)))
	require.NoError(t, err)
	migrated(t, st)
	return st
}

// sharing bounds the connections of one test: many share what the server allows.
func sharing(t testing.TB, address string) string {
	parsed, err := url.Parse(address)
	require.NoError(t, err)
	parameters := parsed.Query()
	parameters.Set("pool_max_conns", "6")
	parsed.RawQuery = parameters.Encode()
	return parsed.String()
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
