package auditor

import (
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/did"
)

// Changes is what a group of operations decided about flags. Flags are changed
// under the lock of the flagged agent's available row.
type Changes struct {
	Raised  []Flag // new ones
	Changed []Flag // loaded ones, as they are now
	Steps   []Step
}

// Empty reports whether there is nothing to write.
func (c *Changes) Empty() bool { return len(c.Raised)+len(c.Changed)+len(c.Steps) == 0 }

// Step is one change of a flag, its raising included. It is kept for ever.
type Step struct {
	Flag     FlagID
	Seq      int64   // its place in the flag's history, from 1, without gaps
	By       did.DID // zero for a rule
	Status   FlagStatus
	Severity Severity
	Notes    string // that came with it
	At       time.Time
}

// FlagQuery selects flags, newest first. Zero fields select everything, but flags
// of rules in shadow.
type FlagQuery struct {
	IDs      []FlagID // these, whatever else is asked
	Agent    did.DID
	Code     Code
	Severity Severity
	Status   FlagStatus
	Shadow   bool   // those of rules in shadow, and no others
	After    FlagID // only older ones than this: the cursor
	Offset   int64
	Limit    int
	Count    int64 // count up to so many matches; 0 counts nothing
}

// Tally is how many flags are alike.
type Tally struct {
	Code     Code
	Severity Severity
	Status   FlagStatus
	Shadow   bool
	Flags    int64
	Taken    time.Duration // from the raising to the last change, of all of them together
}

// step is what the flag's last change was.
func (f *Flag) step(by did.DID, notes string) Step {
	return Step{Flag: f.ID, Seq: f.Steps, By: by, Status: f.Status, Severity: f.Severity, Notes: notes, At: f.UpdatedAt}
}

// MaxCode is the longest code of a rule, in bytes.
const MaxCode = 64

// CheckCode accepts the code that a person gives a flag: a rule's, or one of its own
// of capital letters, digits and underscores.
func CheckCode(code Code) error {
	letter := func(c byte) bool { return c >= 'A' && c <= 'Z' }
	ok := len(code) >= 1 && len(code) <= MaxCode && letter(code[0])
	for i := 0; ok && i < len(code); i++ {
		c := code[i]
		ok = letter(c) || c == '_' || c >= '0' && c <= '9'
	}
	if !ok {
		return ledger.Invalid("rule_violated_code", "a rule's code, or one of 1 to %d capital letters, digits and underscores", MaxCode)
	}
	return nil
}
