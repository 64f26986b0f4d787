package amount

import (
	"cmp"
	"math/big"
	"math/bits"
)

// Signed is a change of an amount of AVT: negative, zero or positive, of a
// magnitude of at most [Max]. It is what one leg of a transaction adds to an
// account, and the sum of several. It is immutable and comparable; == compares
// the numbers. The zero value is 0 AVT; there is no negative zero.
type Signed struct{ hi, lo uint64 } // two's complement units of 10^-18 AVT

// signBit is the sign in the upper word. Flipping it turns two's complement
// into offset binary, which sorts as the numbers do.
const signBit = 1 << 63

// Pos returns +a: zero or positive.
func Pos(a Amount) Signed { return Signed(a) }

// Neg returns -a: zero or negative.
func Neg(a Amount) Signed { return Signed(a).Neg() }

// SignedFromBig returns x units of 10^-18 AVT and keeps no reference to x. The
// error is [ErrOverflow] where the magnitude is above [Max], and wraps
// [ErrSyntax] for nil.
func SignedFromBig(x *big.Int) (Signed, error) {
	if x == nil {
		return Signed{}, kindSigned.refuse("nil")
	}
	abs, err := FromBig(new(big.Int).Abs(x))
	if err != nil {
		return Signed{}, err
	}
	if x.Sign() < 0 {
		return Neg(abs), nil
	}
	return Pos(abs), nil
}

// Big returns the number of units of 10^-18 AVT as a new big.Int, which is the
// caller's to change.
func (s Signed) Big() *big.Int {
	x := s.Abs().Big()
	if s.negative() {
		x.Neg(x)
	}
	return x
}

// Add returns s + t. Where the magnitude is above [Max] the error is
// [ErrOverflow].
func (s Signed) Add(t Signed) (Signed, error) {
	lo, carry := bits.Add64(s.lo, t.lo, 0)
	hi, _ := bits.Add64(s.hi, t.hi, carry)
	return Signed{hi, lo}.checked() // cannot wrap: both magnitudes are below 2^120
}

// Sub returns s - t. Where the magnitude is above [Max] the error is
// [ErrOverflow].
func (s Signed) Sub(t Signed) (Signed, error) { return s.Add(t.Neg()) }

// Neg returns -s.
func (s Signed) Neg() Signed {
	lo, borrow := bits.Sub64(0, s.lo, 0)
	hi, _ := bits.Sub64(0, s.hi, borrow)
	return Signed{hi, lo}
}

// Abs returns the magnitude of s.
func (s Signed) Abs() Amount {
	if s.negative() {
		return Amount(s.Neg())
	}
	return Amount(s)
}

// Amount returns s as an amount. Below zero the error is [ErrNegative].
func (s Signed) Amount() (Amount, error) {
	if s.negative() {
		return Amount{}, ErrNegative
	}
	return Amount(s), nil
}

// Sign returns -1 below zero, 0 at zero, +1 above.
func (s Signed) Sign() int {
	switch {
	case s.negative():
		return -1
	case s.IsZero():
		return 0
	}
	return +1
}

// IsZero reports whether s is 0 AVT.
func (s Signed) IsZero() bool { return s == Signed{} }

// Cmp compares: -1 where s < t, 0 where s == t, +1 where s > t. It has the
// form that slices.SortFunc wants.
func (s Signed) Cmp(t Signed) int {
	if s.hi != t.hi {
		return cmp.Compare(int64(s.hi), int64(t.hi))
	}
	return cmp.Compare(s.lo, t.lo)
}

// Less reports whether s < t.
func (s Signed) Less(t Signed) bool { return s.Cmp(t) < 0 }

func (s Signed) negative() bool { return s.hi&signBit != 0 }

// checked returns s where its magnitude is in range, and ErrOverflow otherwise.
func (s Signed) checked() (Signed, error) {
	if !s.Abs().inRange() {
		return Signed{}, ErrOverflow
	}
	return s, nil
}
