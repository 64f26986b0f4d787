package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/agentvault/teg-layer/store"
)

// translate wraps an error of PostgreSQL in the sentinel of package store that
// says what a caller can do about it. Errors that are no such case, or are
// translated already, come back as they are.
func translate(err error) error {
	if err == nil || known(err) {
		return err
	}
	var fault *pgconn.PgError
	if errors.As(err, &fault) {
		if headless(fault) || outrun(fault) {
			return fmt.Errorf("%w: %w", store.ErrTermsChanged, err)
		}
		if kind := kindOf(fault.Code); kind != nil {
			return fmt.Errorf("%w: %w", kind, err)
		}
		return err
	}
	if lost(err) {
		return fmt.Errorf("%w: %w", store.ErrUnavailable, err)
	}
	return err
}

func known(err error) bool {
	return errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrTermsChanged) || errors.Is(err, store.ErrLocked) || errors.Is(err, store.ErrUnavailable) ||
		errors.Is(err, store.ErrOutcomeUnknown) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// headless reports that events got no positions, since the head of the log bears
// another version of the terms. What has no position belongs into the log's default part.
func headless(fault *pgconn.PgError) bool {
	return fault.Code == "23502" && fault.TableName == "events_default" && fault.ColumnName == "position" // not_null_violation
}

// outrun reports that another change of policies was committed first: it has the place
// among the changes, or the version, that this one was to have.
func outrun(fault *pgconn.PgError) bool {
	if fault.Code != "23505" { // unique_violation
		return false
	}
	return fault.ConstraintName == "teg_policies_change_key" || fault.TableName == "teg_policy_versions"
}

// lost reports whether the connection is gone or was never to be had.
func lost(err error) bool {
	if err == nil {
		return false
	}
	var connect *pgconn.ConnectError
	var network net.Error
	return errors.As(err, &connect) || errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, net.ErrClosed) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) ||
		pgconn.SafeToRetry(err) || strings.Contains(err.Error(), "conn closed") || strings.Contains(err.Error(), "database is closed")
}

// kindOf sorts SQLSTATEs; nil is a fault that is not known to pass, such as a
// CHECK that failed.
func kindOf(code string) error {
	switch code {
	case "40001", "40P01", "23505": // serialization, deadlock, a lost race for a unique key
		return store.ErrConflict
	case "55P03": // lock_not_available
		return store.ErrLocked
	case "25006": // read-only transaction
		return store.ErrUnavailable
	}
	switch code[:2] {
	case "08", "53", "57", "58", "XX": // connection, resources, intervention, system, corruption
		return store.ErrUnavailable
	}
	return nil
}
