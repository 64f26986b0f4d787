package staking

import (
	"slices"
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
)

// Unbonding is value on its way out of a pool: it earns nothing and can still be
// slashed.
type Unbonding struct {
	ID          UnbondingID
	Owner       ledger.AccountID // available row
	Stake       StakeID          // that it came from
	Pool        PoolID
	Shares      Number
	Returns     bool // to the stake, and not to the owner's available row
	AvailableAt time.Time
	ReleasedAt  time.Time // zero while it waits
}

// Waiting reports whether the value has not been released.
func (u *Unbonding) Waiting() bool { return u.ReleasedAt.IsZero() }

// due reports whether the value has waited long enough.
func (u *Unbonding) due(now time.Time) bool { return !now.Before(u.AvailableAt) }

// MaxUnbondings is how many parts of an agent's stakes can be on their way out, or
// back from a validator, at once.
const MaxUnbondings = 1000

// unbond puts value into a pool that has been touched, until the unstaking
// period is over. All that the owner has on its way out is loaded.
func (b *Book) unbond(id UnbondingID, s *Stake, p *Pool, value amount.Amount, returns bool) (Unbonding, error) {
	waiting := 0
	for _, u := range b.unbondings.rows {
		if u.Owner == s.Owner && u.Waiting() {
			waiting++
		}
	}
	if waiting >= MaxUnbondings {
		return Unbonding{}, ledger.Refuse(ledger.ErrInvalidState, "an agent can have %d parts of its stakes on their way out; wait for the first", MaxUnbondings).
			By("stake.unbondings", ledger.Count("waiting", waiting), ledger.Count("maximum", MaxUnbondings)).
			Unless(ledger.Count("below", MaxUnbondings-1).Needs("waiting", ledger.AtMost, "Wait until the first of them is free."))
	}
	u := Unbonding{
		ID: id, Owner: s.Owner, Stake: s.ID, Pool: p.ID, Returns: returns,
		AvailableAt: b.Total().At.Add(b.terms.UnstakingPeriod),
	}
	var err error
	if u.Shares, err = p.deposit(value); err != nil {
		return Unbonding{}, err
	}
	b.addUnbonding(u)
	t := b.changeTotal()
	t.Unbonding, err = t.Unbonding.Add(value)
	return u, err
}

// DueOf returns what an agent may have of what left its stakes, in the order of
// its ids, and when the first of the rest has waited long enough: zero where
// nothing else waits. All of the agent's waiting unbondings are loaded.
func (b *Book) DueOf(owner ledger.AccountID) (due []UnbondingID, next time.Time) {
	for _, u := range b.unbondings.rows {
		switch {
		case u.Owner != owner || u.Returns || !u.Waiting():
		case u.due(b.Total().At):
			due = append(due, u.ID)
		case next.IsZero() || u.AvailableAt.Before(next):
			next = u.AvailableAt
		}
	}
	slices.SortFunc(due, byID)
	return due, next
}

// AccountsOfWaits are those on which the pools lie of what an agent's available row
// waits for, as far as it is loaded.
func (b *Book) AccountsOfWaits(owner ledger.AccountID) []ledger.AccountID {
	var accounts []ledger.AccountID
	for _, u := range b.unbondings.rows {
		if u.Owner == owner && !u.Returns && u.Waiting() {
			accounts = append(accounts, b.pools.get(u.Pool).Account)
		}
	}
	return accounts
}

// DueBack returns what may go back into a loaded stake, in the order of its ids.
func (b *Book) DueBack(stake StakeID) []UnbondingID {
	var due []UnbondingID
	for _, id := range b.partsOf(stake).returning {
		if u := b.unbondings.get(id); u.Waiting() && u.due(b.Total().At) {
			due = append(due, id)
		}
	}
	slices.SortFunc(due, byID)
	return due
}

// AccountOfPool is the account on which a loaded pool lies.
func (b *Book) AccountOfPool(id PoolID) ledger.AccountID { return b.pools.get(id).Account }

// Release ends the wait of value whose time has come, and returns what moves it;
// nothing where it was slashed away. The stake that it returns to, and the
// owner's own pool, are loaded and open.
func (b *Book) Release(id UnbondingID) ([]ledger.Posting, error) {
	u := b.unbondings.get(id)
	if u == nil || !u.Waiting() || !u.due(b.Total().At) {
		return nil, ledger.Refuse(ledger.ErrInvalidState, "nothing is due")
	}
	u = b.unbondings.change(id)
	p := b.touch(u.Pool)
	out, _ := p.withdraw(p.Worth(u.Shares), u.Shares)
	u.ReleasedAt = b.Total().At
	t := b.changeTotal()
	t.Unbonding = less(t.Unbonding, out)
	notes := ledger.Notes{ReferenceID: u.Stake.String()}
	if !u.Returns {
		return move(p.Account, u.Owner, out, notes), nil
	}
	s := b.stakes.change(u.Stake)
	s.Out--
	if out.IsZero() {
		return nil, nil
	}
	own, err := b.rejoin(s, out)
	if err != nil {
		return nil, err
	}
	return move(p.Account, own.Account, out, notes), nil
}

func move(from, to ledger.AccountID, sum amount.Amount, notes ledger.Notes) []ledger.Posting {
	if sum.IsZero() {
		return nil
	}
	return []ledger.Posting{ledger.Move(ledger.TypeUnbondingRelease, from, to, sum, notes)}
}
