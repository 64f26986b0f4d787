package amount

import (
	"errors"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestMax(t *testing.T) {
	require.Zero(t, bigMax.Cmp(Max.Big()))
	require.Equal(t, "999999999999999999.999999999999999999", Max.String())
	_, err := Max.Add(FromUnits(1))
	require.ErrorIs(t, err, ErrOverflow)
	_, err = FromParts(maxHi, maxLo+1)
	require.ErrorIs(t, err, ErrOverflow)
	_, err = FromParts(1<<63, 0)
	require.ErrorIs(t, err, ErrOverflow)
}

func TestFromBig(t *testing.T) {
	for _, c := range []struct {
		in   *big.Int
		want error
	}{
		{nil, ErrSyntax},
		{big.NewInt(-1), ErrNegative},
		{new(big.Int).Neg(bigMax), ErrNegative},
		{new(big.Int).Add(bigMax, big.NewInt(1)), ErrOverflow},
		{new(big.Int).Lsh(big.NewInt(1), 127), ErrOverflow},
		{new(big.Int).Lsh(big.NewInt(1), 128), ErrOverflow},
		{new(big.Int).Lsh(big.NewInt(1), 5000), ErrOverflow},
	} {
		a, err := FromBig(c.in)
		require.ErrorIs(t, err, c.want, "%v", c.in)
		require.Zero(t, a)
	}
}

func TestAmountsAreBigInts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := amounts().Draw(t, "a"), amounts().Draw(t, "b")

		same(t, a, nil, a.Big(), nil)
		hi, lo := a.Parts()
		back, err := FromParts(hi, lo)
		same(t, back, err, a.Big(), nil)

		sum, err := a.Add(b)
		same(t, sum, err, new(big.Int).Add(a.Big(), b.Big()), ErrOverflow)
		diff, err := a.Sub(b)
		same(t, diff, err, new(big.Int).Sub(a.Big(), b.Big()), ErrNegative)

		order := a.Big().Cmp(b.Big())
		require.Equal(t, order, a.Cmp(b))
		require.Equal(t, order < 0, a.Less(b))
		require.Equal(t, order == 0, a == b)
		require.Equal(t, a.Big().Sign() == 0, a.IsZero())
		require.True(t, Smaller(a, b).Cmp(Larger(a, b)) <= 0)
		require.True(t, Smaller(a, b) == a && Larger(a, b) == b || Smaller(a, b) == b && Larger(a, b) == a)
	})
}

func TestMulDivIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, num, den := amounts().Draw(t, "a"), amounts().Draw(t, "num"), amounts().Draw(t, "den")
		if rapid.Bool().Draw(t, "share") { // num <= den: always in range
			num, den = Smaller(num, den), Larger(num, den)
		}
		got, err := a.MulDiv(num, den)
		if den.IsZero() {
			require.ErrorIs(t, err, ErrDivideByZero)
			return
		}
		want := new(big.Int).Mul(a.Big(), num.Big())
		same(t, got, err, want.Quo(want, den.Big()), ErrOverflow)
	})
}

func TestWideArithmetic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x, y, d := words128().Draw(t, "x"), words128().Draw(t, "y"), words128().Draw(t, "d")

		hi, lo := mul128(x, y)
		product := new(big.Int).Mul(x.big(), y.big())
		full := hi.big()
		full.Lsh(full, 128).Or(full, lo.big())
		require.Zero(t, product.Cmp(full), "%v * %v", x, y)

		if !x.less(d) {
			return
		}
		whole := x.big()
		whole.Lsh(whole, 128).Or(whole, y.big())
		want := new(big.Int).Quo(whole, d.big())
		require.Zero(t, want.Cmp(div256(x, y, d).big()), "(%v, %v) / %v", x, y, d)
	})
}

// Every combination of corner words, where the estimate of the quotient is most
// often wrong.
func TestWideDivisionCorners(t *testing.T) {
	w := []uint64{0, 1, 1<<63 - 1, 1 << 63, 1<<63 + 1, 1<<64 - 2, 1<<64 - 1}
	var all []uint128
	for _, hi := range w {
		for _, lo := range w {
			all = append(all, uint128{hi, lo})
		}
	}
	for _, hi := range all {
		for _, lo := range all {
			for _, d := range all {
				if !hi.less(d) {
					continue
				}
				n := hi.big()
				n.Lsh(n, 128).Or(n, lo.big())
				if n.Quo(n, d.big()).Cmp(div256(hi, lo, d).big()) != 0 {
					t.Fatalf("(%v, %v) / %v: want %v", hi, lo, d, n)
				}
			}
		}
	}
}

func TestSignedsAreBigInts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, u := signeds().Draw(t, "s"), signeds().Draw(t, "u")
		x, y := s.Big(), u.Big()

		back, err := SignedFromBig(x)
		require.NoError(t, err)
		require.Equal(t, s, back)

		sum, err := s.Add(u)
		sameSigned(t, sum, err, new(big.Int).Add(x, y))
		diff, err := s.Sub(u)
		sameSigned(t, diff, err, new(big.Int).Sub(x, y))
		sameSigned(t, s.Neg(), nil, new(big.Int).Neg(x))

		require.Equal(t, x.Cmp(y), s.Cmp(u))
		require.Equal(t, x.Cmp(y) < 0, s.Less(u))
		require.Equal(t, x.Cmp(y) == 0, s == u)
		require.Equal(t, x.Sign(), s.Sign())
		require.Equal(t, x.Sign() == 0, s.IsZero())
		same(t, s.Abs(), nil, new(big.Int).Abs(x), nil)
		a, err := s.Amount()
		same(t, a, err, x, ErrNegative)
	})
}

func TestSignedRange(t *testing.T) {
	one := Pos(FromUnits(1))
	_, err := Pos(Max).Add(one)
	require.ErrorIs(t, err, ErrOverflow)
	_, err = Neg(Max).Sub(one)
	require.ErrorIs(t, err, ErrOverflow)
	sum, err := Pos(Max).Add(Neg(Max))
	require.NoError(t, err)
	require.Equal(t, Signed{}, sum)
	require.Equal(t, Signed{}, Neg(Amount{}), "there is no negative zero")
	require.Equal(t, Pos(Max), Max.Signed())

	for _, x := range []*big.Int{new(big.Int).Add(bigMax, big.NewInt(1)), new(big.Int).Not(bigMax)} {
		_, err := SignedFromBig(x)
		require.ErrorIs(t, err, ErrOverflow)
	}
	_, err = SignedFromBig(nil)
	require.ErrorIs(t, err, ErrSyntax)
}

// same requires got to be want where that is in range, and the error outside
// otherwise.
func same(t require.TestingT, got Amount, err error, want *big.Int, outside error) {
	if inBigRange(want) {
		require.NoError(t, err)
		require.Zero(t, want.Cmp(got.Big()), "%v, want %v", got.Big(), want)
		return
	}
	require.True(t, errors.Is(err, outside), "%v, want %v", err, outside)
	require.Zero(t, got)
}

func sameSigned(t require.TestingT, got Signed, err error, want *big.Int) {
	if inBigRange(new(big.Int).Abs(want)) {
		require.NoError(t, err)
		require.Zero(t, want.Cmp(got.Big()), "%v, want %v", got.Big(), want)
		return
	}
	require.ErrorIs(t, err, ErrOverflow)
	require.Zero(t, got)
}
