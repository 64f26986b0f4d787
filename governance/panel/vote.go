package panel

import (
	"crypto/subtle"
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
)

// Commit hands a member's commitment in. The same again changes nothing, which again
// reports; another is [ledger.ErrAlreadyExists]. Outside of the time for it it is
// [ledger.ErrInvalidState].
func (r *Round) Commit(s Seat, commitment string, at time.Time) (committed Seat, again bool, err error) {
	if s.Commitment == commitment && commitment != "" {
		return s, true, nil
	}
	if s.Commitment != "" {
		return s, false, ledger.Refuse(ledger.ErrAlreadyExists, "another commitment was handed in before; it cannot be changed")
	}
	if r.State != Committing || !at.Before(r.Deadline) {
		return s, false, r.refuse(Committing, at, "the round is %s; commitments are taken while it is committing, until its deadline")
	}
	s.Commitment, s.CommittedAt = commitment, at
	return s, false, nil
}

// Reveal tells what a member chose. What does not fit its commitment is
// [ledger.ErrInvalidInput]; the rest is as with [Round.Commit].
func (r *Round) Reveal(s Seat, choice Choice, salt string, at time.Time) (revealed Seat, again bool, err error) {
	if s.Choice == choice && s.Salt == salt && choice.Valid() {
		return s, true, nil
	}
	switch {
	case s.Choice.Valid():
		return s, false, ledger.Refuse(ledger.ErrAlreadyExists, "the vote was revealed before; it cannot be changed")
	case r.State != Revealing || !at.Before(r.Deadline):
		return s, false, r.refuse(Revealing, at, "the round is %s; votes are revealed while it is revealing, until its deadline")
	case s.Commitment == "":
		return s, false, ledger.Refuse(ledger.ErrInvalidState, "no commitment was handed in, so there is nothing to reveal")
	}
	expected := Commitment(r.Dispute.String(), r.Number, s.Juror, choice, salt)
	if subtle.ConstantTimeCompare([]byte(expected), []byte(s.Commitment)) != 1 {
		return s, false, ledger.Invalid("salt", "choice and salt do not make the commitment that was handed in")
	}
	s.Choice, s.Salt, s.RevealedAt = choice, salt, at
	return s, false, nil
}

// Missing reports whether a member did not do what a round that has ended waited for:
// reveal or, where it never came to that, commit. Nobody is missing in a round whose
// dispute ended before.
func (r *Round) Missing(s *Seat) bool {
	switch {
	case r.State.Open() || r.State == Dropped:
		return false
	case r.Steps <= lapsedCommitting:
		return s.Commitment == ""
	}
	return !s.Choice.Valid()
}

// lapsedCommitting is how many steps a round has that ended out of [Committing]: it was
// drawn, was committing, and ended.
const lapsedCommitting = 3

// Coherent reports whether a member chose as the majority did.
func (r *Round) Coherent(s *Seat) bool { return r.State == Ruled && s.Choice == r.Choice }

// Share is what each of so many gets of a sum, rounded down. What is left over stays
// with the treasury.
func Share(sum amount.Amount, among int) amount.Amount {
	if among == 0 {
		return amount.Amount{}
	}
	share, err := sum.MulDiv(amount.FromUnits(1), amount.FromUnits(uint64(among)))
	if err != nil { // no part is larger than the whole
		return amount.Amount{}
	}
	return share
}

// refuse says that a round is not where a vote needs it.
func (r *Round) refuse(needed State, at time.Time, format string) error {
	refusal := ledger.Refuse(ledger.ErrInvalidState, format, r.State).
		By("panel.round", ledger.Word("state", r.State.String()), ledger.Moment("deadline", r.Deadline), ledger.Moment("now", at))
	if r.State < needed {
		refusal = refusal.Unless(ledger.Word("state", needed.String()).Needs("state", ledger.Is, "Wait until the round is "+needed.String()+"."))
	}
	return refusal
}
