package staking

import (
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
)

// Stake is value that an agent put to work. What of it is not delegated is its
// shares of the agent's own pool.
type Stake struct {
	ID           StakeID
	Owner        ledger.AccountID // available row
	Pool         PoolID           // the owner's own, in which the shares lie
	Shares       Number
	Own          Position      // what those shares earn
	Left         Position      // what its ended delegations have earned and were not paid
	Paid         amount.Amount // of all it ever earned, its delegations with it
	Out          int           // active delegations, and parts that are on their way back from one
	AutoCompound bool          // what it earns is staked with it
	StakedAt     time.Time
	UnstakedAt   time.Time // when the last of it was taken out; zero while it is active
	ClaimedAt    time.Time // when it was last paid; zero before
}

// Active reports whether the stake has not been taken out whole.
func (s *Stake) Active() bool { return s.UnstakedAt.IsZero() }

// Live reports whether the stake is active or may still earn: by time, what was
// taken out earns its part of the cycle that is open.
func (s *Stake) Live() bool { return s.Active() || s.Own.live() || s.Left.live() }

// StakeRule is what the decision about a new stake looks at.
type StakeRule struct {
	ID           StakeID
	Owner        *ledger.Account // available row
	Amount       amount.Amount
	AutoCompound bool
}

// Put makes a stake and returns what moves its value from the owner's available
// row into its pool, which is open. The owner has one more position then.
func (b *Book) Put(r StakeRule) (ledger.Posting, error) {
	if r.Amount.Less(b.terms.MinStake) {
		least := ledger.Sum("minimum", b.terms.MinStake)
		return ledger.Posting{}, ledger.Refuse(ledger.ErrBelowMinimum, "the smallest stake is %s AVT", b.terms.MinStake).
			By("stake.minimum", ledger.Sum("amount", r.Amount), least).Unless(least.Needs("amount", ledger.AtLeast, "Stake at least "+least.Value+" AVT."))
	}
	if err := room(r.Owner); err != nil {
		return ledger.Posting{}, err
	}
	p := b.own(r.Owner.ID, SelfPool)
	s := b.addStake(Stake{
		ID: r.ID, Owner: r.Owner.ID, Pool: p.ID, Own: p.join(), Left: p.join(),
		AutoCompound: r.AutoCompound, StakedAt: b.Total().At,
	})
	if err := b.enter(s, p, r.Amount); err != nil {
		return ledger.Posting{}, err
	}
	t := b.changeTotal()
	t.Stakes++
	if r.Owner.Positions == 0 {
		t.Stakers++
	}
	return ledger.Move(ledger.TypeStake, r.Owner.ID, p.Account, r.Amount, ledger.Notes{ReferenceID: r.ID.String()}), nil
}

// room refuses an agent that has as many positions as it can have.
func room(owner *ledger.Account) error {
	if owner.Positions >= MaxPositions {
		return ledger.Refuse(ledger.ErrInvalidState, "an agent can have %d active stakes and delegations; end one first", MaxPositions).
			By("stake.positions", ledger.Count("positions", owner.Positions), ledger.Count("maximum", MaxPositions)).
			Unless(ledger.Count("below", MaxPositions-1).Needs("positions", ledger.AtMost, "End one of the stakes or delegations first."))
	}
	return nil
}

// enter adds value to a stake whose pool has been touched.
func (b *Book) enter(s *Stake, p *Pool, value amount.Amount) error {
	b.settle(s)
	shares, err := p.deposit(value)
	if err != nil {
		return err
	}
	s.Shares = s.Shares.plus(shares)
	s.Own.add(p, shares.times(millionths))
	t := b.changeTotal()
	t.Tokens, err = t.Tokens.Add(value)
	return err
}

// leave takes value out of a stake whose pool has been touched, and returns what
// came out.
func (b *Book) leave(s *Stake, p *Pool, value amount.Amount) amount.Amount {
	b.settle(s)
	out, cost := p.withdraw(value, s.Shares)
	s.Shares = s.Shares.minus(cost)
	s.Own.add(p, cost.times(millionths).neg())
	t := b.changeTotal()
	t.Tokens = less(t.Tokens, out)
	return out
}

// settle brings what a stake has earned to the present. Its pool has been
// touched.
func (b *Book) settle(s *Stake) {
	p := b.pools.get(s.Pool)
	s.Own.settle(p, b.cycles)
	s.Left.settle(p, b.cycles)
}

// active returns a stake of the owner's for changes, its pool touched.
func (b *Book) active(id StakeID, owner ledger.AccountID) (*Stake, *Pool, error) {
	s := b.stakes.get(id)
	if s == nil || s.Owner != owner {
		return nil, nil, ledger.Refuse(ledger.ErrNotFound, "no such stake")
	}
	if !s.Active() {
		return nil, nil, ledger.Refuse(ErrStakeInactive, "the stake was taken out at %s", s.UnstakedAt.UTC().Format(time.RFC3339)).
			By("stake.active", ledger.Word("stake", id.String()), ledger.Moment("unstaked_at", s.UnstakedAt)).
			Unless(ledger.Do("Name a stake that is active, or stake anew."))
	}
	p := b.touch(s.Pool)
	return b.stakes.change(id), p, nil
}

// UnstakeRule is what the decision about taking value out looks at.
type UnstakeRule struct {
	Stake     StakeID
	Owner     *ledger.Account // available row
	Amount    amount.Amount   // zero: all of it
	Unbonding UnbondingID     // for what has to wait
}

// Unstaked is what came of taking value out of a stake.
type Unstaked struct {
	Amount    amount.Amount // what left the stake
	Remaining amount.Amount // what it still is, its delegations with it
	Available time.Time     // when the owner can spend it; zero: at once
	Ended     bool          // nothing is left of the stake: the owner has a position less
	Postings  []ledger.Posting
}

// Take takes value out of a stake: to the owner's available row or, where there
// is an unstaking period, into its unbonding pool, which is then open.
func (b *Book) Take(r UnstakeRule) (Unstaked, error) {
	s, p, err := b.active(r.Stake, r.Owner.ID)
	if err != nil {
		return Unstaked{}, err
	}
	value, err := b.takable(s, p, r.Amount)
	if err != nil {
		return Unstaked{}, err
	}
	u := Unstaked{Amount: b.leave(s, p, value)}
	if s.Shares.IsZero() && s.Out == 0 {
		u.Ended, s.UnstakedAt = true, b.Total().At
		b.changeTotal().Stakes--
		if r.Owner.Positions == 1 {
			b.changeTotal().Stakers--
		}
	}
	u.Remaining = b.Amount(s)
	if u.Amount.IsZero() {
		return u, nil
	}
	notes := ledger.Notes{ReferenceID: s.ID.String()}
	if b.terms.UnstakingPeriod == 0 {
		u.Postings = []ledger.Posting{ledger.Move(ledger.TypeUnstake, p.Account, r.Owner.ID, u.Amount, notes)}
		return u, nil
	}
	out := b.own(r.Owner.ID, UnbondingPool)
	waiting, err := b.unbond(r.Unbonding, s, out, u.Amount, false)
	u.Available = waiting.AvailableAt
	u.Postings = []ledger.Posting{ledger.Move(ledger.TypeUnstake, p.Account, out.Account, u.Amount, notes)}
	return u, err
}

// takable is how much of what was asked for can be taken out.
func (b *Book) takable(s *Stake, p *Pool, asked amount.Amount) (amount.Amount, error) {
	free := p.Worth(s.Shares)
	if asked.IsZero() && s.Out > 0 {
		return asked, lent(p.loose(free), ledger.Refuse(ErrStakeDelegated, "a part of the stake is delegated or on its way back; undelegate it first"))
	}
	if asked.IsZero() {
		asked = free
	}
	if free.Less(asked) {
		if whole := b.Amount(s); !whole.Less(asked) {
			return asked, lent(p.loose(free), ledger.Refuse(ErrStakeDelegated, "%s AVT of the stake are delegated or on their way back; undelegate them first", less(whole, free)),
				ledger.Sum("amount", asked), ledger.Sum("delegated", less(whole, free)))
		}
		return asked, &ledger.InsufficientBalanceError{Available: free, Needed: asked, Highest: p.loose(free)}
	}
	return asked, p.loosen(asked)
}

// lent adds to a refusal how much of a stake is not delegated, and can be taken out.
func lent(free amount.Amount, refusal *ledger.Refusal, figures ...ledger.Figure) error {
	most := ledger.Sum("free", free)
	refusal = refusal.By("stake.delegated", append(figures, most)...)
	if !free.IsZero() {
		refusal = refusal.Unless(most.Needs("amount", ledger.AtMost, "Take out at most "+most.Value+" AVT, which are not delegated."))
	}
	return refusal.Unless(ledger.Do("Undelegate first, and wait until what was delegated is back in the stake."))
}

// Amount is what a stake is worth: its shares, its delegations, and what is on
// its way back from one, as far as they are loaded.
func (b *Book) Amount(s *Stake) amount.Amount {
	sum := b.pools.get(s.Pool).worth(s.Shares)
	for _, d := range b.delegationsOf(s.ID) {
		sum = sum.plus(b.pools.get(d.Pool).worth(d.Shares))
	}
	for _, id := range b.partsOf(s.ID).returning {
		if u := b.unbondings.get(id); u.Waiting() {
			sum = sum.plus(b.pools.get(u.Pool).worth(u.Shares))
		}
	}
	worth, err := sum.amount()
	if err != nil { // parts of what there is
		return amount.Max
	}
	return worth
}
