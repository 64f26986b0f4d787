package ledger

import (
	"time"

	"github.com/agentvault/teg-layer/ledger/amount"
)

// TransferRule is what the rules of a payment between agents look at.
type TransferRule struct {
	Terms      Terms
	Now        time.Time
	From, To   *Account // available rows
	Collectors Collectors
	Amount     amount.Amount
	Notes      Notes
}

// PlanTransfer decides a transfer: limits, then the receiver's state. The
// balance is for [Book.Post] to refuse. The fee goes on top of the amount.
func PlanTransfer(r TransferRule) (Posting, error) {
	if r.From.ID == r.To.ID {
		return Posting{}, ErrSelfTransfer
	}
	if err := r.Terms.limits(r.Amount); err != nil {
		return Posting{}, err
	}
	if err := CanReceive(r.To, r.Now); err != nil {
		return Posting{}, err
	}
	return pay(TypeTransfer, r.From.ID, r.To.ID, r.Amount, r.Terms.Fees, r.Collectors, r.Notes)
}

// pay is a posting of an amount with its fee on top.
func pay(kind TransactionType, from, to AccountID, sum amount.Amount, fees Fees, collect Collectors, notes Notes) (Posting, error) {
	fee := fees.Of(sum)
	total, err := sum.Add(fee)
	if err != nil {
		return Posting{}, Refuse(ErrAboveMaximum, "amount and fee together pass %s AVT", amount.Max).
			By("amount.largest", Sum("amount", sum), Sum("fee", fee), Sum("maximum", amount.Max)).
			Unless(Sum("amount", fees.Within(amount.Max)).Needs("amount", AtMost, "Send less: amount and fee together have to be at most "+amount.Max.String()+" AVT."))
	}
	legs := []Leg{{from, total.Signed().Neg()}, {to, sum.Signed()}}
	legs = append(legs, fees.legs(fee, collect)...)
	return Posting{Type: kind, Sender: from, Receiver: to, Amount: sum, Fee: fee, Legs: legs, Notes: notes}, nil
}

// Move is a posting without a fee from one row to another: system transfers,
// refunds, adjustments, issuance, and what holds set aside and give back.
func Move(kind TransactionType, from, to AccountID, sum amount.Amount, notes Notes) Posting {
	return Posting{
		Type: kind, Sender: from, Receiver: to, Amount: sum, Notes: notes,
		Legs: []Leg{{from, sum.Signed().Neg()}, {to, sum.Signed()}},
	}
}

// CanReceive refuses owners to whom nothing may be paid any more.
func CanReceive(to *Account, now time.Time) error {
	if to.StatusAt(now) == Deactivated {
		return Refuse(ErrInvalidState, "%s is deactivated and receives nothing", to.Owner).
			By("receiver.active", Word("receiver", to.Owner.String()), Word("state", to.Status.String())).
			Unless(Do("Name another receiver: who is deactivated stays so."))
	}
	return nil
}

// CanAct refuses owners who may not start anything: the suspended with
// [ErrSuspended], the deactivated with [ErrInvalidState].
func CanAct(by *Account, now time.Time) error {
	switch by.StatusAt(now) {
	case Active:
		return nil
	case Suspended:
		return &SuspendedError{Until: by.SuspendedUntil}
	default:
		return Refuse(ErrInvalidState, "%s is deactivated and can start nothing", by.Owner).
			By("caller.active", Word("caller", by.Owner.String()), Word("state", by.Status.String()))
	}
}

// SuspendedError says until when an agent is suspended; the engine adds the
// reason. It wraps [ErrSuspended].
type SuspendedError struct {
	Until  time.Time // zero: until an admin reactivates the agent
	Reason string
}

// Error names the reason and the end.
func (e *SuspendedError) Error() string {
	text := "the agent is suspended"
	if e.Reason != "" {
		text += " (" + e.Reason + ")"
	}
	if e.Until.IsZero() {
		return text + " until an admin reactivates it"
	}
	return text + " until " + e.Until.UTC().Format(time.RFC3339)
}

// Unwrap gives the sentinel.
func (e *SuspendedError) Unwrap() error { return ErrSuspended }

// CanRefund decides how much of an original transfer its receiver gives back:
// the sum asked for, or all that is left when zero. Refunded is the sum of the
// refunds so far.
func CanRefund(original Transaction, refunded, asked amount.Amount) (amount.Amount, error) {
	left, err := original.Amount.Sub(refunded)
	if err != nil || left.IsZero() {
		return amount.Amount{}, Refuse(ErrInvalidState, "%s has been refunded in full", original.ID).
			By("refund.left", Sum("paid", original.Amount), Sum("refunded", refunded), Sum("left", left)).
			Unless(Do("Send a transfer of its own if more is to be given back."))
	}
	if asked.IsZero() {
		return left, nil
	}
	if left.Less(asked) {
		most := Sum("left", left)
		return amount.Amount{}, Invalid("amount", "only %s AVT of %s are left to refund", left, original.ID).
			By("refund.left", Sum("amount", asked), Sum("paid", original.Amount), Sum("refunded", refunded), most).
			Unless(most.Needs("amount", AtMost, "Refund at most "+most.Value+" AVT, or leave the amount out for all that is left."))
	}
	return asked, nil
}

// Refundable reports whether transactions of this type can be given back by
// their receiver.
func (t TransactionType) Refundable() bool { return t == TypeTransfer || t == TypeHoldCapture }
