package teg

import (
	"context"
	"slices"
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/staking"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/teg/internal/gather"
)

// Balance is what an agent has. A hold that has expired, and what waited long
// enough to leave a stake, count as released, whether or not their transactions
// have been written.
type Balance struct {
	Agent     DID
	Available Amount // what can be spent
	Locked    Amount // set aside by open holds and, where the agent owes, for its creditors
	Staked    Amount // in stakes, with their delegations, and on its way out of them
	Total     Amount // the sum of the three
}

// Balance returns what an agent has now; [ErrNotFound] for one that is not
// registered. For a system account, Available is all it has; the issuance
// account has nothing.
func (e *Engine) Balance(ctx context.Context, agent DID) (Balance, error) {
	if kind, system := e.system.is(agent); system {
		return e.systemBalance(ctx, agent, kind)
	}
	b, _, err := e.balance(ctx, agent)
	return b, err
}

// balance also returns the agent's available row.
func (e *Engine) balance(ctx context.Context, agent DID) (Balance, *ledger.Account, error) {
	rows, staked, err := e.accountsAndStakes(ctx, agent)
	if err != nil {
		return Balance{}, nil, outward(err)
	}
	available, locked := pick(rows)
	if available == nil || locked == nil {
		return Balance{}, nil, unregistered(agent)
	}
	due := amount.Signed{}
	if now := e.clock.now(); available.HoldsDue(now) {
		if due, err = e.dueHolds(ctx, available.ID, now); err != nil {
			return Balance{}, nil, err
		}
	}
	aside, err := withGarnished(locked.Balance, rows)
	if err != nil {
		return Balance{}, nil, err
	}
	b, err := newBalance(agent, available.Balance, aside, due)
	if err != nil {
		return Balance{}, nil, err
	}
	if staked != nil {
		err = e.addStaked(&b, *staked, available.ID)
	}
	if err == nil && !available.Owes.IsZero() {
		err = b.leaveCreditors(available, rows)
	}
	return b, available, err
}

// leaveCreditors counts what has come back to a debtor and is not written yet as set
// aside for its creditors, as far as it will be.
func (b *Balance) leaveCreditors(available *ledger.Account, rows []ledger.Account) error {
	i := slices.IndexFunc(rows, func(row ledger.Account) bool { return row.Kind == ledger.Garnished })
	if i < 0 {
		return nil // see Verify
	}
	row := *available
	row.Balance = b.Available.Signed()
	posting, due := ledger.PlanGarnish(ledger.Gain{Before: available.Balance}, &row, &rows[i])
	if !due {
		return nil
	}
	var err error
	if b.Available, err = b.Available.Sub(posting.Amount); err == nil {
		b.Locked, err = b.Locked.Add(posting.Amount)
	}
	return outward(err)
}

// accountsAndStakes reads an agent's rows and, where it ever staked, its stakes,
// of one view.
func (e *Engine) accountsAndStakes(ctx context.Context, agent DID) ([]ledger.Account, *staking.Rows, error) {
	rows, err := e.accountsOf(ctx, agent)
	if err != nil || !slices.ContainsFunc(rows, func(row ledger.Account) bool { return row.Kind == ledger.Staked }) {
		return rows, nil, err
	}
	rows, stakes, err := e.reader().HoldingsOf(ctx, agent)
	return rows, &stakes, err
}

// accountsOf reads an agent's rows: not to be changed, others who asked for them may have
// the same. Those of a host's transaction nobody else sees.
func (e *Engine) accountsOf(ctx context.Context, agent DID) ([]ledger.Account, error) {
	if e.host != nil {
		return e.reader().AccountsOf(ctx, agent)
	}
	return e.accounts.Get(ctx, agent)
}

// Reads of accounts that are asked for at the same time are gathered. Two may be under way:
// more would read less at a time, and the processor is what there is too little of.
const (
	accountReads     = 2
	accountsTogether = 256
)

func accountsFrom(st store.Store) *gather.Group[DID, []ledger.Account] {
	return &gather.Group[DID, []ledger.Account]{
		Width: accountReads, Most: accountsTogether,
		Ask: func(ctx context.Context, agents []DID) (map[DID][]ledger.Account, error) {
			rows, err := st.Reader().AccountsOf(ctx, agents...)
			found := make(map[DID][]ledger.Account, len(agents))
			for _, row := range rows {
				found[row.Owner] = append(found[row.Owner], row)
			}
			return found, err
		},
	}
}

// addStaked adds what the agent has in stakes.
func (e *Engine) addStaked(b *Balance, rows staking.Rows, available ledger.AccountID) error {
	book := staking.NewBook(e.inForce.Load().terms.Staking, rows)
	book.Advance(e.clock.now())
	h, err := book.Holdings(available, e.clock.now())
	if err != nil {
		return outward(err)
	}
	if b.Staked, err = sums(h.Staked, h.Unbonding); err == nil {
		b.Available, err = sums(b.Available, h.Free)
	}
	if err == nil {
		b.Total, err = sums(b.Available, b.Locked, b.Staked)
	}
	return outward(err)
}

// pick finds an agent's two rows among all of them.
func pick(rows []ledger.Account) (available, locked *ledger.Account) {
	for i := range rows {
		switch rows[i].Kind {
		case ledger.Available:
			available = &rows[i]
		case ledger.Locked:
			locked = &rows[i]
		}
	}
	return available, locked
}

// withGarnished adds to what holds have set aside what is set aside for creditors.
func withGarnished(locked amount.Signed, rows []ledger.Account) (amount.Signed, error) {
	for i := range rows {
		if rows[i].Kind != ledger.Garnished {
			continue
		}
		sum, err := locked.Add(rows[i].Balance)
		if err != nil {
			return amount.Signed{}, ErrInternal
		}
		locked = sum
	}
	return locked, nil
}

// dueHolds is what a payer's holds have set aside that have expired by now.
func (e *Engine) dueHolds(ctx context.Context, payer ledger.AccountID, now time.Time) (amount.Signed, error) {
	holds, err := e.reader().Holds(ctx, ledger.HoldQuery{
		Payer: payer, States: []HoldState{HoldActive}, DueBy: now, Limit: ledger.MaxOpenHolds,
	})
	if err != nil {
		return amount.Signed{}, outward(err)
	}
	var sum amount.Signed
	for i := range holds {
		if sum, err = sum.Add(holds[i].Total().Signed()); err != nil {
			return amount.Signed{}, ErrInternal
		}
	}
	return sum, nil
}

// newBalance moves what is due from locked to available.
func newBalance(agent DID, available, locked, due amount.Signed) (Balance, error) {
	free, err := available.Add(due)
	if err != nil {
		return Balance{}, ErrInternal
	}
	aside, err := locked.Sub(due)
	if err != nil {
		return Balance{}, ErrInternal
	}
	total, err := free.Add(aside)
	if err != nil || free.Sign() < 0 || aside.Sign() < 0 {
		return Balance{}, ErrInternal
	}
	return Balance{Agent: agent, Available: free.Abs(), Locked: aside.Abs(), Total: total.Abs()}, nil
}

func (e *Engine) systemBalance(ctx context.Context, id DID, kind ledger.Kind) (Balance, error) {
	rows, err := e.reader().SystemAccounts(ctx)
	if err != nil {
		return Balance{}, outward(err)
	}
	sum := sumSystem(rows).balance[kind]
	if sum.Sign() < 0 {
		sum = amount.Signed{}
	}
	return Balance{Agent: id, Available: sum.Abs(), Total: sum.Abs()}, nil
}

// BalanceAt returns what an agent had at an instant, as its entries say. Holds
// that had expired by then count as released, for one who owed as well: what its
// creditors get of them shows from when it is written. What it had in stakes is not among
// its entries, and is left out.
func (e *Engine) BalanceAt(ctx context.Context, agent DID, at time.Time) (Balance, error) {
	rows, err := e.reader().AccountsOf(ctx, agent)
	if err != nil {
		return Balance{}, outward(err)
	}
	available, locked := pick(rows)
	if available == nil || locked == nil {
		return Balance{}, unregistered(agent)
	}
	ids := []ledger.AccountID{available.ID, locked.ID}
	for i := range rows {
		if rows[i].Kind == ledger.Garnished {
			ids = append(ids, rows[i].ID)
		}
	}
	was, err := e.reader().BalancesAt(ctx, at, ids...)
	if err != nil {
		return Balance{}, outward(err)
	}
	aside, err := was[1], error(nil)
	for _, garnished := range was[2:] {
		if aside, err = aside.Add(garnished); err != nil {
			return Balance{}, ErrInternal
		}
	}
	due, err := e.dueAt(ctx, available.ID, at)
	if err != nil {
		return Balance{}, err
	}
	return newBalance(agent, was[0], aside, due)
}

// dueAt is what had expired by an instant but was given back later, or not yet.
func (e *Engine) dueAt(ctx context.Context, payer ledger.AccountID, at time.Time) (amount.Signed, error) {
	var sum amount.Signed
	query := ledger.HoldQuery{Payer: payer, States: []HoldState{HoldActive, HoldExpired}, DueBy: at, Limit: MaxLimit}
	for {
		holds, err := e.reader().Holds(ctx, query)
		if err != nil {
			return sum, outward(err)
		}
		for i := range holds {
			h := &holds[i]
			if h.State == HoldExpired && !h.ClosedAt.After(at) {
				continue
			}
			if sum, err = sum.Add(h.Total().Signed()); err != nil {
				return sum, ErrInternal
			}
		}
		if len(holds) < query.Limit {
			return sum, nil
		}
		query.Before = holds[len(holds)-1].ID
	}
}
