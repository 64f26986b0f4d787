package amount

import "database/sql/driver"

// ParseSigned returns the signed amount of AVT that s spells, such as "-0.25".
// The grammar is that of [Parse] with an optional "-" in front; a negative zero
// is refused. Everything else is a [*SyntaxError] that wraps [ErrSyntax].
func ParseSigned(s string) (Signed, error) {
	v, ok := parseSigned(s)
	if !ok {
		return Signed{}, kindSigned.refuse(s)
	}
	return v, nil
}

func parseSigned[T string | []byte](s T) (Signed, bool) {
	if len(s) == 0 || s[0] != '-' {
		a, ok := parseAmount(s)
		return Pos(a), ok
	}
	a, ok := parseAmount(s[1:])
	return Neg(a), ok && !a.IsZero()
}

// String returns the signed amount of AVT in canonical form: a "-" below zero
// and nothing above, no exponent, no trailing zeros, such as "-1.5" and "0".
func (s Signed) String() string {
	var buf [textSize]byte
	return string(s.append(buf[:0]))
}

// AppendText appends the canonical form of s, as [Signed.String] gives it, to
// b. The error is always nil. It implements encoding.TextAppender.
func (s Signed) AppendText(b []byte) ([]byte, error) { return s.append(b), nil }

func (s Signed) append(b []byte) []byte {
	if s.negative() {
		b = append(b, '-')
	}
	return s.Abs().append(b)
}

// MarshalText returns the canonical form of s; the error is always nil.
func (s Signed) MarshalText() ([]byte, error) {
	return s.append(make([]byte, 0, textSize)), nil
}

// UnmarshalText sets s to the signed amount that text spells, as [ParseSigned]
// does, and leaves s alone where it fails.
func (s *Signed) UnmarshalText(text []byte) error {
	parsed, ok := parseSigned(text)
	if !ok {
		return kindSigned.refuse(string(text))
	}
	*s = parsed
	return nil
}

// MarshalJSON returns a JSON string with the canonical form of s; the error is
// always nil.
func (s Signed) MarshalJSON() ([]byte, error) {
	return quoted(s.append(startQuote())), nil
}

// UnmarshalJSON sets s from a JSON string or a JSON number, by the grammar of
// [ParseSigned]; a number is read from its literal text. Anything else, null
// too, is an error that wraps [ErrSyntax] and leaves s alone.
func (s *Signed) UnmarshalJSON(data []byte) error { return s.UnmarshalText(jsonText(data)) }

// Value returns the canonical form of s as text for a database; the error is
// always nil. It implements driver.Valuer.
func (s Signed) Value() (driver.Value, error) { return s.String(), nil }

// Scan sets s from text, which may have trailing zeros. NULL and everything
// that is not text is an error that wraps [ErrSyntax] and leaves s alone. It
// implements sql.Scanner.
func (s *Signed) Scan(src any) error {
	text, ok := scanText(src)
	if !ok {
		return kindSigned.scanError(src)
	}
	return s.UnmarshalText(text)
}

// Bytes returns s as 16 bytes, big endian, in offset binary: the number of
// units of 10^-18 AVT plus 2^127. Bytes in order are signed amounts in order.
func (s Signed) Bytes() [16]byte { return putWords(s.hi^signBit, s.lo) }

// SignedFromBytes returns the signed amount that [Signed.Bytes] gave. The error
// is [ErrOverflow] where the magnitude is above [Max], and wraps [ErrSyntax]
// where b has not 16 bytes.
func SignedFromBytes(b []byte) (Signed, error) {
	hi, lo, err := words(b)
	if err != nil {
		return Signed{}, err
	}
	return Signed{hi ^ signBit, lo}.checked()
}
