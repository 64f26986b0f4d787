package ledger

import (
	"github.com/agentvault/teg-layer/ledger/amount"
)

// Fees are the terms under which a transfer is charged. The sender pays the fee
// on top of the amount.
type Fees struct {
	Fixed      amount.Amount // the smallest fee
	Percentage amount.Rate   // of the amount, rounded down
	Max        amount.Amount // the largest fee; used only where HasMax
	HasMax     bool          // without a maximum it is Fixed while Percentage is zero, and unlimited otherwise
	Split      Split
}

// Split sends parts of each fee elsewhere than to the treasury. Each part is
// rounded down; the treasury gets the rest, so the parts sum to the fee exactly.
type Split struct {
	Rewards amount.Rate // to the rewards pool
	Burn    amount.Rate // out of the supply
}

// Check says what is contradictory in the fees, or nil.
func (f Fees) Check() error {
	if f.HasMax && f.Max.Less(f.Fixed) {
		return Invalid("TRANSFER_FEE_MAX", "the largest fee %s is below the fixed fee %s", f.Max, f.Fixed)
	}
	whole := amount.MustParse("1")
	sum, err := f.Split.Rewards.Of(whole).Add(f.Split.Burn.Of(whole))
	if err != nil || whole.Less(sum) {
		return Invalid("FEE_SPLIT", "the parts of the fee exceed the whole")
	}
	return nil
}

// Active reports whether any transfer is charged.
func (f Fees) Active() bool { return !f.Fixed.IsZero() || !f.Percentage.IsZero() }

// Ceiling returns the largest fee and whether there is one.
func (f Fees) Ceiling() (amount.Amount, bool) {
	if !f.HasMax && f.Percentage.IsZero() {
		return f.Fixed, true
	}
	return f.Max, f.HasMax
}

// Of is the fee for an amount: clamp(amount × Percentage, Fixed, Max).
func (f Fees) Of(a amount.Amount) amount.Amount {
	if f.Percentage.IsZero() {
		return f.Fixed
	}
	fee := f.Percentage.Of(a)
	if fee.Less(f.Fixed) {
		fee = f.Fixed
	}
	if f.HasMax && f.Max.Less(fee) {
		fee = f.Max
	}
	return fee
}

// Collectors are the system rows at which the writer at work collects: its own
// stripe of each.
type Collectors struct {
	Treasury, Rewards, Issuance AccountID
}

// legs returns the receiving side of a fee: none for a zero fee, else one leg
// per part that is not zero.
func (f Fees) legs(fee amount.Amount, to Collectors) []Leg {
	if fee.IsZero() {
		return nil
	}
	rest := fee
	var legs []Leg
	for _, part := range []struct {
		rate    amount.Rate
		account AccountID
	}{{f.Split.Rewards, to.Rewards}, {f.Split.Burn, to.Issuance}} {
		share := part.rate.Of(fee)
		left, err := rest.Sub(share)
		if share.IsZero() || err != nil {
			continue
		}
		rest = left
		legs = append(legs, Leg{Account: part.account, Amount: share.Signed()})
	}
	if !rest.IsZero() {
		legs = append(legs, Leg{Account: to.Treasury, Amount: rest.Signed()})
	}
	return legs
}
