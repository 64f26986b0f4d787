package main

import (
	"context"

	"github.com/agentvault/teg-layer/teg"
)

// stakes stakes, delegates and runs a cycle as the example of docs/staking.md does.
func (s *seeder) stakes(ctx context.Context) error {
	stake := func(by teg.DID, sum string) step {
		return step{by, "stake", func() error {
			_, err := s.Stake(ctx, teg.StakeParams{By: by, Amount: teg.AVT(sum)})
			return err
		}}
	}
	return s.take(ctx,
		stake(devAlice, "100"), stake(devBob, "50"),
		step{devAlice, "delegate", func() error { return s.delegateLatest(ctx, devAlice, devBob, "60") }},
		step{devAdmin, "reward_cycle", func() error {
			_, err := s.RunRewardCycle(ctx, teg.CycleParams{By: devAdmin})
			return err
		}},
	)
}

// delegateLatest delegates from an agent's latest stake.
func (s *seeder) delegateLatest(ctx context.Context, by, validator teg.DID, sum string) error {
	page, err := s.Stakes(ctx, teg.StakesQuery{Agent: by, Limit: 1})
	if err != nil || len(page.Stakes) == 0 {
		return err
	}
	_, err = s.Delegate(ctx, teg.DelegateParams{By: by, StakeID: page.Stakes[0].ID, Validator: validator, Amount: teg.AVT(sum)})
	return err
}
