package ledger

import (
	"strings"

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

// ParseSplit reads the fractions of each part by name, such as
// "treasury=0.5,rewards=0.3,burn=0.2". They sum to 1; a part that is not named is 0,
// the treasury's what the others leave. Anything else is [ErrInvalidInput].
func ParseSplit(text string) (Split, error) {
	bad := Invalid("FEE_SPLIT", "must give fractions to treasury, rewards and burn that sum to 1, such as treasury=0.5,rewards=0.3,burn=0.2")
	given := map[string]amount.Rate{}
	for part := range strings.SplitSeq(text, ",") {
		name, fraction, _ := strings.Cut(strings.TrimSpace(part), "=")
		rate, err := amount.ParseFraction(fraction)
		_, twice := given[name]
		if err != nil || twice || name != "treasury" && name != "rewards" && name != "burn" {
			return Split{}, bad
		}
		given[name] = rate
	}
	s := Split{Rewards: given["rewards"], Burn: given["burn"]}
	rest, ok := s.Treasury()
	if treasury, named := given["treasury"]; !ok || named && treasury != rest {
		return Split{}, bad
	}
	return s, nil
}

// Treasury is the part that is left to the treasury, and false where the others
// exceed the whole.
func (s Split) Treasury() (amount.Rate, bool) {
	elsewhere := uint64(s.Rewards.PPM()) + uint64(s.Burn.PPM())
	if elsewhere > uint64(whole.PPM()) {
		return amount.Rate{}, false
	}
	rest, err := amount.FromPPM(whole.PPM() - uint32(elsewhere))
	return rest, err == nil
}

// String is the form that [ParseSplit] reads.
func (s Split) String() string {
	rest, _ := s.Treasury()
	return "treasury=" + rest.FractionString() + ",rewards=" + s.Rewards.FractionString() + ",burn=" + s.Burn.FractionString()
}

var whole = amount.Percent(100)

// Check says what is contradictory in the fees, or nil.
func (f Fees) Check() error {
	if f.HasMax && f.Max.Less(f.Fixed) {
		return Invalid("TRANSFER_FEE_MAX", "the largest fee %s is below the fixed fee %s", f.Max, f.Fixed)
	}
	if _, ok := f.Split.Treasury(); !ok {
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

// Within is the largest amount that is covered, with its fee, by a sum. The fee is the
// larger of the fixed one and, of percentage and ceiling, the smaller, so that what is
// covered is found for each of the three alone.
func (f Fees) Within(sum amount.Amount) amount.Amount {
	most := less(sum, f.Fixed)
	if f.Percentage.IsZero() {
		return most
	}
	share := withinShare(f.Percentage, sum)
	if f.HasMax {
		share = amount.Larger(share, less(sum, f.Max))
	}
	return amount.Smaller(most, share)
}

// withinShare is the largest amount that a sum covers together with a share of it, rounded
// down.
func withinShare(r amount.Rate, sum amount.Amount) amount.Amount {
	whole := uint64(whole.PPM())
	most, err := sum.MulDiv(amount.FromUnits(whole), amount.FromUnits(whole+uint64(r.PPM())))
	if err != nil { // cannot be: it is less than the sum
		return amount.Amount{}
	}
	next, err := most.Add(amount.FromUnits(1)) // what is rounded off the share may leave room for one unit
	if err != nil {
		return most
	}
	if total, err := next.Add(r.Of(next)); err == nil && !sum.Less(total) {
		return next
	}
	return most
}

// less is a difference that does not go below zero.
func less(a, b amount.Amount) amount.Amount {
	if rest, err := a.Sub(b); err == nil {
		return rest
	}
	return amount.Amount{}
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
