package staking

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

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

// A pool that is only looked at is not written: rolled once through several cycles
// it comes to the same as rolled in each of them, and so does a position that was
// settled on the way.
func TestAPoolRollsAtOnceAsInSteps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		some := func(label string) amount.Amount {
			return amount.FromUnits(rapid.Uint64Range(1, 1e18).Draw(t, label))
		}
		start := time.Unix(1_000_000, 0).UTC()
		total := Total{Cycle: 1, Start: start, At: start, Weighted: rapid.Bool().Draw(t, "weighted")}
		once := Pool{Tokens: some("tokens"), Shares: units(some("shares")), Cycle: 1, At: start}
		once.Commission = once.join()
		once.Commission.add(&once, units(some("commission")))
		steps, cycles := once, map[int64]Cycle{}
		ahead := steps.join()
		ahead.add(&steps, units(some("weight")))
		behind := ahead
		total.Tokens = once.Tokens
		for range rapid.IntRange(1, 6).Draw(t, "acts") {
			now := total.At.Add(time.Duration(rapid.Int64Range(0, 1e6).Draw(t, "passed")) * time.Microsecond)
			total.advance(now)
			if rapid.Bool().Draw(t, "closes") {
				c, err := total.Close(now, Cycle{Pool: some("pool")}, rapid.Bool().Draw(t, "weighted next"))
				require.NoError(t, err)
				cycles[c.Number] = c
			}
			steps.roll(&total, cycles)
			steps.Commission.settle(&steps, cycles)
			ahead.settle(&steps, cycles)
		}
		once.roll(&total, cycles)
		once.Commission.settle(&once, cycles)
		onto := ahead
		onto.settle(&once, cycles)
		behind.settle(&once, cycles)
		require.Equal(t, shown(once.Index, once.Open, once.Commission.Earned), shown(steps.Index, steps.Open, steps.Commission.Earned))
		for _, x := range []Position{onto, behind} {
			require.Equal(t, shown(ahead.Earned, ahead.Index, ahead.Debt), shown(x.Earned, x.Index, x.Debt))
		}
		require.Equal(t, [2]int64{steps.Cycle, ahead.Cycle}, [2]int64{once.Cycle, behind.Cycle})
	})
}

func shown(numbers ...Number) (text []string) {
	for _, n := range numbers {
		text = append(text, n.String())
	}
	return text
}

// What pays an agent leaves its pools unwritten.
func TestAClaimWritesNoPool(t *testing.T) {
	e := newTestEconomy(t, Terms{})
	id, err := e.stake(0, avt("7"), false)
	require.NoError(t, err)
	require.NoError(t, e.cycle(amount.Percent(10)))
	b := e.book()
	r, err := b.Claim(id)
	require.NoError(t, err)
	require.Equal(t, "0.7", r.Stakes.String())
	c := b.Changed()
	require.Empty(t, c.Pools)
	require.Len(t, c.Stakes, 1)
	require.NotNil(t, c.Total)
}
