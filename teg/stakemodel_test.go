package teg_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// stakeGame plays at random with stakes. What each verb does is decided by
// package staking, whose own model visits everyone; here it is what the engine
// and its stores make of it that the proof of the books looks at.
type stakeGame struct {
	*testing.T
	*rand.Rand
	eng         *teg.Engine
	clock       *tegtest.Clock
	agents      []teg.DID
	stakes      map[teg.StakeID]teg.DID
	delegations map[teg.DelegationID]teg.DID
	evidence    int
}

// Random stakes, delegations, cycles, slashes and ends of them, refused ones
// among them, on each database and under three sets of terms: the books hold.
func TestStakesHoldTogether(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*teg.StakingTerms){
		"at the instant": func(terms *teg.StakingTerms) {},
		"by time":        func(terms *teg.StakingTerms) { terms.TimeWeighted = true },
		"with a wait":    func(terms *teg.StakingTerms) { terms.Slashing, terms.UnstakingPeriod = true, time.Hour },
	} {
		t.Run(name, func(t *testing.T) {
			storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
				clock := tegtest.NewClock()
				g := &stakeGame{
					T: t, Rand: rand.New(rand.NewPCG(7, 11)), clock: clock,
					eng:    tegtest.Over(t, open(t), tegtest.WithClock(clock), tegtest.WithStaking(change), tegtest.WithRewardInterval(6*time.Hour)),
					stakes: map[teg.StakeID]teg.DID{}, delegations: map[teg.DelegationID]teg.DID{},
				}
				g.agents = tegtest.FundMany(t, g.eng, 6, "10000")
				steps := 200
				if testing.Short() {
					steps = 100
				}
				for i := range steps {
					g.step()
					if i%25 == 24 {
						tegtest.Verify(t, g.eng)
					}
				}
			})
		})
	}
}

// step does something, which may be refused for a reason that such a game gives.
func (g *stakeGame) step() {
	g.clock.Advance(time.Duration(g.Int64N(int64(40 * time.Minute))))
	err := g.act(context.Background(), g.agents[g.IntN(len(g.agents))], g.agents[g.IntN(2)])
	for _, known := range []error{
		teg.ErrInsufficientBalance, teg.ErrStakeDelegated, teg.ErrStakeInactive, teg.ErrInvalidState, teg.ErrInvalidInput, teg.ErrBelowMinimum,
	} {
		if errors.Is(err, known) {
			return
		}
	}
	require.NoError(g, err)
}

func (g *stakeGame) act(ctx context.Context, who, validator teg.DID) error {
	sum := teg.AVT([]string{"1", "2.000000000000000001", "33.3333", "0.5", "700"}[g.IntN(5)])
	stake, owner := one(g, g.stakes)
	switch g.IntN(9) {
	case 0, 1:
		r, err := g.eng.Stake(ctx, teg.StakeParams{By: who, Amount: sum, AutoCompound: g.IntN(3) == 0})
		if err == nil {
			g.stakes[r.StakeID] = who
		}
		return err
	case 2:
		_, err := g.eng.Unstake(ctx, teg.UnstakeParams{By: orElse(owner, who), StakeID: stake, Amount: sum})
		return known(err, stake.IsZero())
	case 3, 4:
		r, err := g.eng.Delegate(ctx, teg.DelegateParams{By: orElse(owner, who), StakeID: stake, Validator: validator, Amount: sum})
		if err == nil {
			g.delegations[r.ID] = owner
		}
		return known(err, stake.IsZero())
	case 5:
		id, delegator := one(g, g.delegations)
		_, err := g.eng.Undelegate(ctx, teg.UndelegateParams{By: orElse(delegator, who), DelegationID: id})
		return known(err, id.IsZero())
	case 6:
		_, err := g.eng.ClaimRewards(ctx, teg.ClaimParams{By: who})
		return err
	case 7:
		_, err := g.eng.RunRewardCycle(ctx, teg.CycleParams{By: tegtest.Admin, Rate: teg.Fraction("0.012345")})
		return err
	}
	if g.evidence++; g.evidence%3 > 0 {
		return g.eng.Tick(ctx)
	}
	_, err := g.eng.Slash(ctx, teg.SlashParams{By: tegtest.Admin, Validator: validator, Percentage: teg.Fraction("0.333333"),
		Evidence: time.Duration(g.evidence).String(), Reason: "x"})
	return err
}

// one picks a row, or the zero one where there is none.
func one[ID interface{ ~[16]byte }](g *stakeGame, rows map[ID]teg.DID) (ID, teg.DID) {
	var ids []ID
	for id := range rows {
		ids = append(ids, id)
	}
	if len(ids) == 0 {
		return ID{}, teg.DID{}
	}
	slices.SortFunc(ids, func(a, b ID) int { return slices.Compare(a[:], b[:]) })
	id := ids[g.IntN(len(ids))]
	return id, rows[id]
}

func orElse(who, other teg.DID) teg.DID {
	if who.IsZero() {
		return other
	}
	return who
}

// known lets a verb upon nothing be refused as such.
func known(err error, nothing bool) error {
	if nothing && errors.Is(err, teg.ErrNotFound) {
		return nil
	}
	return err
}
