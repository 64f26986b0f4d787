package teg

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/staking"
	"github.com/agentvault/teg-layer/store"
)

// DelegateParams asks to give a part of a stake to a validator.
type DelegateParams struct {
	By        DID // the delegator, and the caller
	StakeID   StakeID
	Validator DID
	Amount    Amount // zero: all that is not delegated yet
	Share     *Rate  // of what it earns, for the validator; nil: StakingTerms.ValidatorShare
	Key       string // idempotency key
	DryRun    bool
}

// UndelegateParams asks to end a delegation.
type UndelegateParams struct {
	By           DID // the delegator, and the caller
	DelegationID DelegationID
	Key          string // idempotency key
	DryRun       bool
}

// Delegation is a part of a stake that lies with a validator.
type Delegation struct {
	ID        DelegationID
	StakeID   StakeID
	Delegator DID
	Validator DID
	Amount    Amount // what it is worth; of one that ended, what came out
	Share     Rate   // of what it earns, for the validator
	Started   time.Time
	Ended     time.Time // zero while active
	Replayed  bool
}

// Active reports whether the delegation has not ended.
func (d Delegation) Active() bool { return d.Ended.IsZero() }

// Delegate gives a part of a stake to a validator, any other active agent. The
// value stays the delegator's: it earns for it, less the validator's share, and
// can be slashed with the validator.
//
// Errors: [ErrInvalidInput] also for oneself, [ErrSuspended], [ErrKeyReused],
// [ErrNotFound] for a stake of another's or an unknown validator,
// [ErrStakeInactive], [ErrInvalidState] for a validator that is not active, for
// what is pinned, for an agent with 1,000 active stakes and delegations and, while
// slashing is on, for one to whom others have delegated,
// [*InsufficientBalanceError] for more than is not delegated yet.
func (e *Engine) Delegate(ctx context.Context, p DelegateParams) (Delegation, error) {
	if err := check(named("by", p.By), named("validator_agent_id", p.Validator), checkKey(p.Key)); err != nil {
		return Delegation{}, err
	}
	if p.Validator == p.By {
		return Delegation{}, ledger.Invalid("validator_agent_id", "an agent cannot delegate to itself")
	}
	asked := "" // the share in force is not part of the request
	if p.Share != nil {
		asked = p.Share.String()
	}
	op, err := e.ofStaker(ctx, p.By, store.VerbDelegate, p.DryRun, staking.SelfPool)
	if err != nil {
		return Delegation{}, err
	}
	found, err := e.parties(ctx, p.Validator)
	if err != nil {
		return Delegation{}, err
	}
	op.intend(Intent{Agent: p.Validator, Amount: p.Amount, All: p.Amount.IsZero(), Stake: p.StakeID, Rate: p.Share})
	op.need.staking.Stakes = []StakeID{p.StakeID}
	op.withPoolsOf(p.Validator, found[0], staking.DelegatedPool)
	op.mark = markKey(p.By, store.VerbDelegate, p.Key, p.StakeID.String(), p.Validator.String(), p.Amount.String(), asked)
	return perform(e, op, func(d *decision) (Delegation, []ledger.ID, error) { return decideDelegate(d, p) },
		func(r store.Record) (Delegation, error) { return e.recallDelegate(ctx, p, r) })
}

// withPoolsOf adds another agent whose pools the operation is about, one of which
// may have to be made.
func (op *operation) withPoolsOf(agent DID, found party, kind staking.PoolKind) {
	op.need.owners = append(op.need.owners, agent)
	op.parties = append(op.parties, found)
	op.mayOpen(found, kind)
	if found.known() {
		op.need.staking.PoolsOf = append(op.need.staking.PoolsOf, found.available)
	}
}

func decideDelegate(d *decision, p DelegateParams) (Delegation, []ledger.ID, error) {
	if p.Share == nil {
		share := d.terms.Staking.ValidatorShare
		p.Share = &share
	}
	owner, err := d.agentRow("by", p.By)
	if err != nil {
		return Delegation{}, nil, err
	}
	validator, err := d.agentRow("validator_agent_id", p.Validator)
	if err != nil {
		return Delegation{}, nil, err
	}
	if err := d.beginStaking(); err != nil {
		return Delegation{}, nil, err
	}
	if err := check(d.freeReturned(owner.ID, p.StakeID), d.pool(p.Validator, staking.DelegatedPool)); err != nil {
		return Delegation{}, nil, err
	}
	made, posting, err := d.stakes.Delegate(staking.DelegateRule{
		ID: DelegationID(d.core.newID()), Stake: p.StakeID, Owner: owner, Validator: validator, Amount: p.Amount, Share: *p.Share,
	})
	if err != nil {
		return Delegation{}, nil, err
	}
	if err := d.postAll(posting); err != nil {
		return Delegation{}, nil, err
	}
	d.countPosition(owner.ID, 1)
	d.record(act{action: "delegate", sender: p.By, receiver: p.Validator, amount: made.Amount, stake: p.StakeID,
		delegation: made.ID, rate: p.Share})
	return Delegation{
		ID: made.ID, StakeID: p.StakeID, Delegator: p.By, Validator: p.Validator, Amount: made.Amount, Share: made.Share, Started: d.now,
	}, d.subjectsOf(ledger.ID(made.ID)), nil
}

func (e *Engine) recallDelegate(ctx context.Context, p DelegateParams, r store.Record) (Delegation, error) {
	about, ids := subjects(&r)
	txs, err := e.recallAll(ctx, ids)
	if err != nil {
		return Delegation{}, err
	}
	of, err := e.delegation(ctx, DelegationID(about))
	if err != nil {
		return Delegation{}, err
	}
	if of == nil {
		return Delegation{}, ErrInternal
	}
	return Delegation{
		ID: of.ID, StakeID: p.StakeID, Delegator: p.By, Validator: p.Validator, Amount: txs[0].Amount,
		Share: of.Share, Started: txs[0].At, Replayed: true,
	}, nil
}

// Undelegate ends a delegation: what it is worth is part of the stake again or,
// where StakingTerms.UnstakingPeriod is set, after that time, within the reach of
// a slash of the validator until then. What it earned stays with the stake.
//
// Errors: [ErrInvalidInput], [ErrSuspended], [ErrKeyReused], [ErrNotFound] for a
// delegation of another's, [ErrInvalidState] for one that ended, or with
// 1,000 parts on their way back.
func (e *Engine) Undelegate(ctx context.Context, p UndelegateParams) (Delegation, error) {
	if err := check(named("by", p.By), checkKey(p.Key)); err != nil {
		return Delegation{}, err
	}
	op, err := e.ofStaker(ctx, p.By, store.VerbUndelegate, p.DryRun, staking.SelfPool)
	if err != nil {
		return Delegation{}, err
	}
	e.mayWait(op)
	op.need.staking.Delegations = []DelegationID{p.DelegationID}
	op.mark = markKey(p.By, store.VerbUndelegate, p.Key, p.DelegationID.String())
	of, err := e.delegation(ctx, p.DelegationID)
	if err != nil {
		return Delegation{}, err
	}
	op.intend(Intent{Delegation: p.DelegationID})
	if of != nil && of.DelegatorID == p.By {
		op.intents[0].Agent, op.intents[0].Stake = of.ValidatorID, of.Stake
		found, err := e.parties(ctx, of.ValidatorID)
		if err != nil {
			return Delegation{}, err
		}
		op.withPoolsOf(of.ValidatorID, found[0], staking.UnbondingDelegatedPool)
	}
	return perform(e, op, func(d *decision) (Delegation, []ledger.ID, error) { return decideUndelegate(d, p, of) },
		func(store.Record) (Delegation, error) { return e.recallUndelegate(ctx, p) })
}

// delegation reads one without a lock, for what of it never changes; nil where
// there is none.
func (e *Engine) delegation(ctx context.Context, id DelegationID) (*staking.RecordedDelegation, error) {
	found, err := e.reader().Delegations(ctx, staking.DelegationQuery{IDs: []DelegationID{id}, Limit: 1})
	if err != nil || len(found) == 0 {
		return nil, outward(err)
	}
	return &found[0], nil
}

func decideUndelegate(d *decision, p UndelegateParams, of *staking.RecordedDelegation) (Delegation, []ledger.ID, error) {
	owner, err := d.agentRow("by", p.By)
	if err != nil {
		return Delegation{}, nil, err
	}
	if of == nil || of.DelegatorID != p.By {
		return Delegation{}, nil, ledger.Refuse(ErrNotFound, "no such delegation")
	}
	if err := d.beginStaking(); err != nil {
		return Delegation{}, nil, err
	}
	if err := check(d.releaseDue(owner.ID), d.poolAgain(owner.ID)); err != nil {
		return Delegation{}, nil, err
	}
	if d.terms.Staking.UnstakingPeriod > 0 {
		if err := d.mayWait(owner); err != nil {
			return Delegation{}, nil, err
		}
		if err := d.pool(of.ValidatorID, staking.UnbondingDelegatedPool); err != nil {
			return Delegation{}, nil, err
		}
	}
	ended, postings, err := d.stakes.Undelegate(staking.UndelegateRule{
		Delegation: p.DelegationID, Owner: owner, Unbonding: staking.UnbondingID(d.core.newID()),
	})
	if err != nil {
		return Delegation{}, nil, err
	}
	if err := d.postAll(postings...); err != nil {
		return Delegation{}, nil, err
	}
	d.countPosition(owner.ID, -1)
	d.record(act{action: "undelegate", sender: of.ValidatorID, receiver: p.By, amount: ended.Amount, stake: ended.Stake, delegation: ended.ID})
	return shownDelegation(&staking.RecordedDelegation{Delegation: ended, DelegatorID: of.DelegatorID, ValidatorID: of.ValidatorID}), d.subjectsOf(ledger.ID(ended.ID)), nil
}

func (e *Engine) recallUndelegate(ctx context.Context, p UndelegateParams) (Delegation, error) {
	of, err := e.delegation(ctx, p.DelegationID)
	if err != nil {
		return Delegation{}, err
	}
	if of == nil {
		return Delegation{}, ErrInternal
	}
	ended := shownDelegation(of)
	ended.Replayed = true
	return ended, nil
}

// shownDelegation is a delegation as callers see it.
func shownDelegation(of *staking.RecordedDelegation) Delegation {
	shown := Delegation{
		ID: of.ID, StakeID: of.Stake, Delegator: of.DelegatorID, Validator: of.ValidatorID, Amount: of.Amount,
		Share: of.Share, Started: of.Started, Ended: of.Ended,
	}
	if of.Active() {
		shown.Amount = of.In.Worth(of.Shares)
	}
	return shown
}

// DelegationsQuery selects delegations, newest first. One of Delegator and
// Validator says whose.
type DelegationsQuery struct {
	Delegator  DID
	Validator  DID
	ActiveOnly bool
	Limit      int    // 1 to [MaxLimit]; zero means [DefaultLimit]
	Offset     int64  // not together with Cursor
	Cursor     string // NextCursor of the page before
	Total      bool   // count also with a cursor
}

// DelegationsPage is a page of delegations.
type DelegationsPage struct {
	Delegations []Delegation
	Delegated   Amount // what all active ones in that role are worth, on whichever page
	Total       int64  // −1 where it was not counted
	NextCursor  string // empty on the last page
}

// Delegations returns a page of what an agent delegated, or of what was
// delegated to it.
func (e *Engine) Delegations(ctx context.Context, q DelegationsQuery) (DelegationsPage, error) {
	scope := newCursorScope("delegations", q.Delegator.String(), q.Validator.String(), strconv.FormatBool(q.ActiveOnly))
	page := pageRequest{limit: q.Limit, offset: q.Offset, cursor: q.Cursor, total: q.Total}
	at, err := page.resolve(scope)
	if err != nil {
		return DelegationsPage{}, err
	}
	if q.Delegator.IsZero() == q.Validator.IsZero() {
		return DelegationsPage{}, ledger.Invalid("role", "must be delegator or validator")
	}
	found, err := e.parties(ctx, q.Delegator, q.Validator)
	if err != nil {
		return DelegationsPage{}, err
	}
	if !found[0].known() && !found[1].known() {
		return DelegationsPage{}, unregistered(slices.MaxFunc([]DID{q.Delegator, q.Validator}, DID.Compare))
	}
	result, err := e.delegationsPage(ctx, staking.DelegationQuery{
		Delegator: found[0].available, Validator: found[1].available, ActiveOnly: q.ActiveOnly,
		Before: DelegationID(at.id), Offset: q.Offset, Limit: page.limit + 1,
	}, page, scope)
	if err == nil {
		result.Delegated, err = e.delegated(ctx, found[0], found[1])
	}
	return result, err
}

// delegated is what the active delegations of a delegator, of which there are few,
// or those to a validator are worth.
func (e *Engine) delegated(ctx context.Context, delegator, validator party) (Amount, error) {
	if validator.known() {
		b, err := e.stakesBook(ctx, staking.Need{Total: true, PoolsOf: []ledger.AccountID{validator.available}})
		if err != nil {
			return Amount{}, err
		}
		if p := b.Pool(validator.available, staking.DelegatedPool); p != nil {
			return p.Tokens, nil
		}
		return Amount{}, nil
	}
	rows, err := e.reader().Delegations(ctx, staking.DelegationQuery{
		Delegator: delegator.available, ActiveOnly: true, Limit: staking.MaxPositions,
	})
	if err != nil {
		return Amount{}, outward(err)
	}
	worth := make([]Amount, len(rows))
	for i := range rows {
		worth[i] = shownDelegation(&rows[i]).Amount
	}
	return sums(worth...)
}

func (e *Engine) delegationsPage(ctx context.Context, q staking.DelegationQuery, page pageRequest, scope cursorScope) (DelegationsPage, error) {
	rows, err := e.reader().Delegations(ctx, q)
	if err != nil {
		return DelegationsPage{}, outward(err)
	}
	result := DelegationsPage{Total: -1}
	if page.counts() {
		if result.Total, err = e.reader().CountDelegations(ctx, q); err != nil {
			return DelegationsPage{}, outward(err)
		}
	}
	rows, more := cut(&page, rows)
	if more {
		result.NextCursor = scope.cursor(place{id: ledger.ID(rows[len(rows)-1].ID)})
	}
	result.Delegations = make([]Delegation, len(rows))
	for i := range rows {
		result.Delegations[i] = shownDelegation(&rows[i])
	}
	return result, nil
}
