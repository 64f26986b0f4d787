package amount

import (
	"bytes"
	"database/sql/driver"
	"encoding/binary"
	"encoding/json"
	"fmt"
)

// MarshalText returns the canonical form of a; the error is always nil.
func (a Amount) MarshalText() ([]byte, error) {
	return a.append(make([]byte, 0, textSize)), nil
}

// UnmarshalText sets a to the amount that text spells, as [Parse] does, and
// leaves a alone where it fails.
func (a *Amount) UnmarshalText(text []byte) error {
	parsed, ok := parseAmount(text)
	if !ok {
		return kindAmount.refuse(string(text))
	}
	*a = parsed
	return nil
}

// MarshalJSON returns a JSON string with the canonical form of a, such as
// "1000.5" with its quotes; the error is always nil.
func (a Amount) MarshalJSON() ([]byte, error) {
	return quoted(a.append(startQuote())), nil
}

// UnmarshalJSON sets a from a JSON string or a JSON number, by the grammar of
// [Parse]; a number is read from its literal text. Anything else, null too, is
// an error that wraps [ErrSyntax] and leaves a alone.
func (a *Amount) UnmarshalJSON(data []byte) error { return a.UnmarshalText(jsonText(data)) }

// Value returns the canonical form of a as text for a database; the error is
// always nil. It implements driver.Valuer.
func (a Amount) Value() (driver.Value, error) { return a.String(), nil }

// Scan sets a from text, which may have trailing zeros as NUMERIC(36,18) gives
// them. NULL and everything that is not text, integers and floats too, is an
// error that wraps [ErrSyntax] and leaves a alone. It implements sql.Scanner.
func (a *Amount) Scan(src any) error {
	text, ok := scanText(src)
	if !ok {
		return kindAmount.scanError(src)
	}
	return a.UnmarshalText(text)
}

// Bytes returns the number of units of 10^-18 AVT as 16 bytes, big endian.
// Bytes in order are amounts in order.
func (a Amount) Bytes() [16]byte { return putWords(a.hi, a.lo) }

// FromBytes returns the amount that [Amount.Bytes] gave. The error is
// [ErrOverflow] above [Max], and wraps [ErrSyntax] where b has not 16 bytes.
func FromBytes(b []byte) (Amount, error) {
	hi, lo, err := words(b)
	if err != nil {
		return Amount{}, err
	}
	return FromParts(hi, lo)
}

func putWords(hi, lo uint64) (b [16]byte) {
	binary.BigEndian.PutUint64(b[:8], hi)
	binary.BigEndian.PutUint64(b[8:], lo)
	return b
}

func words(b []byte) (hi, lo uint64, err error) {
	if len(b) != 16 {
		return 0, 0, fmt.Errorf("amount: want 16 bytes, not %d: %w", len(b), ErrSyntax)
	}
	return binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:]), nil
}

// scanText returns the text of a database value; false where it is not text.
func scanText(src any) ([]byte, bool) {
	switch v := src.(type) {
	case string:
		return []byte(v), true
	case []byte:
		return v, true
	}
	return nil, false
}

// jsonText returns what a JSON string contains, and every other JSON value as
// it is written, for the grammar to accept or refuse.
func jsonText(data []byte) []byte {
	if len(data) < 2 || data[0] != '"' || data[len(data)-1] != '"' {
		return data
	}
	if inner := data[1 : len(data)-1]; !bytes.ContainsAny(inner, `\"`) {
		return inner
	}
	var s string
	if json.Unmarshal(data, &s) != nil {
		return data
	}
	return []byte(s)
}

// startQuote and quoted enclose text in the quotes of a JSON string.
func startQuote() []byte { return append(make([]byte, 0, textSize+2), '"') }

func quoted(b []byte) []byte { return append(b, '"') }
