package staking

import "github.com/agentvault/teg-layer/ledger/amount"

// Position is a weight in a pool and what it has earned. A stake has the weight
// of all its shares in its owner's pool; of the shares of a delegation the
// delegator and the validator have each their part.
type Position struct {
	Weight Number // shares, in millionths
	Index  Number // the pool's, when this was last settled
	Debt   Number // weight × the pool's Open, over the changes of weight within Cycle
	Cycle  int64  // in which this was last settled
	Earned Number // and not paid, in millionths of an index
}

// settle adds what the position earned in the cycles that were closed since it
// was last settled. The pool has been rolled.
func (x *Position) settle(p *Pool, cycles map[int64]Cycle) {
	if x.Cycle == p.Cycle {
		return
	}
	x.Earned = x.Earned.plus(x.Weight.times(p.Index.minus(x.Index)))
	if then := cycles[x.Cycle]; then.Weighted {
		x.Earned = x.Earned.minus(x.Debt.times(then.Price))
	}
	x.Index, x.Debt, x.Cycle = p.Index, Number{}, p.Cycle
}

// join begins a position in a pool that has been rolled.
func (p *Pool) join() Position { return Position{Index: p.Index, Cycle: p.Cycle} }

// add changes the weight of a position that has been settled.
func (x *Position) add(p *Pool, weight Number) {
	x.Weight = x.Weight.plus(weight)
	x.Debt = x.Debt.plus(weight.times(p.Open))
}

// Due is what the position has earned and was not paid, rounded down.
func (x *Position) Due() amount.Amount {
	due, err := x.Earned.over(earnedScale).amount()
	if err != nil { // nobody earns more than there is
		return amount.Amount{}
	}
	return due
}

// live reports whether something is due or may become so without the position
// being touched.
func (x *Position) live() bool {
	return !x.Debt.IsZero() || x.Earned.Cmp(earnedScale) >= 0 || !x.Weight.IsZero()
}

// take pays what is due and keeps what rounding left.
func (x *Position) take() amount.Amount {
	due := x.Due()
	x.Earned = x.Earned.minus(units(due).times(earnedScale))
	return due
}
