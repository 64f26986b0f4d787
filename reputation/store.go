package reputation

import (
	"context"
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/did"
)

// Need is what operations must have loaded of conduct, under the locks of the
// agents' available rows. Its slices hold no duplicates.
type Need struct {
	Agents []ledger.AccountID // whose scores
	Scopes []ledger.ID        // AVTP transactions of which all reports
	Own    []ledger.ID        // reports, by reporter and AVTP transaction
	Pairs  []Pair             // whose signals are counted
	Since  time.Time          // from when on they are
}

// Empty reports whether nothing is needed.
func (n *Need) Empty() bool { return len(n.Agents)+len(n.Scopes)+len(n.Own)+len(n.Pairs) == 0 }

// Rows is what was loaded.
type Rows struct {
	Scores  []Score
	Reports []Report // each once, ordered by id
	Pairs   map[Pair]int
}

// Changes is what a group decided.
type Changes struct {
	Scores  []Score // loaded ones that differ now
	Events  []Event
	Reports []Report
	Moved   []Bucket // by how many agents each score has more, or fewer where negative
}

// Empty reports whether there is nothing to write.
func (c *Changes) Empty() bool {
	return len(c.Scores)+len(c.Events)+len(c.Reports)+len(c.Moved) == 0
}

// Reader is what is told about the past. Every method sees committed rows only,
// takes no locks, and returns an empty result, not an error, for what does not
// exist.
type Reader interface {
	// ScoresOf returns the scores of agents. An agent without a profile is left out.
	ScoresOf(ctx context.Context, agents ...did.DID) ([]Ranked, error)
	// PlaceOf returns an agent's score with the histogram around it, of one consistent
	// view; nil for an agent without a profile.
	PlaceOf(ctx context.Context, agent did.DID) (*Ranked, Histogram, error)
	// Ranking returns a page of agents with the histogram around their scores, of one
	// consistent view.
	Ranking(ctx context.Context, q RankingQuery) ([]Ranked, Histogram, error)
	// Histogram returns how many agents have each score, the highest first.
	Histogram(ctx context.Context) (Histogram, error)
	// ScoreEvents returns a page of an agent's events, newest first, and how many
	// match as far as they were counted.
	ScoreEvents(ctx context.Context, q EventQuery) ([]RecordedEvent, int64, error)
	// Signals returns what was said of transactions, those without a signal left
	// out, in no particular order.
	Signals(ctx context.Context, transactions ...ledger.TransactionID) ([]GivenSignal, error)
	// Reports returns those of the ids that exist, in no particular order.
	Reports(ctx context.Context, ids ...ReportID) ([]Report, error)
}

// Ranked is an agent's score as it is shown.
type Ranked struct {
	Score
	ID           did.DID
	Transactions int64 // that its available balance took part in
}

// RankingQuery selects agents, the highest score first, and of one score the older
// agent first.
type RankingQuery struct {
	Below  *Score // only those after this one: the cursor
	Offset int64
	Limit  int
}

// EventQuery selects the events of one agent, newest first.
type EventQuery struct {
	Agent  ledger.AccountID
	From   time.Time // only from then on; zero: all
	Below  int64     // only smaller seqs: the cursor
	Offset int64
	Limit  int
	Count  int64 // count up to so many matches; 0 counts nothing
}

// RecordedEvent is an event as it is read back, with the DIDs of those who may see
// what it is about.
type RecordedEvent struct {
	Event
	AgentID did.DID
	GiverID did.DID // of a signal; zero otherwise
}
