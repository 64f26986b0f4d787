package server

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/agentvault/teg-layer/server/strictjson"
	"github.com/agentvault/teg-layer/teg"
)

// faults gathers what is wrong with the shape of a request, from its headers,
// parameters and body, so that a client can mend all of it at once. The limits
// are the engine's, which holds every caller to them; they are asked here for
// the list, and so that a request that cannot be right does nothing at all.
type faults struct{ found strictjson.InputError }

// checked is a body with rules that its types alone do not express.
type checked interface{ check(f *faults) }

// add notes what is wrong with a field, unless something is known to be wrong
// with it, or with what it lies in, already.
func (f *faults) add(field, message string, value *string) {
	if !f.has(field) {
		f.found.Add(strictjson.FieldError{Field: field, Message: message, Value: value})
	}
}

// has reports whether something is known to be wrong with a field or with what
// it lies in.
func (f *faults) has(field string) bool {
	for i := range f.found.Fields {
		rest, inside := strings.CutPrefix(field, f.found.Fields[i].Field)
		if inside && (rest == "" || rest[0] == '.' || rest[0] == '[') {
			return true
		}
	}
	return false
}

// inside reports whether something is known to be wrong with what lies in a field.
func (f *faults) inside(field string) bool {
	for i := range f.found.Fields {
		rest, inside := strings.CutPrefix(f.found.Fields[i].Field, field)
		if inside && rest != "" && (rest[0] == '.' || rest[0] == '[') {
			return true
		}
	}
	return false
}

// merge takes over what the decoder of a body found.
func (f *faults) merge(other *strictjson.InputError) {
	for _, each := range other.Fields {
		f.found.Add(each)
	}
}

// err is all that was found, nil for nothing.
func (f *faults) err() error {
	if len(f.found.Fields) == 0 {
		return nil
	}
	return &f.found
}

// element notes the faults of an element of a list under its place there.
func (f *faults) element(list string, i int, element checked) {
	var inner faults
	element.check(&inner)
	for _, each := range inner.found.Fields {
		f.add(fmt.Sprintf("%s[%d].%s", list, i, each.Field), each.Message, each.Value)
	}
}

// refused notes what the engine says of a field, where it says anything.
func (f *faults) refused(field string, err error, value *string) {
	var refusal *teg.Refusal
	if errors.As(err, &refusal) {
		f.add(field, refusal.Error(), value)
	}
}

// refusedThere notes what the engine says, where it says it.
func (f *faults) refusedThere(err error) {
	var refusal *teg.Refusal
	if errors.As(err, &refusal) {
		f.add(refusal.Field, refusal.Error(), nil)
	}
}

// sum wants an amount that moves something, where one is given.
func (f *faults) sum(field string, given *teg.Amount) {
	if given != nil && given.IsZero() {
		zero := "0"
		f.add(field, "must be more than zero", &zero)
	}
}

// part wants a percentage that is not zero, where one is given.
func (f *faults) part(field string, given *teg.Rate) {
	if given != nil && given.IsZero() {
		zero := "0"
		f.add(field, "must be more than zero", &zero)
	}
}

// text wants at most so many characters, where a text is given.
func (f *faults) text(field string, given *string, limit int) {
	if given != nil && len(*given) > limit && utf8.RuneCountInString(*given) > limit {
		f.add(field, "must have at most "+strconv.Itoa(limit)+" characters", given)
	}
}

// filled wants a text that says something.
func (f *faults) filled(field, given string, limit int) {
	if strings.TrimSpace(given) == "" {
		f.add(field, "must not be empty", &given)
	}
	f.text(field, &given, limit)
}

// key wants an idempotency key, where one is given.
func (f *faults) key(field string, given *string) {
	if given == nil {
		return
	}
	if !teg.ValidKey(*given) {
		shown := strings.ToValidUTF8(*given, "\uFFFD")
		f.add(field, "must be 1 to 255 visible ASCII characters", &shown)
	}
}

// checkID wants the id of a kind of thing, where one is given.
func checkID[T any](f *faults, field, kind string, given *string, parse func(string) (T, error)) {
	if given == nil {
		return
	}
	if _, err := parse(*given); err != nil {
		f.add(field, "must be the id of a "+kind, given)
	}
}

// readID reads an id that has been checked, zero where none is given.
func readID[T any](given *string, parse func(string) (T, error)) T {
	id, _ := parse(orZero(given))
	return id
}

// between wants a number within bounds, where one is given.
func (f *faults) between(field string, given *int64, low, high int64) {
	if given != nil && (*given < low || *given > high) {
		shown := strconv.FormatInt(*given, 10)
		f.add(field, fmt.Sprintf("must be a whole number from %d to %d", low, high), &shown)
	}
}

// instant reads a time in RFC 3339, or a date, where one is given.
func (f *faults) instant(field string, given *string) time.Time {
	if given == nil {
		return time.Time{}
	}
	t, ok := parseInstant(*given)
	if !ok {
		f.add(field, badInstant, given)
	}
	return t
}

// readKey reads the header Idempotency-Key: none, or one.
func (c *call) readKey() {
	given := c.request.Header["Idempotency-Key"]
	switch len(given) {
	case 0:
	case 1:
		c.faults.key("Idempotency-Key", &given[0])
		c.key = given[0]
	default:
		c.faults.add("Idempotency-Key", "is given more than once", nil)
	}
}
