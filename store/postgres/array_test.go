package postgres

import (
	"math/big"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgtype"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/agentvault/teg-layer/ledger/amount"
)

// The driver reads the arrays as they were meant.
func TestArraysAreReadBack(t *testing.T) {
	types := pgtype.NewMap()
	rapid.Check(t, func(t *rapid.T) {
		units := rapid.SliceOfN(rapid.Uint64(), 2, 2).Draw(t, "units")
		sum := new(big.Int).Lsh(new(big.Int).SetUint64(units[0]), uint(rapid.IntRange(0, 56).Draw(t, "shift")))
		sum.Add(sum, new(big.Int).SetUint64(units[1]))
		sum.Mod(sum, new(big.Int).Add(amount.Max.Big(), big.NewInt(1)))
		if rapid.Bool().Draw(t, "negative") {
			sum.Neg(sum)
		}
		value, err := amount.SignedFromBig(sum)
		require.NoError(t, err)

		a := numerics(2)
		a.signed(value)
		a.null()
		var read []pgtype.Numeric
		require.NoError(t, types.Scan(pgtype.NumericArrayOID, pgtype.BinaryFormatCode, a.buf, &read))
		require.Len(t, read, 2)
		require.False(t, read[1].Valid)
		require.Equal(t, 0, scaled(read[0]).Cmp(sum), "%s", value)
		text, err := a.literal()
		require.NoError(t, err)
		back := text[1 : len(text)-len(",NULL}")]
		same, err := amount.ParseSigned(back)
		require.NoError(t, err, text)
		require.Equal(t, value, same)
	})
}

// scaled is a NUMERIC in units of 10⁻¹⁸.
func scaled(n pgtype.Numeric) *big.Int {
	power := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(n.Exp+amount.Decimals, -(n.Exp+amount.Decimals)))), nil)
	if n.Exp+amount.Decimals < 0 {
		return new(big.Int).Quo(n.Int, power)
	}
	return new(big.Int).Mul(n.Int, power)
}

// Every type of array has a literal, with its NULLs and what needs quoting.
func TestArrayLiterals(t *testing.T) {
	at := time.Date(2026, 11, 24, 10, 0, 0, 123456789, time.UTC)
	small, middle, large, names, sums := smallints(1), integers(1), bigints(1), ids(1), numerics(2)
	words, bodies, times := texts(4, 8), blobs(2, 8), moments(2)
	flags := booleans(2)
	flags.bool(true)
	flags.bool(false)
	small.int16(-2)
	middle.int32(-3)
	large.int64(-4)
	names.id([16]byte{15: 1})
	sums.amount(amount.MustParse("0.000000000000000001"))
	sums.signed(amount.Signed{})
	words.text(`a"b\c,{}`)
	words.text("")
	words.optional("")
	words.text("NULL")
	bodies.blob([]byte{0, 0xff})
	bodies.blob(nil)
	bodies.optionalBlob([]byte{})
	bodies.optionalBlob(nil)
	times.moment(at)
	times.moment(time.Time{})
	for want, a := range map[string]*array{
		`{t,f}`: flags, `{-2}`: small, `{-3}`: middle, `{-4}`: large, `{00000000-0000-0000-0000-000000000001}`: names,
		`{0.000000000000000001,0}`: sums, `{"a\"b\\c,{}","",NULL,"NULL"}`: words, `{"\\x00ff","\\x","\\x",NULL}`: bodies,
		`{"2026-11-24 10:00:00.123456Z",NULL}`: times,
	} {
		text, err := a.literal()
		require.NoError(t, err)
		require.Equal(t, want, text)
	}
}
