package teg_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// Issue, burn, grants and fees all pass the treasury; its turnover and the
// supply say exactly what did.
func TestSupplyAndTreasury(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		ctx, eng := context.Background(), tegtest.Over(t, open(t))
		treasury := eng.TreasuryDID()
		alice, bob := tegtest.Fund(t, eng, "did:example:alice", "100"), tegtest.Fund(t, eng, "did:example:bob", "0")
		for range 3 {
			_, err := eng.Transfer(ctx, teg.TransferParams{From: alice, To: bob, Amount: teg.AVT("10")})
			require.NoError(t, err)
		}
		issued, err := eng.Issue(ctx, teg.IssueParams{By: tegtest.Admin, To: treasury, Amount: teg.AVT("50"), Reason: "reserve", Key: "reserve"})
		require.NoError(t, err)
		require.Equal(t, "50.003", issued.RecipientBalance.String())
		again, err := eng.Issue(ctx, teg.IssueParams{By: tegtest.Admin, To: treasury, Amount: teg.AVT("50"), Reason: "reserve", Key: "reserve"})
		require.NoError(t, err)
		require.True(t, again.Replayed)
		again.Replayed = false
		require.Equal(t, issued, again)
		_, err = eng.RegisterAgent(ctx, teg.RegisterParams{Agent: teg.Agent("did:example:carol"), Grant: teg.AVT("20")})
		require.NoError(t, err)
		burned, err := eng.Burn(ctx, teg.BurnParams{By: tegtest.Admin, Amount: teg.AVT("30"), Reason: "too much", Key: "burn"})
		require.NoError(t, err)
		require.Equal(t, "0.003", burned.RecipientBalance.String())
		_, err = eng.Transfer(ctx, teg.TransferParams{From: alice, To: bob, Amount: teg.AVT("1")})
		require.NoError(t, err)
		replayed, err := eng.Burn(ctx, teg.BurnParams{By: tegtest.Admin, Amount: teg.AVT("30"), Reason: "too much", Key: "burn"})
		require.NoError(t, err)
		replayed.Replayed = false
		require.Equal(t, burned, replayed, "the first answer, whatever happened since")

		report, err := eng.Treasury(ctx)
		require.NoError(t, err)
		require.Equal(t, teg.TreasuryReport{ID: treasury, Balance: teg.AVT("0.004"), TotalIn: teg.AVT("50.004"), TotalOut: teg.AVT("50")}, report)
		supply, err := eng.Supply(ctx)
		require.NoError(t, err)
		require.Equal(t, teg.Supply{
			Issued: teg.AVT("150"), Burned: teg.AVT("30"), Total: teg.AVT("120"), Circulating: teg.AVT("119.996"),
			Treasury: teg.AVT("0.004"), Fees: teg.AVT("0.004"), Agents: 3, Transactions: 8,
		}, supply)

		_, err = eng.Burn(ctx, teg.BurnParams{By: tegtest.Admin, Amount: teg.AVT("1"), Reason: "too much"})
		var short *teg.InsufficientBalanceError
		require.ErrorAs(t, err, &short)
		require.Equal(t, "0.004", short.Available.String())
		_, err = eng.RegisterAgent(ctx, teg.RegisterParams{Agent: teg.Agent("did:example:dave"), Grant: teg.AVT("1")})
		require.ErrorIs(t, err, teg.ErrInsufficientBalance)
		_, err = eng.Profile(ctx, teg.Agent("did:example:dave"))
		require.ErrorIs(t, err, teg.ErrNotFound, "no grant, no agent")
	})
}

// A fee goes where the terms send it, to the last unit.
func TestFeeSplit(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		terms := teg.DefaultTerms()
		terms.Fees = teg.Fees{
			Fixed: teg.AVT("0.000000000000000007"),
			Split: teg.FeeSplit{Rewards: teg.Fraction("0.5"), Burn: teg.Fraction("0.25")},
		}
		ctx, eng := context.Background(), tegtest.Over(t, open(t), tegtest.WithTerms(terms))
		alice, bob := tegtest.Fund(t, eng, "did:example:alice", "100"), tegtest.Fund(t, eng, "did:example:bob", "0")
		_, err := eng.Transfer(ctx, teg.TransferParams{From: alice, To: bob, Amount: teg.AVT("1")})
		require.NoError(t, err)
		supply, err := eng.Supply(ctx)
		require.NoError(t, err)
		require.Equal(t, "0.000000000000000003", supply.RewardsPool.String())
		require.Equal(t, "0.000000000000000001", supply.Burned.String())
		require.Equal(t, "0.000000000000000003", supply.Treasury.String())
		require.Equal(t, "0.000000000000000007", supply.Fees.String())
	})
}
