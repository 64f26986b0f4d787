package main

import (
	"context"

	"github.com/agentvault/teg-layer/teg"
)

// step is an act of the seeded economy that has no name of its own: what it is
// called in the log, which tells whether it was done.
type step struct {
	by     teg.DID
	action string
	do     func() error
}

// seedStakes stakes, delegates and runs a cycle as the example of docs/staking.md
// does, each once for ever.
func seedStakes(ctx context.Context, e *teg.Engine) error {
	stake := func(by teg.DID, sum string) step {
		return step{by, "stake", func() error {
			_, err := e.Stake(ctx, teg.StakeParams{By: by, Amount: teg.AVT(sum)})
			return err
		}}
	}
	for _, s := range []step{
		stake(devAlice, "100"), stake(devBob, "50"),
		{devAlice, "delegate", func() error { return delegateLatest(ctx, e, devAlice, devBob, "60") }},
		{devAdmin, "reward_cycle", func() error {
			_, err := e.RunRewardCycle(ctx, teg.CycleParams{By: devAdmin})
			return err
		}},
	} {
		if err := s.once(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

// once takes the step unless it has been taken.
func (s *step) once(ctx context.Context, e *teg.Engine) error {
	done, err := e.AuditLog(ctx, teg.AuditLogQuery{Actor: s.by, Action: s.action, Limit: 1})
	if err != nil || len(done.Entries) > 0 {
		return err
	}
	return s.do()
}

// delegateLatest delegates from an agent's latest stake.
func delegateLatest(ctx context.Context, e *teg.Engine, by, validator teg.DID, sum string) error {
	page, err := e.Stakes(ctx, teg.StakesQuery{Agent: by, Limit: 1})
	if err != nil || len(page.Stakes) == 0 {
		return err
	}
	_, err = e.Delegate(ctx, teg.DelegateParams{By: by, StakeID: page.Stakes[0].ID, Validator: validator, Amount: teg.AVT(sum)})
	return err
}
