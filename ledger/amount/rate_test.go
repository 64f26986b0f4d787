package amount

import (
	"math/big"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestRateText(t *testing.T) {
	for _, c := range []struct {
		percent, fraction string
		ppm               uint32
	}{
		{"0", "0", 0},
		{"0.0001", "0.000001", 1},
		{"0.1", "0.001", 1_000},
		{"2.5", "0.025", 25_000},
		{"5", "0.05", 50_000},
		{"33.3333", "0.333333", 333_333},
		{"99.9999", "0.999999", 999_999},
		{"100", "1", 1_000_000},
	} {
		r, err := ParsePercent(c.percent)
		require.NoError(t, err)
		require.Equal(t, c.ppm, r.PPM())
		require.Equal(t, c.percent, r.PercentString())
		require.Equal(t, c.fraction, r.FractionString())
		require.Equal(t, c.percent+"%", r.String())
		require.Equal(t, r, Fraction(c.fraction))
		back, err := FromPPM(c.ppm)
		require.NoError(t, err)
		require.Equal(t, r, back)
	}
	require.Equal(t, Percent(100), Fraction("1.000000"))
	require.Equal(t, Percent(5), Fraction("0.050"))
	require.Equal(t, Rate{}, Percent(0))
}

func TestRateRefuses(t *testing.T) {
	for _, in := range []string{
		"", "-1", "+1", "01", "1e1", "1.", ".5", " 5", "5%", "100.0001", "101", "1000", "0.00001", "0.00000", "NaN",
	} {
		_, err := ParsePercent(in)
		require.ErrorIs(t, err, ErrSyntax, in)
	}
	for _, in := range []string{
		"", "-0", "1.000001", "2", "10", "0.0000001", "0.0000000", "1e-1", ".5", "5%", "NaN",
	} {
		_, err := ParseFraction(in)
		require.ErrorIs(t, err, ErrSyntax, in)
	}
	_, err := FromPPM(one + 1)
	require.ErrorIs(t, err, ErrRate)
	require.PanicsWithValue(t, ErrRate, func() { Percent(101) })
	require.Panics(t, func() { Percent(1 << 40) })
	require.Panics(t, func() { Fraction("1.1") })

	_, err = ParsePercent("101")
	require.EqualError(t, err, `amount: "101" is not a valid percentage: write 0 to 100 with at most 4 digits `+
		`after the point, such as 2.5; no sign, exponent, spaces or leading zeros`)
}

func TestRateOfRoundsDown(t *testing.T) {
	for _, c := range []struct{ rate, of, want string }{
		{"0", "999999999999999999.999999999999999999", "0"},
		{"1", "999999999999999999.999999999999999999", "999999999999999999.999999999999999999"},
		{"0.999999", "0.000000000000000001", "0"},
		{"0.5", "0.000000000000000003", "0.000000000000000001"},
		{"0.05", "1000", "50"},
		{"0.000001", "0.000000000001", "0.000000000000000001"},
		{"0.000001", "0.000000000000999999", "0"},
		{"0.000001", "999999999999999999.999999999999999999", "999999999999.999999999999999999"},
		{"0.999999", "999999999999999999.999999999999999999", "999998999999999999.999999999999999999"},
		{"0.5", "18.446744073709551615", "9.223372036854775807"}, // 2^64 - 1 units
		{"0.5", "18.446744073709551616", "9.223372036854775808"},
	} {
		require.Equal(t, c.want, Fraction(c.rate).Of(MustParse(c.of)).String(), "%v", c)
	}
}

func TestRateOfIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r, a := rates().Draw(t, "r"), amounts().Draw(t, "a")
		want := new(big.Int).Mul(a.Big(), big.NewInt(int64(r.PPM())))
		want.Quo(want, big.NewInt(one))
		got := r.Of(a)
		require.Zero(t, want.Cmp(got.Big()), "%v, want %v", got.Big(), want)
		require.Equal(t, got, r.ofWhole(a))

		// With its complement it gives all, but for one unit at most.
		sum, err := got.Add(r.Complement().Of(a))
		require.NoError(t, err)
		rest, err := a.Sub(sum)
		require.NoError(t, err)
		require.True(t, rest.Less(FromUnits(2)), "%v", rest)
	})
}

func TestRateOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r, q := rates().Draw(t, "r"), rates().Draw(t, "q")
		require.Equal(t, big.NewInt(int64(r.PPM())).Cmp(big.NewInt(int64(q.PPM()))), r.Cmp(q))
		require.Equal(t, r.Cmp(q), -r.Complement().Cmp(q.Complement()))
		require.Equal(t, r.Cmp(Rate{}) == 0, r.IsZero())
		require.Equal(t, r, r.Complement().Complement())

		back, err := ParsePercent(r.PercentString())
		require.NoError(t, err)
		require.Equal(t, r, back)
		require.Equal(t, r, Fraction(r.FractionString()))
		b, err := r.AppendText([]byte("x"))
		require.NoError(t, err)
		require.Equal(t, "x"+r.FractionString(), string(b))
	})
}

// The decimal arithmetic inside shares nothing between calls.
func TestRateOfIsSafeForConcurrentUse(t *testing.T) {
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 200 {
				r, a := Rate{uint32(1 + g*1000 + i)}, Max
				if got, want := r.Of(a), r.ofWhole(a); got != want {
					t.Errorf("%v of %v is %v, want %v", r, a, got, want)
				}
			}
		})
	}
	wg.Wait()
}
