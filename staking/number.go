package staking

import (
	"fmt"
	"math/big"
	"strings"

	"github.com/agentvault/teg-layer/ledger/amount"
)

// Number is a whole number of any size that never changes: shares, weights, and
// rewards before they are rounded. Its zero value is 0.
type Number struct{ v *big.Int }

// ParseNumber reads what [Number.String] wrote.
func ParseNumber(text string) (Number, error) {
	v, ok := new(big.Int).SetString(text, 10)
	if !ok || !shortest(text) {
		return Number{}, fmt.Errorf("staking: %q is not a whole number in its shortest form", text)
	}
	return Number{v}, nil
}

// shortest reports whether a number that could be read has no sign or digit too
// many: it begins with its first digit that counts, behind a minus where it is
// negative, and underscores are no part of it.
func shortest(text string) bool {
	digits := strings.TrimPrefix(text, "-")
	return text == "0" || digits[0] >= '1' && digits[0] <= '9'
}

// String is the number in decimal digits.
func (n Number) String() string { return n.big().String() }

// Sign is −1, 0 or +1.
func (n Number) Sign() int { return n.big().Sign() }

// IsZero reports whether the number is 0.
func (n Number) IsZero() bool { return n.Sign() == 0 }

// Cmp orders numbers: −1, 0 or +1.
func (n Number) Cmp(m Number) int { return n.big().Cmp(m.big()) }

func whole(v int64) Number         { return Number{big.NewInt(v)} }
func units(a amount.Amount) Number { return Number{a.Big()} }
func tenTo(exponent int64) Number {
	return Number{new(big.Int).Exp(big.NewInt(10), big.NewInt(exponent), nil)}
}
func (n Number) plus(m Number) Number  { return Number{new(big.Int).Add(n.big(), m.big())} }
func (n Number) minus(m Number) Number { return Number{new(big.Int).Sub(n.big(), m.big())} }
func (n Number) times(m Number) Number { return Number{new(big.Int).Mul(n.big(), m.big())} }
func (n Number) neg() Number           { return Number{new(big.Int).Neg(n.big())} }

// over divides, rounding towards zero, which is down for what is not negative.
func (n Number) over(m Number) Number { return Number{new(big.Int).Quo(n.big(), m.big())} }

// overUp divides what is not negative, rounding up.
func (n Number) overUp(m Number) Number { return n.plus(m).minus(whole(1)).over(m) }

// amount is the number as an amount of the smallest units.
func (n Number) amount() (amount.Amount, error) { return amount.FromBig(n.big()) }

func (n Number) big() *big.Int {
	if n.v == nil {
		return new(big.Int)
	}
	return n.v
}
