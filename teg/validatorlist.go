package teg

import (
	"context"
	"slices"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/staking"
)

// ListedValidator is an agent whose stake, or what was delegated to it, earns.
type ListedValidator struct {
	ID         DID
	Status     Status
	Weight     Amount // what works for it: its own stakes and what is delegated to it
	Self       Amount
	Delegated  Amount
	Commission Rate // mean share of what delegations earn, by value; zero without any
}

// ValidatorsPage is those with the most weight.
type ValidatorsPage struct {
	Validators []ListedValidator // the most weight first
	Total      int64             // that there are
}

// Validators returns those with the most weight, limit of them: 1 to [MaxLimit], zero means
// [DefaultLimit]. It visits everybody who has something staked.
func (e *Engine) Validators(ctx context.Context, limit int) (ValidatorsPage, error) {
	page := pageRequest{limit: limit}
	if _, err := page.resolve(newCursorScope("validators")); err != nil {
		return ValidatorsPage{}, err
	}
	ranked, err := e.weights(ctx)
	if err != nil {
		return ValidatorsPage{}, err
	}
	result := ValidatorsPage{Total: int64(len(ranked))}
	ids := make([]ledger.AccountID, min(page.limit, len(ranked)))
	for i := range ids {
		ids[i] = ranked[i].agent
	}
	rows, err := e.reader().AccountsByID(ctx, ids...)
	if err != nil {
		return ValidatorsPage{}, outward(err)
	}
	b, err := e.stakesBook(ctx, staking.Need{Total: true, PoolsOf: ids})
	if err != nil {
		return ValidatorsPage{}, err
	}
	for i := range rows {
		v, err := e.listedValidator(b, &rows[i])
		if err != nil {
			return ValidatorsPage{}, err
		}
		result.Validators = append(result.Validators, v)
	}
	slices.SortStableFunc(result.Validators, func(a, b ListedValidator) int { return b.Weight.Cmp(a.Weight) })
	return result, nil
}

func (e *Engine) listedValidator(b *staking.Book, row *ledger.Account) (ListedValidator, error) {
	v := ListedValidator{ID: row.Owner, Status: row.StatusAt(e.clock.now())}
	if p := b.Pool(row.ID, staking.SelfPool); p != nil {
		v.Self = p.Tokens
	}
	if p := b.Pool(row.ID, staking.DelegatedPool); p != nil {
		v.Delegated, v.Commission = p.Tokens, p.MeanShare()
	}
	var err error
	if v.Weight, err = sums(v.Self, v.Delegated); err != nil {
		return v, ErrInternal
	}
	return v, nil
}

type weight struct {
	agent  ledger.AccountID
	tokens Amount
}

// weights are what works for each who has anything, the most first. Pools of one agent come
// one after the other.
func (e *Engine) weights(ctx context.Context) ([]weight, error) {
	var list []weight
	err := e.reader().StakedPools(ctx, func(agent ledger.AccountID, tokens Amount) (err error) {
		if last := len(list) - 1; last >= 0 && list[last].agent == agent {
			list[last].tokens, err = list[last].tokens.Add(tokens)
			return err
		}
		list = append(list, weight{agent, tokens})
		return nil
	})
	slices.SortStableFunc(list, func(a, b weight) int { return b.tokens.Cmp(a.tokens) })
	return list, outward(err)
}
