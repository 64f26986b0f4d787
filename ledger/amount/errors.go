package amount

import (
	"fmt"
	"strconv"
)

// Error is the type of the sentinels of this package. Ask for them with
// errors.Is.
type Error string

// Error returns the message.
func (e Error) Error() string { return string(e) }

// The sentinels that errors of this package are or wrap.
const (
	// ErrSyntax: something does not have the form of an amount or a rate.
	ErrSyntax Error = "amount: malformed"
	// ErrOverflow: a result is above [Max], or as far below zero.
	ErrOverflow Error = "amount: out of range: at most 999999999999999999.999999999999999999 AVT"
	// ErrNegative: a result is below zero where only zero and more is allowed.
	ErrNegative Error = "amount: below zero: an amount is 0 AVT or more"
	// ErrDivideByZero: the divisor of [Amount.MulDiv] is zero.
	ErrDivideByZero Error = "amount: division by zero"
	// ErrRate: a rate above 1 (100 %).
	ErrRate Error = "amount: a rate is at most 1 (100 %)"
)

// SyntaxError tells what was given instead of an amount or a rate. It wraps
// [ErrSyntax].
type SyntaxError struct {
	Input   string // what was given
	Kind    string // what was wanted: "amount", "signed amount", "percentage", "fraction"
	Allowed string // what is allowed, a clause fit for an end user
}

// shown is how much of an input a message repeats.
const shown = 128

// Error returns a message that says what is allowed. It repeats at most the
// first 128 bytes of the input.
func (e *SyntaxError) Error() string {
	in := e.Input
	if len(in) > shown {
		in = in[:shown] + "..."
	}
	return "amount: " + strconv.Quote(in) + " is not a valid " + e.Kind + ": " + e.Allowed
}

// Unwrap returns [ErrSyntax].
func (e *SyntaxError) Unwrap() error { return ErrSyntax }

// kind is what a text may be, with the words that explain it.
type kind struct{ name, allowed string }

var (
	kindAmount = kind{"amount", "write AVT with at most 18 digits before and 18 after the point, " +
		"such as 1000.5; no sign, exponent, spaces or leading zeros"}
	kindSigned = kind{"signed amount", "write AVT with at most 18 digits before and 18 after the point, " +
		"such as 1000.5 or -0.25; no plus sign, negative zero, exponent, spaces or leading zeros"}
	kindPercent = kind{"percentage", "write 0 to 100 with at most 4 digits after the point, " +
		"such as 2.5; no sign, exponent, spaces or leading zeros"}
	kindFraction = kind{"fraction", "write 0 to 1 with at most 6 digits after the point, " +
		"such as 0.05; no sign, exponent, spaces or leading zeros"}
)

// refuse returns the error for an input that is not of kind k.
func (k kind) refuse(input string) error {
	return &SyntaxError{Input: input, Kind: k.name, Allowed: k.allowed}
}

// scanError is the error for a database value that is not text.
func (k kind) scanError(src any) error {
	if src == nil {
		return fmt.Errorf("amount: cannot scan NULL as %s: %w", k.name, ErrSyntax)
	}
	return fmt.Errorf("amount: cannot scan %T as %s, only text: %w", src, k.name, ErrSyntax)
}
