package strictjson

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Bounds of what an [InputError] tells.
const (
	MaxFieldErrors = 20  // errors in one InputError
	MaxValueRunes  = 128 // characters of a value
	maxFieldRunes  = 256 // characters of a path, of which callers write a part
)

// Root is the field that errors about the body as a whole name.
const Root = "body"

// MalformedError says that a body is not a JSON text. It never repeats any of
// it.
type MalformedError struct {
	Offset int    // bytes before the fault
	Reason string // a clause such as "a string does not end"
}

// Error returns the reason and where it was found.
func (e *MalformedError) Error() string {
	return fmt.Sprintf("malformed JSON at byte %d: %s", e.Offset, e.Reason)
}

// FieldError is what is wrong with one field. Its JSON form is that of an
// element of validation_errors.
type FieldError struct {
	Field   string  `json:"field"`           // path from the root, such as transfers[3].amount
	Message string  `json:"message"`         // a predicate, such as "must be a string"
	Value   *string `json:"value,omitempty"` // what was given; nil for objects, arrays, secrets and what is missing
}

// InputError lists what is wrong with a well-formed body, sorted by field.
type InputError struct {
	Fields []FieldError
}

// NewInputError returns an error about one field. A nil value is left out.
func NewInputError(field, message string, value *string) *InputError {
	e := &InputError{}
	e.Add(FieldError{Field: field, Message: message, Value: value})
	return e
}

// Add inserts f in its place, unless the same is said already. Long values are
// cut, and of more than [MaxFieldErrors] the last ones are dropped.
func (e *InputError) Add(f FieldError) {
	f.Field = cut(f.Field, maxFieldRunes)
	at, found := slices.BinarySearchFunc(e.Fields, f, compareFields)
	if found || at >= MaxFieldErrors {
		return
	}
	if f.Value != nil {
		short := cut(*f.Value, MaxValueRunes)
		f.Value = &short
	}
	if len(e.Fields) == MaxFieldErrors {
		e.Fields = e.Fields[:MaxFieldErrors-1]
	}
	e.Fields = slices.Insert(e.Fields, at, f)
}

// Error lists the fields and messages, and no value.
func (e *InputError) Error() string {
	var b strings.Builder
	b.WriteString("invalid input")
	for i, f := range e.Fields {
		if i == 0 {
			b.WriteString(": ")
		} else {
			b.WriteString("; ")
		}
		b.WriteString(f.Field + " " + f.Message)
	}
	return b.String()
}

func compareFields(a, b FieldError) int {
	return cmp.Or(strings.Compare(a.Field, b.Field), strings.Compare(a.Message, b.Message))
}

// cut returns the first limit characters of s.
func cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	runes := 0
	for i := range s {
		if runes == limit {
			return strings.Clone(s[:i])
		}
		runes++
	}
	return s
}

// TypeError says that a Go type cannot be decoded into: a fault of the
// program.
type TypeError struct {
	Type   reflect.Type
	Reason string
}

// Error names the type and what is wrong with it.
func (e *TypeError) Error() string {
	return fmt.Sprintf("strictjson: cannot decode into %v: %s", e.Type, e.Reason)
}
