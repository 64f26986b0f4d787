package teg

import (
	"encoding/base64"
	"encoding/binary"
	"time"

	"github.com/agentvault/teg-layer/ledger"
)

// Bounds of a page.
const (
	DefaultLimit = 100
	MaxLimit     = 1000
	// CountLimit is how far matches of a filter are counted.
	CountLimit = 10_000
)

// place is where a page begins: after the row of this seq or position, or after
// this id.
type place struct {
	seq int64
	id  ledger.ID
}

// cursorScope is what a cursor is bound to: the list, whose it is and the
// filters. A cursor of another scope, or an edited one, is refused.
type cursorScope [8]byte

func newCursorScope(fields ...string) cursorScope {
	sum := digest(fields...)
	return cursorScope(sum[:8])
}

// cursor writes a place as text.
func (s cursorScope) cursor(at place) string {
	b := binary.BigEndian.AppendUint64(make([]byte, 0, 40), uint64(at.seq))
	b = append(b, at.id[:]...)
	return base64.RawURLEncoding.EncodeToString(append(b, s.seal(b)...))
}

// seal binds the bytes of a place to the scope.
func (s cursorScope) seal(b []byte) []byte {
	sum := digest(string(s[:]), string(b))
	return sum[:8]
}

// place reads a cursor of this scope.
func (s cursorScope) place(cursor string) (place, error) {
	var at place
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	const size = 8 + len(at.id)
	if err != nil || len(b) != size+8 || string(s.seal(b[:size])) != string(b[size:]) {
		return place{}, ledger.Invalid("cursor", "not a cursor of this list; begin again without one")
	}
	at.seq = int64(binary.BigEndian.Uint64(b))
	at.id = ledger.ID(b[8:size])
	return at, nil
}

// pageRequest is which page a caller wants.
type pageRequest struct {
	limit  int
	offset int64
	cursor string
	total  bool
}

// resolve checks the request, fills the default, and reads the cursor.
func (p *pageRequest) resolve(scope cursorScope) (place, error) {
	if p.limit == 0 {
		p.limit = DefaultLimit
	}
	switch {
	case p.limit < 1 || p.limit > MaxLimit:
		return place{}, ledger.Invalid("limit", "from 1 to %d", MaxLimit)
	case p.offset < 0:
		return place{}, ledger.Invalid("offset", "zero or more")
	case p.cursor == "":
		return place{}, nil
	case p.offset > 0:
		return place{}, ledger.Invalid("offset", "not together with a cursor")
	}
	return scope.place(p.cursor)
}

// span refuses a range of times that ends before it begins.
func span(from, to time.Time) error {
	if !from.IsZero() && !to.IsZero() && to.Before(from) {
		return ledger.Invalid("end_date", "must not be before start_date")
	}
	return nil
}

// count is how many matches a store has to count: none, or one more than are
// shown, so that it is known whether there are more.
func (p *pageRequest) count() int64 {
	if !p.counts() {
		return 0
	}
	return CountLimit + 1
}

// total is how many matches are shown of those that were counted: −1 where none
// were, and [CountLimit] with capped set where a filter matches more. Without a
// filter the whole list is counted for nothing.
func (p *pageRequest) shown(counted int64, filtered bool) (total int64, capped bool) {
	switch {
	case !p.counts():
		return -1, false
	case filtered && counted > CountLimit:
		return CountLimit, true
	}
	return counted, false
}

// cut takes the row off that was asked for beyond the page, which tells whether
// there is another page.
func cut[T any](p *pageRequest, rows []T) (page []T, more bool) {
	if len(rows) > p.limit {
		return rows[:p.limit], true
	}
	return rows, false
}

// counts reports whether the matches are to be counted: with a cursor only on
// request, so that depth costs nothing.
func (p *pageRequest) counts() bool { return p.cursor == "" || p.total }
