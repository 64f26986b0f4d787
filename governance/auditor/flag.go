package auditor

import (
	"fmt"
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/did"
)

// FlagID names a flag; its text form is "flag_" and 32 hex digits.
type FlagID ledger.ID

const flagPrefix = "flag_"

// String returns the text form, empty for the zero value.
func (id FlagID) String() string { return ledger.FormatID(flagPrefix, ledger.ID(id)) }

// IsZero reports whether the id names no flag.
func (id FlagID) IsZero() bool { return ledger.ID(id).IsZero() }

// MarshalText returns the text form.
func (id FlagID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// ParseFlagID reads the text form; anything else is [ledger.ErrNotFound].
func ParseFlagID(text string) (FlagID, error) {
	id, err := ledger.ParseID(flagPrefix, text)
	return FlagID(id), err
}

// FlagStatus is where a flag stands. The zero value is invalid.
type FlagStatus uint8

// The states of a flag. The last two are ends.
const (
	FlagNew FlagStatus = iota + 1
	FlagUnderReview
	FlagResolved      // confirmed
	FlagFalsePositive // there was nothing to it
)

var flagStatusNames = [...]string{FlagNew: "NEW", FlagUnderReview: "UNDER_REVIEW", FlagResolved: "RESOLVED", FlagFalsePositive: "FALSE_POSITIVE"}

// flagTable says what a flag can become. There is no way past a review, not to
// FALSE_POSITIVE either: what nobody has looked at is not known to be false.
var flagTable = map[FlagStatus][]FlagStatus{
	FlagNew:         {FlagUnderReview},
	FlagUnderReview: {FlagResolved, FlagFalsePositive},
}

// Valid reports whether the status is one of those above.
func (s FlagStatus) Valid() bool { return s >= FlagNew && s <= FlagFalsePositive }

// Open reports whether a flag still waits for an end.
func (s FlagStatus) Open() bool { return s == FlagNew || s == FlagUnderReview }

// String is the form that the HTTP API shows.
func (s FlagStatus) String() string {
	if !s.Valid() {
		return "invalid"
	}
	return flagStatusNames[s]
}

// MarshalText returns the text form; an invalid status has none.
func (s FlagStatus) MarshalText() ([]byte, error) {
	if !s.Valid() {
		return nil, fmt.Errorf("auditor: flag status %d has no text", uint8(s))
	}
	return []byte(s.String()), nil
}

// UnmarshalText reads the text form, as [ParseFlagStatus] does.
func (s *FlagStatus) UnmarshalText(text []byte) error {
	read, err := ParseFlagStatus(string(text))
	if err == nil {
		*s = read
	}
	return err
}

// ParseFlagStatus reads the text form; anything else is [ledger.ErrInvalidInput].
func ParseFlagStatus(text string) (FlagStatus, error) {
	for s := FlagNew; s <= FlagFalsePositive; s++ {
		if flagStatusNames[s] == text {
			return s, nil
		}
	}
	return 0, ledger.Invalid("status", "must be NEW, UNDER_REVIEW, RESOLVED or FALSE_POSITIVE")
}

// CanBecome is the state table of flags.
func (s FlagStatus) CanBecome(next FlagStatus) bool {
	for _, possible := range flagTable[s] {
		if possible == next {
			return true
		}
	}
	return false
}

// Flag is a finding, or what a person has found, on its way through review.
type Flag struct {
	ID           FlagID
	Agent        did.DID
	Code         Code
	Reason       string
	Severity     Severity
	Status       FlagStatus
	Transactions []ledger.TransactionID
	RaisedBy     did.DID   // zero where a rule did
	WindowStart  time.Time // of the finding; zero where a person raised it
	Shadow       bool      // found by a rule in shadow: nobody is to work on it
	Notes        string    // of the last who worked on it
	Steps        int64     // of its history, its raising included
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// FlagOf makes the flag of a finding, which names the transactions of its events.
func FlagOf(f Finding, of []ledger.TransactionID, id FlagID, at time.Time) Flag {
	return Flag{
		ID: id, Agent: f.Agent, Code: f.Code, Reason: f.Reason, Severity: f.Severity, Status: FlagNew,
		Transactions: of, WindowStart: f.WindowStart, Shadow: f.Shadow, Steps: 1, CreatedAt: at, UpdatedAt: at,
	}
}

// Raising is the first step of a new flag.
func (f Flag) Raising() Step { return f.step(f.RaisedBy, "") }

// Become returns the flag in another status, and the step that this is. Notes that
// are not empty replace those before. What the table does not allow is
// [ledger.ErrInvalidState].
func (f Flag) Become(next FlagStatus, by did.DID, notes string, at time.Time) (Flag, Step, error) {
	if err := f.workable(); err != nil {
		return f, Step{}, err
	}
	if !f.Status.CanBecome(next) {
		return f, Step{}, ledger.Refuse(ledger.ErrInvalidState, "a flag that is %s cannot become %s; the way is NEW, UNDER_REVIEW, RESOLVED or FALSE_POSITIVE", f.Status, next).
			By("flag.state", ledger.Word("state", f.Status.String()), ledger.Word("next", next.String())).
			Unless(ledger.Do("Take the steps in their order: NEW, UNDER_REVIEW, then RESOLVED or FALSE_POSITIVE."))
	}
	f.Status = next
	changed, step := f.changed(by, notes, at)
	return changed, step, nil
}

// Escalate returns the flag with its severity raised by one and its status as it
// was, and the step that this is. A CRITICAL flag and one that has ended are
// [ledger.ErrInvalidState]: an end has had its effect already.
func (f Flag) Escalate(by did.DID, notes string, at time.Time) (Flag, Step, error) {
	if err := f.workable(); err != nil {
		return f, Step{}, err
	}
	if !f.Status.Open() {
		return f, Step{}, ledger.Refuse(ledger.ErrInvalidState, "a flag that is %s cannot be escalated", f.Status).
			By("flag.open", ledger.Word("state", f.Status.String()))
	}
	raised, err := f.Severity.Raised()
	if err != nil {
		return f, Step{}, err
	}
	f.Severity = raised
	changed, step := f.changed(by, notes, at)
	return changed, step, nil
}

// workable refuses work upon what is only counted.
func (f *Flag) workable() error {
	if f.Shadow {
		return ledger.Refuse(ledger.ErrInvalidState, "the rule ran in shadow: its findings are counted and not worked on")
	}
	return nil
}

func (f Flag) changed(by did.DID, notes string, at time.Time) (Flag, Step) {
	f.Steps, f.UpdatedAt = f.Steps+1, at
	if notes != "" {
		f.Notes = notes
	}
	return f, f.step(by, notes)
}
