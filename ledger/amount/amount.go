package amount

import "math/big"

// Decimals is the number of decimal places of AVT. One unit is 10^-18 AVT.
const Decimals = 18

const (
	perAVT = 1_000_000_000_000_000_000 // units in one AVT

	// 10^36 - 1 units, the largest amount.
	maxHi = 0x00c097ce7bc90715
	maxLo = 0xb34b9f0fffffffff
)

// Max is the largest amount, 999999999999999999.999999999999999999 AVT, which
// is 10^36 - 1 units.
var Max = Amount{maxHi, maxLo}

// Amount is an amount of AVT, from 0 to [Max]: a whole number of units of
// 10^-18 AVT. It is immutable and comparable; == compares the numbers. The
// zero value is 0 AVT.
type Amount struct{ hi, lo uint64 }

// FromUnits returns the amount of the given number of units of 10^-18 AVT:
// FromUnits(1) is 0.000000000000000001 AVT.
func FromUnits(units uint64) Amount { return Amount{0, units} }

// FromParts returns the amount of hi * 2^64 + lo units of 10^-18 AVT, the
// inverse of [Amount.Parts]. Above [Max] the error is [ErrOverflow].
func FromParts(hi, lo uint64) (Amount, error) {
	a := Amount{hi, lo}
	if !a.inRange() {
		return Amount{}, ErrOverflow
	}
	return a, nil
}

// FromBig returns the amount of x units of 10^-18 AVT and keeps no reference
// to x. The error is [ErrNegative] below zero, [ErrOverflow] above [Max], and
// wraps [ErrSyntax] for nil.
func FromBig(x *big.Int) (Amount, error) {
	switch {
	case x == nil:
		return Amount{}, kindAmount.refuse("nil")
	case x.Sign() < 0:
		return Amount{}, ErrNegative
	case x.BitLen() > 128:
		return Amount{}, ErrOverflow
	}
	var b [16]byte
	x.FillBytes(b[:])
	return FromBytes(b[:])
}

// Parts returns the number of units of 10^-18 AVT as hi * 2^64 + lo.
func (a Amount) Parts() (hi, lo uint64) { return a.hi, a.lo }

// Big returns the number of units of 10^-18 AVT as a new big.Int, which is the
// caller's to change.
func (a Amount) Big() *big.Int {
	b := a.Bytes()
	return new(big.Int).SetBytes(b[:])
}

// IsZero reports whether a is 0 AVT.
func (a Amount) IsZero() bool { return a == Amount{} }

// Signed returns a as a signed amount that is zero or positive, like [Pos].
func (a Amount) Signed() Signed { return Pos(a) }

func (a Amount) inRange() bool {
	return a.hi < maxHi || a.hi == maxHi && a.lo <= maxLo
}
