package teg

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/staking"
	"github.com/agentvault/teg-layer/store"
)

// Bounds of what one tick does for stakes.
const (
	tickUnbondings = 500
	tickCompounds  = 500
)

// tickStakes does what is due of stakes: cycles that are over, value whose wait
// is over, and earnings that are to be staked.
func (e *Engine) tickStakes(ctx context.Context, now time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, tickPatience)
	defer cancel()
	_, released := e.releaseUnbondings(ctx, staking.DueQuery{By: now, Limit: tickUnbondings})
	return errors.Join(e.runOverdue(ctx, now), released, e.compoundStakes(ctx))
}

// runOverdue closes cycles that should have ended by now.
func (e *Engine) runOverdue(ctx context.Context, now time.Time) error {
	if e.config.RewardInterval == 0 {
		return nil
	}
	b, err := e.stakesBook(ctx, staking.Need{Total: true})
	if err != nil {
		return err
	}
	if _, overdue := b.Overdue(now, e.config.RewardInterval); !overdue {
		return nil
	}
	op := &operation{ctx: ctx, verb: store.VerbRunRewardCycle, request: requestID(ctx), need: cycleNeeds()}
	return e.bySystem(op, (*decision).closeAllOverdue)
}

// bySystem carries out an act that nobody asked for.
func (e *Engine) bySystem(op *operation, decide func(*decision) error) error {
	op.permitted = true // also where it is done in somebody's name
	_, err := perform(e, op, func(d *decision) (struct{}, []ledger.ID, error) { return struct{}{}, nil, decide(d) },
		func(store.Record) (struct{}, error) { return struct{}{}, nil })
	return err
}

// releaseFrom ends every wait in an agent's pools that is over, by whichever server's
// clock, before a slash, which is not to reach what waited long enough.
func (e *Engine) releaseFrom(ctx context.Context, agent ledger.AccountID) error {
	ctx, cancel := context.WithTimeout(ctx, tickPatience)
	defer cancel()
	b, err := e.stakesBook(ctx, staking.Need{Total: true})
	if err != nil {
		return err
	}
	for {
		n, err := e.releaseUnbondings(ctx, staking.DueQuery{By: b.Total().At, From: agent, Limit: tickUnbondings})
		if err != nil || n < tickUnbondings {
			return err
		}
	}
}

// releaseUnbondings ends waits that are over, and returns how many there were.
func (e *Engine) releaseUnbondings(ctx context.Context, q staking.DueQuery) (int, error) {
	due, err := e.reader().DueUnbondings(ctx, q)
	if err != nil || len(due) == 0 {
		return 0, outward(err)
	}
	need := staking.Need{Total: true}
	for _, u := range due {
		need.Unbondings, need.PoolsOf = append(need.Unbondings, u.ID), append(need.PoolsOf, u.Owner)
	}
	b, err := e.stakesBook(ctx, need)
	if err != nil {
		return 0, err
	}
	return len(due), e.together(len(due), func(i int) error {
		return e.releaseUnbonding(ctx, due[i], b.AccountsUnder(due[i].Pool, due[i].Owner))
	})
}

func (e *Engine) releaseUnbonding(ctx context.Context, u staking.Unbonding, accounts []ledger.AccountID) error {
	owner := []ledger.AccountID{u.Owner}
	op := &operation{ctx: ctx, verb: store.VerbReleaseUnbonding, request: requestID(ctx), parties: []party{{available: u.Owner}}}
	op.need.accounts = accounts
	op.need.staking = staking.Need{Total: true, Unbondings: []staking.UnbondingID{u.ID}, WaitingOf: owner, PoolsOf: owner}
	return e.bySystem(op, func(d *decision) error {
		if err := d.beginStaking(); err != nil {
			return err
		}
		if waiting := d.stakes.Unbonding(u.ID); waiting == nil || !waiting.Waiting() {
			return nil // it was released meanwhile
		}
		if !u.Returns {
			return d.freeUnbonded(d.book.Account(u.Owner))
		}
		return d.endWait(u.ID)
	})
}

// needUnbonded adds what is not loaded of what waits for an agent's row.
func (d *decision) needUnbonded(more *needs, owner ledger.AccountID) {
	if d.stakes == nil || !d.waiting[owner] {
		more.staking.Total = true
		more.staking.WaitingOf = append(more.staking.WaitingOf, owner)
		return
	}
	more.accounts = append(more.accounts, d.absent(d.stakes.AccountsOfWaits(owner)...)...)
}

// absent are those of the rows that are not loaded.
func (d *decision) absent(accounts ...ledger.AccountID) []ledger.AccountID {
	return slices.DeleteFunc(accounts, func(id ledger.AccountID) bool { return d.book.Account(id) != nil })
}

// freeUnbonded gives the owner of a row what left its stakes and has waited long
// enough.
func (d *decision) freeUnbonded(owner *ledger.Account) error {
	if err := d.needDue(append(d.op.parties[:len(d.op.parties):len(d.op.parties)], party{available: owner.ID})...); err != nil {
		return err
	}
	if err := d.beginStaking(); err != nil {
		return err
	}
	due, next := d.stakes.DueOf(owner.ID)
	for _, id := range due {
		if err := d.endWait(id); err != nil {
			return err
		}
	}
	d.book.Change(owner.ID, func(row *ledger.Account) { row.NextUnbonding = next })
	return nil
}

// freeReturned puts what has waited long enough back into the owner's stake that it
// was delegated from, before anything else happens to the stake.
func (d *decision) freeReturned(owner ledger.AccountID, stake StakeID) error {
	if s := d.stakes.Stake(stake); s == nil || s.Owner != owner {
		return nil // refused in its place
	}
	due := d.stakes.DueBack(stake)
	var rows []ledger.AccountID
	for _, id := range due {
		rows = append(rows, d.stakes.AccountOfPool(d.stakes.Unbonding(id).Pool))
	}
	if rows = d.absent(rows...); len(rows) > 0 {
		return errMore{needs{accounts: rows}}
	}
	for _, id := range due {
		if err := d.endWait(id); err != nil {
			return err
		}
	}
	return nil
}

// endWait releases value whose wait is over, as an act of the system.
func (d *decision) endWait(id staking.UnbondingID) error {
	u := *d.stakes.Unbonding(id)
	if u.Returns {
		if err := d.poolAgain(u.Owner); err != nil {
			return err
		}
	}
	postings, err := d.stakes.Release(id)
	if err != nil {
		return err
	}
	if err := d.present(postings...); err != nil {
		return err
	}
	a := act{action: "unbonding_release", receiver: d.book.Account(u.Owner).Owner, stake: u.Stake}
	for _, p := range postings {
		tx, err := d.book.Post(d.core.newTransactionID(), d.now, p)
		if err != nil {
			return err
		}
		a.amount, a.transactions = p.Amount, append(a.transactions, tx.ID)
	}
	d.emit(d.core.config.Treasury, d.op.request, a)
	return nil
}

// awaitUnbonding notes on the owner's row when value that left a stake may be
// spent.
func (d *decision) awaitUnbonding(owner ledger.AccountID, at time.Time) {
	d.book.Change(owner, func(row *ledger.Account) {
		if row.NextUnbonding.IsZero() || at.Before(row.NextUnbonding) {
			row.NextUnbonding = at
		}
	})
}

// poolAgain opens a pool for an agent's own stakes where the one it had was
// closed by a slash. Its account is that of the pool before.
func (d *decision) poolAgain(owner ledger.AccountID) error {
	if d.stakes.Pool(owner, staking.SelfPool) != nil {
		return nil
	}
	account := d.stakes.AccountOf(owner, staking.SelfPool)
	if account == 0 {
		return nil // nothing returns to a stake
	}
	d.stakes.OpenPool(staking.PoolID(d.core.newID()), owner, staking.SelfPool, account)
	return nil
}

// compoundStakes stakes what compounding stakes have earned in the last cycles.
func (e *Engine) compoundStakes(ctx context.Context) error {
	b, err := e.stakesBook(ctx, staking.Need{Total: true})
	if err != nil {
		return err
	}
	due, err := e.reader().Compounding(ctx, b.Total().Cycle, tickCompounds)
	if err != nil || len(due) == 0 {
		return outward(err)
	}
	need := staking.Need{Total: true}
	for _, s := range due {
		need.Stakes, need.PoolsOf = append(need.Stakes, s.ID), append(need.PoolsOf, s.Owner)
	}
	if b, err = e.stakesBook(ctx, need); err != nil {
		return err
	}
	return e.together(len(due), func(i int) error { return e.compoundStake(ctx, due[i], b.AccountsUnder(due[i].Pool, due[i].Owner)) })
}

func (e *Engine) compoundStake(ctx context.Context, s staking.Stake, accounts []ledger.AccountID) error {
	op := &operation{ctx: ctx, verb: store.VerbCompound, request: requestID(ctx), parties: []party{{available: s.Owner}}}
	op.need.accounts = append(accounts, e.rewardsRow())
	op.need.staking = staking.Need{Total: true, Stakes: []StakeID{s.ID}, PoolsOf: []ledger.AccountID{s.Owner}}
	return e.bySystem(op, func(d *decision) error {
		if err := check(d.beginStaking(), d.poolAgain(s.Owner)); err != nil {
			return err
		}
		sum, err := d.claim(s.Owner, false, s.ID)
		if err != nil || sum.IsZero() {
			return err
		}
		d.record(act{action: "compound", receiver: d.book.Account(s.Owner).Owner, amount: sum, stake: s.ID})
		return nil
	})
}
