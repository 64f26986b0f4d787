package teg

import (
	"context"
	"strconv"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/staking"
)

// Stake is how a stake stands.
type Stake struct {
	staking.Standing
	Agent DID
}

// StakesQuery selects the stakes of one agent, newest first.
type StakesQuery struct {
	Agent      DID
	ActiveOnly bool
	Limit      int    // 1 to [MaxLimit]; zero means [DefaultLimit]
	Offset     int64  // not together with Cursor
	Cursor     string // NextCursor of the page before
	Total      bool   // count also with a cursor
}

// StakesPage is a page of stakes, and what the agent has in all of them.
type StakesPage struct {
	Stakes     []Stake
	Staked     Amount // in all stakes, with their delegations
	Unbonding  Amount // on its way to the available balance
	Due        Amount // earned and not paid, commission with it
	Earned     Amount // ever, by all stakes with their delegations, also by those that were taken out
	Total      int64  // stakes; −1 where they were not counted
	NextCursor string // empty on the last page
}

// Stakes returns a page of an agent's stakes; [ErrNotFound] for one that is not
// registered.
func (e *Engine) Stakes(ctx context.Context, q StakesQuery) (StakesPage, error) {
	scope := newCursorScope("stakes", q.Agent.String(), strconv.FormatBool(q.ActiveOnly))
	page := pageRequest{limit: q.Limit, offset: q.Offset, cursor: q.Cursor, total: q.Total}
	at, err := page.resolve(scope)
	if err != nil {
		return StakesPage{}, err
	}
	found, err := e.parties(ctx, q.Agent)
	if err != nil {
		return StakesPage{}, err
	}
	if !found[0].known() {
		return StakesPage{}, unregistered(q.Agent)
	}
	query := staking.StakeQuery{
		Owner: found[0].available, ActiveOnly: q.ActiveOnly, Before: StakeID(at.id), Offset: q.Offset, Limit: page.limit + 1,
	}
	ids, err := e.reader().Stakes(ctx, query)
	if err != nil {
		return StakesPage{}, outward(err)
	}
	result := StakesPage{Total: -1}
	if page.counts() {
		if result.Total, err = e.reader().CountStakes(ctx, query); err != nil {
			return StakesPage{}, outward(err)
		}
	}
	ids, more := cut(&page, ids)
	if more {
		result.NextCursor = scope.cursor(place{id: ledger.ID(ids[len(ids)-1])})
	}
	return result, e.fillStakes(ctx, &result, q.Agent, found[0], ids)
}

// fillStakes reads how the stakes of a page stand, and what the agent has in all.
func (e *Engine) fillStakes(ctx context.Context, page *StakesPage, agent DID, of party, ids []StakeID) error {
	holdings, err := e.holdings(ctx, of)
	if err != nil {
		return err
	}
	page.Staked, page.Unbonding, page.Due = holdings.Staked, holdings.Unbonding, holdings.Due
	if page.Earned, err = e.earned(ctx, of); err != nil {
		return err
	}
	b, err := e.stakesBook(ctx, staking.Need{Total: true, Stakes: ids})
	if err != nil {
		return err
	}
	page.Stakes = make([]Stake, len(ids))
	for i, id := range ids {
		standing, err := b.Standing(id)
		if err != nil {
			return outward(err)
		}
		page.Stakes[i] = Stake{Standing: standing, Agent: agent}
	}
	return nil
}

// earned is what the stakes of an agent have earned ever.
func (e *Engine) earned(ctx context.Context, of party) (Amount, error) {
	var sum Amount
	query := staking.StakeQuery{Owner: of.available, Limit: MaxLimit}
	for {
		ids, err := e.reader().Stakes(ctx, query)
		if err != nil {
			return Amount{}, outward(err)
		}
		b, err := e.stakesBook(ctx, staking.Need{Total: true, Stakes: ids})
		if err != nil {
			return Amount{}, err
		}
		for _, id := range ids {
			standing, err := b.Standing(id)
			if err != nil {
				return Amount{}, outward(err)
			}
			if sum, err = sum.Add(standing.Earned); err != nil {
				return Amount{}, ErrInternal
			}
		}
		if len(ids) < query.Limit {
			return sum, nil
		}
		query.Before = ids[len(ids)-1]
	}
}

// holdings is what an agent has in stakes now.
func (e *Engine) holdings(ctx context.Context, of party) (staking.Holdings, error) {
	b, err := e.stakesBook(ctx, staking.Need{
		Total: true, LiveOf: []ledger.AccountID{of.available}, PoolsOf: []ledger.AccountID{of.available},
	})
	if err != nil {
		return staking.Holdings{}, err
	}
	h, err := b.Holdings(of.available, e.clock.now())
	return h, outward(err)
}

// stakesBook reads rows of stakes without a lock, to be looked at.
func (e *Engine) stakesBook(ctx context.Context, need staking.Need) (*staking.Book, error) {
	rows, err := e.reader().StakingRows(ctx, need)
	if err != nil {
		return nil, outward(err)
	}
	b := staking.NewBook(e.inForce.Load().terms.Staking, rows)
	b.Advance(e.clock.now())
	return b, nil
}

// Validator is an agent as those who delegate see it.
type Validator struct {
	ID         DID
	Status     Status
	Weight     Amount // own and delegated value that earns
	Self       Amount // of it, the validator's own
	Delegated  Amount // of it, others'
	Delegators int64
	Commission Rate // mean share of what delegations earn, by value; zero without any
	Slashes    []ValidatorSlash
}

// ValidatorSlash is what was once taken from a validator.
type ValidatorSlash = staking.Slash

// maxSlashes is how many slashes of a validator are shown.
const maxSlashes = 100

// Validator returns how an agent stands as a validator, with its latest 100
// slashes; [ErrNotFound] for one that is not registered.
func (e *Engine) Validator(ctx context.Context, id DID) (Validator, error) {
	rows, err := e.reader().AccountsOf(ctx, id)
	if err != nil {
		return Validator{}, outward(err)
	}
	available, _ := pick(rows)
	if available == nil {
		return Validator{}, unregistered(id)
	}
	v := Validator{ID: id, Status: available.StatusAt(e.clock.now())}
	b, err := e.stakesBook(ctx, staking.Need{Total: true, PoolsOf: []ledger.AccountID{available.ID}})
	if err != nil {
		return Validator{}, err
	}
	if p := b.Pool(available.ID, staking.SelfPool); p != nil {
		v.Self = p.Tokens
	}
	if p := b.Pool(available.ID, staking.DelegatedPool); p != nil {
		v.Delegated, v.Commission = p.Tokens, p.MeanShare()
	}
	if v.Weight, err = sums(v.Self, v.Delegated); err != nil {
		return Validator{}, ErrInternal
	}
	if v.Delegators, err = e.reader().Delegators(ctx, available.ID); err != nil {
		return Validator{}, outward(err)
	}
	v.Slashes, err = e.reader().Slashes(ctx, staking.SlashQuery{Agent: available.ID, Limit: maxSlashes})
	return v, outward(err)
}
