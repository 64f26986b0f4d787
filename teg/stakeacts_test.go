package teg_test

import (
	"context"
	"time"

	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// stakeActs are the verbs upon stakes.
var stakeActs = []doing{
	{name: "stake", prepare: (*scene).staking, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.Stake(ctx, teg.StakeParams{DryRun: s.dry, By: s.alice, Amount: teg.AVT("5"), Key: "k"})
	}},
	{name: "unstake", prepare: (*scene).earn, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.Unstake(ctx, teg.UnstakeParams{DryRun: s.dry, By: s.alice, StakeID: s.stake, Amount: teg.AVT("4"), Key: "k"})
	}},
	{name: "delegate", prepare: (*scene).putToWork, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.Delegate(ctx, teg.DelegateParams{DryRun: s.dry, By: s.alice, StakeID: s.stake, Validator: s.bob, Amount: teg.AVT("3"), Key: "k"})
	}},
	{name: "undelegate", prepare: (*scene).earn, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.Undelegate(ctx, teg.UndelegateParams{DryRun: s.dry, By: s.alice, DelegationID: s.lent, Key: "k"})
	}},
	{name: "claim", prepare: (*scene).earn, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.ClaimRewards(ctx, teg.ClaimParams{DryRun: s.dry, By: s.alice, Key: "k"})
	}},
	{name: "claim of commission", prepare: (*scene).earn, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.ClaimRewards(ctx, teg.ClaimParams{DryRun: s.dry, By: s.bob, Key: "k"})
	}},
	{name: "cycle", prepare: (*scene).putToWork, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.RunRewardCycle(ctx, teg.CycleParams{DryRun: s.dry, By: tegtest.Admin, Key: "k" + s.carol.String()})
	}},
	{name: "slash", prepare: (*scene).earn, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.Slash(ctx, teg.SlashParams{DryRun: s.dry, By: tegtest.Admin, Validator: s.bob, Percentage: teg.Percent(10),
			Evidence: s.carol.String(), Reason: "x", Key: "k" + s.carol.String()})
	}},
	{name: "tick that ends a wait", parts: true, unasked: true, prepare: (*scene).takenOut, act: tick},
	{name: "tick that gives back to a stake", parts: true, unasked: true, prepare: (*scene).comingBack, act: tick},
	{name: "tick that compounds", parts: true, unasked: true, prepare: (*scene).compounding, act: tick},
}

func tick(ctx context.Context, s *scene) (any, error) { return nil, s.eng.Tick(ctx) }

// refusedStakes are the same, each refused.
var refusedStakes = []doing{
	{name: "stake beyond the balance", refusal: teg.ErrInsufficientBalance, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.Stake(ctx, teg.StakeParams{DryRun: s.dry, By: s.alice, Amount: teg.AVT("101"), Key: "k"})
	}},
	{name: "unstake what is delegated", refusal: teg.ErrStakeDelegated, prepare: (*scene).earn, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.Unstake(ctx, teg.UnstakeParams{DryRun: s.dry, By: s.alice, StakeID: s.stake, Key: "k"})
	}},
	{name: "unstake another's", refusal: teg.ErrNotFound, prepare: (*scene).earn, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.Unstake(ctx, teg.UnstakeParams{DryRun: s.dry, By: s.bob, StakeID: s.stake, Key: "k"})
	}},
	{name: "delegate too much", refusal: teg.ErrInsufficientBalance, prepare: (*scene).earn, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.Delegate(ctx, teg.DelegateParams{DryRun: s.dry, By: s.alice, StakeID: s.stake, Validator: s.bob, Amount: teg.AVT("16"), Key: "k"})
	}},
	{name: "delegate to nobody", refusal: teg.ErrNotFound, prepare: (*scene).earn, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.Delegate(ctx, teg.DelegateParams{DryRun: s.dry, By: s.alice, StakeID: s.stake, Validator: s.carol, Amount: teg.AVT("1"), Key: "k"})
	}},
	{name: "undelegate another's", refusal: teg.ErrNotFound, prepare: (*scene).earn, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.Undelegate(ctx, teg.UndelegateParams{DryRun: s.dry, By: s.bob, DelegationID: s.lent, Key: "k"})
	}},
	{name: "claim another's", refusal: teg.ErrNotFound, prepare: (*scene).earn, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.ClaimRewards(ctx, teg.ClaimParams{DryRun: s.dry, By: s.bob, StakeID: s.stake, Key: "k"})
	}},
	{name: "slash nobody", refusal: teg.ErrNotFound, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.Slash(ctx, teg.SlashParams{DryRun: s.dry, By: tegtest.Admin, Validator: s.carol, Percentage: teg.Percent(10),
			Evidence: s.carol.String(), Reason: "x", Key: "k" + s.carol.String()})
	}},
	{name: "deactivate one who has staked", refusal: teg.ErrInvalidState, prepare: (*scene).putAllToWork, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.DeactivateAgent(ctx, teg.StandingParams{DryRun: s.dry, Agent: s.alice, By: tegtest.Admin})
	}},
}

// staking notes that there will be stakes in the scene.
func (s *scene) staking() error {
	s.staked = []teg.DID{s.alice, s.bob}
	return nil
}

func (s *scene) putToWork() error {
	_ = s.staking()
	r, err := s.eng.Stake(context.Background(), teg.StakeParams{By: s.alice, Amount: teg.AVT("20")})
	s.stake = r.StakeID
	return err
}

func (s *scene) putAllToWork() error {
	_ = s.staking()
	_, err := s.eng.Stake(context.Background(), teg.StakeParams{By: s.alice, Amount: teg.AVT("100")})
	return err
}

// earn is a stake, a part of which is delegated, that has earned something.
func (s *scene) earn() error {
	if err := s.putToWork(); err != nil {
		return err
	}
	d, err := s.eng.Delegate(context.Background(), teg.DelegateParams{By: s.alice, StakeID: s.stake, Validator: s.bob, Amount: teg.AVT("5")})
	if err != nil {
		return err
	}
	s.lent = d.ID
	_, err = s.eng.RunRewardCycle(context.Background(), teg.CycleParams{By: tegtest.Admin})
	return err
}

// takenOut is a part of a stake that has waited long enough.
func (s *scene) takenOut() error {
	if err := s.putToWork(); err != nil {
		return err
	}
	_, err := s.eng.Unstake(context.Background(), teg.UnstakeParams{By: s.alice, StakeID: s.stake, Amount: teg.AVT("2")})
	s.clock.Advance(2 * time.Minute)
	return err
}

// comingBack is a part of a stake that was delegated and has waited long enough.
func (s *scene) comingBack() error {
	if err := s.earn(); err != nil {
		return err
	}
	_, err := s.eng.Undelegate(context.Background(), teg.UndelegateParams{By: s.alice, DelegationID: s.lent})
	s.clock.Advance(2 * time.Minute)
	return err
}

// compounding is a stake that has earned what is to be staked with it.
func (s *scene) compounding() error {
	_ = s.staking()
	if _, err := s.eng.Stake(context.Background(), teg.StakeParams{By: s.bob, Amount: teg.AVT("20"), AutoCompound: true}); err != nil {
		return err
	}
	_, err := s.eng.RunRewardCycle(context.Background(), teg.CycleParams{By: tegtest.Admin})
	return err
}
