package teg

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/staking"
	"github.com/agentvault/teg-layer/store"
)

// ClaimParams asks to be paid what was earned.
type ClaimParams struct {
	By      DID     // the staker or validator, and the caller
	StakeID StakeID // zero: of all stakes, and the commission
	Key     string  // idempotency key
	DryRun  bool
}

// ClaimReceipt is what was paid.
type ClaimReceipt struct {
	Amount         Amount          // zero where nothing was due
	TransactionIDs []TransactionID // up to three: of stakes, of delegations, of commission; then the one by which it was staked again
	At             time.Time
	Replayed       bool
}

// ClaimRewards pays what an agent's stakes, with their delegations, have earned
// and, where no stake is named, what it earned as a validator. What a stake that
// compounds earned is staked with it at once.
//
// Errors: [ErrInvalidInput], [ErrSuspended], [ErrKeyReused], [ErrNotFound] for a
// stake of another's.
func (e *Engine) ClaimRewards(ctx context.Context, p ClaimParams) (ClaimReceipt, error) {
	if err := check(named("by", p.By), checkKey(p.Key)); err != nil {
		return ClaimReceipt{}, err
	}
	op, err := e.ofStaker(ctx, p.By, store.VerbClaimRewards, p.DryRun, staking.SelfPool)
	if err != nil {
		return ClaimReceipt{}, err
	}
	op.need.accounts = append(op.need.accounts, e.rewardsRow())
	if !p.StakeID.IsZero() {
		op.need.staking.Stakes = []StakeID{p.StakeID}
	} else if op.caller.known() {
		op.need.staking.LiveOf = []ledger.AccountID{op.caller.available}
	}
	op.intend(Intent{Stake: p.StakeID})
	op.mark = markKey(p.By, store.VerbClaimRewards, p.Key, p.StakeID.String())
	return perform(e, op, func(d *decision) (ClaimReceipt, []ledger.ID, error) { return decideClaim(d, p) },
		func(r store.Record) (ClaimReceipt, error) { return e.recallClaim(ctx, r) })
}

func decideClaim(d *decision, p ClaimParams) (ClaimReceipt, []ledger.ID, error) {
	owner, err := d.agentRow("by", p.By)
	if err != nil {
		return ClaimReceipt{}, nil, err
	}
	if err := d.beginStaking(); err != nil {
		return ClaimReceipt{}, nil, err
	}
	stakes := []StakeID{p.StakeID}
	if p.StakeID.IsZero() {
		stakes = d.stakes.StakesOf(owner.ID)
	} else if s := d.stakes.Stake(p.StakeID); s == nil || s.Owner != owner.ID {
		return ClaimReceipt{}, nil, ledger.Refuse(ErrNotFound, "no such stake")
	}
	r := ClaimReceipt{At: d.now}
	if r.Amount, err = d.claim(owner.ID, p.StakeID.IsZero(), stakes...); err != nil {
		return ClaimReceipt{}, nil, err
	}
	r.TransactionIDs = d.posted
	if !r.Amount.IsZero() {
		d.record(act{action: "claim_rewards", receiver: p.By, amount: r.Amount, stake: p.StakeID})
	}
	return r, d.transactionIDs(), nil
}

// claim pays what stakes of one owner and, where asked, its commission have
// earned: a transaction for each kind of reward. What compounds is staked again.
func (d *decision) claim(owner ledger.AccountID, commission bool, stakes ...StakeID) (Amount, error) {
	var all staking.Rewards
	compounding := map[StakeID]Amount{}
	for _, id := range stakes {
		r, err := d.stakes.Claim(id)
		if err != nil {
			return Amount{}, err
		}
		if all, err = all.Plus(r); err != nil {
			return Amount{}, err
		}
		if s := d.stakes.Stake(id); s.AutoCompound && s.Active() {
			sum, err := r.Sum()
			if err != nil {
				return Amount{}, err
			}
			if !sum.IsZero() {
				compounding[id] = sum
			}
		}
	}
	if commission {
		r, err := d.stakes.ClaimCommission(owner)
		if err != nil {
			return Amount{}, err
		}
		if all, err = all.Plus(r); err != nil {
			return Amount{}, err
		}
	}
	if err := d.postAll(all.Postings(d.core.rewardsRow(), owner, d.notesFor(stakes))...); err != nil {
		return Amount{}, err
	}
	sum, err := all.Sum()
	if err != nil {
		return Amount{}, err
	}
	left, err := d.keeps(owner, sum)
	if err != nil {
		return Amount{}, err
	}
	return sum, d.compound(owner, affordable(compounding, left))
}

// affordable is what of the earnings of stakes is left to be staked again, the oldest
// stake first.
func affordable(earned map[StakeID]Amount, left Amount) map[StakeID]Amount {
	for _, id := range slices.SortedFunc(maps.Keys(earned), compareIDs) {
		if left.Less(earned[id]) {
			earned[id] = left
		}
		left, _ = left.Sub(earned[id]) // which is no more
		if earned[id].IsZero() {
			delete(earned, id)
		}
	}
	return earned
}

// notesFor names the stake that rewards are of, where it is one.
func (d *decision) notesFor(stakes []StakeID) ledger.Notes {
	if len(stakes) != 1 {
		return ledger.Notes{}
	}
	return ledger.Notes{ReferenceID: stakes[0].String()}
}

// compound stakes again what compounding stakes of one owner earned.
func (d *decision) compound(owner ledger.AccountID, earned map[StakeID]Amount) error {
	if len(earned) == 0 {
		return nil
	}
	if err := d.poolAgain(owner); err != nil {
		return err
	}
	posting, err := d.stakes.Compound(owner, earned)
	if err != nil {
		return err
	}
	return d.postAll(posting)
}

func (e *Engine) recallClaim(ctx context.Context, r store.Record) (ClaimReceipt, error) {
	_, ids := subjects(&r)
	txs, err := e.recallAll(ctx, ids)
	if err != nil {
		return ClaimReceipt{}, err
	}
	claim := ClaimReceipt{TransactionIDs: ids, At: r.At, Replayed: true}
	for _, tx := range txs {
		if tx.Type == TypeStake {
			continue // compounded
		}
		if claim.Amount, err = claim.Amount.Add(tx.Amount); err != nil {
			return ClaimReceipt{}, ErrInternal
		}
	}
	return claim, nil
}
