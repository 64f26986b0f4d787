package teg

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/staking"
	"github.com/agentvault/teg-layer/store"
)

// beginStaking readies the rows of stakes for a decision: cycles that are over
// are closed before anything else happens to a stake. One that cannot be paid for
// stays open until it can, and is no reason to refuse what was asked.
func (d *decision) beginStaking() error {
	if d.cyclesLost && d.shared { // perhaps of another's rows
		return errMore{}
	}
	if d.cyclesLost {
		return fmt.Errorf("%w: closed reward cycles are missing; see Verify", ErrInternal)
	}
	err := d.closeAllOverdue()
	if err != nil && encodeRefusal(err) == nil {
		return err
	}
	d.stakes.Advance(d.now)
	return nil
}

// closeAllOverdue closes every cycle that is over.
func (d *decision) closeAllOverdue() error {
	if d.core.config.RewardInterval == 0 {
		return nil
	}
	for {
		end, overdue := d.stakes.Overdue(d.now, d.core.config.RewardInterval)
		if !overdue {
			return nil
		}
		if err := d.closeOverdue(end); err != nil {
			return err
		}
	}
}

// pool makes sure that an agent, whose rows the operation named, has an open pool
// of a kind.
func (d *decision) pool(owner DID, kind staking.PoolKind) error {
	p := d.whereIs(owner)
	if d.stakes.Pool(p.available, kind) != nil {
		return nil
	}
	account := p.pools[kind-staking.SelfPool]
	if account == 0 {
		if len(d.fresh) == 0 {
			return errMore{needs{fresh: 1}}
		}
		account = d.openPoolAccount(owner, p, kind)
	}
	d.stakes.OpenPool(staking.PoolID(d.core.newID()), p.available, kind, account)
	return nil
}

// openPoolAccount makes the account row on which the tokens of a pool will lie.
func (d *decision) openPoolAccount(owner DID, p party, kind staking.PoolKind) ledger.AccountID {
	ids := d.fresh
	d.fresh = ids[1:]
	row := ledger.Account{ID: ids[0], Owner: owner, Kind: kind.Account(), Status: ledger.Active}
	d.book.Open(row)
	d.changes.Opened = append(d.changes.Opened, d.book.Account(row.ID))
	before := p
	p.add(&row)
	d.agents[owner] = p
	d.undo = append(d.undo, func() { d.agents[owner], d.fresh = before, ids })
	return row.ID
}

// postAll carries postings of stakes out, or asks for the rows that they touch.
func (d *decision) postAll(postings ...ledger.Posting) error {
	if err := d.present(postings...); err != nil {
		return err
	}
	for _, p := range postings {
		if _, err := d.post(p); err != nil {
			return err
		}
	}
	return nil
}

// present asks for the rows that postings touch and that are not loaded.
func (d *decision) present(postings ...ledger.Posting) error {
	var more needs
	for _, p := range postings {
		for _, leg := range p.Legs {
			if d.book.Account(leg.Account) == nil {
				more.accounts = append(more.accounts, leg.Account)
			}
		}
	}
	if len(more.accounts) > 0 {
		return errMore{more}
	}
	return nil
}

// countPosition changes how many active stakes and delegations an agent has.
func (d *decision) countPosition(owner ledger.AccountID, by int) {
	d.book.Change(owner, func(row *ledger.Account) { row.Positions += by })
}

// rewardsRow is the row of the rewards pool that pays.
func (c *core) rewardsRow() ledger.AccountID { return c.system.rows[ledger.Rewards][0] }

// figure keeps a number of 128 bits among the subjects of a record, for a receipt
// that no immutable row tells.
func figure(a Amount) ledger.ID { return ledger.ID(a.Bytes()) }

// figures reads what [figure] kept behind the subject that a record is about.
func figures(r *store.Record) (first Amount, second uint64, err error) {
	if len(r.Subjects) < heads[r.Verb] {
		return Amount{}, 0, ErrInternal
	}
	first, err = amount.FromBytes(r.Subjects[1][:])
	return first, binary.BigEndian.Uint64(r.Subjects[2][8:]), err
}

// nothingStaked refuses an agent that has something in stakes, or earned or may
// still earn by them. What others delegated to it is theirs and does not count.
func (d *decision) nothingStaked(agent ledger.AccountID) error {
	if err := d.beginStaking(); err != nil {
		return err
	}
	mark := d.stakes.Mark()
	h, err := d.stakes.Holdings(agent, d.now)
	d.stakes.Revert(mark)
	if err != nil {
		return err
	}
	if !h.Staked.IsZero() || !h.Unbonding.IsZero() || !h.Free.IsZero() || !h.Due.IsZero() || d.stakes.MayEarn(agent) {
		return ledger.Refuse(ErrInvalidState, "the agent still has something in stakes, or earned or may yet earn by them; take it out first")
	}
	return nil
}

// payRewards pays what a stake has earned.
func (d *decision) payRewards(owner ledger.AccountID, id StakeID) (Amount, error) {
	r, err := d.stakes.Claim(id)
	if err != nil {
		return Amount{}, err
	}
	if err := d.postAll(r.Postings(d.core.rewardsRow(), owner, ledger.Notes{ReferenceID: id.String()})...); err != nil {
		return Amount{}, err
	}
	return r.Sum()
}

// recallAll reads the transactions of an earlier operation, in their order.
func (e *Engine) recallAll(ctx context.Context, ids []TransactionID) ([]ledger.Recorded, error) {
	found, err := e.reader().Transactions(ctx, ids...)
	if err == nil && len(found) != len(ids) {
		err = ErrInternal
	}
	return found, outward(err)
}

// sums adds amounts that are parts of what there is.
func sums(parts ...Amount) (Amount, error) {
	var sum Amount
	for _, part := range parts {
		var err error
		if sum, err = sum.Add(part); err != nil {
			return Amount{}, err
		}
	}
	return sum, nil
}

// agentRow returns an agent's available row, which the operation named, or a
// refusal when there is none.
func (d *decision) agentRow(field string, id DID) (*ledger.Account, error) {
	return d.party(field, id, d.whereIs(id))
}

// whereIs tells where the rows of an agent are that the operation is about: as
// they were loaded for their owner or, where nothing had to be, as they are known
// of the caller.
func (d *decision) whereIs(agent DID) party {
	if p, loaded := d.agents[agent]; loaded || agent != d.op.by {
		return p
	}
	return d.op.caller
}

// subjectsOf are the ids that the journal keeps of an act upon something, and of
// what it posted.
func (d *decision) subjectsOf(ids ...ledger.ID) []ledger.ID {
	return slices.Concat(ids, d.transactionIDs())
}
