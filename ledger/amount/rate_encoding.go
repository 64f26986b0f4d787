package amount

import "database/sql/driver"

// ParseFraction returns the rate that s spells as a fraction of one, such as
// "0.05": 0 to 1, at most 6 digits after the point. Everything else, a sign, an
// exponent, a space, a 7th decimal, is a [*SyntaxError] that wraps [ErrSyntax].
func ParseFraction(s string) (Rate, error) {
	r, ok := parseRate(s, 1, rateDecimals)
	if !ok {
		return Rate{}, kindFraction.refuse(s)
	}
	return r, nil
}

// ParsePercent returns the rate that s spells as a percentage, such as "2.5",
// without a percent sign: 0 to 100, at most 4 digits after the point.
// Everything else is a [*SyntaxError] that wraps [ErrSyntax].
func ParsePercent(s string) (Rate, error) {
	r, ok := parseRate(s, 3, percentDecimals)
	if !ok {
		return Rate{}, kindPercent.refuse(s)
	}
	return r, nil
}

// parseRate reads a rate whose text has so many decimals at most, which must
// not be more than rateDecimals: the last one counts one part per million.
func parseRate[T string | []byte](s T, maxWhole, decimals int) (Rate, bool) {
	whole, frac, ok := parseFixed(s, maxWhole, decimals)
	ppm := whole*pow10[decimals] + frac
	if !ok || ppm > one {
		return Rate{}, false
	}
	return Rate{uint32(ppm)}, true
}

// FractionString returns r as a fraction of one in canonical form, without
// trailing zeros, such as "0.05", "0" and "1".
func (r Rate) FractionString() string { return string(r.append(nil)) }

// PercentString returns r as a percentage in canonical form, without trailing
// zeros and without a percent sign, such as "2.5", "0" and "100".
func (r Rate) PercentString() string {
	return string(appendFixed(nil, uint64(r.ppm/onePercent), uint64(r.ppm%onePercent), percentDecimals))
}

// String returns r as a percentage with its sign, such as "2.5%", for people.
// It is not what r is read from; see [Rate.FractionString].
func (r Rate) String() string { return r.PercentString() + "%" }

// AppendText appends r as a fraction of one in canonical form to b. The error
// is always nil. It implements encoding.TextAppender.
func (r Rate) AppendText(b []byte) ([]byte, error) { return r.append(b), nil }

func (r Rate) append(b []byte) []byte {
	return appendFixed(b, uint64(r.ppm/one), uint64(r.ppm%one), rateDecimals)
}

// MarshalText returns r as a fraction of one in canonical form; the error is
// always nil.
func (r Rate) MarshalText() ([]byte, error) { return r.append(nil), nil }

// UnmarshalText sets r to the fraction that text spells, as [ParseFraction]
// does, and leaves r alone where it fails.
func (r *Rate) UnmarshalText(text []byte) error {
	parsed, ok := parseRate(text, 1, rateDecimals)
	if !ok {
		return kindFraction.refuse(string(text))
	}
	*r = parsed
	return nil
}

// MarshalJSON returns a JSON string with r as a fraction of one, such as "0.05"
// with its quotes; the error is always nil.
func (r Rate) MarshalJSON() ([]byte, error) { return quoted(r.append(startQuote())), nil }

// UnmarshalJSON sets r from a JSON string or a JSON number that is a fraction,
// by the grammar of [ParseFraction]; a number is read from its literal text.
// Anything else, null too, is an error that wraps [ErrSyntax] and leaves r
// alone.
func (r *Rate) UnmarshalJSON(data []byte) error { return r.UnmarshalText(jsonText(data)) }

// Value returns r as the text of a fraction of one for a database; the error is
// always nil. It implements driver.Valuer.
func (r Rate) Value() (driver.Value, error) { return r.FractionString(), nil }

// Scan sets r from the text of a fraction of one, at most 6 digits after the
// point. NULL and everything that is not text is an error that wraps
// [ErrSyntax] and leaves r alone. It implements sql.Scanner.
func (r *Rate) Scan(src any) error {
	text, ok := scanText(src)
	if !ok {
		return kindFraction.scanError(src)
	}
	return r.UnmarshalText(text)
}
