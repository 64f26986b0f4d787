package did

import "strconv"

// Error is the type of the sentinels of this package. Ask for them with
// errors.Is.
type Error string

// Error returns the message.
func (e Error) Error() string { return string(e) }

// ErrSyntax is what every error of this package wraps: something that is not
// a DID was given where one is needed.
const ErrSyntax Error = "did: not a DID"

// SyntaxError tells what was given and which rule it breaks. It wraps
// [ErrSyntax].
type SyntaxError struct {
	Input  string // what was given
	Reason string // the broken rule, a clause such as "the method is empty"
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
	return "did: " + strconv.Quote(in) + " is not a DID: " + e.Reason +
		"; a DID looks like did:web:example.com and has at most 255 bytes"
}

// Unwrap returns [ErrSyntax].
func (e *SyntaxError) Unwrap() error { return ErrSyntax }
