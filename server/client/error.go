package client

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
)

// ErrorCode is the code of an error of the contract. The constants are errors for
// errors.Is, and compare with [Error.Code]; a newer server may have more.
type ErrorCode string

// Error returns the code.
func (c ErrorCode) Error() string { return string(c) }

// CodeOf returns the code of an error that the server answered; empty for others.
func CodeOf(err error) ErrorCode {
	var code ErrorCode
	errors.As(err, &code)
	return code
}

// Attempt is what a failed call had done.
type Attempt struct {
	Operation string // by its name in the document, such as "transfer"
	Key       string // the Idempotency-Key that was sent; empty without
	Tries     int    // how often the request was sent
	// InDoubt says that the request may have been carried out. Ask [Client.GetOperation] what
	// became of the key, or call again with the same key.
	InDoubt bool
}

func (a Attempt) attempt() Attempt { return a }

// doubt says what to do, for the end of a message.
func (a Attempt) doubt() string {
	switch {
	case !a.InDoubt:
		return ""
	case a.Key == "":
		return "; it may have been carried out: look before you call again"
	}
	return fmt.Sprintf("; it may have been carried out: ask GetOperation about the key %q, or call again with it", a.Key)
}

// AttemptOf returns what a failed call had done; false where the error is of no call that
// was sent.
func AttemptOf(err error) (Attempt, bool) {
	var failed interface {
		error
		attempt() Attempt
	}
	if errors.As(err, &failed) {
		return failed.attempt(), true
	}
	return Attempt{}, false
}

// Error is an error that the server answered. It matches the constant of its code:
// errors.Is(err, client.ErrInsufficientBalance).
type Error struct {
	Attempt
	Status     int
	Code       ErrorCode
	Message    string       // what went wrong and what to do next, for people
	Detail     string       // what a server in debug mode adds
	Fields     []FieldError // with ErrInvalidInput: each field at fault
	RequestID  string
	RetryAfter time.Duration // after which to come back; 0 where nothing was said
	Replayed   bool          // whether this is the answer of an earlier request under the key
}

// Error tells code, message, fields, and the request's id.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "client: %s: %s: %s", e.Operation, inLine(string(e.Code)), inLine(e.Message))
	for _, field := range e.Fields[:min(len(e.Fields), mostFields)] {
		fmt.Fprintf(&b, "; %s %s", inLine(field.Field), inLine(field.Message))
	}
	if e.Detail != "" {
		fmt.Fprintf(&b, " (%s)", inLine(e.Detail))
	}
	b.WriteString(e.doubt())
	if e.RequestID != "" {
		fmt.Fprintf(&b, " [request %s]", inLine(e.RequestID))
	}
	return b.String()
}

// What an error's text repeats of a server's words, of which the fields have all: a line of
// a log is one line, and no server writes more into it than it has to.
const (
	mostFields = 20
	mostWords  = 1000
)

// inLine is the beginning of a text, without what ends a line or moves a cursor.
func inLine(text string) string {
	if len(text) > mostWords {
		text = text[:mostWords] + "…"
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, text)
}

// Unwrap returns the code.
func (e *Error) Unwrap() error { return e.Code }

// NoAnswerError says that no answer came: the server was not reached, the connection broke,
// time was up.
type NoAnswerError struct {
	Attempt
	Err       error
	final     bool // whether it has been tried often enough
	untouched bool // whether this try cannot have reached the server
}

// Error tells what happened, and whether the request may have been carried out.
func (e *NoAnswerError) Error() string {
	return fmt.Sprintf("client: %s: no answer: %v%s", e.Operation, e.Err, e.doubt())
}

// Unwrap returns the reason, such as context.Canceled.
func (e *NoAnswerError) Unwrap() error { return e.Err }

// UnexpectedAnswerError says that something answered in a way that the contract does not
// know: mostly a proxy, or another server than was meant.
type UnexpectedAnswerError struct {
	Attempt
	Status      int
	ContentType string
	Body        []byte // its beginning, 512 bytes at most
	RequestID   string
	Why         string
	retryAfter  time.Duration
}

// Error tells what was wrong, and how the body begins.
func (e *UnexpectedAnswerError) Error() string {
	return fmt.Sprintf("client: %s: status %d: %s (%s: %q)%s", e.Operation, e.Status, e.Why, e.ContentType, e.Body, e.doubt())
}

// Error tells code and message, so that the result of an element can be handed on as an
// error.
func (p *ShortProblem) Error() string { return inLine(string(p.ErrorCode)) + ": " + inLine(p.Message) }

// Unwrap returns the code.
func (p *ShortProblem) Unwrap() error { return p.ErrorCode }
