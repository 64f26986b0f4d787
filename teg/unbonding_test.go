package teg_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

const unstakingDay = 24 * time.Hour

// leaving are stakers of whom Alice took 20 AVT out and ended her delegation a day
// ago: all of it has waited long enough, and nothing has been done about it.
func leaving(t *testing.T, open func(testing.TB) store.Store) *stakers {
	ctx := context.Background()
	s := newStakers(t, open(t), tegtest.WithStaking(func(terms *teg.StakingTerms) {
		terms.UnstakingPeriod, terms.Slashing = unstakingDay, true
	}))
	for range 2 {
		_, err := s.Unstake(ctx, teg.UnstakeParams{By: s.alice, StakeID: s.hers, Amount: teg.AVT("10")})
		require.NoError(t, err)
	}
	_, err := s.Undelegate(ctx, teg.UndelegateParams{By: s.alice, DelegationID: s.lent})
	require.NoError(t, err)
	s.clock.Advance(unstakingDay)
	return s
}

func releases(t testing.TB, s *stakers) int {
	log, err := s.AuditLog(context.Background(), teg.AuditLogQuery{Action: "unbonding_release", Limit: 100})
	require.NoError(t, err)
	return len(log.Entries)
}

// What waited long enough can be spent, whether or not anything ticks.
func TestUnbondedValueIsFreeByTheTime(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		ctx, s := context.Background(), leaving(t, open)
		balance, err := s.Balance(ctx, s.alice)
		require.NoError(t, err)
		require.Equal(t, [3]string{"920", "80", "1000"}, [3]string{balance.Available.String(), balance.Staked.String(), balance.Total.String()})
		require.Equal(t, [3]string{"80", "0", "0"}, staked(t, s.Engine, s.alice))
		require.Zero(t, releases(t, s), "a reader writes nothing")

		pay := teg.TransferParams{From: s.alice, To: s.bob, Amount: teg.AVT("919"), Key: "all"}
		tried := pay
		tried.DryRun = true
		dry, err := s.Transfer(ctx, tried)
		require.NoError(t, err)
		require.Zero(t, releases(t, s))
		paid, err := s.Transfer(ctx, pay)
		require.NoError(t, err)
		require.Equal(t, dry.SenderBalance, paid.SenderBalance)
		require.Equal(t, 2, releases(t, s), "an act for each; what goes back into a stake waits for an act upon the stake")
		page, err := s.Transactions(ctx, teg.TransactionsQuery{Agent: s.alice, Types: []teg.TransactionType{teg.TypeUnbondingRelease}})
		require.NoError(t, err)
		require.Len(t, page.Transactions, 2)
		again, err := s.Transfer(ctx, pay)
		require.NoError(t, err)
		require.True(t, again.Replayed)
		require.NoError(t, s.Tick(ctx))
		require.Equal(t, 3, releases(t, s), "the delegation's value is back in its stake")
	})
}

// One who is paid, or stakes, has it too, and before that nobody has it early.
func TestUnbondedValueIsNotFreeEarly(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		ctx, s := context.Background(), leaving(t, open)
		_, err := s.Unstake(ctx, teg.UnstakeParams{By: s.alice, StakeID: s.hers, Amount: teg.AVT("10")})
		require.NoError(t, err)
		s.clock.Advance(unstakingDay - time.Second)
		stake := teg.StakeParams{By: s.alice, Amount: teg.AVT("925")}
		var short *teg.InsufficientBalanceError
		_, err = s.Stake(ctx, stake)
		require.ErrorAs(t, err, &short)
		require.Equal(t, "920", short.Available.String(), "the first two are free, the third is not")
		s.clock.Advance(time.Second)
		_, err = s.Stake(ctx, stake)
		require.NoError(t, err)
		require.Equal(t, "5", tegtest.Available(t, s.Engine, s.alice))
	})
}

// An act upon a stake finds there what had only to wait.
func TestReturnedValueIsInItsStakeByTheTime(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		ctx, s := context.Background(), leaving(t, open)
		_, err := s.Delegate(ctx, teg.DelegateParams{By: s.alice, StakeID: s.hers, Validator: s.bob, Amount: teg.AVT("75")})
		require.NoError(t, err)
		require.Equal(t, [3]string{"80", "0", "0"}, staked(t, s.Engine, s.alice))
		require.Equal(t, 1, releases(t, s))
	})
}

// A slash does not reach what waited long enough.
func TestSlashLeavesWhatWaitedLongEnough(t *testing.T) {
	t.Parallel()
	half := teg.Percent(50)
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		ctx, s := context.Background(), leaving(t, open)
		cut, err := s.Slash(ctx, teg.SlashParams{By: tegtest.Admin, Validator: s.bob, Percentage: half, Evidence: "ev-1", Reason: "double signing"})
		require.NoError(t, err)
		require.Equal(t, [2]string{"25", "0"}, [2]string{cut.Self.String(), cut.Delegated.String()})
		cut, err = s.Slash(ctx, teg.SlashParams{By: tegtest.Admin, Validator: s.alice, Percentage: half, Evidence: "ev-2", Reason: "double signing"})
		require.NoError(t, err)
		require.Equal(t, "40", cut.Self.String(), "half of the 80 that she has in her stake")
		require.Equal(t, "920", tegtest.Available(t, s.Engine, s.alice))
	})
}

// Who names another's stake learns nothing of it, and gets nothing done to it.
func TestOthersStakesAreLeftAlone(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		ctx, s := context.Background(), leaving(t, open)
		mallory := tegtest.Fund(t, s.Engine, "did:example:mallory", "1")
		_, err := s.Unstake(ctx, teg.UnstakeParams{By: mallory, StakeID: s.hers})
		require.ErrorIs(t, err, teg.ErrNotFound)
		_, err = s.Delegate(ctx, teg.DelegateParams{By: mallory, StakeID: s.hers, Validator: s.bob})
		require.ErrorIs(t, err, teg.ErrNotFound)
		require.Zero(t, releases(t, s))
	})
}

// However many have something due, it is asked for at once.
func TestManyReleasesInOneAct(t *testing.T) {
	t.Parallel()
	const n = 12
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		ctx, s := context.Background(), leaving(t, open)
		lent, err := s.Stake(ctx, teg.StakeParams{By: s.bob, Amount: teg.AVT("12")})
		require.NoError(t, err)
		pay := teg.BatchParams{From: s.alice}
		for i := range n {
			v := tegtest.Fund(t, s.Engine, fmt.Sprintf("did:example:v%d", i), "10")
			own, err := s.Stake(ctx, teg.StakeParams{By: v, Amount: teg.AVT("10")})
			require.NoError(t, err)
			_, err = s.Unstake(ctx, teg.UnstakeParams{By: v, StakeID: own.StakeID})
			require.NoError(t, err)
			d, err := s.Delegate(ctx, teg.DelegateParams{By: s.bob, StakeID: lent.StakeID, Validator: v, Amount: teg.AVT("1")})
			require.NoError(t, err)
			_, err = s.Undelegate(ctx, teg.UndelegateParams{By: s.bob, DelegationID: d.ID})
			require.NoError(t, err)
			pay.Transfers = append(pay.Transfers, teg.BatchTransfer{To: v, Amount: teg.AVT("1")})
		}
		s.clock.Advance(unstakingDay)
		paid, err := s.TransferBatch(ctx, pay)
		require.NoError(t, err)
		require.Zero(t, paid.Failed)
		require.Equal(t, n+2, releases(t, s), "those of the twelve, and of Alice")
		out, err := s.Unstake(ctx, teg.UnstakeParams{By: s.bob, StakeID: lent.StakeID})
		require.NoError(t, err)
		require.Equal(t, "12", out.Amount.String())
	})
}

// Value that waits elsewhere, and cannot be released since somebody holds its owner's
// row, is nothing to a slash.
func TestSlashWaitsForNobodyElse(t *testing.T) {
	t.Parallel()
	st := storetest.OpenPostgres(t)
	s := leaving(t, func(testing.TB) store.Store { return st })
	ctx := limited(t)
	require.NoError(t, s.Tick(ctx))
	_, err := s.Unstake(ctx, teg.UnstakeParams{By: s.alice, StakeID: s.hers, Amount: teg.AVT("10")})
	require.NoError(t, err)
	tx, host := hostOf(t, st, nil)
	defer tx.Rollback()
	_, err = s.Using(host).TransferToSystem(ctx, teg.SystemTransferParams{From: s.alice, Amount: teg.AVT("1")})
	require.NoError(t, err)
	s.clock.Advance(unstakingDay)
	before := releases(t, s)
	cut, err := s.Slash(ctx, teg.SlashParams{By: tegtest.Admin, Validator: s.bob, Percentage: teg.Percent(50), Evidence: "ev-1", Reason: "double signing"})
	require.NoError(t, err)
	require.Equal(t, "25", cut.Self.String())
	require.Equal(t, before, releases(t, s))
}

// A server whose clock is behind does not promise what it will not do, and does
// not take what is free by the clock of another.
func TestUnbondingBetweenTwoClocks(t *testing.T) {
	t.Parallel()
	eachDatabaseTwice(t, func(t *testing.T, stores [2]store.Store) {
		ctx := context.Background()
		s := leaving(t, func(testing.TB) store.Store { return stores[0] })
		behind := tegtest.NewClock()
		behind.Advance(unstakingDay - 2*time.Second)
		slow := tegtest.Over(t, stores[1], tegtest.WithClock(behind), tegtest.WithStaking(func(terms *teg.StakingTerms) {
			terms.UnstakingPeriod, terms.Slashing = unstakingDay, true
		}))
		_, err := s.Stake(ctx, teg.StakeParams{By: s.bob, Amount: teg.AVT("1")})
		require.NoError(t, err, "the time of staking is ahead of the slow server's")
		require.Equal(t, "900", tegtest.Available(t, slow, s.alice))
		_, err = slow.Transfer(ctx, teg.TransferParams{From: s.alice, To: s.bob, Amount: teg.AVT("910")})
		require.ErrorIs(t, err, teg.ErrInsufficientBalance)
		cut, err := slow.Slash(ctx, teg.SlashParams{By: tegtest.Admin, Validator: s.alice, Percentage: teg.Percent(50), Evidence: "ev-1", Reason: "double signing"})
		require.NoError(t, err)
		require.Equal(t, "10", cut.Self.String(), "half of the 20 that lie in her own pool")
		require.Equal(t, "920", tegtest.Available(t, slow, s.alice))
	})
}

// In a host's transaction it is the same, and undone with it.
func TestUnbondedValueIsFreeForHosts(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		var st store.Store
		s := leaving(t, func(t testing.TB) store.Store { st = open(t); return st })
		ctx := limited(t)
		tx, host := hostOf(t, st, nil)
		pay := teg.TransferParams{From: s.alice, To: s.bob, Amount: teg.AVT("919")}
		_, err := s.Using(host).Transfer(ctx, pay)
		require.NoError(t, err)
		_, err = s.Using(host).Slash(ctx, teg.SlashParams{By: tegtest.Admin, Validator: s.bob, Percentage: teg.Percent(50), Evidence: "ev-1", Reason: "double signing"})
		require.NoError(t, err)
		require.NoError(t, tx.Rollback())
		require.Zero(t, releases(t, s))
		require.Equal(t, "920", tegtest.Available(t, s.Engine, s.alice))
	})
}
