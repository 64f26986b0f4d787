package amount

import (
	"math/big"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var (
	grammar       = regexp.MustCompile(`\A(0|[1-9][0-9]{0,17})(\.[0-9]{1,18})?\z`)
	signedGrammar = regexp.MustCompile(`\A-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,18})?\z`)
)

// valid maps what may be written to its canonical form.
var valid = map[string]string{
	"0":                                     "0",
	"0.0":                                   "0",
	"0.000000000000000000":                  "0",
	"1":                                     "1",
	"10":                                    "10",
	"10.0":                                  "10",
	"1000.5":                                "1000.5",
	"1000.500000000000000000":               "1000.5",
	"0.001":                                 "0.001",
	"0.000000000000000001":                  "0.000000000000000001",
	"18.446744073709551615":                 "18.446744073709551615",
	"18.446744073709551616":                 "18.446744073709551616",
	"999999999999999999":                    "999999999999999999",
	"100000000000000000.000000000000000001": "100000000000000000.000000000000000001",
	"999999999999999999.999999999999999999": "999999999999999999.999999999999999999",
}

var invalid = []string{
	"", " ", "1 ", " 1", "1\n", "\x001", "+1", "-1", "-0", "--1", "- 1", "1-", "00", "01", "00.1",
	".", ".5", "5.", "1..2", "1.2.3", "1.-2", "1.+2", "1,5", "1_000", "1e5", "1E5", "1e-5", "0x10",
	"NaN", "nan", "Inf", "Infinity", "sNaN", "12abc", "abc", "null", "true",
	"1000000000000000000", "1000000000000000000.5", "0.0000000000000000001", "1.0000000000000000000",
	"99999999999999999999999999999999999999999999", "1e20000000", "١٢٣", "１２", "1.５", "½", "1\xff",
}

func TestParse(t *testing.T) {
	for in, want := range valid {
		a, err := Parse(in)
		require.NoError(t, err, in)
		require.Equal(t, want, a.String(), in)
		require.Equal(t, a, MustParse(want), "equal numbers are equal values")

		for _, sign := range []string{"", "-"} {
			s, err := ParseSigned(sign + in)
			if sign == "-" && a.IsZero() {
				require.ErrorIs(t, err, ErrSyntax, sign+in)
				continue
			}
			require.NoError(t, err, sign+in)
			require.Equal(t, sign+want, s.String())
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, in := range invalid {
		a, err := Parse(in)
		require.ErrorIs(t, err, ErrSyntax, "%q", in)
		require.Zero(t, a)
		var syntax *SyntaxError
		require.ErrorAs(t, err, &syntax)
		require.Equal(t, in, syntax.Input)
		require.Equal(t, "amount", syntax.Kind)

		if in != "-1" {
			s, err := ParseSigned(in)
			require.ErrorIs(t, err, ErrSyntax, "%q", in)
			require.Zero(t, s)
		}
	}
	require.PanicsWithError(t, kindAmount.refuse("-1").Error(), func() { MustParse("-1") })
}

func TestSyntaxErrorMessage(t *testing.T) {
	_, err := Parse("1e5")
	require.EqualError(t, err, `amount: "1e5" is not a valid amount: write AVT with at most 18 digits before `+
		`and 18 after the point, such as 1000.5; no sign, exponent, spaces or leading zeros`)
	_, err = Parse(strings.Repeat("\n", 1<<20))
	require.Less(t, len(err.Error()), 1000)
}

// A text is accepted when the grammar of the documentation matches, and then it
// is the number that math/big reads.
func TestParseIsItsGrammar(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.OneOf(
			rapid.StringMatching(`-?(0|[1-9][0-9]{0,18})(\.[0-9]{1,19})?`),
			rapid.StringMatching(`[-+0-9.e ]{0,12}`),
			rapid.String(),
		).Draw(t, "in")
		checkParse(t, in)
	})
}

func checkParse(t require.TestingT, in string) {
	a, err := Parse(in)
	require.Equal(t, grammar.MatchString(in), err == nil, "%q", in)
	if err == nil {
		require.Zero(t, unitsOf(in).Cmp(a.Big()), "%q", in)
	}
	s, err := ParseSigned(in)
	zero := strings.Trim(in, "-0.") == ""
	require.Equal(t, signedGrammar.MatchString(in) && (in[0] != '-' || !zero), err == nil, "%q", in)
	if err == nil {
		require.Zero(t, unitsOf(in).Cmp(s.Big()), "%q", in)
	}
}

func unitsOf(decimal string) *big.Int {
	r, ok := new(big.Rat).SetString(decimal)
	if !ok {
		return nil
	}
	r.Mul(r, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(Decimals), nil)))
	if !r.IsInt() {
		return nil
	}
	return r.Num()
}

func TestTextRoundTrip(t *testing.T) {
	canonical := regexp.MustCompile(`\A-?(0|[1-9][0-9]*)(\.[0-9]*[1-9])?\z`)
	rapid.Check(t, func(t *rapid.T) {
		s := signeds().Draw(t, "s")
		a := s.Abs()

		require.Regexp(t, canonical, a.String())
		require.Equal(t, a, MustParse(a.String()))
		require.Regexp(t, canonical, s.String())
		back, err := ParseSigned(s.String())
		require.NoError(t, err)
		require.Equal(t, s, back)

		b, err := a.AppendText([]byte("x"))
		require.NoError(t, err)
		require.Equal(t, "x"+a.String(), string(b))
		b, err = s.AppendText([]byte("x"))
		require.NoError(t, err)
		require.Equal(t, "x"+s.String(), string(b))
	})
}

func TestAllocations(t *testing.T) {
	buf := make([]byte, 0, 64)
	text := "123456789012345678.123456789012345678"
	a := MustParse(text)
	for name, f := range map[string]func(){
		"Parse":             func() { _, _ = Parse(text) },
		"AppendText":        func() { _, _ = a.AppendText(buf) },
		"Signed.AppendText": func() { _, _ = Neg(a).AppendText(buf) },
		"Add":               func() { _, _ = a.Add(a) },
		"Sub":               func() { _, _ = Amount{}.Sub(a) },
		"MulDiv":            func() { _, _ = a.MulDiv(a, Max) },
		"Bytes":             func() { _ = a.Bytes() },
	} {
		require.Zero(t, testing.AllocsPerRun(100, f), name)
	}
}

func FuzzParse(f *testing.F) {
	for in := range valid {
		f.Add(in)
		f.Add("-" + in)
	}
	for _, in := range invalid {
		f.Add(in)
	}
	f.Fuzz(func(t *testing.T, in string) { checkParse(t, in) })
}
