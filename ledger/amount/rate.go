package amount

import (
	"cmp"

	"github.com/ericlagergren/decimal"
)

const (
	rateDecimals    = 6 // of a fraction
	percentDecimals = 4 // of a percentage
	one             = 1_000_000
	onePercent      = one / 100
)

// Rate is a share from 0 to 1, or from 0 % to 100 %: a whole number of parts
// per million. It is immutable and comparable; == compares the numbers. The
// zero value is the rate 0.
type Rate struct{ ppm uint32 }

// FromPPM returns the rate of so many parts per million. Above 1,000,000 the
// error is [ErrRate].
func FromPPM(ppm uint32) (Rate, error) {
	if ppm > one {
		return Rate{}, ErrRate
	}
	return Rate{ppm}, nil
}

// Percent returns the rate of a whole percentage: Percent(5) is 5 %, which is
// the fraction 0.05. It is meant for constants and panics above 100.
func Percent(whole uint) Rate {
	if whole > 100 {
		panic(ErrRate)
	}
	return Rate{uint32(whole) * onePercent}
}

// Fraction is [ParseFraction] for rates that are known to be correct, such as
// constants: Fraction("0.05") is 5 %. It panics where ParseFraction would fail.
func Fraction(s string) Rate {
	r, err := ParseFraction(s)
	if err != nil {
		panic(err)
	}
	return r
}

// PPM returns the rate as parts per million, 0 to 1,000,000.
func (r Rate) PPM() uint32 { return r.ppm }

// IsZero reports whether r is 0.
func (r Rate) IsZero() bool { return r.ppm == 0 }

// Complement returns 1 - r, what a share of r leaves. The two shares of an
// amount are each rounded down; to divide it without a rest, subtract.
func (r Rate) Complement() Rate { return Rate{one - r.ppm} }

// Cmp compares: -1 where r < q, 0 where r == q, +1 where r > q. It has the
// form that slices.SortFunc wants.
func (r Rate) Cmp(q Rate) int { return cmp.Compare(r.ppm, q.ppm) }

// exact is the context of a product that must not be rounded: an amount has 36
// digits and a rate 7, far below its precision. It is passed by value, and no
// operation writes to it.
var exact = decimal.Context{
	Precision:     100,
	RoundingMode:  decimal.ToZero,
	OperatingMode: decimal.GDA,
}

// Of returns the share of r of the amount a, rounded down to a whole unit of
// 10^-18 AVT. It is never more than a.
func (r Rate) Of(a Amount) Amount {
	switch {
	case r.ppm == 0 || a.IsZero():
		return Amount{}
	case r.ppm == one:
		return a
	}
	units := new(decimal.Big).SetBigMantScale(a.Big(), 0)
	share := exact.Mul(new(decimal.Big), units, decimal.New(int64(r.ppm), rateDecimals))
	if share.IsFinite() && share.Context.Conditions == 0 {
		if floor, err := FromBig(share.Int(nil)); err == nil { // Int cuts the decimals off
			return floor
		}
	}
	return r.ofWhole(a)
}

// ofWhole is Of in whole numbers, for the case that the decimal arithmetic
// reports any condition, which it never should.
func (r Rate) ofWhole(a Amount) Amount {
	hi, lo := mul128(uint128(a), uint128{0, uint64(r.ppm)})
	return Amount(div256(hi, lo, uint128{0, one})) // hi < one: a < 2^120, ppm < 2^20
}
