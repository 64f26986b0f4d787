package amount

import (
	"bytes"
	"database/sql"
	"database/sql/driver"
	"encoding"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Written and read by every standard interface.
var (
	_ encoding.TextAppender    = Amount{}
	_ encoding.TextMarshaler   = Amount{}
	_ encoding.TextUnmarshaler = (*Amount)(nil)
	_ json.Marshaler           = Signed{}
	_ json.Unmarshaler         = (*Signed)(nil)
	_ driver.Valuer            = Rate{}
	_ sql.Scanner              = (*Rate)(nil)
)

// value is what Amount, Signed and Rate have in common.
type value interface {
	comparable
	encoding.TextMarshaler
	driver.Valuer
}

type pointer[T any] interface {
	*T
	encoding.TextUnmarshaler
	json.Unmarshaler
	sql.Scanner
}

func roundTrips[T value, P pointer[T]](t *rapid.T, v T) {
	var back T
	text, err := v.MarshalText()
	require.NoError(t, err)
	require.NoError(t, P(&back).UnmarshalText(text))
	require.Equal(t, v, back)

	var object struct {
		Text, Number, Escaped T
		Key                   map[T]int
	}
	escaped := `"\u00` + hexDigits(text[0]) + string(text[1:]) + `"`
	doc := `{"Text":"` + string(text) + `","Number":` + string(text) + `,"Escaped":` + escaped +
		`,"Key":{"` + string(text) + `":1}}`
	require.NoError(t, json.Unmarshal([]byte(doc), &object), doc)
	require.Equal(t, [3]T{v, v, v}, [3]T{object.Text, object.Number, object.Escaped})
	require.Equal(t, map[T]int{v: 1}, object.Key)
	out, err := json.Marshal(object.Text)
	require.NoError(t, err)
	require.Equal(t, `"`+string(text)+`"`, string(out))

	stored, err := v.Value()
	require.NoError(t, err)
	require.Equal(t, string(text), stored)
	for _, src := range []any{stored, []byte(stored.(string))} {
		var scanned T
		require.NoError(t, P(&scanned).Scan(src))
		require.Equal(t, v, scanned)
	}
}

func hexDigits(c byte) string {
	const digits = "0123456789abcdef"
	return string([]byte{digits[c>>4], digits[c&15]})
}

func TestRoundTrips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		roundTrips[Amount](t, amounts().Draw(t, "amount"))
		roundTrips[Signed](t, signeds().Draw(t, "signed"))
		roundTrips[Rate](t, rates().Draw(t, "rate"))
	})
}

func refuses[T value, P pointer[T]](t *testing.T, before T) {
	for _, doc := range []string{
		`null`, `true`, `{}`, `[]`, `""`, `" 1"`, `"1 "`, `1e0`, `1E2`, `"NaN"`, `0.0000000000000000001`,
		`"null"`, `"\""`, `"1\u0000"`, `"\x31"`, `01`, `"`, ``,
	} {
		v := before
		require.ErrorIs(t, P(&v).UnmarshalJSON([]byte(doc)), ErrSyntax, doc)
		require.Equal(t, before, v, "left alone: %s", doc)
	}
	for _, src := range []any{nil, int64(1), float64(1), true, "", []byte("1e0"), "1 ", "NaN"} {
		v := before
		require.ErrorIs(t, P(&v).Scan(src), ErrSyntax, "%#v", src)
		require.Equal(t, before, v, "left alone: %#v", src)
	}
	v := before
	require.Error(t, json.Unmarshal([]byte(`null`), P(&v)))
}

func TestRefusals(t *testing.T) {
	refuses[Amount](t, FromUnits(7))
	refuses[Signed](t, Neg(FromUnits(7)))
	refuses[Rate](t, Percent(7))
}

func TestScanMessages(t *testing.T) {
	var a Amount
	require.EqualError(t, a.Scan(nil), "amount: cannot scan NULL as amount: amount: malformed")
	require.EqualError(t, a.Scan(1.5), "amount: cannot scan float64 as amount, only text: amount: malformed")
}

func TestNullColumns(t *testing.T) {
	var n sql.Null[Amount]
	require.NoError(t, n.Scan(nil))
	require.False(t, n.Valid)
	require.NoError(t, n.Scan("1.50"))
	require.Equal(t, MustParse("1.5"), n.V)
}

func TestBytesAreInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, u := signeds().Draw(t, "s"), signeds().Draw(t, "u")
		x, y := s.Bytes(), u.Bytes()
		require.Equal(t, s.Cmp(u), bytes.Compare(x[:], y[:]))
		back, err := SignedFromBytes(x[:])
		require.NoError(t, err)
		require.Equal(t, s, back)

		a, b := s.Abs(), u.Abs()
		x, y = a.Bytes(), b.Bytes()
		require.Equal(t, a.Cmp(b), bytes.Compare(x[:], y[:]))
		amountBack, err := FromBytes(x[:])
		require.NoError(t, err)
		require.Equal(t, a, amountBack)
	})
}

func TestBytesAreChecked(t *testing.T) {
	for _, n := range []int{0, 1, 15, 17} {
		_, err := FromBytes(make([]byte, n))
		require.ErrorIs(t, err, ErrSyntax)
		_, err = SignedFromBytes(make([]byte, n))
		require.ErrorIs(t, err, ErrSyntax)
	}
	above := putWords(maxHi, maxLo+1)
	_, err := FromBytes(above[:])
	require.ErrorIs(t, err, ErrOverflow)
	for _, b := range [][16]byte{{}, putWords(1<<64-1, 1<<64-1), putWords(maxHi|signBit, maxLo+1)} {
		_, err := SignedFromBytes(b[:])
		require.ErrorIs(t, err, ErrOverflow)
	}
	zero := Signed{}.Bytes()
	require.Equal(t, [16]byte{0x80}, zero)
}
