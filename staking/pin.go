package staking

import (
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
)

// Pin keeps an agent from taking out or delegating the last of its stake, up to
// a sum beyond what is pinned already. It returns how much it could pin, and
// where. A slash is not kept off by it, and a pool that a slash closes has nothing
// pinned any more.
func (b *Book) Pin(agent ledger.AccountID, upTo amount.Amount) (PoolID, amount.Amount, error) {
	if b.Pool(agent, SelfPool) == nil {
		return PoolID{}, amount.Amount{}, nil
	}
	p := b.own(agent, SelfPool)
	if p.Tokens.Less(p.Pinned) { // it was slashed below what is pinned
		return p.ID, amount.Amount{}, nil
	}
	pinned := amount.Smaller(less(p.Tokens, p.Pinned), upTo)
	var err error
	p.Pinned, err = p.Pinned.Add(pinned)
	return p.ID, pinned, err
}

// Unpin gives free what [Book.Pin] pinned in a pool, which is loaded unless a slash
// has closed it since.
func (b *Book) Unpin(pool PoolID, sum amount.Amount) {
	if p := b.pools.get(pool); p == nil || p.Closed || sum.IsZero() {
		return
	}
	p := b.touch(pool)
	p.Pinned = less(p.Pinned, sum)
}

// loosen refuses to take value out of a pool that is pinned there.
func (p *Pool) loosen(value amount.Amount) error {
	if !value.IsZero() && less(p.Tokens, value).Less(p.Pinned) {
		refusal := ledger.Refuse(ledger.ErrInvalidState, "%s AVT of the agent's stake are pinned by a dispute or a vote", p.Pinned)
		most := ledger.Sum("free", p.unpinned())
		refusal = refusal.By("stake.pinned", ledger.Sum("amount", value), ledger.Sum("staked", p.Tokens), ledger.Sum("pinned", p.Pinned))
		if p.Pinned.Less(p.Tokens) {
			refusal = refusal.Unless(most.Needs("amount", ledger.AtMost, "Take at most "+most.Value+" AVT."))
		}
		return refusal.Unless(ledger.Do("Wait for the end of the dispute or the vote."))
	}
	return nil
}

// loose is how much of a value can leave a pool in which something may be pinned.
func (p *Pool) loose(value amount.Amount) amount.Amount {
	return amount.Smaller(value, p.unpinned())
}

// unpinned is what nothing is pinned of. A slash may have left less than is pinned.
func (p *Pool) unpinned() amount.Amount {
	if p.Tokens.Less(p.Pinned) {
		return amount.Amount{}
	}
	return less(p.Tokens, p.Pinned)
}
