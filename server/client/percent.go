package client

import (
	"fmt"

	"github.com/agentvault/teg-layer/ledger/amount"
)

// Percent is a percentage, 0 to 100 with up to four decimals, exactly. It compares by ==.
// Its text is that of the API: "2.5", where that of an [amount.Rate] is the fraction.
type Percent struct{ rate amount.Rate }

// ParsePercent reads a percentage such as "2.5". Nothing is rounded.
func ParsePercent(text string) (Percent, error) {
	rate, err := amount.ParsePercent(text)
	if err != nil {
		return Percent{}, fmt.Errorf("client: %w", err)
	}
	return Percent{rate}, nil
}

// MustParsePercent is [ParsePercent] for constants. It panics where ParsePercent would fail.
func MustParsePercent(text string) Percent {
	p, err := ParsePercent(text)
	if err != nil {
		panic(err)
	}
	return p
}

// PercentOf is the percentage of a rate.
func PercentOf(rate amount.Rate) Percent { return Percent{rate} }

// Rate is the percentage as a rate, which takes its share of amounts.
func (p Percent) Rate() amount.Rate { return p.rate }

// String returns the canonical text, such as "2.5".
func (p Percent) String() string { return p.rate.PercentString() }

// MarshalText returns the canonical text; the error is always nil.
func (p Percent) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads what [ParsePercent] reads.
func (p *Percent) UnmarshalText(text []byte) error {
	read, err := ParsePercent(string(text))
	if err == nil {
		*p = read
	}
	return err
}

// UnmarshalJSON reads a string, or a number by its literal text.
func (p *Percent) UnmarshalJSON(data []byte) error { return p.UnmarshalText(unquoted(data)) }

// unquoted is what stands in a JSON string without escapes, and any other value as it is.
func unquoted(data []byte) []byte {
	if last := len(data) - 1; last > 0 && data[0] == '"' && data[last] == '"' {
		return data[1:last]
	}
	return data
}
