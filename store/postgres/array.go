package postgres

import (
	"encoding/binary"
	"math/bits"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/agentvault/teg-layer/ledger/amount"
)

// array is the argument of an array parameter, put together in PostgreSQL's
// binary form as its elements come: a group has thousands of them, and boxing
// each for the driver cost more than all else that a client does for a group.
type array struct {
	element uint32 // the type of the elements
	buf     []byte
}

// The binary form begins with five words: dimensions, whether there are NULLs,
// the type of the elements, their number, and the first subscript.
const (
	arrayHead   = 20
	nullsAt     = 4
	countAt     = 12
	nullLength  = 0xffffffff
	numericSize = 28 // of most amounts
)

// newArray makes an empty array with room for n elements of about so many bytes.
func newArray(element uint32, n, size int) *array {
	a := &array{element: element, buf: make([]byte, arrayHead, arrayHead+n*(4+size))}
	binary.BigEndian.PutUint32(a.buf[0:], 1)
	binary.BigEndian.PutUint32(a.buf[8:], element)
	binary.BigEndian.PutUint32(a.buf[16:], 1)
	return a
}

func booleans(n int) *array    { return newArray(pgtype.BoolOID, n, 1) }
func smallints(n int) *array   { return newArray(pgtype.Int2OID, n, 2) }
func integers(n int) *array    { return newArray(pgtype.Int4OID, n, 4) }
func bigints(n int) *array     { return newArray(pgtype.Int8OID, n, 8) }
func ids(n int) *array         { return newArray(pgtype.UUIDOID, n, 16) }
func numerics(n int) *array    { return newArray(pgtype.NumericOID, n, numericSize) }
func texts(n, size int) *array { return newArray(pgtype.TextOID, n, size) }
func blobs(n, size int) *array { return newArray(pgtype.ByteaOID, n, size) }
func moments(n int) *array     { return newArray(pgtype.TimestamptzOID, n, 8) }

// next counts an element and begins it with its length.
func (a *array) next(length uint32) {
	count := binary.BigEndian.Uint32(a.buf[countAt:])
	binary.BigEndian.PutUint32(a.buf[countAt:], count+1)
	a.buf = binary.BigEndian.AppendUint32(a.buf, length)
}

func (a *array) null() {
	a.next(nullLength)
	a.buf[nullsAt+3] = 1
}

func (a *array) bool(v bool) {
	a.next(1)
	if v {
		a.buf = append(a.buf, 1)
	} else {
		a.buf = append(a.buf, 0)
	}
}

func (a *array) int16(v int16) {
	a.next(2)
	a.buf = binary.BigEndian.AppendUint16(a.buf, uint16(v))
}

func (a *array) int32(v int32) {
	a.next(4)
	a.buf = binary.BigEndian.AppendUint32(a.buf, uint32(v))
}

func (a *array) int64(v int64) {
	a.next(8)
	a.buf = binary.BigEndian.AppendUint64(a.buf, uint64(v))
}

func (a *array) id(v [16]byte) {
	a.next(16)
	a.buf = append(a.buf, v[:]...)
}

func (a *array) text(v string) {
	a.next(uint32(len(v)))
	a.buf = append(a.buf, v...)
}

// optional adds a text, NULL for the empty one.
func (a *array) optional(v string) {
	if v == "" {
		a.null()
		return
	}
	a.text(v)
}

func (a *array) blob(v []byte) {
	a.next(uint32(len(v)))
	a.buf = append(a.buf, v...)
}

// optionalBlob adds bytes, NULL for nil.
func (a *array) optionalBlob(v []byte) {
	if v == nil {
		a.null()
		return
	}
	a.blob(v)
}

// epoch is where PostgreSQL's clock begins, in microseconds of Unix.
const epoch = 946684800 * 1_000_000

// moment adds a time, NULL for the zero time.
func (a *array) moment(t time.Time) {
	if t.IsZero() {
		a.null()
		return
	}
	a.int64(t.UnixMicro() - epoch)
}

func (a *array) amount(v amount.Amount) { a.signed(v.Signed()) }

// NUMERIC is digits to the base 10,000, the most significant first. An amount has
// five of them after the point, the last of which ends with two decimals more
// than there are.
const (
	base          = 10_000
	fractionals   = 5
	numericDigits = 10 // of the largest amount, and all of which two words can hold
	negative      = 0x4000
)

func (a *array) signed(v amount.Signed) {
	hi, lo := v.Abs().Parts()
	var digits [numericDigits]uint16 // the least significant first
	over, low := bits.Mul64(lo, 100)
	hi, lo = hi*100+over, low // below 10³⁸
	n := 0
	for ; hi|lo != 0; n++ {
		var rest uint64
		hi, rest = hi/base, hi%base
		lo, rest = bits.Div64(rest, lo, base)
		digits[n] = uint16(rest)
	}
	sign := uint16(0)
	if v.Sign() < 0 {
		sign = negative
	}
	a.next(uint32(8 + 2*n))
	for _, word := range [...]uint16{uint16(n), uint16(n - 1 - fractionals), sign, amount.Decimals} {
		a.buf = binary.BigEndian.AppendUint16(a.buf, word)
	}
	for i := n - 1; i >= 0; i-- {
		a.buf = binary.BigEndian.AppendUint16(a.buf, digits[i])
	}
}
