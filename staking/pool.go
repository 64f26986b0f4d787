package staking

import (
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
)

// PoolKind says what lies in a pool. The zero value is invalid.
type PoolKind uint8

// The kinds of pools that an agent can have.
const (
	SelfPool               PoolKind = iota + 1 // its own stakes
	DelegatedPool                              // what others delegated to it
	UnbondingPool                              // on its way out of its own stakes
	UnbondingDelegatedPool                     // on its way out of what others delegated to it
)

var poolKindNames = [...]string{
	SelfPool: "self", DelegatedPool: "delegated", UnbondingPool: "unbonding", UnbondingDelegatedPool: "unbonding_delegated",
}

// Valid reports whether the kind is one of those above.
func (k PoolKind) Valid() bool { return k >= SelfPool && k <= UnbondingDelegatedPool }

// String names the kind.
func (k PoolKind) String() string {
	if !k.Valid() {
		return "invalid"
	}
	return poolKindNames[k]
}

// Account is the kind of account row on which the tokens of such pools lie.
func (k PoolKind) Account() ledger.Kind { return ledger.Staked + ledger.Kind(k-SelfPool) }

// Earns reports whether what lies in pools of this kind takes part in reward
// cycles.
func (k PoolKind) Earns() bool { return k == SelfPool || k == DelegatedPool }

// minWorth is the reciprocal of the least that a share may be worth, in units,
// before its pool is closed.
var minWorth = tenTo(9)

// Pool is value that belongs to several in proportion to their shares, so that a
// slash touches one row. A pool whose shares have become worth nothing is closed
// and keeps what they had earned; its agent then gets another.
type Pool struct {
	ID      PoolID
	Agent   ledger.AccountID // the available row of the agent that can be slashed for it
	Kind    PoolKind
	Account ledger.AccountID // where the tokens lie
	Tokens  amount.Amount
	Shares  Number
	Pinned  amount.Amount // of the tokens, so much must stay
	Closed  bool

	Index Number    // what a share has earned up to the start of Cycle
	Open  Number    // where time counts, unit-microseconds per share within Cycle, up to At
	Cycle int64     // the cycle up to which the pool was last rolled; positions in it may be ahead
	At    time.Time // the time

	Commission Position      // of the agent, on what others delegated to it
	Paid       amount.Amount // of that, so far
}

// Live reports whether the pool is open or its agent may still have something
// from it.
func (p *Pool) Live() bool { return !p.Closed || p.Commission.live() }

// worth is what shares of the pool stand for, in units, rounded down.
func (p *Pool) worth(shares Number) Number {
	if p.Shares.IsZero() {
		return Number{}
	}
	return shares.times(units(p.Tokens)).over(p.Shares)
}

// Worth is what shares of the pool stand for, rounded down.
func (p *Pool) Worth(shares Number) amount.Amount {
	worth, err := p.worth(shares).amount()
	if err != nil { // no part is larger than the whole
		return amount.Amount{}
	}
	return worth
}

// MeanShare is the part of what the pool earns that goes to its agent, rounded
// down.
func (p *Pool) MeanShare() amount.Rate {
	if p.Shares.IsZero() {
		return amount.Rate{}
	}
	rate, err := amount.FromPPM(uint32(p.Commission.Weight.over(p.Shares).big().Uint64()))
	if err != nil { // no part is larger than the whole
		return amount.Rate{}
	}
	return rate
}

// perShare is what a share holds, times shareScale.
func (p *Pool) perShare() Number {
	if p.Shares.IsZero() {
		return Number{}
	}
	return units(p.Tokens).times(shareScale).over(p.Shares)
}

// roll brings the pool's earnings to the present. Its tokens have not changed
// since it was last rolled, so the cycles that were closed since then need only
// the first of them and the sum of all.
func (p *Pool) roll(t *Total, cycles map[int64]Cycle) {
	held := p.perShare()
	if p.Cycle != t.Cycle {
		first := cycles[p.Cycle]
		earned := held
		if first.Weighted {
			earned = p.Open.plus(held.times(micros(p.At, first.End)))
		}
		p.Index = p.Index.plus(earned.times(first.Price)).plus(held.times(t.Price.minus(first.PriceSum)))
		p.Open, p.Cycle, p.At = Number{}, t.Cycle, t.Start
	}
	if t.Weighted {
		p.Open = p.Open.plus(held.times(micros(p.At, t.At)))
	}
	p.At = t.At
}

// deposit adds value and returns the shares that it buys: as many as units in an
// empty pool, and never more than they are worth.
func (p *Pool) deposit(value amount.Amount) (Number, error) {
	shares := units(value)
	if !p.Shares.IsZero() {
		shares = shares.times(p.Shares).over(units(p.Tokens))
	}
	if shares.IsZero() {
		return Number{}, ledger.Refuse(ledger.ErrBelowMinimum, "%s AVT is too little for one share", value).
			By("stake.share", ledger.Sum("amount", value)).Unless(ledger.Do("Put in more at once."))
	}
	tokens, err := p.Tokens.Add(value)
	if err != nil {
		return Number{}, ledger.Refuse(ledger.ErrAboveMaximum, "a pool would pass %s AVT", amount.Max).
			By("balance.largest", ledger.Sum("amount", value), ledger.Sum("maximum", amount.Max)).Unless(ledger.Do("Put in less."))
	}
	p.Tokens, p.Shares = tokens, p.Shares.plus(shares)
	return shares, nil
}

// withdraw takes value out for shares of which the caller has so many, and
// returns what came out and how many shares it cost, rounded up. Whoever takes
// the last share takes all that is left.
func (p *Pool) withdraw(value amount.Amount, has Number) (out amount.Amount, cost Number) {
	cost = has
	if value != p.Worth(has) {
		cost = units(value).times(p.Shares).overUp(units(p.Tokens))
	}
	out = value
	if cost.Cmp(p.Shares) == 0 {
		out = p.Tokens
	}
	p.Tokens = less(p.Tokens, out)
	p.Shares = p.Shares.minus(cost)
	return out, cost
}

// slash takes a part of the value, rounded down, and closes the pool where next
// to nothing is left for each share.
func (p *Pool) slash(part amount.Rate) amount.Amount {
	cut := part.Of(p.Tokens)
	if !cut.IsZero() && p.worthless(less(p.Tokens, cut)) {
		cut = p.Tokens
	}
	p.take(cut)
	return cut
}

// worthless reports whether so little for all shares would be next to nothing for
// each.
func (p *Pool) worthless(tokens amount.Amount) bool {
	return units(tokens).times(minWorth).Cmp(p.Shares) < 0
}

// take takes value away from all shares alike, and closes the pool where that is all
// there is.
func (p *Pool) take(cut amount.Amount) {
	p.Tokens = less(p.Tokens, cut)
	if !cut.IsZero() && p.Tokens.IsZero() {
		p.Closed, p.Pinned = true, amount.Amount{}
	}
}

// least is the smallest value with which the pool stays open.
func (p *Pool) least() amount.Amount {
	value, err := p.Shares.overUp(minWorth).amount()
	if err != nil { // shares are worth something, so there are not so many
		return amount.Max
	}
	return value
}

// less subtracts what is known to be there.
func less(from, sum amount.Amount) amount.Amount {
	left, err := from.Sub(sum)
	if err != nil {
		panic("staking: more is taken out than there is") // a fault of these rules; nothing is written
	}
	return left
}
