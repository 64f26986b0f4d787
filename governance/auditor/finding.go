package auditor

import (
	"fmt"
	"time"

	"github.com/agentvault/teg-layer/ledger/did"
)

// MaxTransactions is how many transactions a finding names at most, the newest.
const MaxTransactions = 100

// Finding is what a rule has found about an agent. Code, Agent and WindowStart
// together name it.
type Finding struct {
	Code        Code
	Severity    Severity
	Shadow      bool // found by a rule that runs in shadow: counted, and nobody is to work on it
	Agent       did.DID
	WindowStart time.Time // UTC; a whole number of windows after 1970
	Events      []int64   // positions of what made the rule fire, rising: a flag names the [Event.Transaction] of each
	Reason      string    // a sentence with the figures
}

// occasion is what a finding is made for once.
type occasion struct {
	agent  did.DID
	window int64 // how many windows after 1970
}

// reporter collects what one rule finds, and keeps it from saying a thing twice.
type reporter struct {
	window int64 // microseconds
	raised memory[occasion, struct{}]
	found  []Finding // in the event at hand
}

func (r *reporter) set(window int64) {
	r.window = window
	r.raised.keep(window)
}

// first reports whether nothing has been found about the agent in the window that
// a time lies in, and takes that it is now. A rule asks before it makes a sentence.
func (r *reporter) first(agent did.DID, at, now int64) bool {
	key := occasion{agent, floor(at, r.window)}
	if r.raised.find(key, now) != nil {
		return false
	}
	r.raised.of(key, now)
	return true
}

// add takes a finding for which the rule has asked first.
func (r *reporter) add(agent did.DID, at int64, events []int64, reason string, args ...any) {
	start := floor(at, r.window) * r.window
	r.found = append(r.found, Finding{
		Agent: agent, WindowStart: time.UnixMicro(start).UTC(), Events: events, Reason: fmt.Sprintf(reason, args...),
	})
}

// floor divides and rounds down, also before 1970.
func floor(at, length int64) int64 {
	n := at / length
	if at%length < 0 {
		n--
	}
	return n
}

// lasting writes a length of time in the largest unit that divides it.
func lasting(span int64) string {
	for _, unit := range []struct {
		length int64
		name   string
	}{{day, "days"}, {3600 * second, "hours"}, {60 * second, "minutes"}} {
		if n := span / unit.length; n > 1 && span%unit.length == 0 {
			return fmt.Sprintf("%d %s", n, unit.name)
		}
	}
	return fmt.Sprintf("%d seconds", span/second)
}
