package ledger

import (
	"time"

	"github.com/agentvault/teg-layer/ledger/amount"
)

// Bounds of a hold.
const (
	DefaultHoldTerm = 7 * 24 * time.Hour
	MaxHoldTerm     = 365 * 24 * time.Hour
	MaxOpenHolds    = 1000 // per payer
)

// HoldState is where a hold stands. The zero value is invalid.
type HoldState uint8

// The states of a hold. Active and Frozen are open, the others are ends.
const (
	HoldActive HoldState = iota + 1
	HoldFrozen           // a dispute is about it: no capture, no void, no expiry
	HoldCaptured
	HoldVoided
	HoldExpired
)

var holdStateNames = [...]string{HoldActive: "active", HoldFrozen: "frozen", HoldCaptured: "captured", HoldVoided: "voided", HoldExpired: "expired"}

// Valid reports whether the state is one of those above.
func (s HoldState) Valid() bool { return s >= HoldActive && s <= HoldExpired }

// String is the form that the HTTP API shows.
func (s HoldState) String() string {
	if !s.Valid() {
		return "invalid"
	}
	return holdStateNames[s]
}

// Open reports whether value is still set aside.
func (s HoldState) Open() bool { return s == HoldActive || s == HoldFrozen }

// CanBecome is the state table of holds.
func (s HoldState) CanBecome(next HoldState) bool {
	switch s {
	case HoldActive:
		return next.Valid() && next != HoldActive
	case HoldFrozen:
		return next == HoldActive || next == HoldCaptured || next == HoldVoided
	default:
		return false
	}
}

// Voider says who may give a hold back. The zero value is invalid.
type Voider uint8

// Who may void a hold.
const (
	VoidByEither   Voider = iota + 1
	VoidByReceiver        // escrow: the payer cannot take it back after delivery
)

// String is the form that the HTTP API shows.
func (v Voider) String() string {
	if v == VoidByReceiver {
		return "receiver"
	}
	return "either"
}

// ParseVoider reads the text form; empty means either.
func ParseVoider(text string) (Voider, error) {
	switch text {
	case "", "either":
		return VoidByEither, nil
	case "receiver":
		return VoidByReceiver, nil
	}
	return 0, Invalid("void_by", "must be either or receiver")
}

// Hold is value that a payer has set aside for a receiver: amount and the fee
// at the terms of its moment lie on the payer's locked row until it is captured,
// voided or has expired.
type Hold struct {
	ID        HoldID
	Payer     AccountID // available row
	Locked    AccountID // the payer's locked row
	Receiver  AccountID // available row
	Amount    amount.Amount
	Fee       amount.Amount // set aside with the amount
	Fees      Fees          // the terms of its moment
	Captured  amount.Amount // what was paid in the end
	State     HoldState
	VoidBy    Voider
	Purpose   string
	CreatedAt time.Time
	ExpiresAt time.Time
	ClosedAt  time.Time // zero while open
}

// StateAt is the state in force: an active hold expires by the time alone.
func (h *Hold) StateAt(now time.Time) HoldState {
	if h.State == HoldActive && !now.Before(h.ExpiresAt) {
		return HoldExpired
	}
	return h.State
}

// Total is what the hold has set aside.
func (h *Hold) Total() amount.Amount {
	total, err := h.Amount.Add(h.Fee)
	if err != nil { // cannot be: the sum was on an account
		return amount.Max
	}
	return total
}

// PlanHold decides a new hold and returns it with the posting that sets the
// value aside: amount and fee together, for no fee is charged before a capture.
func PlanHold(r TransferRule, id HoldID, locked AccountID, term time.Duration, voidBy Voider) (Hold, Posting, error) {
	if r.From.OpenHolds >= MaxOpenHolds {
		return Hold{}, Posting{}, Refuse(ErrInvalidState, "the payer has %d open holds, the most there can be", MaxOpenHolds).
			By("hold.open", Count("open", r.From.OpenHolds), Count("maximum", MaxOpenHolds)).
			Unless(Count("below", MaxOpenHolds-1).Needs("open", AtMost, "Capture one of the open holds, have one voided, or wait until one expires."))
	}
	payment, err := PlanTransfer(r)
	if err != nil {
		return Hold{}, Posting{}, err
	}
	h := Hold{
		ID: id, Payer: r.From.ID, Locked: locked, Receiver: r.To.ID, Amount: r.Amount, Fee: payment.Fee, Fees: r.Terms.Fees,
		State: HoldActive, VoidBy: voidBy, Purpose: r.Notes.Reason, CreatedAt: r.Now, ExpiresAt: r.Now.Add(term),
	}
	notes := r.Notes
	notes.ReferenceID = id.String()
	if available, err := r.From.Balance.Amount(); err != nil || available.Less(h.Total()) {
		return Hold{}, Posting{}, &InsufficientBalanceError{Available: available, Needed: h.Total(), Fee: h.Fee, Highest: r.Terms.Highest(available)}
	}
	return h, Move(TypeHold, h.Payer, h.Locked, h.Total(), notes), nil
}

// PlanRelease returns what gives the whole of an open hold back to its payer.
func PlanRelease(h Hold) Posting {
	return Move(TypeHoldRelease, h.Locked, h.Payer, h.Total(), Notes{ReferenceID: h.ID.String()})
}

// PlanCapture decides a capture: the hold is given back and the captured sum
// paid, with the fee that the terms of the hold give for it and no minimum. A
// sum of zero captures all.
func PlanCapture(h Hold, sum amount.Amount, to Collectors) (captured amount.Amount, postings []Posting, err error) {
	if sum.IsZero() {
		sum = h.Amount
	}
	if h.Amount.Less(sum) {
		most := Sum("held", h.Amount)
		return amount.Amount{}, nil, Invalid("amount", "the hold is for %s AVT; no more can be captured", h.Amount).
			By("capture.held", Sum("amount", sum), most).
			Unless(most.Needs("amount", AtMost, "Capture at most "+most.Value+" AVT, or leave the amount out for all of it."))
	}
	payment, err := pay(TypeHoldCapture, h.Payer, h.Receiver, sum, h.Fees, to, Notes{ReferenceID: h.ID.String()})
	if err != nil {
		return amount.Amount{}, nil, err
	}
	return sum, []Posting{PlanRelease(h), payment}, nil
}

// Close advances an open hold to an end. It refuses what the state table does
// not have, an expired hold with [ErrExpired].
func (h *Hold) Close(next HoldState, now time.Time) error {
	current := h.StateAt(now)
	if current == HoldExpired && next != HoldExpired {
		return Refuse(ErrExpired, "the hold expired at %s", h.ExpiresAt.UTC().Format(time.RFC3339)).
			By("hold.expiry", Moment("expires_at", h.ExpiresAt), Moment("now", now)).
			Unless(Do("Make a new hold, or a transfer: what this one had set aside is the payer's again."))
	}
	if h.State == HoldFrozen {
		return Refuse(ErrInvalidState, "a dispute has frozen the hold").By("hold.state", Word("state", h.State.String())).
			Unless(Word("state", HoldActive.String()).Needs("state", Is, "Wait for the end of the dispute, which decides about the hold."))
	}
	if !h.State.CanBecome(next) {
		return wrongState(h.State)
	}
	h.State, h.ClosedAt = next, now
	return nil
}

// Freeze sets an active hold aside for a dispute about it: nobody captures or voids it,
// and it does not expire, until [Hold.Thaw].
func (h *Hold) Freeze(now time.Time) error {
	if h.StateAt(now) != HoldActive {
		return wrongState(h.StateAt(now))
	}
	h.State = HoldFrozen
	return nil
}

// Thaw ends what [Hold.Freeze] began. Next is [HoldCaptured] or [HoldVoided], or
// [HoldActive], which gives the hold back to what it was, with the time since it was
// frozen added to its own, and never taken off. Anything else, and a hold that is not frozen, is refused
// with [ErrInvalidState].
func (h *Hold) Thaw(next HoldState, since, now time.Time) error {
	if h.State != HoldFrozen || !h.State.CanBecome(next) {
		return Refuse(ErrInvalidState, "the hold is %s and cannot become %s", h.State, next)
	}
	h.State = next
	if next == HoldActive {
		h.ExpiresAt = h.ExpiresAt.Add(max(0, now.Sub(since))) // the clocks of two servers may differ
		return nil
	}
	h.ClosedAt = now
	return nil
}

// wrongState refuses what only an active hold allows.
func wrongState(state HoldState) error {
	return Refuse(ErrInvalidState, "the hold is %s", state).By("hold.state", Word("state", state.String())).
		Unless(Word("state", HoldActive.String()).Needs("state", Is, "Name a hold that is active; this one has come to its end."))
}
