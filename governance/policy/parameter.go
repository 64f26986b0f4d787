package policy

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/agentvault/teg-layer/governance/auditor"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
)

// parameter is one that policies of a type may have.
type parameter struct {
	name string
	want string // what its value has to be, for people
	// read takes the value in, and returns its one form and what it does. ok is false
	// where it is not what is wanted.
	read func(raw json.RawMessage) (canonical any, set func(*settings), ok bool)
	// show returns what is set, as read would return it; nil where the type sets no terms.
	show func(*settings) any
}

// settings are what parameters set; of the three, the one that the type has.
type settings struct {
	terms       *Terms
	attestation *AttestationTerms
	rules       []auditor.Change
}

// parametersOf are those that a type has.
func parametersOf(t Type) []parameter {
	switch t {
	case Attestation:
		return attestationParameters
	case Economic:
		return economicParameters
	case Dispute:
		return disputeParameters
	}
	return auditorParameters
}

// ParseParameters reads the parameters of a policy of a type, a JSON object or nothing,
// and returns their one form: known names in order, values as this package writes
// them, no white space. Amounts and percentages are taken as numbers or strings and
// kept as strings. What is not known to the type, or is not what its name wants, is
// [ledger.ErrInvalidInput], whose Field is "parameters" or "parameters.NAME".
func ParseParameters(t Type, text []byte) (string, error) {
	canonical, _, err := readParameters(t, text)
	return canonical, err
}

func readParameters(t Type, text []byte) (canonical string, set []func(*settings), err error) {
	if len(text) > MaxParameters {
		return "", nil, ledger.Invalid("parameters", "at most %d bytes", MaxParameters)
	}
	given := map[string]json.RawMessage{}
	if len(text) > 0 {
		if err := json.Unmarshal(text, &given); err != nil || given == nil {
			return "", nil, ledger.Invalid("parameters", "must be a JSON object")
		}
	}
	values := make(map[string]any, len(given))
	for _, name := range slices.Sorted(maps.Keys(given)) { // sorted, so that of two errors it is always the same
		p := find(t, name)
		if p == nil {
			return "", nil, ledger.Invalid("parameters."+name, "a policy of type %s has no such parameter; it has %s", t, strings.Join(Parameters(t), ", "))
		}
		value, apply, ok := p.read(given[name])
		if !ok {
			return "", nil, ledger.Invalid("parameters."+name, "must be %s", p.want)
		}
		values[name], set = value, append(set, apply)
	}
	written, err := write(values)
	if err == nil && len(written) > MaxParameters {
		err = ledger.Invalid("parameters", "at most %d bytes", MaxParameters)
	}
	return string(written), set, err
}

func find(t Type, name string) *parameter {
	list := parametersOf(t)
	for i := range list {
		if list[i].name == name {
			return &list[i]
		}
	}
	return nil
}

// Parameters are the names of those that policies of a type may have.
func Parameters(t Type) []string {
	var names []string
	for _, p := range parametersOf(t) {
		names = append(names, p.name)
	}
	return names
}

// write writes JSON with the names of objects in order.
func write(value any) ([]byte, error) {
	var b bytes.Buffer
	w := json.NewEncoder(&b)
	w.SetEscapeHTML(false)
	if err := w.Encode(value); err != nil {
		return nil, ledger.Invalid("parameters", "cannot be written: %v", err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// literal is what a JSON string says, or the text of a JSON number.
func literal(raw json.RawMessage) (string, bool) {
	if len(raw) > 0 && raw[0] == '"' {
		return quoted(raw)
	}
	return numeral(raw)
}

func quoted(raw json.RawMessage) (text string, ok bool) {
	ok = len(raw) > 0 && raw[0] == '"' && json.Unmarshal(raw, &text) == nil
	return text, ok
}

func numeral(raw json.RawMessage) (string, bool) {
	var n json.Number
	ok := len(raw) > 0 && (raw[0] == '-' || raw[0] >= '0' && raw[0] <= '9') && json.Unmarshal(raw, &n) == nil
	return n.String(), ok
}

// unset is how a parameter is written that takes a limit away.
var unset = json.RawMessage("null")

const wantAmount = `an amount of AVT such as "0.001"`

func sum(name string, place func(*settings) *amount.Amount) parameter {
	return parameter{name, wantAmount, func(raw json.RawMessage) (any, func(*settings), bool) {
		text, ok := literal(raw)
		value, err := amount.Parse(text)
		return value, func(s *settings) { *place(s) = value }, ok && err == nil
	}, func(s *settings) any { return *place(s) }}
}

// ceiling is an amount, or null for none; set is told which, and get tells it.
func ceiling(name string, get func(*settings) (amount.Amount, bool), set func(s *settings, value amount.Amount, limited bool)) parameter {
	return parameter{name, wantAmount + ", or null for no limit", func(raw json.RawMessage) (any, func(*settings), bool) {
		if bytes.Equal(raw, unset) {
			return unset, func(s *settings) { set(s, amount.Amount{}, false) }, true
		}
		text, ok := literal(raw)
		value, err := amount.Parse(text)
		return value, func(s *settings) { set(s, value, true) }, ok && err == nil
	}, func(s *settings) any {
		if value, limited := get(s); limited {
			return value
		}
		return unset
	}}
}

func fraction(name string, place func(*settings) *amount.Rate) parameter {
	return parameter{name, `a fraction from 0 to 1 such as "0.05", with at most 6 decimals`, func(raw json.RawMessage) (any, func(*settings), bool) {
		text, ok := literal(raw)
		value, err := amount.ParseFraction(text)
		return value.FractionString(), func(s *settings) { *place(s) = value }, ok && err == nil
	}, func(s *settings) any { return place(s).FractionString() }}
}

func percentage(name string, place func(*settings) *amount.Rate) parameter {
	return parameter{name, `a percentage from 0 to 100 such as "2.5", with at most 4 decimals`, func(raw json.RawMessage) (any, func(*settings), bool) {
		text, ok := literal(raw)
		value, err := amount.ParsePercent(text)
		return value.PercentString(), func(s *settings) { *place(s) = value }, ok && err == nil
	}, func(s *settings) any { return place(s).PercentString() }}
}

func truth(name string, place func(*settings) *bool) parameter {
	return parameter{name, "true or false", func(raw json.RawMessage) (any, func(*settings), bool) {
		value := string(raw) == "true"
		return value, func(s *settings) { *place(s) = value }, value || string(raw) == "false"
	}, func(s *settings) any { return *place(s) }}
}

func whole(name string, least, most int, place func(*settings) *int) parameter {
	want := "a whole number from " + strconv.Itoa(least) + " to " + strconv.Itoa(most)
	return parameter{name, want, func(raw json.RawMessage) (any, func(*settings), bool) {
		text, ok := numeral(raw)
		value, err := strconv.Atoi(text)
		return value, func(s *settings) { *place(s) = value }, ok && err == nil && value >= least && value <= most
	}, func(s *settings) any { return *place(s) }}
}

// span is a duration as the environment writes it, or a number of seconds.
func span(name string, least, most time.Duration, place func(*settings) *time.Duration) parameter {
	want := `a duration such as "72h" or "30d", or whole seconds, from ` + least.String() + " to " + strconv.Itoa(int(most/(24*time.Hour))) + "d"
	return parameter{name, want, func(raw json.RawMessage) (any, func(*settings), bool) {
		text, ok := quoted(raw)
		if !ok {
			text, ok = numeral(raw)
			text += "s"
		}
		value, read := ParseDuration(text)
		return value.String(), func(s *settings) { *place(s) = value }, ok && read && value >= least && value <= most && value%time.Microsecond == 0
	}, func(s *settings) any { return place(s).String() }}
}

// given are the names of parameters that were parsed.
func given(parameters string) []string {
	values := map[string]json.RawMessage{}
	if json.Unmarshal([]byte(parameters), &values) != nil {
		return nil
	}
	return slices.Sorted(maps.Keys(values))
}

// Values are what the terms are, for each parameter that policies of a type can set: a
// JSON object in the form of [ParseParameters], empty for a type that sets no terms.
func (t Terms) Values(of Type) string {
	values := map[string]any{}
	if of == Economic || of == Dispute {
		for _, p := range parametersOf(of) {
			values[p.name] = p.show(&settings{terms: &t})
		}
	}
	text, _ := write(values) // numbers, texts and amounts
	return string(text)
}
