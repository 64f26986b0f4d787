package dispute

import (
	"fmt"
	"slices"
	"strings"

	"github.com/agentvault/teg-layer/ledger"
)

// Status is where a dispute stands. The zero value is invalid. The numbers are
// stored: they are never reused and only appended to.
type Status uint8

// The states of a dispute. The first three are open, the others are ends.
const (
	Open Status = iota + 1
	UnderReview
	AwaitingArbitration
	FavorClaimant
	FavorDefendant
	Split
	Rejected
	Withdrawn
)

var statusNames = [...]string{
	Open: "OPEN", UnderReview: "UNDER_REVIEW", AwaitingArbitration: "AWAITING_ARBITRATION",
	FavorClaimant: "RESOLVED_FAVOR_CLAIMANT", FavorDefendant: "RESOLVED_FAVOR_DEFENDANT", Split: "RESOLVED_SPLIT",
	Rejected: "REJECTED", Withdrawn: "WITHDRAWN",
}

// byHand says what people can make of a dispute.
var byHand = map[Status][]Status{
	Open:                {UnderReview, Rejected, Withdrawn},
	UnderReview:         {AwaitingArbitration, Rejected, Withdrawn},
	AwaitingArbitration: {FavorClaimant, FavorDefendant, Split, Withdrawn},
}

// byTime says what a dispute becomes at the deadline of its state. Every open state
// is there, and the way leads to an end: this is why every dispute ends.
var byTime = map[Status]Status{Open: UnderReview, UnderReview: AwaitingArbitration, AwaitingArbitration: Rejected}

// Valid reports whether the status is one of those above.
func (s Status) Valid() bool { return s >= Open && s <= Withdrawn }

// Open reports whether a dispute still waits for its end.
func (s Status) Open() bool { return s >= Open && s <= AwaitingArbitration }

// Ruled reports whether the status is the end that a ruling makes.
func (s Status) Ruled() bool { return s >= FavorClaimant && s <= Split }

// CanBecome is the state table of what is done by hand.
func (s Status) CanBecome(next Status) bool { return slices.Contains(byHand[s], next) }

// Follows reports whether a dispute can become the next status in any way, by hand or
// by its deadline. From no status at all it becomes OPEN.
func (s Status) Follows(next Status) bool {
	if s == 0 {
		return next == Open
	}
	return s.CanBecome(next) || s.Open() && byTime[s] == next
}

// words are the states that an open dispute can be brought to by hand, for a refusal.
func (s Status) words() string {
	var names []string
	for next := Open; next <= Withdrawn; next++ {
		if s.CanBecome(next) {
			names = append(names, next.String())
		}
	}
	return strings.Join(names, " or ")
}

// AtDeadline is what an open dispute becomes when the time of its state is over;
// zero for one that has ended.
func (s Status) AtDeadline() Status { return byTime[s] }

// String is the form that the HTTP API shows.
func (s Status) String() string {
	if !s.Valid() {
		return "invalid"
	}
	return statusNames[s]
}

// MarshalText returns the text form; an invalid status has none.
func (s Status) MarshalText() ([]byte, error) {
	if !s.Valid() {
		return nil, fmt.Errorf("dispute: status %d has no text", uint8(s))
	}
	return []byte(s.String()), nil
}

// UnmarshalText reads the text form, as [ParseStatus] does.
func (s *Status) UnmarshalText(text []byte) error {
	read, err := ParseStatus(string(text))
	if err == nil {
		*s = read
	}
	return err
}

// ParseStatus reads the text form; anything else is [ledger.ErrInvalidInput].
func ParseStatus(text string) (Status, error) {
	for s := Open; s <= Withdrawn; s++ {
		if statusNames[s] == text {
			return s, nil
		}
	}
	return 0, ledger.Invalid("status", "must be OPEN, UNDER_REVIEW, AWAITING_ARBITRATION, RESOLVED_FAVOR_CLAIMANT, RESOLVED_FAVOR_DEFENDANT, RESOLVED_SPLIT, REJECTED or WITHDRAWN")
}
