package panel

import (
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/reputation"
)

// Terms are the parameters of panels.
type Terms struct {
	Seats         int           // of a round; odd, 1 to [MaxSeats]
	CommitWindow  time.Duration // from the draw on
	RevealWindow  time.Duration // from the end of committing on
	MinReputation int           // of those who can be drawn
	MinStake      amount.Amount // of their own, from before the dispute; at least SeatStake
	SeatStake     amount.Amount // that is pinned for a seat; more than zero
	Penalty       amount.Amount // for not revealing, out of what is pinned; at most SeatStake
	Reward        amount.Amount // for each who chose as the majority did, from the treasury
}

// Bounds of the terms.
const (
	MaxSeats  = 21
	MinWindow = time.Minute
	MaxWindow = 30 * 24 * time.Hour
)

// DefaultTerms are three seats, three days to commit and two to reveal, so that two
// rounds fit into the fourteen days that a dispute waits for its ruling; jurors of at
// least 50 points who have 10 AVT at stake, 5 of them for a seat, of which 1 is lost
// by who does not reveal. The treasury adds nothing: two who dispute with each other
// for the sake of it could otherwise have it pay their friends.
func DefaultTerms() Terms {
	return Terms{
		Seats: 3, CommitWindow: 72 * time.Hour, RevealWindow: 48 * time.Hour, MinReputation: 50,
		MinStake: amount.MustParse("10"), SeatStake: amount.MustParse("5"), Penalty: amount.MustParse("1"),
	}
}

// Check returns why the terms make no sense, or nil.
func (t *Terms) Check() error {
	switch {
	case t.Seats < 1 || t.Seats > MaxSeats || t.Seats%2 == 0:
		return ledger.Invalid("Seats", "an odd number from 1 to %d", MaxSeats)
	case !inWindow(t.CommitWindow) || !inWindow(t.RevealWindow):
		return ledger.Invalid("CommitWindow", "both windows last from %s to %s", MinWindow, MaxWindow)
	case t.MinReputation < reputation.MinScore || t.MinReputation > reputation.MaxScore:
		return ledger.Invalid("MinReputation", "from %d to %d", reputation.MinScore, reputation.MaxScore)
	case t.SeatStake.IsZero():
		return ledger.Invalid("SeatStake", "must be more than zero")
	case t.MinStake.Less(t.SeatStake):
		return ledger.Invalid("MinStake", "must be at least SeatStake, which is pinned of it")
	case t.SeatStake.Less(t.Penalty):
		return ledger.Invalid("Penalty", "must be at most SeatStake, out of which it is taken")
	}
	return nil
}

func inWindow(d time.Duration) bool { return d >= MinWindow && d <= MaxWindow }

// quorum is how many of so many seats must vote for a round to count.
func quorum(seats int) int { return seats/2 + 1 }
