package console

import (
	"errors"
	"slices"

	"github.com/agentvault/teg-layer/server/client"
)

// stakingPage is who earns, what was distributed, and what the visitor has at work.
type stakingPage struct {
	Validators *client.Validators
	Cycles     []client.RewardCycle // newest first
	Course     []client.RewardCycle // the same, oldest first, for the picture
	Pager      pager
	Stakes     *client.StakesPage // the visitor's; nil without a profile
	Given      *client.DelegationsPage
	Rewards    []client.Transaction // that it got last
	Admin      bool
}

func staking(v *visit) (any, error) {
	ctx, f := v.r.Context(), v.filter()
	page := stakingPage{Admin: v.who.may(admins)}
	var err error
	if page.Validators, err = v.api.ListValidators(ctx, client.ListValidatorsQuery{Limit: listed}); err != nil {
		return nil, err
	}
	cycles, err := v.api.ListRewardCycles(ctx, client.ListRewardCyclesQuery{Limit: 20, Cursor: f.Cursor})
	if err != nil {
		return nil, err
	}
	page.Cycles, page.Pager = cycles.Cycles, f.pager(cycles.Page)
	for i := range page.Cycles {
		page.Course = append(page.Course, page.Cycles[len(page.Cycles)-1-i])
	}
	err = page.own(v)
	if errors.Is(err, client.ErrEntityNotFound) {
		err = nil // the visitor has no profile
	}
	return page, err
}

// own is what the visitor's positions are, and what they earned.
func (p *stakingPage) own(v *visit) (err error) {
	ctx := v.r.Context()
	if p.Stakes, err = v.api.ListStakes(ctx, client.ListStakesQuery{Limit: listed}); err != nil {
		return err
	}
	if p.Given, err = v.api.ListDelegations(ctx, client.ListDelegationsQuery{Limit: listed}); err != nil {
		return err
	}
	last, err := v.api.ListTransactions(ctx, client.ListTransactionsQuery{Limit: lookedThrough})
	if err != nil {
		return err
	}
	for _, t := range last.Transactions {
		if slices.Contains(rewards, t.TransactionType) {
			p.Rewards = append(p.Rewards, t)
		}
	}
	return nil
}

// lookedThrough is how many of its transactions are looked through for rewards: those of one
// type alone would be looked for among all, for which many have too many.
const lookedThrough = 200

// rewards are the types of transactions by which stakes and delegations are paid.
var rewards = []client.TransactionType{client.TransactionTypeStakingReward, client.TransactionTypeDelegationReward, client.TransactionTypeValidatorCommission}
