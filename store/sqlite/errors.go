package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"github.com/agentvault/teg-layer/store"
)

// translate wraps an error of SQLite in the sentinel of package store that says
// what a caller can do about it. Errors that are no such case, or are translated
// already, come back as they are.
func translate(err error) error {
	if err == nil || known(err) {
		return err
	}
	if errors.Is(err, sql.ErrConnDone) || err.Error() == closedText {
		return fmt.Errorf("%w: %w", store.ErrUnavailable, err)
	}
	var fault *sqlite.Error
	if !errors.As(err, &fault) {
		return err
	}
	if kind := kindOf(fault.Code()); kind != nil {
		return fmt.Errorf("%w: %w", kind, err)
	}
	return err
}

// closedText is what database/sql says of a closed handle; it exports no value
// to compare with.
const closedText = "sql: database is closed"

func known(err error) bool {
	return errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrLocked) || errors.Is(err, store.ErrUnavailable) ||
		errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// kindOf sorts SQLite's extended result codes; nil is a fault that is not known
// to pass, such as a CHECK that failed.
func kindOf(code int) error {
	switch code {
	case lib.SQLITE_BUSY_SNAPSHOT, lib.SQLITE_CONSTRAINT_UNIQUE, lib.SQLITE_CONSTRAINT_PRIMARYKEY, lib.SQLITE_CONSTRAINT_ROWID:
		return store.ErrConflict
	}
	switch primary(code) {
	case lib.SQLITE_BUSY, lib.SQLITE_LOCKED:
		return store.ErrLocked
	case lib.SQLITE_FULL, lib.SQLITE_IOERR, lib.SQLITE_CORRUPT, lib.SQLITE_READONLY, lib.SQLITE_CANTOPEN,
		lib.SQLITE_NOTADB, lib.SQLITE_NOMEM, lib.SQLITE_PERM, lib.SQLITE_PROTOCOL:
		return store.ErrUnavailable
	}
	return nil
}

// primary is the part of a result code that names the kind of the error.
func primary(code int) int { return code & 0xff }

// isCode reports whether err is SQLite's, with the primary result code.
func isCode(err error, code int) bool {
	var fault *sqlite.Error
	return errors.As(err, &fault) && primary(fault.Code()) == code
}
