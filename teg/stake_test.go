package teg_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// stakers are Alice, who stakes 100 AVT and delegates 60 of them to Bob for a
// tenth of what they earn, and Bob, who stakes 50.
type stakers struct {
	*teg.Engine
	alice, bob teg.DID
	hers, his  teg.StakeID
	lent       teg.DelegationID
	clock      *tegtest.Clock
}

func newStakers(t testing.TB, st store.Store, options ...func(*teg.Config)) *stakers {
	clock := tegtest.NewClock()
	ctx, eng := context.Background(), tegtest.Over(t, st, append(options, tegtest.WithClock(clock))...)
	s := &stakers{
		Engine: eng, clock: clock,
		alice: tegtest.Fund(t, eng, "did:example:alice", "1000"), bob: tegtest.Fund(t, eng, "did:example:bob", "1000"),
	}
	hers, err := eng.Stake(ctx, teg.StakeParams{By: s.alice, Amount: teg.AVT("100")})
	require.NoError(t, err)
	his, err := eng.Stake(ctx, teg.StakeParams{By: s.bob, Amount: teg.AVT("50")})
	require.NoError(t, err)
	lent, err := eng.Delegate(ctx, teg.DelegateParams{By: s.alice, StakeID: hers.StakeID, Validator: s.bob, Amount: teg.AVT("60")})
	require.NoError(t, err)
	s.hers, s.his, s.lent = hers.StakeID, his.StakeID, lent.ID
	return s
}

func (s *stakers) cycle(t testing.TB) teg.RewardCycle {
	c, err := s.RunRewardCycle(context.Background(), teg.CycleParams{By: tegtest.Admin})
	require.NoError(t, err)
	return c
}

// staked is what an agent has in stakes, what is on its way out, and what is due.
func staked(t testing.TB, eng *teg.Engine, agent teg.DID) [3]string {
	page, err := eng.Stakes(context.Background(), teg.StakesQuery{Agent: agent})
	require.NoError(t, err)
	return [3]string{page.Staked.String(), page.Unbonding.String(), page.Due.String()}
}

// The numbers of the example in the documentation of package staking.
func TestStakingPaysWhatTheRulesSay(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		ctx, s := context.Background(), newStakers(t, open(t))
		c := s.cycle(t)
		require.Equal(t, [4]string{"7.5", "0", "0", "7.5"}, [4]string{c.Distributed.String(), c.Collected.String(), c.FromTreasury.String(), c.Issued.String()})
		require.EqualValues(t, 2, c.Stakers)
		require.Equal(t, [3]string{"100", "0", "4.7"}, staked(t, s.Engine, s.alice))
		require.Equal(t, [3]string{"50", "0", "2.8"}, staked(t, s.Engine, s.bob))

		claim, err := s.ClaimRewards(ctx, teg.ClaimParams{By: s.bob})
		require.NoError(t, err)
		require.Equal(t, "2.8", claim.Amount.String())
		require.Len(t, claim.TransactionIDs, 2, "one for his stake, one for the commission")
		require.Equal(t, "952.8", tegtest.Available(t, s.Engine, s.bob))

		out, err := s.Unstake(ctx, teg.UnstakeParams{By: s.alice, StakeID: s.hers, Amount: teg.AVT("10")})
		require.NoError(t, err)
		require.Equal(t, [4]string{"10", "4.7", "14.7", "90"}, [4]string{out.Amount.String(), out.Rewards.String(), out.Returned.String(), out.Remaining.String()})
		require.True(t, out.Active)
		balance, err := s.Balance(ctx, s.alice)
		require.NoError(t, err)
		require.Equal(t, [3]string{"914.7", "90", "1004.7"}, [3]string{balance.Available.String(), balance.Staked.String(), balance.Total.String()})

		v, err := s.Validator(ctx, s.bob)
		require.NoError(t, err)
		require.Equal(t, [3]string{"110", "50", "60"}, [3]string{v.Weight.String(), v.Self.String(), v.Delegated.String()})
		require.EqualValues(t, 1, v.Delegators)
		require.Equal(t, teg.Percent(10), v.Commission)
	})
}

// A delegation that ends leaves what it earned to its stake.
func TestUndelegate(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		ctx, s := context.Background(), newStakers(t, open(t))
		s.cycle(t)
		ended, err := s.Undelegate(ctx, teg.UndelegateParams{By: s.alice, DelegationID: s.lent, Key: "end"})
		require.NoError(t, err)
		require.Equal(t, "60", ended.Amount.String())
		require.False(t, ended.Active())
		again, err := s.Undelegate(ctx, teg.UndelegateParams{By: s.alice, DelegationID: s.lent, Key: "end"})
		require.NoError(t, err)
		require.True(t, again.Replayed)
		again.Replayed = false
		require.Equal(t, ended, again)

		_, err = s.Undelegate(ctx, teg.UndelegateParams{By: s.alice, DelegationID: s.lent})
		require.ErrorIs(t, err, teg.ErrInvalidState)
		_, err = s.Undelegate(ctx, teg.UndelegateParams{By: s.bob, DelegationID: s.lent})
		require.ErrorIs(t, err, teg.ErrNotFound)
		require.Equal(t, [3]string{"100", "0", "4.7"}, staked(t, s.Engine, s.alice))

		page, err := s.Delegations(ctx, teg.DelegationsQuery{Delegator: s.alice})
		require.NoError(t, err)
		require.Len(t, page.Delegations, 1)
		require.Equal(t, ended, page.Delegations[0])
	})
}

// What waits earns nothing and can be slashed; Tick gives it free when its time
// has come, wherever it goes.
func TestUnstakingPeriod(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		ctx := context.Background()
		s := newStakers(t, open(t), tegtest.WithStaking(func(terms *teg.StakingTerms) {
			terms.UnstakingPeriod, terms.Slashing = 24*time.Hour, true
		}))
		out, err := s.Unstake(ctx, teg.UnstakeParams{By: s.alice, StakeID: s.hers, Amount: teg.AVT("20"), Key: "out"})
		require.NoError(t, err)
		require.Equal(t, s.clock.Now().Add(24*time.Hour), out.AvailableAt)
		require.True(t, out.Returned.IsZero())
		again, err := s.Unstake(ctx, teg.UnstakeParams{By: s.alice, StakeID: s.hers, Amount: teg.AVT("20"), Key: "out"})
		require.NoError(t, err)
		require.True(t, again.Replayed)
		again.Replayed = false
		require.Equal(t, out, again)

		_, err = s.Undelegate(ctx, teg.UndelegateParams{By: s.alice, DelegationID: s.lent})
		require.NoError(t, err)
		_, err = s.Unstake(ctx, teg.UnstakeParams{By: s.alice, StakeID: s.hers})
		require.ErrorIs(t, err, teg.ErrStakeDelegated)
		require.Equal(t, [3]string{"80", "20", "0"}, staked(t, s.Engine, s.alice))
		require.Equal(t, "3.5", s.cycle(t).Distributed.String(), "5 % of Alice's 20 and Bob's 50")

		half := teg.Percent(50)
		cut, err := s.Slash(ctx, teg.SlashParams{By: tegtest.Admin, Validator: s.bob, Percentage: teg.Percent(10), Delegations: &half,
			Evidence: "ev-1", Reason: "double signing", Key: "slash"})
		require.NoError(t, err)
		require.Equal(t, [2]string{"5", "30"}, [2]string{cut.Self.String(), cut.Delegated.String()})
		_, err = s.Slash(ctx, teg.SlashParams{By: tegtest.Admin, Validator: s.alice, Percentage: teg.Percent(10), Evidence: "ev-1", Reason: "again"})
		require.ErrorIs(t, err, teg.ErrAlreadyExists)

		s.clock.Advance(24 * time.Hour)
		require.NoError(t, s.Tick(ctx))
		require.Equal(t, [3]string{"50", "0", "1"}, staked(t, s.Engine, s.alice), "20 and what is left of 60")
		require.Equal(t, "920", tegtest.Available(t, s.Engine, s.alice))
		treasury, err := s.Treasury(ctx)
		require.NoError(t, err)
		require.Equal(t, "35", treasury.Balance.String())
	})
}

// Each interval that passes is a cycle, run before anything later happens to a
// stake, and once.
func TestRewardInterval(t *testing.T) {
	t.Parallel()
	eachDatabaseTwice(t, func(t *testing.T, stores [2]store.Store) {
		ctx := context.Background()
		s := newStakers(t, stores[0], tegtest.WithRewardInterval(time.Hour))
		other := tegtest.Over(t, stores[1], tegtest.WithClock(s.clock), tegtest.WithRewardInterval(time.Hour))
		s.clock.Advance(time.Hour)
		late, err := s.Stake(ctx, teg.StakeParams{By: s.alice, Amount: teg.AVT("150")})
		require.NoError(t, err)
		require.Equal(t, [3]string{"250", "0", "4.7"}, staked(t, s.Engine, s.alice), "the late stake has earned nothing")

		s.clock.Advance(2 * time.Hour)
		together(8, func(i int) { require.NoError(t, []*teg.Engine{s.Engine, other}[i%2].Tick(ctx)) })
		page, err := s.Stakes(ctx, teg.StakesQuery{Agent: s.alice})
		require.NoError(t, err)
		require.Equal(t, late.StakeID, page.Stakes[0].ID)
		require.Equal(t, "15", page.Stakes[0].Due.String(), "two cycles of 5 %")

		s.clock.Advance(1000 * time.Hour)
		require.NoError(t, s.Tick(ctx))
		log, err := s.AuditLog(ctx, teg.AuditLogQuery{Action: "reward_cycle", Limit: 100})
		require.NoError(t, err)
		require.Len(t, log.Entries, 1+2+24)
	})
}

// What compounds is staked with its stake by Tick, once a cycle.
func TestAutoCompound(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		ctx, eng := context.Background(), tegtest.Over(t, open(t))
		alice := tegtest.Fund(t, eng, "did:example:alice", "100")
		_, err := eng.Stake(ctx, teg.StakeParams{By: alice, Amount: teg.AVT("100"), AutoCompound: true})
		require.NoError(t, err)
		for range 2 {
			_, err = eng.RunRewardCycle(ctx, teg.CycleParams{By: tegtest.Admin, Rate: teg.Percent(10)})
			require.NoError(t, err)
			require.NoError(t, eng.Tick(ctx))
			require.NoError(t, eng.Tick(ctx))
		}
		require.Equal(t, [3]string{"121", "0", "0"}, staked(t, eng, alice))

		bob := tegtest.Fund(t, eng, "did:example:bob", "30")
		for _, sum := range []string{"10", "20"} {
			_, err = eng.Stake(ctx, teg.StakeParams{By: bob, Amount: teg.AVT(sum), AutoCompound: true})
			require.NoError(t, err)
		}
		_, err = eng.RunRewardCycle(ctx, teg.CycleParams{By: tegtest.Admin, Rate: teg.Percent(10)})
		require.NoError(t, err)
		claim, err := eng.ClaimRewards(ctx, teg.ClaimParams{By: bob, Key: "claim"})
		require.NoError(t, err)
		require.Len(t, claim.TransactionIDs, 2, "one that pays, and one that stakes it all again")
		require.Equal(t, "3", claim.Amount.String())
		require.Equal(t, [3]string{"33", "0", "0"}, staked(t, eng, bob))
		again, err := eng.ClaimRewards(ctx, teg.ClaimParams{By: bob, Key: "claim"})
		require.NoError(t, err)
		require.Equal(t, claim.Amount, again.Amount)
	})
}

// The treasury pays a cycle as far as it can; the rest is issued or, where that
// is not allowed, nothing is distributed.
func TestCycleFunding(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		ctx, s := context.Background(), newStakers(t, open(t), tegtest.WithStaking(func(terms *teg.StakingTerms) { terms.IssueRewards = false }))
		_, err := s.RunRewardCycle(ctx, teg.CycleParams{By: tegtest.Admin, Key: "short"})
		var short *teg.InsufficientBalanceError
		require.ErrorAs(t, err, &short)
		require.Equal(t, [2]string{"0", "7.5"}, [2]string{short.Available.String(), short.Needed.String()})
		_, err = s.TransferToSystem(ctx, teg.SystemTransferParams{From: s.bob, Amount: teg.AVT("8")})
		require.NoError(t, err)
		c := s.cycle(t)
		require.Equal(t, [2]string{"7.5", "0"}, [2]string{c.FromTreasury.String(), c.Issued.String()})
		_, err = s.RunRewardCycle(ctx, teg.CycleParams{By: tegtest.Admin, Key: "short"})
		require.ErrorAs(t, err, &short, "a refusal stays one")
	})
}

// What fees brought into the rewards pool is distributed before anything else.
func TestCycleSpendsCollectedFees(t *testing.T) {
	t.Parallel()
	terms := teg.DefaultTerms()
	terms.Fees.Fixed, terms.Fees.Split.Rewards = teg.AVT("2"), teg.Percent(50)
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		ctx, s := context.Background(), newStakers(t, open(t), tegtest.WithTerms(terms))
		for range 3 {
			_, err := s.Transfer(ctx, teg.TransferParams{From: s.alice, To: s.bob, Amount: teg.AVT("1")})
			require.NoError(t, err)
		}
		c := s.cycle(t)
		require.Equal(t, [3]string{"3", "3", "1.5"}, [3]string{c.Collected.String(), c.FromTreasury.String(), c.Issued.String()})
	})
}

// A cycle by interval that nobody can pay for stops nothing: it stays open until
// the treasury has enough.
func TestCycleThatNobodyPaysFor(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		ctx := context.Background()
		s := newStakers(t, open(t), tegtest.WithRewardInterval(time.Hour), tegtest.WithStaking(func(terms *teg.StakingTerms) { terms.IssueRewards = false }))
		s.clock.Advance(time.Hour)
		_, err := s.Unstake(ctx, teg.UnstakeParams{By: s.bob, StakeID: s.his, Amount: teg.AVT("10")})
		require.NoError(t, err)
		require.ErrorIs(t, s.Tick(ctx), teg.ErrInsufficientBalance)
		require.Equal(t, [3]string{"100", "0", "0"}, staked(t, s.Engine, s.alice))
		_, err = s.TransferToSystem(ctx, teg.SystemTransferParams{From: s.bob, Amount: teg.AVT("8")})
		require.NoError(t, err)
		require.NoError(t, s.Tick(ctx))
		require.Equal(t, [3]string{"100", "0", "4.7"}, staked(t, s.Engine, s.alice))
	})
}

// What an agent has in all is the same at every moment, wherever it lies.
func TestBalanceIsOfOneMoment(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		ctx, s := context.Background(), newStakers(t, open(t))
		done := make(chan error, 1)
		go func() {
			for range 200 {
				r, err := s.Stake(ctx, teg.StakeParams{By: s.bob, Amount: teg.AVT("100")})
				if err == nil {
					_, err = s.Unstake(ctx, teg.UnstakeParams{By: s.bob, StakeID: r.StakeID})
				}
				if err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
		for len(done) == 0 {
			balance, err := s.Balance(ctx, s.bob)
			require.NoError(t, err)
			require.Equal(t, "1000", balance.Total.String())
		}
		require.NoError(t, <-done)
	})
}

// A host that stakes holds the total of all stakes: those who would act upon
// stakes wait for it, and no group of others waits with them.
func TestHostHoldsTheStakes(t *testing.T) {
	t.Parallel()
	ctx, st := limited(t), storetest.OpenPostgres(t)
	seen := &watched{Store: st}
	s := newStakers(t, seen)
	tx, host := hostOf(t, st, nil)
	defer tx.Rollback()
	_, err := s.Using(host).Stake(ctx, teg.StakeParams{By: s.alice, Amount: teg.AVT("1")})
	require.NoError(t, err)
	carol := tegtest.Fund(t, s.Engine, "did:example:carol", "100")
	claims := make(chan error, 100)
	for range cap(claims) {
		go func() {
			_, err := s.ClaimRewards(ctx, teg.ClaimParams{By: s.bob})
			claims <- err
		}()
		_, err := s.TransferToSystem(ctx, teg.SystemTransferParams{From: carol, Amount: teg.AVT("0.1")})
		require.NoError(t, err)
	}
	require.Empty(t, claims, "they wait")
	require.Eventually(t, func() bool { return seen.waited.Load() > 0 }, patience, time.Millisecond, "the first of them does so in a group")
	require.Less(t, seen.waited.Load(), int64(cap(claims)/2), "and one every few seconds")
	require.NoError(t, tx.Commit())
	for range cap(claims) {
		require.NoError(t, <-claims)
	}
}
