package teg_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// Two engines race for one agent's stake: what there is, is delegated, taken out
// and claimed once.
func TestStakeIsNotSpentTwice(t *testing.T) {
	t.Parallel()
	eachDatabaseTwice(t, func(t *testing.T, stores [2]store.Store) {
		ctx := context.Background()
		s := newStakers(t, stores[0])
		other := tegtest.Over(t, stores[1], tegtest.WithClock(s.clock))
		s.cycle(t)
		var taken, claimed atomic.Int64
		together(48, func(i int) {
			eng := []*teg.Engine{s.Engine, other}[i%2]
			var err error
			switch i / 2 % 3 {
			case 0: // 40 are free: four times ten go, in whichever way
				_, err = eng.Delegate(ctx, teg.DelegateParams{By: s.alice, StakeID: s.hers, Validator: s.bob, Amount: teg.AVT("10")})
			case 1:
				_, err = eng.Unstake(ctx, teg.UnstakeParams{By: s.alice, StakeID: s.hers, Amount: teg.AVT("10")})
			case 2:
				var claim teg.ClaimReceipt
				claim, err = eng.ClaimRewards(ctx, teg.ClaimParams{By: s.bob})
				require.NoError(t, err)
				if !claim.Amount.IsZero() {
					claimed.Add(1)
				}
				return
			}
			if err == nil {
				taken.Add(1)
				return
			}
			require.True(t, errors.Is(err, teg.ErrInsufficientBalance) || errors.Is(err, teg.ErrStakeDelegated), "%v", err)
		})
		require.EqualValues(t, 4, taken.Load())
		require.EqualValues(t, 1, claimed.Load())
	})
}

// Cycles, stakes and their ends race; whoever came first, nothing is created and
// nothing is lost. The books are proven when the test ends.
func TestCyclesAgainstStakes(t *testing.T) {
	t.Parallel()
	eachDatabaseTwice(t, func(t *testing.T, stores [2]store.Store) {
		ctx := context.Background()
		engines := [2]*teg.Engine{tegtest.Over(t, stores[0]), tegtest.Over(t, stores[1])}
		agents := tegtest.FundMany(t, engines[0], 8, "1000")
		together(32, func(i int) {
			eng, who, validator := engines[i%2], agents[i%8], agents[(i+1)%8]
			for round := range 8 {
				made, err := eng.Stake(ctx, teg.StakeParams{By: who, Amount: teg.AVT("3.333333333333333333")})
				require.NoError(t, err)
				lent, err := eng.Delegate(ctx, teg.DelegateParams{By: who, StakeID: made.StakeID, Validator: validator, Amount: teg.AVT("1.1")})
				require.NoError(t, err)
				if i%4 == 0 {
					_, err = eng.RunRewardCycle(ctx, teg.CycleParams{By: tegtest.Admin, Rate: teg.Fraction("0.033333")})
					require.NoError(t, err)
				}
				if round%2 == 0 {
					_, err = eng.Undelegate(ctx, teg.UndelegateParams{By: who, DelegationID: lent.ID})
					require.NoError(t, err)
					_, err = eng.Unstake(ctx, teg.UnstakeParams{By: who, StakeID: made.StakeID})
					require.NoError(t, err)
				}
				_, err = eng.ClaimRewards(ctx, teg.ClaimParams{By: who})
				require.NoError(t, err)
			}
		})
		for _, who := range agents {
			require.NotEqual(t, "0", staked(t, engines[0], who)[0], fmt.Sprint(who))
		}
	})
}

// One key of a cycle, sent by two engines at once, is one cycle.
func TestCycleKeyAtOnce(t *testing.T) {
	t.Parallel()
	eachDatabaseTwice(t, func(t *testing.T, stores [2]store.Store) {
		ctx := context.Background()
		s := newStakers(t, stores[0])
		other := tegtest.Over(t, stores[1], tegtest.WithClock(s.clock))
		cycles := make([]teg.RewardCycle, 16)
		together(len(cycles), func(i int) {
			c, err := []*teg.Engine{s.Engine, other}[i%2].RunRewardCycle(ctx, teg.CycleParams{By: tegtest.Admin, Key: "monday"})
			require.NoError(t, err)
			c.Replayed = false
			cycles[i] = c
		})
		for _, c := range cycles {
			require.Equal(t, cycles[0], c)
		}
		require.Equal(t, [3]string{"100", "0", "4.7"}, staked(t, s.Engine, s.alice))
	})
}
