package amount

import (
	"math/bits"
	"strconv"
)

// textSize is the length of the longest text: a sign, 18 digits, the point,
// 18 digits.
const textSize = 1 + 18 + 1 + 18

// Parse returns the amount of AVT that s spells, such as "1000.5". The grammar
// is
//
//	^(0|[1-9][0-9]{0,17})(\.[0-9]{1,18})?$
//
// and everything else, a sign, an exponent, a space, a leading zero, a 19th
// decimal, is a [*SyntaxError] that wraps [ErrSyntax]. Nothing is rounded.
func Parse(s string) (Amount, error) {
	a, ok := parseAmount(s)
	if !ok {
		return Amount{}, kindAmount.refuse(s)
	}
	return a, nil
}

// MustParse is [Parse] for amounts that are known to be correct, such as
// constants and test data. It panics where Parse would fail.
func MustParse(s string) Amount {
	a, err := Parse(s)
	if err != nil {
		panic(err)
	}
	return a
}

// String returns the amount of AVT in canonical form: no exponent, no trailing
// zeros, such as "1000.5", "0.001" and "0".
func (a Amount) String() string {
	var buf [textSize]byte
	return string(a.append(buf[:0]))
}

// AppendText appends the canonical form of a, as [Amount.String] gives it, to
// b. The error is always nil. It implements encoding.TextAppender.
func (a Amount) AppendText(b []byte) ([]byte, error) { return a.append(b), nil }

func (a Amount) append(b []byte) []byte {
	whole, frac := bits.Div64(a.hi, a.lo, perAVT) // a.hi <= maxHi < perAVT
	return appendFixed(b, whole, frac, Decimals)
}

func parseAmount[T string | []byte](s T) (Amount, bool) {
	whole, frac, ok := parseFixed(s, 18, Decimals)
	if !ok {
		return Amount{}, false
	}
	hi, lo := bits.Mul64(whole, perAVT)
	lo, carry := bits.Add64(lo, frac, 0)
	return Amount{hi + carry, lo}, true // whole and frac are below 10^18
}

// parseFixed reads a number without sign of at most maxWhole digits, without
// leading zeros, and at most decimals digits after the point. frac is what
// follows the point as a count of 10^-decimals. Both limits are at most 18, so
// that both parts fit their words.
func parseFixed[T string | []byte](s T, maxWhole, decimals int) (whole, frac uint64, ok bool) {
	i := 0
	for ; i < len(s) && isDigit(s[i]); i++ {
		if i == maxWhole {
			return 0, 0, false
		}
		whole = whole*10 + uint64(s[i]-'0')
	}
	if i == 0 || s[0] == '0' && i > 1 {
		return 0, 0, false
	}
	if i == len(s) {
		return whole, 0, true
	}
	digits := len(s) - i - 1
	if s[i] != '.' || digits < 1 || digits > decimals {
		return 0, 0, false
	}
	for i++; i < len(s); i++ {
		if !isDigit(s[i]) {
			return 0, 0, false
		}
		frac = frac*10 + uint64(s[i]-'0')
	}
	return whole, frac * pow10[decimals-digits], true
}

// appendFixed appends whole and, unless it is zero, the fraction of frac *
// 10^-decimals without its trailing zeros.
func appendFixed(b []byte, whole, frac uint64, decimals int) []byte {
	b = strconv.AppendUint(b, whole, 10)
	if frac == 0 {
		return b
	}
	for ; frac%10 == 0; decimals-- {
		frac /= 10
	}
	var digits [Decimals]byte
	for i := decimals - 1; i >= 0; i-- {
		digits[i] = byte('0' + frac%10)
		frac /= 10
	}
	b = append(b, '.')
	return append(b, digits[:decimals]...)
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

var pow10 = [Decimals + 1]uint64{
	1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9,
	1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
}
