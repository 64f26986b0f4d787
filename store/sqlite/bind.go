package sqlite

import (
	"database/sql/driver"
	"time"

	"github.com/agentvault/teg-layer/ledger/amount"
)

// arguments collects the values of one statement, in order. Its buffers are
// used again for the next one; the driver copies what it binds.
type arguments struct {
	values []driver.NamedValue
	arena  []byte // amounts of the present statement
}

func (a *arguments) reset() {
	a.values = a.values[:0]
	a.arena = a.arena[:0]
}

func (a *arguments) add(v driver.Value) {
	a.values = append(a.values, driver.NamedValue{Ordinal: len(a.values) + 1, Value: v})
}

func (a *arguments) int(v int64) { a.add(v) }

// bytes adds a blob. The slice is read until the statement has run.
func (a *arguments) bytes(v []byte) {
	if v == nil { // which would be NULL
		v = []byte{}
	}
	a.add(v)
}

// optionalBytes adds a blob, NULL for nil.
func (a *arguments) optionalBytes(v []byte) { a.add(v) }

func (a *arguments) text(v string) { a.add(v) }

// optional adds text, NULL where it is empty.
func (a *arguments) optional(v string) {
	if v == "" {
		a.add(nil)
		return
	}
	a.add(v)
}

// signed adds an amount as its sixteen ordered bytes.
func (a *arguments) signed(v amount.Signed) {
	start := len(a.arena)
	b := v.Bytes()
	a.arena = append(a.arena, b[:]...)
	a.add(a.arena[start:len(a.arena):len(a.arena)])
}

func (a *arguments) amount(v amount.Amount) { a.signed(v.Signed()) }

// time adds microseconds since 1970, NULL for the zero time.
func (a *arguments) time(t time.Time) {
	if t.IsZero() {
		a.add(nil)
		return
	}
	a.add(t.UnixMicro())
}
