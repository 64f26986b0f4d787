package storetest

import (
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// PostgresURL makes an empty database and returns its address. The database is
// dropped when the test ends, or soon after: see [Main]. Without a server the test
// ends here: see [NeedPostgres].
func PostgresURL(t testing.TB) string {
	t.Helper()
	NeedPostgres(t)
	leftBehind()
	name := scratchName(time.Now())
	require.NoError(t, administer(`CREATE DATABASE `+name))
	t.Cleanup(func() { require.NoError(t, scratch.end(name)) })
	return addressOf(name)
}

// migratedURL is PostgresURL with the tables in it already, where the package's tests go by
// [Main]: a database that was used before, and is as it was made.
func migratedURL(t testing.TB) (address string, migrated bool) {
	t.Helper()
	used := pool()
	if used == nil {
		return PostgresURL(t), false
	}
	leftBehind()
	taken, err := used.take()
	require.NoError(t, err)
	t.Cleanup(func() { used.giveBack(taken) })
	return addressOf(taken.name), true
}

// addressOf is where a database of the server is.
func addressOf(name string) string {
	address, _ := server()
	parsed, err := url.Parse(address)
	if err != nil {
		return address // the driver says what is wrong with it
	}
	parsed.Path = "/" + name
	return parsed.String()
}

// Main is for the TestMain of a package with many tests on PostgreSQL: they use the same
// databases one after the other, each as it is after migration, and what cannot be used
// again is dropped by the dozen, all before it exits. To make a database or to drop one has
// the server write out all that anybody changed, and log whole pages after it, which
// costs more than most tests.
func Main(m *testing.M) {
	scratch.batch = 12
	code := m.Run()
	if err := scratch.dropAll(); err != nil {
		fmt.Fprintln(os.Stderr, "databases of tests are left behind:", err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// scratch are the databases whose tests are over.
var scratch = ended{batch: 1, discard: func(name string) error {
	return administer(`DROP DATABASE IF EXISTS ` + name + ` WITH (FORCE)`)
}}

type ended struct {
	batch   int // how many are dropped at once
	discard func(name string) error
	mu      sync.Mutex
	names   []string
	kept    []string // until all of them are dropped
}

func (e *ended) end(name string) error {
	e.mu.Lock()
	e.names = append(e.names, name)
	e.mu.Unlock()
	return e.drop(e.batch)
}

// keep has a database dropped with the last ones.
func (e *ended) keep(name string) {
	e.mu.Lock()
	e.kept = append(e.kept, name)
	e.mu.Unlock()
}

// dropAll drops whatever is left.
func (e *ended) dropAll() error {
	e.mu.Lock()
	e.names, e.kept = append(e.names, e.kept...), nil
	e.mu.Unlock()
	return e.drop(1)
}

// drop drops all of them where there are so many. What cannot be dropped now is left
// for the next time.
func (e *ended) drop(least int) (err error) {
	e.mu.Lock()
	names := e.names
	if len(names) < least {
		e.mu.Unlock()
		return nil
	}
	e.names = nil
	e.mu.Unlock()
	for _, name := range names {
		if failed := e.discard(name); failed != nil {
			err = errors.Join(err, failed)
			e.mu.Lock()
			e.names = append(e.names, name)
			e.mu.Unlock()
		}
	}
	return err
}

// scratchTerm is how old a database is that nobody can need any more: no run takes
// that long. The names tell when they were made.
const scratchTerm = 7 * 24 * time.Hour

var scratchNames = regexp.MustCompile(`^teg_test_([0-9]{1,15})_[0-9a-f]{16}$`)

func scratchName(now time.Time) string {
	var suffix [8]byte
	rand.Read(suffix[:])
	return fmt.Sprintf("teg_test_%d_%s", now.Unix(), hex.EncodeToString(suffix[:]))
}

// outlived reports whether a database was left behind by a run that was killed.
func outlived(name string, now time.Time) bool {
	parts := scratchNames.FindStringSubmatch(name)
	if parts == nil {
		return false
	}
	made, err := strconv.ParseInt(parts[1], 10, 64)
	return err == nil && now.Sub(time.Unix(made, 0)) > scratchTerm
}

// leftBehind drops what killed runs have left, once in a process. Without FORCE
// nothing is dropped that somebody is connected to. Whatever fails is left for the
// next run: it is no failure of a test.
var leftBehind = sync.OnceFunc(func() {
	address, _ := server()
	admin, err := sql.Open("pgx", address)
	if err != nil {
		return
	}
	defer admin.Close()
	var names string
	if admin.QueryRow(`SELECT coalesce(string_agg(datname, ' '), '') FROM pg_database`).Scan(&names) != nil {
		return
	}
	for _, name := range strings.Fields(names) {
		if outlived(name, time.Now()) {
			_, _ = admin.Exec(`DROP DATABASE IF EXISTS ` + name)
		}
	}
})

// administer has the server do something that concerns no database of a test.
func administer(statements ...string) (err error) {
	address, _ := server()
	admin, err := sql.Open("pgx", address)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, admin.Close()) }()
	for _, statement := range statements {
		if _, err := admin.Exec(statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}
