package staking

import (
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
)

// Rewards is what is paid to an agent at once, by what it was earned with.
type Rewards struct {
	Stakes      amount.Amount // its own pool
	Delegations amount.Amount // its delegations, ended ones with them
	Commission  amount.Amount // what others delegated to it
}

// Sum is all of it.
func (r Rewards) Sum() (amount.Amount, error) {
	sum, err := r.Stakes.Add(r.Delegations)
	if err != nil {
		return sum, err
	}
	return sum.Add(r.Commission)
}

// Plus adds up by kind.
func (r Rewards) Plus(other Rewards) (Rewards, error) {
	var sum Rewards
	var faults [3]error
	sum.Stakes, faults[0] = r.Stakes.Add(other.Stakes)
	sum.Delegations, faults[1] = r.Delegations.Add(other.Delegations)
	sum.Commission, faults[2] = r.Commission.Add(other.Commission)
	return sum, errors.Join(faults[:]...)
}

// Postings are what pays the rewards from a row of the rewards pool, one for
// each kind that is not zero.
func (r Rewards) Postings(from, to ledger.AccountID, notes ledger.Notes) []ledger.Posting {
	var list []ledger.Posting
	for _, part := range []struct {
		kind ledger.TransactionType
		sum  amount.Amount
	}{{ledger.TypeStakingReward, r.Stakes}, {ledger.TypeDelegationReward, r.Delegations}, {ledger.TypeValidatorCommission, r.Commission}} {
		if !part.sum.IsZero() {
			list = append(list, ledger.Move(part.kind, from, to, part.sum, notes))
		}
	}
	return list
}

// Claim takes what a stake and its delegations, which are loaded, have earned
// and were not paid. It is theirs from then on.
func (b *Book) Claim(id StakeID) (Rewards, error) {
	s := b.stakes.change(id)
	b.look(s.Pool)
	b.settle(s)
	r := Rewards{Stakes: s.Own.take(), Delegations: s.Left.take()}
	for _, d := range b.delegationsOf(id) {
		p := b.look(d.Pool)
		d = b.delegations.change(d.ID)
		d.settle(p, b.cycles)
		sum, err := r.Delegations.Add(d.take())
		if err != nil {
			return Rewards{}, err
		}
		r.Delegations = sum
	}
	sum, err := r.Sum()
	if err != nil || sum.IsZero() {
		return r, err
	}
	s.ClaimedAt = b.Total().At
	if s.Paid, err = s.Paid.Add(sum); err != nil {
		return Rewards{}, err
	}
	return r, b.paid(sum)
}

// ClaimCommission takes what an agent has earned with what others delegated to
// it and was not paid, in all of its pools that are loaded.
func (b *Book) ClaimCommission(agent ledger.AccountID) (Rewards, error) {
	var r Rewards
	for _, id := range b.named[poolName{agent, DelegatedPool}] {
		p := b.touch(id)
		due := p.Commission.take()
		if due.IsZero() {
			continue
		}
		var err error
		if r.Commission, err = r.Commission.Add(due); err != nil {
			return Rewards{}, err
		}
		if p.Paid, err = p.Paid.Add(due); err != nil {
			return Rewards{}, err
		}
	}
	return r, b.paid(r.Commission)
}

func (b *Book) paid(sum amount.Amount) (err error) {
	t := b.changeTotal()
	t.Paid, err = t.Paid.Add(sum)
	return err
}

// Compound adds what was paid for stakes of one owner to them, and returns what
// moves that from the owner's available row: one posting, as all pools of an agent's
// own stakes lie on one account. The owner's own pool is open.
func (b *Book) Compound(owner ledger.AccountID, earned map[StakeID]amount.Amount) (ledger.Posting, error) {
	var sum amount.Amount
	var notes ledger.Notes
	for _, id := range slices.SortedFunc(maps.Keys(earned), byID) {
		if _, err := b.rejoin(b.stakes.change(id), earned[id]); err != nil {
			return ledger.Posting{}, err
		}
		var err error
		if sum, err = sum.Add(earned[id]); err != nil {
			return ledger.Posting{}, err
		}
		notes.ReferenceID = id.String()
	}
	if len(earned) > 1 {
		notes.ReferenceID = ""
	}
	return ledger.Move(ledger.TypeStake, owner, b.AccountOf(owner, SelfPool), sum, notes), nil
}

// maxCaughtUp is how many cycles that nobody ran are made up for.
const maxCaughtUp = 24

// Overdue tells whether, with a cycle for each interval, the open one should have
// ended by now, and when. Where more than 24 did, the first of those that are made
// up for is as long as it takes. While nothing earns there is no cycle to end, and
// the open one begins later.
func (b *Book) Overdue(now time.Time, interval time.Duration) (end time.Time, yes bool) {
	t := b.total.get(struct{}{})
	passed := int64(now.Sub(t.Start) / interval)
	if t.Start.Unix() <= 0 { // nothing was ever staked
		t.Start = now
		return now, false
	}
	if passed < 1 {
		return now, false
	}
	if t.idle() {
		t.Start = t.Start.Add(time.Duration(passed) * interval)
		return now, false
	}
	return t.Start.Add(time.Duration(max(1, passed-maxCaughtUp+1)) * interval), true
}

// CloseCycle ends the open reward cycle at a time; see [Total.Close]. It visits
// no stake.
func (b *Book) CloseCycle(at time.Time, c Cycle) (Cycle, error) {
	t := b.changeTotal()
	closed, err := t.Close(at, c, b.terms.TimeWeighted)
	if err != nil {
		return Cycle{}, err
	}
	b.cycles[closed.Number] = closed
	b.closed = append(b.closed, closed)
	b.undo = append(b.undo, func() {
		delete(b.cycles, closed.Number)
		b.closed = b.closed[:len(b.closed)-1]
	})
	return closed, nil
}
