package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	lib "modernc.org/sqlite/lib"

	"github.com/agentvault/teg-layer/store"
)

// Parameters of the connections. The driver's allocator gives a page and what SQLite notes
// beside it the room of two, so that a cache takes twice what it says, for each connection:
// 24 MiB for the writer, and up to 8 MiB for the readers, for whom the operating system
// keeps pages, too.
const (
	busyTimeout = "5000"   // ms that the file's lock is waited for
	writerCache = "-12288" // KiB
	readerCache = "-512"
)

// Open opens the database at path, and creates the file where it is missing, for
// its owner alone: it holds what is nobody else's business, and the files that
// SQLite puts beside it take its permissions. A path that begins with "file:" is a SQLite URI whose parameters go before those
// of this package. The schema is not touched: see [Store.Migrate].
//
// What cannot be opened (a directory, a file that is no database, a read-only or
// locked one) is [store.ErrUnavailable], with a sentence that says what to do.
func Open(ctx context.Context, path string) (*Store, error) {
	at, err := locate(path)
	if err != nil {
		return nil, err
	}
	if mode := at.given.Get("mode"); mode == "" || mode == "rwc" {
		_ = createPrivate(at.file, 0) // where it cannot be, SQLite says why
	}
	return open(ctx, at)
}

// createPrivate makes an empty file that its owner alone can read, which SQLite takes for an
// empty database; by itself it would leave that to the umask. One that is there stays as it
// is, and is an error with os.O_EXCL.
func createPrivate(path string, flag int) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|flag, 0o600)
	if err != nil {
		return err
	}
	return file.Close()
}

// OpenMemory opens a migrated database of its own for tests and first looks. It
// is never synced: it lives in the operating system's memory, under a name in
// the directory for temporary files, so that readers and writers meet in it
// exactly as they do in a file, and it is gone with [Store.Close].
func OpenMemory(ctx context.Context) (*Store, error) {
	dir, err := os.MkdirTemp("", "teg-memory-")
	if err != nil {
		return nil, fmt.Errorf("%w: no place for a temporary database: %w", store.ErrUnavailable, err)
	}
	at := location{file: filepath.Join(dir, "teg.db"), given: url.Values{"_synchronous": {"OFF"}}, temporary: dir, log: checkpointAt}
	s, err := open(ctx, at)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	if err := s.Migrate(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// location is where a database lies, and how it wants to be opened.
type location struct {
	file      string
	given     url.Values // parameters that the caller insists on
	temporary string     // directory to remove with the store
	log       int        // pages from which on the write-ahead log is moved into the file
}

// locate reads what was given to Open, and refuses what cannot work.
func locate(path string) (location, error) {
	at := location{file: path, log: checkpointAt}
	if rest, isURI := strings.CutPrefix(path, "file:"); isURI {
		name, query, _ := strings.Cut(rest, "?")
		given, err := url.ParseQuery(query)
		if err != nil {
			return at, fmt.Errorf("%w: %q is not a SQLite URI: %w", store.ErrUnavailable, path, err)
		}
		if name, err = url.PathUnescape(strings.TrimPrefix(name, "//")); err != nil {
			return at, fmt.Errorf("%w: %q is not a SQLite URI: %w", store.ErrUnavailable, path, err)
		}
		at.file, at.given = name, given
	}
	if at.file == "" || strings.Contains(at.file, ":memory:") || at.given.Get("mode") == "memory" {
		return at, fmt.Errorf("%w: %q names no file; use OpenMemory for a database that is not kept", store.ErrUnavailable, path)
	}
	if info, err := os.Stat(at.file); err == nil && info.IsDir() {
		return at, fmt.Errorf("%w: %s is a directory; name a file in it", store.ErrUnavailable, at.file)
	}
	return at, nil
}

// dsn is the name under which the driver opens a connection of the given
// parameters.
func (at location) dsn(params url.Values) string {
	for key, values := range at.given {
		if key == "_pragma" { // these run one after the other
			values = append(params[key], values...)
		}
		params[key] = values
	}
	escaped := (&url.URL{Path: filepath.ToSlash(at.file)}).EscapedPath()
	return "file:" + escaped + "?" + params.Encode()
}

func (at location) writerDSN() string {
	return at.dsn(url.Values{
		"_txlock": {"immediate"}, "_busy_timeout": {busyTimeout}, "_journal_mode": {"WAL"}, "_synchronous": {"FULL"},
		"_foreign_keys": {"1"},
		"_pragma":       {"recursive_triggers(1)", "temp_store(memory)", "wal_autocheckpoint(0)", "cache_size(" + writerCache + ")"},
	})
}

func (at location) readerDSN() string {
	return at.dsn(url.Values{
		"_busy_timeout": {busyTimeout}, "_foreign_keys": {"1"}, "_query_only": {"1"},
		"_pragma": {"recursive_triggers(1)", "temp_store(memory)", "wal_autocheckpoint(0)", "cache_size(" + readerCache + ")"},
	})
}

func (at location) checkpointerDSN() string {
	return at.dsn(url.Values{
		"_busy_timeout": {"0"}, "_synchronous": {"FULL"}, "_pragma": {"wal_autocheckpoint(0)"},
	})
}

// pool opens a pool of at most n connections.
func pool(dsn string, n int, g *guests) (*sql.DB, error) {
	c, err := newConnector(dsn, g)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", store.ErrUnavailable, err)
	}
	db := sql.OpenDB(c)
	db.SetMaxOpenConns(n)
	db.SetMaxIdleConns(n)
	return db, nil
}

// probe reads the file once, so that a file that is not usable is refused here
// and not in the middle of work.
func probe(ctx context.Context, at location, db *sql.DB) error {
	held, err := db.Conn(ctx)
	if err != nil {
		return explain(at, err)
	}
	defer held.Close()
	var n int
	if err := held.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&n); err != nil {
		return explain(at, err)
	}
	return held.Raw(func(dc any) error {
		readOnly, err := dc.(*conn).IsReadOnly("main")
		if err == nil && readOnly {
			err = fmt.Errorf("%w: %s is read-only; give this process the right to write the file and its directory", store.ErrUnavailable, at.file)
		}
		return err
	})
}

// explain says what to do about a file that could not be opened.
func explain(at location, err error) error {
	var advice string
	switch {
	case isCode(err, lib.SQLITE_NOTADB):
		advice = "is not a SQLite database, or is encrypted; name another file"
	case isCode(err, lib.SQLITE_CORRUPT):
		advice = "is corrupted; restore a backup"
	case isCode(err, lib.SQLITE_BUSY):
		advice = "is locked by another process; end it or wait for it"
	case isCode(err, lib.SQLITE_READONLY):
		advice = "is read-only; give this process the right to write the file and its directory"
	case isCode(err, lib.SQLITE_CANTOPEN), isCode(err, lib.SQLITE_PERM):
		advice = "cannot be opened; its directory must exist and be writable by this process"
	default:
		return err
	}
	return fmt.Errorf("%w: %s %s: %w", store.ErrUnavailable, at.file, advice, err)
}
