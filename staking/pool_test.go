package staking

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger/amount"
)

// A pool of which next to nothing is left is closed, its last units taken too,
// and its agent begins again with a pool of its own worth.
func TestPoolIsClosedWhereSharesAreWorthNothing(t *testing.T) {
	e := newTestEconomy(t, Terms{Slashing: true, SlashDelegated: true})
	first, err := e.stake(0, avt("7"), false)
	require.NoError(t, err)
	require.NoError(t, e.cycle(amount.Percent(10)))

	cut, err := e.slash(0, amount.Fraction("0.999999"), amount.Rate{})
	require.NoError(t, err)
	require.Equal(t, "6.999993", cut.Self.String())
	require.False(t, e.pool(e.stakes[first].Pool).Closed, "a millionth is left")

	cut, err = e.slash(0, amount.Fraction("0.999999"), amount.Rate{})
	require.NoError(t, err)
	require.Equal(t, "0.000007", cut.Self.String(), "what would be left is below a billionth of a unit a share")
	require.True(t, e.pool(e.stakes[first].Pool).Closed)

	second, err := e.stake(0, avt("7"), false)
	require.NoError(t, err)
	require.NotEqual(t, e.stakes[first].Pool, e.stakes[second].Pool)
	e.checkTokens(t)
	e.checkShares(t)

	had := e.accounts[e.agent(0)].Balance
	gone, err := e.unstake(0, first, amount.Amount{})
	require.NoError(t, err)
	require.True(t, gone.Amount.IsZero() && gone.Ended)
	earned, err := e.accounts[e.agent(0)].Balance.Sub(had)
	require.NoError(t, err)
	require.Equal(t, "0.7", earned.String(), "what the closed pool had earned is paid")
}

// Shares cost what rounds up and buy what rounds down: nobody takes a unit of
// others' by moving back and forth.
func TestRoundingFavoursThoseWhoStay(t *testing.T) {
	p := Pool{Tokens: amount.FromUnits(10), Shares: whole(3)}
	got, err := p.deposit(amount.FromUnits(5))
	require.NoError(t, err)
	require.Equal(t, "1", got.String(), "5 units would be 1.5 shares")

	p = Pool{Tokens: amount.FromUnits(10), Shares: whole(31)}
	out, cost := p.withdraw(amount.FromUnits(1), whole(10))
	require.Equal(t, [2]string{"0.000000000000000001", "4"}, [2]string{out.String(), cost.String()}, "a unit is 3.1 shares")
	out, cost = p.withdraw(p.Worth(whole(5)), whole(5))
	require.Equal(t, [2]string{"0.000000000000000001", "5"}, [2]string{out.String(), cost.String()}, "all of the shares, worth 1.67 units")
	out, cost = p.withdraw(p.Worth(whole(22)), whole(22))
	require.Equal(t, [2]string{"0.000000000000000008", "22"}, [2]string{out.String(), cost.String()}, "the last one takes what is left")
	require.True(t, p.Tokens.IsZero() && p.Shares.IsZero())
}

func TestDepositTooSmallForAShare(t *testing.T) {
	p := Pool{Tokens: amount.FromUnits(10), Shares: whole(3)}
	_, err := p.deposit(amount.FromUnits(3))
	require.ErrorContains(t, err, "too little for one share")
	require.Equal(t, "3", p.Shares.String())
}

// Which pool of an agent is open is not told by ids, which servers with different
// clocks make.
func TestTheOpenPoolMayHaveTheOlderID(t *testing.T) {
	b := NewBook(Terms{}, Rows{Total: Total{Cycle: 1}, Pools: []Pool{
		{ID: PoolID{1}, Agent: 7, Kind: SelfPool, Cycle: 1}, {ID: PoolID{2}, Agent: 7, Kind: SelfPool, Cycle: 1, Closed: true},
	}})
	require.Equal(t, PoolID{1}, b.Pool(7, SelfPool).ID)
}
