package staking

import (
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
)

// SeizeRule is what the decision about taking a sum of an agent's own stake looks at.
type SeizeRule struct {
	Agent ledger.AccountID // available row of who loses it
	Sum   amount.Amount
	To    ledger.AccountID // the row that gets it
	Type  ledger.TransactionType
	Notes ledger.Notes
}

// Seize takes a sum out of what an agent has staked itself, pinned or not, and then
// out of what is on its way out of that, and returns the postings and how much they
// move: less than the sum where there is not so much. What is delegated to the agent
// and what it delegated to others is not touched. Like a slash it touches no stake:
// all shares are worth less. It never takes more than the sum, so that next to
// nothing of a pool may be left behind.
func (b *Book) Seize(r SeizeRule) (taken amount.Amount, postings []ledger.Posting, err error) {
	for _, kind := range []PoolKind{SelfPool, UnbondingPool} {
		left := less(r.Sum, taken)
		if left.IsZero() || b.Pool(r.Agent, kind) == nil {
			continue
		}
		p := b.own(r.Agent, kind)
		cut := p.within(left)
		if cut.IsZero() {
			continue
		}
		p.take(cut)
		b.lose(kind, cut)
		if taken, err = taken.Add(cut); err != nil {
			return taken, nil, err
		}
		postings = append(postings, ledger.Move(r.Type, p.Account, r.To, cut, r.Notes))
	}
	return taken, postings, nil
}

// within is how much of a sum can be taken: all there is, or so much that the pool
// stays open.
func (p *Pool) within(sum amount.Amount) amount.Amount {
	if !sum.Less(p.Tokens) {
		return p.Tokens
	}
	if !p.worthless(less(p.Tokens, sum)) {
		return sum
	}
	least := p.least()
	if p.Tokens.Less(least) {
		return amount.Amount{}
	}
	return less(p.Tokens, least)
}
