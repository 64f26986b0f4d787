package amount

import (
	"cmp"
	"math/bits"
)

// Add returns a + b. Above [Max] the error is [ErrOverflow].
func (a Amount) Add(b Amount) (Amount, error) {
	lo, carry := bits.Add64(a.lo, b.lo, 0)
	hi, _ := bits.Add64(a.hi, b.hi, carry) // cannot wrap: both are below 2^120
	return FromParts(hi, lo)
}

// Sub returns a - b. Where b is more than a the error is [ErrNegative].
func (a Amount) Sub(b Amount) (Amount, error) {
	lo, borrow := bits.Sub64(a.lo, b.lo, 0)
	hi, borrow := bits.Sub64(a.hi, b.hi, borrow)
	if borrow != 0 {
		return Amount{}, ErrNegative
	}
	return Amount{hi, lo}, nil
}

// MulDiv returns a * num / den, rounded down to a whole unit. The product is
// kept in full, so only the result has to fit. The error is [ErrDivideByZero]
// where den is zero, and [ErrOverflow] where the result is above [Max].
//
// It divides an amount in a proportion: the share of a holder of mine out of
// all is pool.MulDiv(mine, all).
func (a Amount) MulDiv(num, den Amount) (Amount, error) {
	if den.IsZero() {
		return Amount{}, ErrDivideByZero
	}
	hi, lo := mul128(uint128(a), uint128(num))
	if !hi.less(uint128(den)) {
		return Amount{}, ErrOverflow
	}
	q := div256(hi, lo, uint128(den))
	return FromParts(q.hi, q.lo)
}

// Cmp compares: -1 where a < b, 0 where a == b, +1 where a > b. It has the
// form that slices.SortFunc wants.
func (a Amount) Cmp(b Amount) int {
	if a.hi != b.hi {
		return cmp.Compare(a.hi, b.hi)
	}
	return cmp.Compare(a.lo, b.lo)
}

// Less reports whether a < b.
func (a Amount) Less(b Amount) bool { return uint128(a).less(uint128(b)) }

// Smaller returns the smaller of a and b.
func Smaller(a, b Amount) Amount {
	if b.Less(a) {
		return b
	}
	return a
}

// Larger returns the larger of a and b.
func Larger(a, b Amount) Amount {
	if a.Less(b) {
		return b
	}
	return a
}
