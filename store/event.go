package store

import (
	"context"
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/did"
)

// EventID names an event; its text form is "evt_" and 32 hex digits.
type EventID ledger.ID

// EventPrefix begins the text form of an event's id.
const EventPrefix = "evt_"

// String returns the text form.
func (id EventID) String() string { return ledger.FormatID(EventPrefix, ledger.ID(id)) }

// MarshalText returns the text form.
func (id EventID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// Event is the one account of an act, written in the act's own commit: audit
// record, message to readers, and leaf of the log. Body is its canonical form
// (RFC 8785 JSON), written once and never rebuilt.
type Event struct {
	Position int64 // dense, in commit order, from 0; −1 while a host's event waits in the inbox
	ID       EventID
	Action   string
	Actor    did.DID
	At       time.Time
	Body     []byte
}

// Private is what may have to be erased one day: it is not part of the event,
// which holds only SHA-256(Salt ‖ Body).
type Private struct {
	ID   ledger.ID // of the transaction, or else of the event
	Salt [16]byte
	Body []byte
}

// EventQuery selects events, newest first. Zero fields select everything.
type EventQuery struct {
	Actor    did.DID
	Action   string
	From, To time.Time // From ≤ t < To
	Below    int64     // only smaller positions: the cursor; 0 starts at the newest
	Offset   int64
	Limit    int
	Count    int64 // count up to so many matches; 0 counts nothing
}

// Filtered reports whether the query leaves anything out.
func (q EventQuery) Filtered() bool {
	return !q.Actor.IsZero() || q.Action != "" || !q.From.IsZero() || !q.To.IsZero()
}

// EventReader reads the log.
type EventReader interface {
	// Events returns a page, newest first, and how many match as far as they
	// were counted.
	Events(ctx context.Context, q EventQuery) (page []Event, total int64, err error)
	// Follow returns events of the given actions, or of all where none is given, in
	// commit order from a position on, and the position to go on from. Fewer than
	// limit means that there are no more yet. From beyond the end is [ErrBeyondLog], and
	// from before the tail [ErrForgotten], unless all of the actions are [KeptActions].
	Follow(ctx context.Context, from int64, limit int, actions ...string) (events []Event, next int64, err error)
	// PositionAt returns the position of about the first event that is not older than
	// a time, from the tail on, or the size of the log. Where times go back from event to event, it is
	// one of several that could be meant.
	PositionAt(ctx context.Context, at time.Time) (int64, error)
	// EventsAt returns those of the events at these positions that are there, in no
	// particular order.
	EventsAt(ctx context.Context, positions ...int64) ([]Event, error)
	// PrivateParts returns those of the private parts with these ids that have not been
	// erased, in no particular order.
	PrivateParts(ctx context.Context, ids ...ledger.ID) ([]Private, error)
	// ReadUpTo returns how far the log was read under a name; see [Claim].
	ReadUpTo(ctx context.Context, name string) (int64, error)
	// LogReaders returns the first so many of those who have ever claimed a name, and how
	// far each has read, ordered by name.
	LogReaders(ctx context.Context, limit int) ([]LogReader, error)
}

// LogReader is a name under which the log is read, and from where on nothing was read
// under it.
type LogReader struct {
	Name     string
	Position int64
}

// Claim is what a process says that reads the log under a name. At any time one
// process holds a name, for as long as it keeps saying so; another gets it when that
// time is over. The position only rises, but not beyond the log, and nobody but the
// holder raises it.
type Claim struct {
	Name     string
	Holder   ledger.ID // names the process
	Position int64     // from which on it has read nothing; 0 says nothing
	Last     EventID   // the event before it: where the log has another there, Position says nothing. Zero: whichever it is
	Now      time.Time
	Until    time.Time // held until then; Now gives it up
	Longest  time.Time // nobody holds a name until after this, but by a clock that is wrong: it is taken away
}
