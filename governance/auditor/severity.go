package auditor

import (
	"fmt"

	"github.com/agentvault/teg-layer/ledger"
)

// Severity says how much a finding matters. Higher is more. The zero value is
// invalid.
type Severity uint8

// The severities. A CRITICAL flag that is confirmed costs reputation.
const (
	Low Severity = iota + 1
	Medium
	High
	Critical
)

var severityNames = [...]string{Low: "LOW", Medium: "MEDIUM", High: "HIGH", Critical: "CRITICAL"}

// Valid reports whether the severity is one of those above.
func (s Severity) Valid() bool { return s >= Low && s <= Critical }

// String is the form that the HTTP API shows.
func (s Severity) String() string {
	if !s.Valid() {
		return "invalid"
	}
	return severityNames[s]
}

// MarshalText returns the text form; an invalid severity has none.
func (s Severity) MarshalText() ([]byte, error) {
	if !s.Valid() {
		return nil, fmt.Errorf("auditor: severity %d has no text", uint8(s))
	}
	return []byte(s.String()), nil
}

// UnmarshalText reads the text form, as [ParseSeverity] does.
func (s *Severity) UnmarshalText(text []byte) error {
	read, err := ParseSeverity(string(text))
	if err == nil {
		*s = read
	}
	return err
}

// ParseSeverity reads the text form; anything else is [ledger.ErrInvalidInput].
func ParseSeverity(text string) (Severity, error) {
	for s := Low; s <= Critical; s++ {
		if severityNames[s] == text {
			return s, nil
		}
	}
	return 0, ledger.Invalid("severity", "must be LOW, MEDIUM, HIGH or CRITICAL")
}

// Raised returns the next higher severity. Nothing is above CRITICAL:
// [ledger.ErrInvalidState].
func (s Severity) Raised() (Severity, error) {
	if !s.Valid() || s == Critical {
		return s, ledger.Refuse(ledger.ErrInvalidState, "a severity of %s cannot be raised", s).By("flag.severity", ledger.Word("severity", s.String()))
	}
	return s + 1, nil
}
