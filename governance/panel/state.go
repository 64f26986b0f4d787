package panel

import (
	"fmt"
	"slices"
)

// State is where a round stands. The zero value is invalid.
type State uint8

// The states of a round. All but the first three are ends.
const (
	Drawn      State = iota + 1 // the seed is known; nobody has a seat yet
	Committing                  // its members hand in what they do not tell yet
	Revealing                   // and tell it
	Ruled                       // there is a majority
	Redrawn                     // there is none, and another round follows
	Failed                      // there is none, and an administrator is to decide
	Dropped                     // the dispute ended without it
)

var stateNames = [...]string{
	Drawn: "drawn", Committing: "committing", Revealing: "revealing", Ruled: "ruled", Redrawn: "redrawn", Failed: "failed", Dropped: "dropped",
}

// stateTable says what a round can become. A round in which too few can take a seat
// fails at once: another would be drawn from the same.
var stateTable = map[State][]State{
	Drawn:      {Committing, Failed},
	Committing: {Revealing, Redrawn, Failed, Dropped},
	Revealing:  {Ruled, Redrawn, Failed, Dropped},
}

// Valid reports whether the state is one of those above.
func (s State) Valid() bool { return s >= Drawn && s <= Dropped }

// Open reports whether the round's members may still do something, or will.
func (s State) Open() bool { return s >= Drawn && s <= Revealing }

// CanBecome is the state table of rounds.
func (s State) CanBecome(next State) bool { return slices.Contains(stateTable[s], next) }

// String is the form that the HTTP API shows.
func (s State) String() string {
	if !s.Valid() {
		return "invalid"
	}
	return stateNames[s]
}

// MarshalText returns the text form; an invalid state has none.
func (s State) MarshalText() ([]byte, error) {
	if !s.Valid() {
		return nil, fmt.Errorf("panel: state %d has no text", uint8(s))
	}
	return []byte(s.String()), nil
}
