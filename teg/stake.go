package teg

import (
	"context"
	"strconv"
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/staking"
	"github.com/agentvault/teg-layer/store"
)

// StakeParams asks to put value to work.
type StakeParams struct {
	By           DID // the staker, and the caller
	Amount       Amount
	AutoCompound bool   // what the stake earns is staked with it
	Key          string // idempotency key
	DryRun       bool
}

// StakeReceipt is a stake as it was made.
type StakeReceipt struct {
	StakeID       StakeID
	Agent         DID
	Amount        Amount
	AutoCompound  bool
	StakedAt      time.Time
	TransactionID TransactionID
	Replayed      bool
}

// Stake moves value from an agent's available balance into a new stake, which
// takes part in reward cycles from then on. There is no fee.
//
// Errors: [ErrInvalidInput], [ErrSuspended], [ErrKeyReused], [ErrNotFound],
// [ErrBelowMinimum] below StakingTerms.MinStake, [ErrInvalidState] for an agent
// with 1,000 active stakes and delegations, [*InsufficientBalanceError].
func (e *Engine) Stake(ctx context.Context, p StakeParams) (StakeReceipt, error) {
	if err := check(named("by", p.By), positive("amount", p.Amount), checkKey(p.Key)); err != nil {
		return StakeReceipt{}, err
	}
	op, err := e.ofStaker(ctx, p.By, store.VerbStake, p.DryRun, staking.SelfPool)
	if err != nil {
		return StakeReceipt{}, err
	}
	op.intend(Intent{Amount: p.Amount})
	op.mark = markKey(p.By, store.VerbStake, p.Key, p.Amount.String(), strconv.FormatBool(p.AutoCompound))
	return perform(e, op, func(d *decision) (StakeReceipt, []ledger.ID, error) { return decideStake(d, p) },
		func(r store.Record) (StakeReceipt, error) { return e.recallStake(ctx, p, r) })
}

// ofStaker begins an operation of an agent upon its stakes, which moves value on
// its available row and on those of its own pools of some kinds.
func (e *Engine) ofStaker(ctx context.Context, by DID, verb store.Verb, dryRun bool, kinds ...staking.PoolKind) (*operation, error) {
	op, err := e.administrative(ctx, by, verb, dryRun)
	if err != nil {
		return nil, err
	}
	op.parties = []party{op.caller}
	op.need.staking.Total = true
	if op.caller.known() {
		op.need.staking.PoolsOf = []ledger.AccountID{op.caller.available}
	}
	op.ofPools(op.caller, kinds)
	return op, nil
}

// ofPools names the rows on which the caller's pools lie. Where all of them are
// known that is done by their ids, which costs the least; else by their owner,
// and accounts are reserved for the pools that may have to be made.
func (op *operation) ofPools(caller party, kinds []staking.PoolKind) {
	var rows []ledger.AccountID
	for _, kind := range kinds {
		if row := caller.pools[kind-staking.SelfPool]; row != 0 {
			rows = append(rows, row)
		}
	}
	op.need.accounts = rows
	if len(rows) < len(kinds) || !caller.known() {
		op.need.owners = []DID{op.by}
		op.need.fresh += len(kinds) - len(rows)
	}
}

// mayOpen reserves an account for a pool that an agent may not have yet.
func (op *operation) mayOpen(agent party, kind staking.PoolKind) {
	if agent.pools[kind-staking.SelfPool] == 0 {
		op.need.fresh++
	}
}

// mayWait asks for all that the caller has on its way out of stakes, of which there
// can be only so much, where an operation adds to it.
func (e *Engine) mayWait(op *operation) {
	if e.TermsInForce().Staking.UnstakingPeriod > 0 && op.caller.known() {
		op.need.staking.WaitingOf = []ledger.AccountID{op.caller.available}
	}
}

// mayWait asks for the same where a wait is in force since a moment ago, and for what
// tells where the agent's pools are.
func (d *decision) mayWait(owner *ledger.Account) error {
	if d.waiting[owner.ID] {
		return nil
	}
	return errMore{needs{owners: []DID{owner.Owner}, fresh: 1, staking: staking.Need{Total: true, WaitingOf: []ledger.AccountID{owner.ID}}}}
}

func decideStake(d *decision, p StakeParams) (StakeReceipt, []ledger.ID, error) {
	owner, err := d.agentRow("by", p.By)
	if err != nil {
		return StakeReceipt{}, nil, err
	}
	if err := check(d.beginStaking(), d.pool(p.By, staking.SelfPool), d.releaseDue(owner.ID)); err != nil {
		return StakeReceipt{}, nil, err
	}
	id := StakeID(d.core.newID())
	posting, err := d.stakes.Put(staking.StakeRule{ID: id, Owner: owner, Amount: p.Amount, AutoCompound: p.AutoCompound})
	if err != nil {
		return StakeReceipt{}, nil, err
	}
	if err := d.postAll(posting); err != nil {
		return StakeReceipt{}, nil, err
	}
	d.countPosition(owner.ID, 1)
	d.record(act{action: "stake", sender: p.By, amount: p.Amount, stake: id})
	return StakeReceipt{
		StakeID: id, Agent: p.By, Amount: p.Amount, AutoCompound: p.AutoCompound, StakedAt: d.now, TransactionID: d.posted[0],
	}, d.subjectsOf(ledger.ID(id)), nil
}

func (e *Engine) recallStake(ctx context.Context, p StakeParams, r store.Record) (StakeReceipt, error) {
	about, ids := subjects(&r)
	txs, err := e.recallAll(ctx, ids)
	if err != nil {
		return StakeReceipt{}, err
	}
	return StakeReceipt{
		StakeID: StakeID(about), Agent: p.By, Amount: p.Amount, AutoCompound: p.AutoCompound,
		StakedAt: txs[0].At, TransactionID: ids[0], Replayed: true,
	}, nil
}

// UnstakeParams asks to take value out of a stake.
type UnstakeParams struct {
	By      DID // the staker, and the caller
	StakeID StakeID
	Amount  Amount // zero: all of it
	Key     string // idempotency key
	DryRun  bool
}

// UnstakeReceipt is what came of taking value out of a stake.
type UnstakeReceipt struct {
	StakeID        StakeID
	Amount         Amount // what left the stake
	Rewards        Amount // what it had earned, paid with it
	Returned       Amount // what could be spent at once: the rewards and, where nothing has to wait, the amount, less what went to creditors
	Remaining      Amount // what the stake still is, its delegations with it
	Active         bool   // something is left of it
	At             time.Time
	AvailableAt    time.Time // when the amount can be spent; zero: at once
	TransactionIDs []TransactionID
	Replayed       bool
}

// Unstake takes all or a part of a stake out and pays what the stake has earned.
// Where StakingTerms.UnstakingPeriod is set the value first waits that long: it
// earns nothing, and can still be slashed.
//
// Errors: [ErrInvalidInput], [ErrSuspended], [ErrKeyReused], [ErrNotFound] for a
// stake of another's, [ErrStakeInactive], [ErrStakeDelegated] for what is
// delegated or on its way back, [ErrInvalidState] for what is pinned or
// with 1,000 parts on their way out, [*InsufficientBalanceError] for more than the stake.
func (e *Engine) Unstake(ctx context.Context, p UnstakeParams) (UnstakeReceipt, error) {
	if err := check(named("by", p.By), checkKey(p.Key)); err != nil {
		return UnstakeReceipt{}, err
	}
	kinds := []staking.PoolKind{staking.SelfPool}
	if e.TermsInForce().Staking.UnstakingPeriod > 0 {
		kinds = append(kinds, staking.UnbondingPool)
	}
	op, err := e.ofStaker(ctx, p.By, store.VerbUnstake, p.DryRun, kinds...)
	if err != nil {
		return UnstakeReceipt{}, err
	}
	e.mayWait(op)
	op.need.staking.Stakes = []StakeID{p.StakeID}
	op.need.accounts = append(op.need.accounts, e.rewardsRow())
	op.intend(Intent{Amount: p.Amount, All: p.Amount.IsZero(), Stake: p.StakeID})
	op.mark = markKey(p.By, store.VerbUnstake, p.Key, p.StakeID.String(), p.Amount.String())
	return perform(e, op, func(d *decision) (UnstakeReceipt, []ledger.ID, error) { return decideUnstake(d, p) },
		func(r store.Record) (UnstakeReceipt, error) { return e.recallUnstake(ctx, p, r) })
}

func decideUnstake(d *decision, p UnstakeParams) (UnstakeReceipt, []ledger.ID, error) {
	owner, err := d.agentRow("by", p.By)
	if err != nil {
		return UnstakeReceipt{}, nil, err
	}
	if err := d.beginStaking(); err != nil {
		return UnstakeReceipt{}, nil, err
	}
	if err := check(d.freeReturned(owner.ID, p.StakeID), d.releaseDue(owner.ID)); err != nil {
		return UnstakeReceipt{}, nil, err
	}
	if d.terms.Staking.UnstakingPeriod > 0 {
		if err := d.mayWait(owner); err != nil {
			return UnstakeReceipt{}, nil, err
		}
		if err := d.pool(p.By, staking.UnbondingPool); err != nil {
			return UnstakeReceipt{}, nil, err
		}
	}
	out, err := d.stakes.Take(staking.UnstakeRule{
		Stake: p.StakeID, Owner: owner, Amount: p.Amount, Unbonding: staking.UnbondingID(d.core.newID()),
	})
	if err != nil {
		return UnstakeReceipt{}, nil, err
	}
	rewards, err := d.payRewards(owner.ID, p.StakeID)
	if err != nil {
		return UnstakeReceipt{}, nil, err
	}
	if err := d.postAll(out.Postings...); err != nil {
		return UnstakeReceipt{}, nil, err
	}
	if out.Ended {
		d.countPosition(owner.ID, -1)
	}
	if !out.Available.IsZero() {
		d.awaitUnbonding(owner.ID, out.Available)
	}
	d.record(act{action: "unstake", receiver: p.By, amount: out.Amount, stake: p.StakeID, until: out.Available})
	return newUnstakeReceipt(d, p, out, rewards)
}

// stateOf packs what of an unstaking no immutable row tells: whether the stake
// is active, and how long the value waits.
func stateOf(active bool, wait time.Duration) Amount {
	state := uint64(wait.Microseconds()) << 1
	if active {
		state |= 1
	}
	return amount.FromUnits(state)
}

func newUnstakeReceipt(d *decision, p UnstakeParams, out staking.Unstaked, rewards Amount) (UnstakeReceipt, []ledger.ID, error) {
	r := UnstakeReceipt{
		StakeID: p.StakeID, Amount: out.Amount, Rewards: rewards, Returned: rewards, Remaining: out.Remaining,
		Active: !out.Ended, At: d.now, AvailableAt: out.Available, TransactionIDs: d.posted,
	}
	var wait time.Duration
	var err error
	if out.Available.IsZero() {
		r.Returned, err = sums(rewards, out.Amount)
	} else {
		wait = out.Available.Sub(d.now)
	}
	if err == nil {
		r.Returned, err = d.keeps(d.whereIs(p.By).available, r.Returned)
	}
	return r, d.subjectsOf(ledger.ID(p.StakeID), figure(out.Remaining), figure(stateOf(r.Active, wait))), err
}

func (e *Engine) recallUnstake(ctx context.Context, p UnstakeParams, r store.Record) (UnstakeReceipt, error) {
	_, ids := subjects(&r)
	txs, err := e.recallAll(ctx, ids)
	if err != nil {
		return UnstakeReceipt{}, err
	}
	remaining, state, err := figures(&r)
	if err != nil {
		return UnstakeReceipt{}, err
	}
	u := UnstakeReceipt{
		StakeID: p.StakeID, Remaining: remaining, Active: state&1 == 1, At: r.At, TransactionIDs: ids, Replayed: true,
	}
	for _, tx := range txs {
		to := &u.Rewards
		if tx.Type == TypeUnstake {
			to = &u.Amount
		}
		if *to, err = to.Add(tx.Amount); err != nil {
			return UnstakeReceipt{}, ErrInternal
		}
	}
	u.Returned = u.Rewards
	if wait := time.Duration(state>>1) * time.Microsecond; wait > 0 {
		u.AvailableAt = r.At.Add(wait)
	} else if u.Returned, err = sums(u.Rewards, u.Amount); err != nil {
		return UnstakeReceipt{}, err
	}
	u.Returned, err = e.kept(ctx, p.By, u.Returned, ids)
	return u, err
}
