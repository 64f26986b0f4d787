package panel

import (
	"time"

	"github.com/agentvault/teg-layer/governance/dispute"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
)

// Rounds is how many rounds a dispute gets at most.
const Rounds = 2

// Round is one jury of a dispute.
type Round struct {
	ID      RoundID
	Dispute dispute.ID
	Number  int              // from 1 to [Rounds]
	Guard   ledger.AccountID // the available row of the claimant, under whose lock the round changes

	// What the draw was made from, in hex digits where it is bytes.
	Secret   string
	Position int64  // of the event of the log
	Event    string // its hash
	Seed     string
	Roll     string // as [Roll.Text] writes it
	Passed   string // DIDs of those who were drawn and could not take a seat, with spaces between them

	// The terms of the round.
	Size         int // how many seats it was to have
	RevealWindow time.Duration
	Penalty      amount.Amount
	Reward       amount.Amount
	DrawnAt      time.Time

	State     State
	Deadline  time.Time // of the state; zero at an end
	Choice    Choice    // of the majority, once it is ruled
	Steps     int64     // of its history
	UpdatedAt time.Time
}

// Seat is a place in a round, and what its member did.
type Seat struct {
	ID      SeatID
	Round   RoundID
	Dispute dispute.ID
	Number  int // from 1, in the order of the draw
	Juror   did.DID
	Account ledger.AccountID // the juror's available row
	Pool    ledger.ID        // of its own stake, in which is pinned
	Pinned  amount.Amount
	Weight  amount.Amount // with which it was drawn

	Commitment  string // empty until it is handed in
	CommittedAt time.Time
	Choice      Choice // zero until it is revealed
	Salt        string
	RevealedAt  time.Time
	Penalty     amount.Amount // that was taken
	Reward      amount.Amount // that was paid
	Open        bool          // its stake is pinned
}

// Step is one change of a round's state. It is kept for ever.
type Step struct {
	Round RoundID
	Seq   int64 // from 1, without gaps
	State State // that it came to
	By    did.DID
	Note  string
	At    time.Time
}

// Start returns a round that was drawn as one whose members have taken their seats,
// with both steps; where there are too few for a quorum, as one that failed.
func (r Round) Start(t *Terms, seated int, by did.DID, at time.Time) (Round, []Step) {
	r.Size, r.RevealWindow, r.Penalty, r.Reward, r.DrawnAt = t.Seats, t.RevealWindow, t.Penalty, t.Reward, at
	r.State, r.Steps, r.UpdatedAt = Drawn, 1, at
	steps := []Step{{Round: r.ID, Seq: 1, State: Drawn, By: by, At: at}}
	next, note := Committing, ""
	if seated < t.Seats {
		next, note = Failed, "too few can be jurors"
	}
	started, step := r.become(next, by, note, at)
	if next == Committing {
		started.Deadline = at.Add(t.CommitWindow)
	}
	return started, append(steps, step)
}

// become moves a round on. That the table has it is the caller's promise.
func (r Round) become(next State, by did.DID, note string, at time.Time) (Round, Step) {
	if !r.State.CanBecome(next) {
		panic("panel: a round cannot become " + next.String()) // a fault of these rules
	}
	r.State, r.Deadline, r.Steps, r.UpdatedAt = next, time.Time{}, r.Steps+1, at
	return r, Step{Round: r.ID, Seq: r.Steps, State: next, By: by, Note: note, At: at}
}

// Next is what becomes of a round by a time: it goes on when everybody has done what
// the state waits for, or at its deadline. It reports false where nothing is due.
func (r Round) Next(seats []Seat, by did.DID, at time.Time) (Round, Step, bool) {
	committed, revealed := counts(seats)
	over := !r.Deadline.After(at)
	switch {
	case r.State == Committing && (over || committed == len(seats)):
		if committed < quorum(r.Size) {
			return r.lapse("too few have committed", by, at)
		}
		next, step := r.become(Revealing, by, "", at)
		next.Deadline = at.Add(r.RevealWindow)
		return next, step, true
	case r.State == Revealing && (over || revealed == committed):
		return r.count(seats, by, at)
	}
	return r, Step{}, false
}

// count ends a round with what its members found.
func (r Round) count(seats []Seat, by did.DID, at time.Time) (Round, Step, bool) {
	if _, revealed := counts(seats); revealed < quorum(r.Size) {
		return r.lapse("too few have revealed", by, at)
	}
	choice, found := Majority(seats)
	if !found {
		return r.lapse("no choice has a majority", by, at)
	}
	next, step := r.become(Ruled, by, choice.String(), at)
	next.Choice = choice
	return next, step, true
}

// lapse ends a round that found nothing.
func (r Round) lapse(note string, by did.DID, at time.Time) (Round, Step, bool) {
	end := Redrawn
	if r.Number >= Rounds {
		end = Failed
	}
	next, step := r.become(end, by, note, at)
	return next, step, true
}

// Drop ends an open round whose dispute has ended otherwise. It reports false where
// the round has ended itself.
func (r Round) Drop(by did.DID, at time.Time) (Round, Step, bool) {
	if !r.State.CanBecome(Dropped) {
		return r, Step{}, false
	}
	next, step := r.become(Dropped, by, "the dispute has ended", at)
	return next, step, true
}

func counts(seats []Seat) (committed, revealed int) {
	for i := range seats {
		if seats[i].Commitment != "" {
			committed++
		}
		if seats[i].Choice.Valid() {
			revealed++
		}
	}
	return committed, revealed
}

// Majority is the choice that more than half of those who revealed made.
func Majority(seats []Seat) (Choice, bool) {
	votes, revealed := map[Choice]int{}, 0
	for i := range seats {
		if c := seats[i].Choice; c.Valid() {
			votes[c]++
			revealed++
		}
	}
	for c := ForClaimant; c.Valid(); c++ {
		if 2*votes[c] > revealed {
			return c, true
		}
	}
	return 0, false
}
