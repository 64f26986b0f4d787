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
		return Refuse(ErrBelowMinimum, "the smallest amount is %s AVT", t.MinTransfer)
	}
	if !t.MaxTransfer.IsZero() && t.MaxTransfer.Less(a) {
		return Refuse(ErrAboveMaximum, "the largest amount is %s AVT", t.MaxTransfer)
	}
	return nil
}
