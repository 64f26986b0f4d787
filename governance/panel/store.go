package panel

import (
	"context"
	"time"

	"github.com/agentvault/teg-layer/governance/dispute"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
)

// Rows is what a group loaded of panels: all rounds of the disputes that were asked
// for, with their seats, under the lock of the rounds' guards.
type Rows struct {
	Rounds []Round
	Seats  []Seat
}

// Changes is what a group decided about panels.
type Changes struct {
	NewRounds, Rounds []Round
	NewSeats, Seats   []Seat
	Steps             []Step
}

// Empty reports whether there is nothing to write.
func (c *Changes) Empty() bool {
	return len(c.NewRounds)+len(c.Rounds)+len(c.NewSeats)+len(c.Seats)+len(c.Steps) == 0
}

// Reader is what is told about panels. Every method sees committed rows only, takes no
// locks, and returns an empty result, not an error, for what does not exist.
type Reader interface {
	// PanelRows returns all rounds of disputes with their seats, of one consistent view,
	// ordered by dispute, round and seat. Their rolls, which are long, are left out.
	PanelRows(ctx context.Context, disputes ...dispute.ID) (Rows, error)
	// PanelRolls returns the rolls of all rounds of a dispute, which never change.
	PanelRolls(ctx context.Context, of dispute.ID) (map[RoundID]string, error)
	// OpenRounds returns rounds that have not ended, in the order of their ids, without
	// their rolls.
	OpenRounds(ctx context.Context, after RoundID, limit int) ([]Round, error)
	// PanelSteps returns the history of a round, oldest first.
	PanelSteps(ctx context.Context, round RoundID) ([]Step, error)
	// SeatsOf returns a page of the seats that an agent has or had, newest first, and how
	// many there are as far as they were counted.
	SeatsOf(ctx context.Context, q SeatQuery) ([]Seat, int64, error)
	// Candidates returns those who can be drawn, those with the most weight first. An
	// agent's weight is what its stakes from before the instant are worth now.
	Candidates(ctx context.Context, q CandidateQuery) ([]Candidate, error)
	// AuditRounds returns rounds ordered by id.
	AuditRounds(ctx context.Context, after RoundID, limit int) ([]Round, error)
}

// SeatQuery selects the seats of one agent, newest first.
type SeatQuery struct {
	Juror    did.DID
	OpenOnly bool
	After    SeatID // only older ones than this: the cursor
	Offset   int64
	Limit    int
	Count    int64 // count up to so many matches; 0 counts nothing
}

// CandidateQuery selects agents who can be jurors: active and not suspended then, come
// here by a bootstrap token or a registry.
type CandidateQuery struct {
	Now           time.Time
	StakedBefore  time.Time
	MinReputation int
	MinStake      amount.Amount
	MinFree       amount.Amount // of its stake that nothing has pinned
	Limit         int
}

// compareIDs orders rows by their ids.
func compareIDs[T ~[16]byte](a, b T) int { return ledger.ID(a).Compare(ledger.ID(b)) }
