package amount

import "math/bits"

// uint128 is hi * 2^64 + lo, without the range of an Amount.
type uint128 struct{ hi, lo uint64 }

func (x uint128) less(y uint128) bool {
	return x.hi < y.hi || x.hi == y.hi && x.lo < y.lo
}

// shl returns x << s for s < 64, and in its low bits the top s bits of below.
func (x uint128) shl(s uint, below uint64) uint128 {
	// A shift by 64 gives 0 in Go, which is right for s == 0.
	return uint128{x.hi<<s | x.lo>>(64-s), x.lo<<s | below>>(64-s)}
}

// mul128 returns x * y as hi * 2^128 + lo.
func mul128(x, y uint128) (hi, lo uint128) {
	h00, l00 := bits.Mul64(x.lo, y.lo)
	h01, l01 := bits.Mul64(x.lo, y.hi)
	h10, l10 := bits.Mul64(x.hi, y.lo)
	h11, l11 := bits.Mul64(x.hi, y.hi)

	w1, c1 := bits.Add64(h00, l01, 0)
	w1, c2 := bits.Add64(w1, l10, 0)
	w2, c3 := bits.Add64(l11, h01, c1)
	w2, c4 := bits.Add64(w2, h10, c2)
	return uint128{h11 + c3 + c4, w2}, uint128{w1, l00}
}

// div256 returns (hi * 2^128 + lo) / d, rounded down. It wants hi < d, so that
// the quotient fits; d is then not zero.
func div256(hi, lo, d uint128) uint128 {
	if d.hi == 0 {
		q1, r := bits.Div64(hi.lo, lo.hi, d.lo)
		q0, _ := bits.Div64(r, lo.lo, d.lo)
		return uint128{q1, q0}
	}
	s := uint(bits.LeadingZeros64(d.hi))
	hi, lo, d = hi.shl(s, lo.hi), lo.shl(s, 0), d.shl(s, 0)
	q1, rest := div192(hi, lo.hi, d)
	q0, _ := div192(rest, lo.lo, d)
	return uint128{q1, q0}
}

// div192 divides u * 2^64 + u0 by d, where u < d and the top bit of d is set:
// one step of Knuth's algorithm D with a divisor of two words. The estimate
// q comes from the upper word of d; as the correction looks at the only other
// word, q is exact after it.
func div192(u uint128, u0 uint64, d uint128) (q uint64, rest uint128) {
	var r, carry uint64 // u = q * d.hi + carry * 2^64 + r
	if u.hi < d.hi {
		q, r = bits.Div64(u.hi, u.lo, d.hi)
	} else {
		q = 1<<64 - 1
		r, carry = bits.Add64(u.lo, d.hi, 0)
	}
	hi, lo := bits.Mul64(q, d.lo)
	for carry == 0 && (uint128{r, u0}).less(uint128{hi, lo}) {
		q--
		r, carry = bits.Add64(r, d.hi, 0)
		hi, lo = bits.Mul64(q, d.lo)
	}
	l, borrow := bits.Sub64(u0, lo, 0)
	h, _ := bits.Sub64(r, hi, borrow)
	return q, uint128{h, l}
}
