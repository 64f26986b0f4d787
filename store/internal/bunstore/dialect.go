package bunstore

import (
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
)

// Dialect says how values are written in SQL.
type Dialect uint8

const (
	// Postgres keeps ids as UUID, amounts as NUMERIC(36,18), times as
	// TIMESTAMPTZ.
	Postgres Dialect = iota + 1
	// SQLite keeps ids as sixteen bytes, amounts as the sixteen bytes of
	// [amount.Signed.Bytes], times as microseconds since 1970.
	SQLite
)

// ID is an argument that names a row by its sixteen bytes.
func (d Dialect) ID(id [16]byte) any {
	if d == SQLite {
		return id[:]
	}
	return uuid.UUID(id).String()
}

// Amount is an argument that is compared with an amount.
func (d Dialect) Amount(a amount.Amount) any {
	if d == SQLite {
		bytes := a.Signed().Bytes()
		return bytes[:]
	}
	return a.String()
}

// The years that instants are asked for in. What is kept lies far within them,
// and beyond them the databases refuse what can be said in Go.
var (
	firstInstant = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	lastInstant  = time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.UTC)
)

// Time is an argument that is an instant. The databases count in microseconds;
// what is finer is cut off.
func (d Dialect) Time(t time.Time) any {
	t = t.UTC().Truncate(time.Microsecond)
	if t.Before(firstInstant) {
		t = firstInstant
	}
	if t.After(lastInstant) {
		t = lastInstant
	}
	if d == SQLite {
		return t.UnixMicro()
	}
	return t
}

// From is the first instant that can be kept and is not before t: whatever is
// kept is before t exactly when it is before From(t).
func (d Dialect) From(t time.Time) any {
	return d.Time(t.UTC().Add(time.Microsecond - 1))
}

// After is the first instant that can be kept and is after t.
func (d Dialect) After(t time.Time) any {
	return d.Time(t.UTC().Truncate(time.Microsecond).Add(time.Microsecond))
}

// ids are the arguments of an IN list.
func ids[T ~[16]byte](d Dialect, list []T) any {
	args := make([]any, len(list))
	for i, id := range list {
		args[i] = d.ID(id)
	}
	return bun.List(args)
}

// numbers are the arguments of an IN list; a slice of bytes would be a blob.
func numbers[T ~uint8](list []T) []int {
	args := make([]int, len(list))
	for i, number := range list {
		args[i] = int(number)
	}
	return args
}

// The columns below scan what either database returns.

type idColumn ledger.ID

// Scan reads a UUID as text or as sixteen bytes.
func (c *idColumn) Scan(src any) error {
	switch v := src.(type) {
	case []byte:
		if len(v) == len(c) {
			copy(c[:], v)
			return nil
		}
		return c.Scan(string(v))
	case string:
		id, err := uuid.Parse(v)
		*c = idColumn(id)
		return err
	}
	return fmt.Errorf("bunstore: cannot read an id from %T", src)
}

type signedColumn struct{ amount.Signed }

// Scan reads an amount as text or as sixteen bytes; NULL is zero.
func (c *signedColumn) Scan(src any) (err error) {
	switch v := src.(type) {
	case nil:
		c.Signed = amount.Signed{}
	case []byte:
		c.Signed, err = amount.SignedFromBytes(v)
	case string:
		c.Signed, err = amount.ParseSigned(v)
	default:
		err = fmt.Errorf("bunstore: cannot read an amount from %T", src)
	}
	return err
}

type amountColumn struct{ amount.Amount }

// Scan reads an amount that cannot be negative; NULL is zero.
func (c *amountColumn) Scan(src any) error {
	var s signedColumn
	err := s.Scan(src)
	if err == nil {
		c.Amount, err = s.Amount()
	}
	return err
}

type timeColumn struct{ time.Time }

// Scan reads an instant; NULL is the zero time.
func (c *timeColumn) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		c.Time = time.Time{}
	case int64:
		c.Time = time.UnixMicro(v).UTC()
	case time.Time:
		c.Time = v.UTC()
	default:
		return fmt.Errorf("bunstore: cannot read a time from %T", src)
	}
	return nil
}
