package reputation

import (
	"errors"
	"fmt"
	"slices"
)

// Outcome is how a service ended that agents did for each other over AVTP. The zero
// value is invalid. The numbers are stored and only appended to.
type Outcome uint8

// The outcomes.
const (
	Success         Outcome = iota + 1
	FailureProvider         // the responder's fault
	FailureConsumer         // the initiator's fault
	Disputed                // the parties do not agree
)

var outcomeNames = [...]string{
	Success: "SUCCESS", FailureProvider: "FAILURE_PROVIDER", FailureConsumer: "FAILURE_CONSUMER", Disputed: "DISPUTED",
}

// Valid reports whether the outcome is one of those above.
func (o Outcome) Valid() bool { return o >= Success && o <= Disputed }

// String is the stable text form, such as "FAILURE_PROVIDER".
func (o Outcome) String() string {
	if !o.Valid() {
		return "invalid"
	}
	return outcomeNames[o]
}

// ParseOutcome reads the text form.
func ParseOutcome(text string) (Outcome, error) {
	if i := slices.Index(outcomeNames[1:], text); i >= 0 {
		return Outcome(i + 1), nil
	}
	return 0, errors.New("must be SUCCESS, FAILURE_PROVIDER, FAILURE_CONSUMER or DISPUTED")
}

// UnmarshalText reads the text form.
func (o *Outcome) UnmarshalText(text []byte) (err error) {
	*o, err = ParseOutcome(string(text))
	return err
}

// MarshalText returns the text form, and an error for an invalid outcome.
func (o Outcome) MarshalText() ([]byte, error) {
	if !o.Valid() {
		return nil, fmt.Errorf("reputation: no outcome %d", o)
	}
	return []byte(o.String()), nil
}
