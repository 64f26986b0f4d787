package teg

import (
	"context"
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/staking"
	"github.com/agentvault/teg-layer/store"
)

// CycleParams asks to run a reward cycle.
type CycleParams struct {
	By     DID    // the administrator who acts
	Rate   Rate   // of all earning value; zero: StakingTerms.RewardRate
	Key    string // idempotency key
	DryRun bool
}

// RewardCycle is what a cycle distributed, and from where it came.
type RewardCycle struct {
	ID           CycleID
	Number       int64
	Start, End   time.Time
	Rate         Rate
	Stakers      int64  // agents with an active stake
	Distributed  Amount // the sum of the three
	Collected    Amount // from fees that had gone to the rewards pool
	FromTreasury Amount
	Issued       Amount
	Replayed     bool
}

// RunRewardCycle ends the open reward cycle: a share of all earning value is
// distributed over it. The cost does not depend on how many stakes there are.
// What fees brought into the rewards pool pays first, then the treasury and,
// where that is short and StakingTerms.IssueRewards allows it, an issuance.
//
// Errors: [ErrInvalidInput], [ErrSuspended], [ErrKeyReused],
// [*InsufficientBalanceError] where the treasury is short and nothing may be
// issued; then nothing is distributed.
func (e *Engine) RunRewardCycle(ctx context.Context, p CycleParams) (RewardCycle, error) {
	if err := check(named("by", p.By), checkKey(p.Key)); err != nil {
		return RewardCycle{}, err
	}
	asked := p.Rate.String() // the rate in force is not part of the request
	op, err := e.administrative(ctx, p.By, store.VerbRunRewardCycle, p.DryRun)
	if err != nil {
		return RewardCycle{}, err
	}
	if op.intend(Intent{}); !p.Rate.IsZero() {
		op.intents[0].Rate = &p.Rate
	}
	op.need = cycleNeeds()
	op.mark = markKey(p.By, store.VerbRunRewardCycle, p.Key, asked)
	return perform(e, op, func(d *decision) (RewardCycle, []ledger.ID, error) {
		if err := d.beginStaking(); err != nil {
			return RewardCycle{}, nil, err
		}
		rate := p.Rate
		if rate.IsZero() {
			rate = d.terms.Staking.RewardRate
		}
		c, posted, err := d.closeCycle(d.now, rate)
		if err != nil {
			return RewardCycle{}, nil, err
		}
		d.posted = posted
		d.record(cycleAct(c))
		return shownCycle(c), d.subjectsOf(ledger.ID(c.ID)), nil
	}, func(r store.Record) (RewardCycle, error) { return e.recallCycle(ctx, r) })
}

// cycleNeeds are the rows from which a cycle is paid.
func cycleNeeds() needs {
	return needs{treasury: true, rewards: true, system: true, staking: staking.Need{Total: true}}
}

func cycleAct(c staking.Cycle) act {
	return act{action: "reward_cycle", amount: c.Pool, cycle: c.ID, rate: &c.Rate, until: c.End}
}

// closeOverdue runs a cycle that should have been run by now, as an act of the
// system.
func (d *decision) closeOverdue(end time.Time) error {
	mark := d.mark()
	c, posted, err := d.closeCycle(end, d.terms.Staking.RewardRate)
	if err != nil {
		d.revert(mark)
		return err
	}
	a := cycleAct(c)
	a.transactions = posted
	d.emit(d.core.config.Treasury, d.op.request, a)
	return nil
}

// closeCycle ends the open cycle at a time and pays for it.
func (d *decision) closeCycle(end time.Time, rate Rate) (staking.Cycle, []TransactionID, error) {
	total := d.stakes.Total()
	c := staking.Cycle{
		ID: CycleID(d.core.newID()), Rate: rate, Pool: total.Due(end, rate),
	}
	postings, err := d.fundCycle(&c, total)
	if err != nil {
		return staking.Cycle{}, nil, err
	}
	var posted []TransactionID
	for _, p := range postings {
		tx, err := d.book.Post(d.core.newTransactionID(), d.now, p)
		if err != nil {
			return staking.Cycle{}, nil, err
		}
		posted = append(posted, tx.ID)
	}
	c, err = d.stakes.CloseCycle(end, c)
	return c, posted, err
}

// fundCycle says what pays for a cycle: first what fees have brought, then the
// treasury, then an issuance. All of it ends on the row that pays rewards.
func (d *decision) fundCycle(c *staking.Cycle, total staking.Total) ([]ledger.Posting, error) {
	if c.Pool.IsZero() {
		return nil, nil
	}
	legs, collected, err := d.gatherRewards(total)
	if err != nil {
		return nil, err
	}
	treasury, err := d.treasuryBalance()
	if err != nil {
		return nil, err
	}
	c.Collected = amount.Smaller(collected, c.Pool)
	rest := minus(c.Pool, c.Collected)
	c.FromReserve = amount.Smaller(treasury, rest)
	c.Issued = minus(rest, c.FromReserve)
	if !c.Issued.IsZero() && !d.terms.Staking.IssueRewards {
		return nil, &InsufficientBalanceError{Available: treasury, Needed: rest}
	}
	return d.fundingPostings(c, legs)
}

func (d *decision) fundingPostings(c *staking.Cycle, legs []ledger.Leg) ([]ledger.Posting, error) {
	notes := ledger.Notes{ReferenceID: c.ID.String()}
	var postings []ledger.Posting
	for _, leg := range legs { // fees that lie on other rows of the rewards pool
		postings = append(postings, ledger.Move(ledger.TypeRewardFunding, leg.Account, d.core.rewardsRow(), leg.Amount.Abs(), notes))
	}
	if !c.FromReserve.IsZero() {
		paying, err := d.payFromTreasury(c.FromReserve)
		if err != nil {
			return nil, err
		}
		postings = append(postings, ledger.Posting{
			Type: ledger.TypeRewardFunding, Sender: d.treasuryRow(0), Receiver: d.core.rewardsRow(), Amount: c.FromReserve,
			Legs: append(paying, ledger.Leg{Account: d.core.rewardsRow(), Amount: c.FromReserve.Signed()}), Notes: notes,
		})
	}
	if !c.Issued.IsZero() {
		postings = append(postings, ledger.Move(ledger.TypeIssuance, d.book.Collectors().Issuance, d.core.rewardsRow(), c.Issued, notes))
	}
	return postings, nil
}

// gatherRewards returns what lies on the rows of the rewards pool that do not
// pay, and how much of the whole pool is nobody's yet.
func (d *decision) gatherRewards(total staking.Total) (legs []ledger.Leg, collected Amount, err error) {
	var held amount.Signed
	for _, id := range d.core.system.rows[ledger.Rewards] {
		row := d.book.Account(id)
		if row == nil {
			return nil, Amount{}, errMore{cycleNeeds()}
		}
		if held, err = held.Add(row.Balance); err != nil {
			return nil, Amount{}, ErrAboveMaximum
		}
		if id != d.core.rewardsRow() && !row.Balance.IsZero() {
			legs = append(legs, ledger.Leg{Account: id, Amount: row.Balance.Neg()})
		}
	}
	owed, err := total.Distributed.Sub(total.Paid)
	if err != nil {
		return nil, Amount{}, ErrInternal
	}
	free, err := held.Sub(owed.Signed())
	if err != nil || free.Sign() < 0 {
		return nil, Amount{}, ErrInternal
	}
	return legs, free.Abs(), nil
}

// treasuryBalance is what all rows of the treasury hold.
func (d *decision) treasuryBalance() (Amount, error) {
	var held amount.Signed
	for stripe := range ledger.Stripes {
		row := d.book.Account(d.treasuryRow(stripe))
		if row == nil {
			return Amount{}, errMore{cycleNeeds()}
		}
		var err error
		if held, err = held.Add(row.Balance); err != nil {
			return Amount{}, ErrAboveMaximum
		}
	}
	return held.Amount()
}

// minus subtracts what is known to be smaller.
func minus(from, sum Amount) Amount {
	left, err := from.Sub(sum)
	if err != nil {
		panic("teg: more is taken away than there is") // a fault of the program; the group is not written
	}
	return left
}

func shownCycle(c staking.Cycle) RewardCycle {
	return RewardCycle{
		ID: c.ID, Number: c.Number, Start: c.Start, End: c.End, Rate: c.Rate, Stakers: c.Stakers, Distributed: c.Pool,
		Collected: c.Collected, FromTreasury: c.FromReserve, Issued: c.Issued,
	}
}

func (e *Engine) recallCycle(ctx context.Context, r store.Record) (RewardCycle, error) {
	about, _ := subjects(&r)
	cycles, err := e.reader().RewardCycles(ctx, staking.CycleQuery{ID: CycleID(about), Limit: 1})
	if err != nil {
		return RewardCycle{}, outward(err)
	}
	if len(cycles) == 0 {
		return RewardCycle{}, ErrInternal
	}
	shown := shownCycle(cycles[0])
	shown.Replayed = true
	return shown, nil
}
