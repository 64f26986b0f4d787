package policy

import (
	"fmt"

	"github.com/agentvault/teg-layer/ledger"
)

// Type says what a policy is about, and so what its parameters may be. The zero value
// is invalid. The numbers are stored.
type Type uint8

// The types.
const (
	Attestation Type = iota + 1
	Economic
	Auditor
	Dispute
)

var typeNames = [...]string{Attestation: "attestation", Economic: "economic", Auditor: "auditor", Dispute: "dispute"}

// Valid reports whether the type is one of those above.
func (t Type) Valid() bool { return t >= Attestation && t <= Dispute }

// String is the text form, such as "economic".
func (t Type) String() string {
	if !t.Valid() {
		return "invalid"
	}
	return typeNames[t]
}

// MarshalText returns the text form; an invalid type has none.
func (t Type) MarshalText() ([]byte, error) {
	if !t.Valid() {
		return nil, fmt.Errorf("policy: type %d has no text", uint8(t))
	}
	return []byte(t.String()), nil
}

// UnmarshalText reads the text form, as [ParseType] does.
func (t *Type) UnmarshalText(text []byte) error {
	read, err := ParseType(string(text))
	if err == nil {
		*t = read
	}
	return err
}

// ParseType reads the text form; anything else is [ledger.ErrInvalidInput].
func ParseType(text string) (Type, error) {
	for t := Attestation; t <= Dispute; t++ {
		if typeNames[t] == text {
			return t, nil
		}
	}
	return 0, ledger.Invalid("policy_type", "must be attestation, economic, auditor or dispute")
}

// Level says whether a policy is enforced. The zero value is invalid. The numbers are
// stored.
type Level uint8

// The levels.
const (
	Advisory  Level = iota + 1 // it is shown, and changes nothing
	Mandatory                  // it is in force
)

var levelNames = [...]string{Advisory: "advisory", Mandatory: "mandatory"}

// Valid reports whether the level is one of those above.
func (l Level) Valid() bool { return l == Advisory || l == Mandatory }

// String is the text form, such as "mandatory".
func (l Level) String() string {
	if !l.Valid() {
		return "invalid"
	}
	return levelNames[l]
}

// MarshalText returns the text form; an invalid level has none.
func (l Level) MarshalText() ([]byte, error) {
	if !l.Valid() {
		return nil, fmt.Errorf("policy: level %d has no text", uint8(l))
	}
	return []byte(l.String()), nil
}

// UnmarshalText reads the text form, as [ParseLevel] does.
func (l *Level) UnmarshalText(text []byte) error {
	read, err := ParseLevel(string(text))
	if err == nil {
		*l = read
	}
	return err
}

// ParseLevel reads the text form; anything else is [ledger.ErrInvalidInput].
func ParseLevel(text string) (Level, error) {
	for l := Advisory; l <= Mandatory; l++ {
		if levelNames[l] == text {
			return l, nil
		}
	}
	return 0, ledger.Invalid("enforcement_level", "must be advisory or mandatory")
}
