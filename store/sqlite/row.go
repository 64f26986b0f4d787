package sqlite

import (
	"database/sql/driver"
	"fmt"
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
)

// row reads the columns of one result row from left to right. The first fault
// sticks in err and everything after it reads as zero.
type row struct {
	values []driver.Value
	next   int
	err    error
}

func (r *row) take() driver.Value {
	r.next++
	return r.values[r.next-1]
}

func (r *row) fail(want string) {
	if r.err == nil {
		r.err = fmt.Errorf("sqlite: column %d holds %T, not %s", r.next-1, r.values[r.next-1], want)
	}
}

func (r *row) note(err error) {
	if r.err == nil && err != nil {
		r.err = fmt.Errorf("sqlite: column %d: %w", r.next-1, err)
	}
}

func (r *row) int() int64 {
	v, ok := r.take().(int64)
	if !ok {
		r.fail("an integer")
	}
	return v
}

// text reads a text; NULL is empty.
func (r *row) text() string {
	switch v := r.take().(type) {
	case nil:
		return ""
	case string:
		return v
	}
	r.fail("text")
	return ""
}

// bytes reads a blob; NULL is nil.
func (r *row) bytes() []byte {
	switch v := r.take().(type) {
	case nil:
		return nil
	case []byte:
		return v
	}
	r.fail("a blob")
	return nil
}

// sixteen reads a blob of exactly sixteen bytes.
func (r *row) sixteen() (id [16]byte) {
	if copy(id[:], r.bytes()) != len(id) {
		r.fail("sixteen bytes")
	}
	return id
}

func (r *row) id() ledger.ID { return r.sixteen() }

func (r *row) account() ledger.AccountID { return ledger.AccountID(r.int()) }

func (r *row) signed() amount.Signed {
	b := r.bytes()
	if r.err != nil {
		return amount.Signed{}
	}
	s, err := amount.SignedFromBytes(b)
	r.note(err)
	return s
}

func (r *row) amount() amount.Amount {
	a, err := r.signed().Amount()
	r.note(err)
	return a
}

// optionalAmount reads an amount that may be NULL.
func (r *row) optionalAmount() (amount.Amount, bool) {
	if r.values[r.next] == nil {
		r.next++
		return amount.Amount{}, false
	}
	return r.amount(), true
}

func (r *row) rate() amount.Rate {
	rate, err := amount.FromPPM(uint32(r.int()))
	r.note(err)
	return rate
}

// time reads microseconds since 1970; NULL is the zero time.
func (r *row) time() time.Time {
	if r.values[r.next] == nil {
		r.next++
		return time.Time{}
	}
	return time.UnixMicro(r.int()).UTC()
}

func (r *row) did() did.DID {
	d, err := did.Parse(r.text())
	r.note(err)
	return d
}
