package panel

import (
	"fmt"

	"github.com/agentvault/teg-layer/ledger"
)

// Choice is what a member of a panel finds. The zero value is invalid: no choice.
type Choice uint8

// What can be found. The text forms are those of the dispute's ends.
const (
	ForClaimant Choice = iota + 1
	ForDefendant
	Split
)

var choiceNames = [...]string{
	ForClaimant: "RESOLVED_FAVOR_CLAIMANT", ForDefendant: "RESOLVED_FAVOR_DEFENDANT", Split: "RESOLVED_SPLIT",
}

// Valid reports whether the choice is one of those above.
func (c Choice) Valid() bool { return c >= ForClaimant && c <= Split }

// String is the text form, empty for no choice.
func (c Choice) String() string {
	if !c.Valid() {
		return ""
	}
	return choiceNames[c]
}

// MarshalText returns the text form; what is no choice has none.
func (c Choice) MarshalText() ([]byte, error) {
	if !c.Valid() {
		return nil, fmt.Errorf("panel: choice %d has no text", uint8(c))
	}
	return []byte(c.String()), nil
}

// UnmarshalText reads the text form, as [ParseChoice] does.
func (c *Choice) UnmarshalText(text []byte) error {
	read, err := ParseChoice(string(text))
	if err == nil {
		*c = read
	}
	return err
}

// ParseChoice reads the text form; anything else is [ledger.ErrInvalidInput].
func ParseChoice(text string) (Choice, error) {
	for c := ForClaimant; c.Valid(); c++ {
		if choiceNames[c] == text {
			return c, nil
		}
	}
	return 0, ledger.Invalid("choice", "must be %s, %s or %s", ForClaimant, ForDefendant, Split)
}
