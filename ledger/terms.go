package ledger

import (
	"github.com/agentvault/teg-layer/ledger/amount"
)

// Terms are the economic parameters of the ledger. The zero value moves value
// without fees or limits; the engine's defaults are in its configuration.
type Terms struct {
	Fees        Fees
	MinTransfer amount.Amount // smallest transfer or hold
	MaxTransfer amount.Amount // largest; zero means unlimited
	// OnboardingGrant is what the treasury pays whoever registers with a bootstrap
	// token that says nothing else; zero pays nothing.
	OnboardingGrant amount.Amount
}

// Check says what is contradictory in the terms, or nil.
func (t Terms) Check() error {
	if !t.MaxTransfer.IsZero() && t.MaxTransfer.Less(t.MinTransfer) {
		return Invalid("MAX_TRANSFER_AMOUNT", "the largest transfer %s is below the smallest %s", t.MaxTransfer, t.MinTransfer)
	}
	return t.Fees.Check()
}

// limits refuses amounts outside the range for transfers.
func (t Terms) limits(a amount.Amount) error {
	if a.Less(t.MinTransfer) {
		least := Sum("minimum", t.MinTransfer)
		return Refuse(ErrBelowMinimum, "the smallest amount is %s AVT", t.MinTransfer).By("amount.minimum", Sum("amount", a), least).
			Unless(least.Needs("amount", AtLeast, "Send at least "+least.Value+" AVT."))
	}
	if !t.MaxTransfer.IsZero() && t.MaxTransfer.Less(a) {
		most := Sum("maximum", t.MaxTransfer)
		return Refuse(ErrAboveMaximum, "the largest amount is %s AVT", t.MaxTransfer).By("amount.maximum", Sum("amount", a), most).
			Unless(most.Needs("amount", AtMost, "Send at most "+most.Value+" AVT at a time."))
	}
	return nil
}

// Highest is the largest amount that a payer can send who has so much, with the fee that it
// costs; zero where there is none.
func (t Terms) Highest(available amount.Amount) amount.Amount {
	most := t.Fees.Within(available)
	if !t.MaxTransfer.IsZero() {
		most = amount.Smaller(most, t.MaxTransfer)
	}
	if most.Less(t.MinTransfer) {
		return amount.Amount{}
	}
	return most
}

// Offer adds to the refusal of a payment that the balance does not cover the largest amount
// that would have passed. Other errors, and nil, it returns as they are.
func (t Terms) Offer(err error) error {
	if short, ok := err.(*InsufficientBalanceError); ok { //nolint:errorlint // as [Book.Post] made it
		short.Highest = t.Highest(short.Available)
	}
	return err
}
