package dispute

import (
	"slices"
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/did"
)

// Need is what operations must have loaded of disputes, under the locks of the
// parties' available rows. Its slices hold no duplicates.
type Need struct {
	IDs    []ID
	About  []ledger.ID // causes of which the open disputes
	OpenOf []did.DID   // agents of whom one open dispute, where there is one
}

// Empty reports whether nothing is needed.
func (n *Need) Empty() bool { return len(n.IDs)+len(n.About)+len(n.OpenOf) == 0 }

// Changes is what a group of operations decided about disputes.
type Changes struct {
	Filed    []Dispute // new ones
	Changed  []Dispute // loaded ones, as they are now
	Steps    []Step
	Evidence []Evidence
	Storage  []Storage
}

// Empty reports whether there is nothing to write.
func (c *Changes) Empty() bool {
	return len(c.Filed)+len(c.Changed)+len(c.Steps)+len(c.Evidence)+len(c.Storage) == 0
}

// Query selects disputes, newest first. Zero fields select everything.
type Query struct {
	IDs       []ID    // these, whatever else is asked
	Claimant  did.DID // of whom it is the claim
	Defendant did.DID // against whom it is
	Party     did.DID // who is either
	Standing  []Band  // in one of these; see [Terms.Standing]
	After     ID      // only older ones than this: the cursor
	Offset    int64
	Limit     int
	Count     int64 // count up to so many matches; 0 counts nothing
}

// RecordedEvidence is evidence as it is read back, with what became of its content:
// of [Storage] the time is zero where nothing is known yet.
type RecordedEvidence struct {
	Evidence
	Storage Storage
}

// Band is the disputes that are written in a state and whose deadline lies within a
// time.
type Band struct {
	Status    Status
	After, By time.Time // After < deadline ≤ By; zero: without a bound
}

// Standing are the bands of the disputes that are in a state at an instant: those
// written in it, and those which deadlines have brought there since.
func (t Terms) Standing(s Status, now time.Time) []Band {
	way := [...]Status{Open, UnderReview, AwaitingArbitration, Rejected}
	here := slices.Index(way[:], s)
	if here < 0 {
		return []Band{{Status: s}}
	}
	bands := []Band{{Status: s}}
	if s.Open() {
		bands[0].After = now
	}
	by := now
	for _, before := range slices.Backward(way[:here]) {
		band := Band{Status: before, By: by}
		if s.Open() {
			band.After = by.Add(-t.length(s))
		}
		bands = append(bands, band)
		by = by.Add(-t.length(before))
	}
	return bands
}

// EvidenceQuery selects evidence that nobody has looked at yet.
type EvidenceQuery struct {
	After  EvidenceID // from behind this one on; not with Newest
	Newest bool       // newest first, instead of oldest first
	Limit  int
}
