package store

import (
	"errors"
	"fmt"
)

// What a database can do to a group. Drivers translate their own errors into
// these and wrap them; everything else is a fault that is not known to pass.
var (
	// ErrConflict: serialization failure, deadlock or a lost race for a unique
	// key. Nothing was written; the same may succeed in a fresh transaction.
	ErrConflict = errors.New("store: conflict with another transaction")
	// ErrLocked: rows were held by others for longer than the lock mode waits.
	ErrLocked = errors.New("store: rows are held by another transaction")
	// ErrTermsChanged: other terms are in force than those by which the changes were
	// decided. Nothing was written; decided again by the new ones, the same may succeed.
	ErrTermsChanged = errors.New("store: the terms in force have changed")
	// ErrUnavailable: no connection, disk full, read-only or corrupted
	// database. Nothing was written.
	ErrUnavailable = errors.New("store: the database is not available")
	// ErrOutcomeUnknown: the connection was lost while committing, and whether
	// the commit took place could not be learnt.
	ErrOutcomeUnknown = errors.New("store: the outcome of the commit is unknown")
	// ErrHasData: taking the migration back would destroy rows.
	ErrHasData = errors.New("store: migrating down would destroy data")
	// ErrNotEmpty: the database that an export was to be loaded into has rows already.
	ErrNotEmpty = errors.New("store: the database is not empty")
	// ErrBeyondLog: the log ends before the position from which it was to be read.
	ErrBeyondLog = errors.New("store: the log ends before this position")
	// ErrForgotten: the events before the tail of the log were archived, and are no
	// longer here; a *[ForgottenError].
	ErrForgotten = errors.New("store: the log begins behind this position: earlier events were archived")
	// ErrUnsafe: the database's settings could lose an acknowledged commit.
	ErrUnsafe = errors.New("store: the database's settings are unsafe")
	// ErrForeignTreasury: the database's treasury belongs to another DID.
	ErrForeignTreasury = errors.New("store: the treasury of this database has another owner")
	// ErrNotJoinable: the given transaction cannot carry the engine's work.
	ErrNotJoinable = errors.New("store: this transaction cannot be used")
)

// ForgottenError says where the log begins.
type ForgottenError struct {
	Tail int64 // the first position that can be read
}

// Error names the position.
func (e *ForgottenError) Error() string {
	return fmt.Sprintf("%v; it begins at %d", ErrForgotten, e.Tail)
}

// Unwrap returns [ErrForgotten].
func (e *ForgottenError) Unwrap() error { return ErrForgotten }
