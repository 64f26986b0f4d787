package store

import (
	"context"
	"time"

	"github.com/agentvault/teg-layer/ledger/merkle"
)

// Segment is a run of the log's events that was archived in one file. Segments follow each
// other from position 0 on, without a gap, and never change.
type Segment struct {
	From, To int64       // From ≤ position < To; both at the end of a complete tile
	SHA256   [32]byte    // of the file
	Root     merkle.Hash // of the log's first To events
	Newest   time.Time   // the latest time of any of these
	Told     []byte      // what they tell, added up, as the engine wrote it: JSON
	At       time.Time   // when it was archived
}

// KeptActions are the actions of events that are read for as long as the log lasts: those
// that set rules, make trust, and hold the digests of words. Follow finds them though the
// log has forgotten others of their time.
var KeptActions = []string{
	VerbSetRules.String(), VerbPutPolicy.String(), VerbSignal.String(),
	VerbRaiseDispute.String(), VerbRespondToDispute.String(), VerbAddEvidence.String(),
	VerbAdvanceDispute.String(), VerbResolveDispute.String(), VerbWithdrawDispute.String(),
}

// SegmentReader tells what of the log was archived, and what is left.
type SegmentReader interface {
	// LogTail returns the first position that can be read: events before it were
	// forgotten.
	LogTail(ctx context.Context) (int64, error)
	// Segments returns so many segments that end above a position, ordered by position.
	Segments(ctx context.Context, above int64, limit int) ([]Segment, error)
	// LastSegment returns the last segment in which no event is as new as a time, nor
	// any in the segments before it; nil where there is none. With the zero time it is
	// the last of all.
	LastSegment(ctx context.Context, before time.Time) (*Segment, error)
	// KeptEvents returns the events before the tail that were kept, ordered by position,
	// from one on.
	KeptEvents(ctx context.Context, from int64, limit int) ([]Event, error)
}
