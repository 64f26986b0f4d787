package remote

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/agentvault/teg-layer/server/client"
)

// The exit codes of commands that ask a server, beside 0 for done.
const (
	exitFailed    = 1 // no answer, a fault of the server, too many requests
	exitMisused   = 2 // wrong call or configuration: nothing was sent
	exitRefused   = 3 // the server refuses it, and would again
	exitForbidden = 4 // no token, one that is not good, or the caller may not
	exitUnknown   = 5 // it may have been carried out
)

// Error is why a command did not do what it was asked. It has an exit code of its own, and
// is safe to print: what a server wrote in it is escaped.
type Error struct {
	code int
	text string
	err  error
}

// Error tells what happened and what to do next.
func (e *Error) Error() string { return e.text }

// Unwrap returns what was met, such as an error of the client.
func (e *Error) Unwrap() error { return e.err }

// ExitCode is that of the process.
func (e *Error) ExitCode() int { return e.code }

// misused is a fault of the call.
func misused(format string, args ...any) error {
	err := fmt.Errorf(format, args...)
	return &Error{code: exitMisused, text: plain(err.Error()), err: errors.Unwrap(err)}
}

// failure is the error of a question. What was not sent was asked wrongly.
func failure(err error, identified bool) error {
	var own *Error
	attempt, sent := client.AttemptOf(err)
	switch {
	case err == nil, errors.As(err, &own):
		return err
	case !sent:
		return &Error{code: exitMisused, text: plain(err.Error()), err: err}
	}
	text := reason(err)
	if errors.Is(err, client.ErrMissingToken) && !identified {
		text += "; give --token (TEG_TOKEN), or --key-file (TEG_KEY_FILE), which `teg keygen` makes"
	}
	if attempt.InDoubt {
		outlive()
	}
	return &Error{code: codeOf(err, attempt), text: plain(text + doubt(attempt)), err: err}
}

// codeOf is the exit code of a call that was sent.
func codeOf(err error, attempt client.Attempt) int {
	var refused *client.Error
	switch {
	case attempt.InDoubt:
		return exitUnknown
	case !errors.As(err, &refused), refused.Status >= http.StatusInternalServerError, refused.Status == http.StatusTooManyRequests:
		return exitFailed
	case refused.Status == http.StatusUnauthorized, refused.Status == http.StatusForbidden:
		return exitForbidden
	}
	return exitRefused
}

// reason says why a call failed, in words for people rather than for programs.
func reason(err error) string {
	var refused *client.Error
	var odd *client.UnexpectedAnswerError
	var lost *client.NoAnswerError
	switch {
	case errors.As(err, &refused):
		return refusal(refused)
	case errors.As(err, &odd):
		return fmt.Sprintf("the server answers %d, which %s (%s: %q)", odd.Status, odd.Why, odd.ContentType, odd.Body)
	case errors.As(err, &lost) && !lost.InDoubt:
		return fmt.Sprintf("no answer: %v; see that the server runs, and that --url (TEG_URL) is right", lost.Err)
	case lost != nil:
		return fmt.Sprintf("no answer: %v", lost.Err)
	}
	return err.Error()
}

// refusal is what the server says, with the fields at fault.
func refusal(e *client.Error) string {
	text := brief(string(e.Code)) + ": " + brief(e.Message)
	for _, field := range e.Fields[:min(len(e.Fields), mostFields)] {
		text += "; " + brief(field.Field) + " " + brief(field.Message)
	}
	if e.Detail != "" {
		text += " (" + brief(e.Detail) + ")"
	}
	if e.Replayed {
		text += "; so it was answered before under this key: to try anew takes another key"
	}
	if e.RetryAfter > 0 {
		text += fmt.Sprintf("; come back after %s", e.RetryAfter)
	}
	if e.RequestID != "" {
		text += " [request " + brief(e.RequestID) + "]"
	}
	return text
}

// What a message repeats of a server's words at most.
const (
	mostFields = 20
	mostWords  = 1000
)

// brief is the beginning of a text, and does not end within a character.
func brief(text string) string {
	if len(text) <= mostWords {
		return text
	}
	return strings.ToValidUTF8(text[:mostWords], "") + "…"
}
