package dispute

import (
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
)

// HoldEnd is what becomes of a frozen hold at the end of its dispute. Zero is
// nothing yet, and, in a verdict, [HoldReturned]. The numbers are stored.
type HoldEnd uint8

// What can become of a frozen hold.
const (
	HoldReturned HoldEnd = iota + 1 // to what it was, with the frozen time added
	HoldCaptured                    // the receiver is paid all of it
	HoldVoided                      // the payer has all of it back
)

var holdEndNames = [...]string{HoldReturned: "returned", HoldCaptured: "captured", HoldVoided: "voided"}

// Valid reports whether it is one of those above.
func (h HoldEnd) Valid() bool { return h >= HoldReturned && h <= HoldVoided }

// String is the stable text form, empty for zero.
func (h HoldEnd) String() string {
	if !h.Valid() {
		return ""
	}
	return holdEndNames[h]
}

// ParseHoldRuling reads what a ruling says of a hold: "capture" or "void"; empty is
// neither. Anything else is [ledger.ErrInvalidInput].
func ParseHoldRuling(text string) (HoldEnd, error) {
	switch text {
	case "":
		return 0, nil
	case "capture":
		return HoldCaptured, nil
	case "void":
		return HoldVoided, nil
	}
	return 0, ledger.Invalid("hold", "must be capture or void")
}

// Verdict is what somebody, or a deadline, makes of a dispute at its end.
type Verdict struct {
	End        Status
	Frivolous  bool          // the claim should never have been made; with REJECTED alone
	Hold       HoldEnd       // of the frozen hold; zero gives it back
	Penalty    amount.Amount // from who lost to who won; zero: none
	Reputation *int          // of who lost, instead of the default; nil: the default
}

// Check refuses a verdict that contradicts itself, with [ledger.ErrInvalidInput] and
// the field of the request. Lowest and highest are the bounds of a score.
func (v Verdict) Check(lowest, highest int) error {
	loser := v.End == FavorClaimant || v.End == FavorDefendant
	switch {
	case v.End.Open() || !v.End.Valid() || v.End == Withdrawn:
		return ledger.Invalid("resolution_status", "must be RESOLVED_FAVOR_CLAIMANT, RESOLVED_FAVOR_DEFENDANT, RESOLVED_SPLIT or REJECTED")
	case v.Frivolous && v.End != Rejected:
		return ledger.Invalid("frivolous", "only a claim that is REJECTED is frivolous")
	case v.Hold != 0 && (!v.End.Ruled() || v.Hold == HoldReturned || !v.Hold.Valid()):
		return ledger.Invalid("hold", "capture or void, and not with %s", v.End)
	case !v.Penalty.IsZero() && !loser:
		return ledger.Invalid("penalties.token_penalty", "nobody has lost where the end is %s", v.End)
	case v.Reputation != nil && !loser:
		return ledger.Invalid("penalties.reputation_adjustment", "nobody has lost where the end is %s", v.End)
	case v.Reputation != nil && (*v.Reputation < lowest || *v.Reputation > highest):
		return ledger.Invalid("penalties.reputation_adjustment", "from %d to %d", lowest, highest)
	}
	return nil
}

// Side is who gets or loses something at the end of a dispute. The zero value is
// nobody.
type Side uint8

// The sides.
const (
	Claimant Side = iota + 1
	Defendant
	Treasury
)

// Other is the other one of the two parties.
func (s Side) Other() Side {
	switch s {
	case Claimant:
		return Defendant
	case Defendant:
		return Claimant
	}
	return 0
}

// Share is a part of what was locked, and whose it is now.
type Share struct {
	To  Side
	Sum amount.Amount
}

// Points are by how much the end of a dispute changes scores.
type Points struct{ Lost, Won int }

// Settlement is who gets what at the end of a dispute.
type Settlement struct {
	Fee        []Share // sums to the fee; no part is zero
	Bond       []Share // sums to the bond; no part is zero
	Loser      Side    // who pays the penalty to the other one; zero: nobody has lost
	Penalty    amount.Amount
	Reputation map[Side]int // by how much scores change; none is zero
	Hold       HoldEnd      // of the frozen hold; zero where there is none
}

// Settle says what becomes of a dispute's fee, bond and hold, who pays whom, and by
// how much scores change.
func (d *Dispute) Settle(v Verdict, p Points) Settlement {
	s := Settlement{Reputation: map[Side]int{}}
	fee, bond := Claimant, Claimant
	switch v.End {
	case FavorClaimant:
		s.Loser = Defendant
	case FavorDefendant:
		s.Loser, fee = Claimant, Defendant
	case Rejected:
		if v.Frivolous {
			fee, bond = Treasury, Treasury
			s.change(Claimant, p.Lost)
		}
	case Withdrawn:
		if !d.RespondedAt.IsZero() {
			fee = Defendant
		}
	}
	s.Fee, s.Bond = shares(fee, d.Fee), shares(bond, d.Bond)
	if v.End == Split {
		s.Fee = halves(d.Fee)
	}
	if s.Loser != 0 {
		lost := p.Lost
		if v.Reputation != nil {
			lost = *v.Reputation
		}
		s.Penalty = v.Penalty
		s.change(s.Loser, lost)
		s.change(s.Loser.Other(), p.Won)
	}
	if !d.Hold.IsZero() {
		s.Hold = max(v.Hold, HoldReturned)
	}
	return s
}

func (s *Settlement) change(who Side, by int) {
	if by != 0 {
		s.Reputation[who] = by
	}
}

// shares gives all to one side.
func shares(to Side, sum amount.Amount) []Share {
	if sum.IsZero() {
		return nil
	}
	return []Share{{to, sum}}
}

// halves gives each party half, and the treasury the unit that is left.
func halves(sum amount.Amount) []Share {
	half := amount.Fraction("0.5").Of(sum)
	list := append(shares(Claimant, half), shares(Defendant, half)...)
	left := sum
	for _, share := range list {
		left, _ = left.Sub(share.Sum) // two halves are no more than the whole
	}
	return append(list, shares(Treasury, left)...)
}
