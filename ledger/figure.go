package ledger

import (
	"strconv"
	"time"

	"github.com/agentvault/teg-layer/ledger/amount"
)

// Unit says what the value of a figure is.
type Unit string

// The units of figures.
const (
	UnitAVT     Unit = "AVT"     // a decimal amount
	UnitCount   Unit = "count"   // a whole number
	UnitTime    Unit = "time"    // RFC 3339 in UTC
	UnitSeconds Unit = "seconds" // a whole number of them
	UnitName    Unit = "name"    // a word: a state, a role, an id, a field
)

// Figure is something that a rule looked at when it refused.
type Figure struct {
	Name  string `json:"name"` // what it is, such as "available"
	Value string `json:"value"`
	Unit  Unit   `json:"unit"`
}

// Sum is a figure in AVT.
func Sum(name string, a amount.Amount) Figure { return Figure{name, a.String(), UnitAVT} }

// Count is a figure that counts.
func Count[N ~int | ~int64](name string, n N) Figure {
	return Figure{name, strconv.FormatInt(int64(n), 10), UnitCount}
}

// Moment is a figure that is a time.
func Moment(name string, t time.Time) Figure { return Figure{name, moment(t), UnitTime} }

// Span is a figure that is a length of time.
func Span(name string, d time.Duration) Figure {
	return Figure{name, strconv.FormatInt(int64(d/time.Second), 10), UnitSeconds}
}

// Word is a figure that is a word, such as a state.
func Word(name, word string) Figure { return Figure{name, word, UnitName} }

// moment is a time in figures, to the microsecond as everywhere else.
func moment(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.999999Z07:00") }

// Bound says how the value of a [Way] bounds what is to change.
type Bound string

// The bounds of ways.
const (
	AtMost    Bound = "at_most"
	AtLeast   Bound = "at_least"
	NotBefore Bound = "not_before" // the time at which to ask again
	Is        Bound = "is"         // exactly this
)

// Way is one thing that may be changed so that the rule which refused lets the act pass.
// Rules that come after it may still refuse.
type Way struct {
	// Field is what to change: a field of the request where it is one of them, such as
	// "amount", and otherwise what there is, such as "available" or "state". Empty where
	// the sentence alone says it.
	Field string `json:"field,omitempty"`
	Bound Bound  `json:"bound,omitempty"` // how Value bounds it; empty without a value
	Value string `json:"value,omitempty"`
	Unit  Unit   `json:"unit,omitempty"`
	Do    string `json:"do"` // a sentence that says what to do
}

// Needs is a way to pass by a figure: the field is bounded by the figure's value.
func (f Figure) Needs(field string, bound Bound, do string) Way {
	return Way{Field: field, Bound: bound, Value: f.Value, Unit: f.Unit, Do: do}
}

// Do is a way that a sentence alone can say.
func Do(sentence string) Way { return Way{Do: sentence} }

// By names the rule that refuses and the figures that it looked at, and returns the
// refusal. Names of rules never change; docs/explain.md lists them.
func (r *Refusal) By(rule string, figures ...Figure) *Refusal {
	r.Rule, r.Figures = rule, figures
	return r
}

// Unless adds what would have passed, and returns the refusal.
func (r *Refusal) Unless(ways ...Way) *Refusal {
	r.Ways = append(r.Ways, ways...)
	return r
}
