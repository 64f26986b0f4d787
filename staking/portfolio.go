package staking

import (
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
)

// Standing is how a stake stands at the time of its book.
type Standing struct {
	Stake
	Amount    amount.Amount // with its delegations, and what is on its way back from one
	Delegated amount.Amount // of it, delegated
	Earned    amount.Amount // ever, with its delegations
	Due       amount.Amount // of it, not paid
}

// Standing tells how a loaded stake stands. It changes rows of the book, which
// is not to be written afterwards.
func (b *Book) Standing(id StakeID) (Standing, error) {
	last := b.Stake(id).ClaimedAt
	due, err := b.Claim(id)
	if err != nil {
		return Standing{}, err
	}
	s := Standing{Stake: *b.Stake(id)}
	s.ClaimedAt = last
	s.Amount, s.Earned = b.Amount(&s.Stake), s.Paid
	if s.Due, err = due.Sum(); err != nil {
		return Standing{}, err
	}
	for _, d := range b.delegationsOf(id) {
		if s.Delegated, err = s.Delegated.Add(b.pools.get(d.Pool).Worth(d.Shares)); err != nil {
			return Standing{}, err
		}
	}
	return s, nil
}

// Holdings is what an agent has in stakes at the time of its book.
type Holdings struct {
	Staked    amount.Amount // in stakes, with their delegations
	Unbonding amount.Amount // on its way to the agent's available row
	Free      amount.Amount // that has waited long enough, and can be spent
	Due       amount.Amount // earned and not paid, commission with it
}

// Holdings tells what an agent has, all of whose live rows are loaded. What waited
// until then is free, by the clock of the server that will be asked for it. It
// changes rows of the book, which is not to be written afterwards.
func (b *Book) Holdings(owner ledger.AccountID, now time.Time) (h Holdings, err error) {
	add := func(to *amount.Amount, sum amount.Amount) {
		if err == nil {
			*to, err = to.Add(sum)
		}
	}
	for _, id := range b.StakesOf(owner) {
		s, failed := b.Standing(id)
		if failed != nil {
			return h, failed
		}
		add(&h.Staked, s.Amount)
		add(&h.Due, s.Due)
	}
	for _, u := range b.unbondings.rows {
		if u.Owner == owner && u.Waiting() && !u.Returns {
			to := &h.Unbonding
			if u.due(now) {
				to = &h.Free
			}
			add(to, b.pools.get(u.Pool).Worth(u.Shares))
		}
	}
	commission, failed := b.ClaimCommission(owner)
	add(&h.Due, commission.Commission)
	if err == nil {
		err = failed
	}
	return h, err
}
