package mcp

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/agentvault/teg-layer/server/client"
)

// errFault is that a tool has a fault of its own.
var errFault = errors.New("the tool has a fault; whether anything was done is not known: look before you call it again")

// inputError is an argument that cannot be right.
type inputError struct{ field, message string }

// Error names the argument.
func (e *inputError) Error() string { return e.field + " " + e.message }

// refusalOf is what a model is told of a call that failed: what happened, by which rule,
// and what may be done instead. Words that others may have written are quoted.
func refusalOf(err error, x *client.Explanation) error {
	var b strings.Builder
	var bound *boundError
	var input *inputError
	attempt, sent := client.AttemptOf(err)
	switch {
	case errors.As(err, &bound):
		fmt.Fprintf(&b, "Refused by the rule wallet.%s, before anything was sent: %v.\nasked: %s AVT\nWhat would pass:\n- Ask for at most %s AVT, fee included.",
			bound.rule, bound, bound.asked, bound.left)
	case errors.As(err, &input):
		fmt.Fprintf(&b, "Refused by the rule input.valid, before anything was sent.\nWhat would pass:\n- Change %s, which %s.", input.field, quoted(input.message))
	case sent && attempt.InDoubt:
		fmt.Fprintf(&b, "The outcome is unknown: it may have been done.\nWhat to do:\n- Call \"outcome\" with the idempotency_key %q, or repeat the call with it.", attempt.Key)
	case x != nil && x.Reason != nil:
		b.WriteString(reason(x))
	default:
		b.WriteString(failure(err))
	}
	if sent && attempt.Key != "" && !attempt.InDoubt {
		fmt.Fprintf(&b, "\nidempotency_key: %s", attempt.Key)
	}
	return errors.New(b.String())
}

// reason is a refusal of the server, with the rule.
func reason(x *client.Explanation) string {
	var b strings.Builder
	r := x.Reason
	fmt.Fprintf(&b, "Refused by the rule %s", r.Rule)
	if x.Error != nil {
		fmt.Fprintf(&b, " (%s): %s", x.Error.ErrorCode, quoted(x.Error.Message))
	}
	for _, f := range r.Figures {
		value := quoted(f.Value)
		if f.Unit == "AVT" || f.Unit == "count" || f.Unit == "time" || f.Unit == "seconds" {
			value = f.Value
		}
		fmt.Fprintf(&b, "\n%s: %s", f.Name, value)
		if f.Unit == "AVT" || f.Unit == "seconds" {
			b.WriteString(" " + f.Unit)
		}
	}
	if len(r.WouldPass) == 0 {
		b.WriteString("\nNothing that you could change would help.")
		return b.String()
	}
	b.WriteString("\nWhat would pass:")
	for _, way := range r.WouldPass {
		b.WriteString("\n- " + brief(way.Do))
	}
	return b.String()
}

// failure is any other error.
func failure(err error) string {
	var refused *client.Error
	if !errors.As(err, &refused) {
		return "It failed: " + quoted(err.Error())
	}
	text := fmt.Sprintf("Refused (%s): %s", refused.Code, quoted(refused.Message))
	for _, field := range refused.Fields {
		text += "\n- Change " + brief(field.Field) + ": " + quoted(field.Message)
	}
	if refused.RetryAfter > 0 {
		text += fmt.Sprintf("\n- Come back after %s.", refused.RetryAfter)
	}
	return text
}

// mostWords is how many bytes of a stranger's words are repeated.
const mostWords = 1000

// quoted are words that others may have written, so that they are not taken for ours.
func quoted(text string) string { return strconv.Quote(brief(text)) }

// brief is the beginning of a text on one line.
func brief(text string) string {
	if len(text) > mostWords {
		text = strings.ToValidUTF8(text[:mostWords], "") + "…"
	}
	return strings.Map(func(r rune) rune {
		if strconv.IsPrint(r) {
			return r
		}
		return ' '
	}, text)
}
