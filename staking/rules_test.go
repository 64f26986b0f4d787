package staking

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
)

// What is refused changes nothing, and says why.
func TestRefusals(t *testing.T) {
	terms := Terms{MinStake: avt("1")}
	var own, other, gone StakeID
	var lent, ended DelegationID
	for _, tt := range []struct {
		name string
		do   func(e *economy) error
		want error
	}{
		{"below the minimum", func(e *economy) error { return second(e.stake(0, avt("0.999"), false)) }, ledger.ErrBelowMinimum},
		{"more than there is", func(e *economy) error { return second(e.stake(0, avt("1000001"), false)) }, ledger.ErrInsufficientBalance},
		{"too many positions", func(e *economy) error { e.count(e.agent(0), MaxPositions); return second(e.stake(0, avt("1"), false)) }, ledger.ErrInvalidState},
		{"another's stake", func(e *economy) error { return second(e.unstake(0, other, avt("1"))) }, ledger.ErrNotFound},
		{"no stake", func(e *economy) error { return second(e.unstake(0, StakeID{1}, avt("1"))) }, ledger.ErrNotFound},
		{"a stake that ended", func(e *economy) error { return second(e.unstake(0, gone, avt("1"))) }, ErrStakeInactive},
		{"more than the stake", func(e *economy) error { return second(e.unstake(0, own, avt("100.1"))) }, ledger.ErrInsufficientBalance},
		{"the delegated part", func(e *economy) error { return second(e.unstake(0, own, avt("60.1"))) }, ErrStakeDelegated},
		{"all, a part delegated", func(e *economy) error { return second(e.unstake(0, own, amount.Amount{})) }, ErrStakeDelegated},
		{"delegate to oneself", func(e *economy) error { return second(e.delegate(0, 0, own, avt("1"), amount.Rate{})) }, ledger.ErrInvalidInput},
		{"delegate another's", func(e *economy) error { return second(e.delegate(0, 1, other, avt("1"), amount.Rate{})) }, ledger.ErrNotFound},
		{"delegate what ended", func(e *economy) error { return second(e.delegate(0, 1, gone, avt("1"), amount.Rate{})) }, ErrStakeInactive},
		{"delegate too much", func(e *economy) error { return second(e.delegate(0, 1, own, avt("60.1"), amount.Rate{})) }, ledger.ErrInsufficientBalance},
		{"a suspended validator", func(e *economy) error {
			row := e.accounts[e.agent(1)]
			row.Status = ledger.Suspended
			e.accounts[row.ID] = row
			return second(e.delegate(0, 1, own, avt("1"), amount.Rate{}))
		}, ledger.ErrInvalidState},
		{"end another's delegation", func(e *economy) error { return e.undelegate(1, lent) }, ledger.ErrNotFound},
		{"end a delegation twice", func(e *economy) error { return e.undelegate(0, ended) }, ledger.ErrInvalidState},
		{"slash while that is off", func(e *economy) error { return second(e.slash(0, amount.Percent(1), amount.Rate{})) }, ledger.ErrInvalidState},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := newTestEconomy(t, terms)
			own, other, gone = must(e.stake(0, avt("100"), false)), must(e.stake(1, avt("100"), false)), must(e.stake(0, avt("5"), false))
			_ = must(e.unstake(0, gone, amount.Amount{}))
			lent, ended = must(e.delegate(0, 2, own, avt("40"), amount.Percent(10))), must(e.delegate(0, 2, own, avt("10"), amount.Percent(10)))
			require.NoError(t, e.undelegate(0, ended))
			before := *e
			err := tt.do(e)
			require.ErrorIs(t, err, tt.want)
			require.Equal(t, before.total, e.total)
			require.Equal(t, "60", e.pool(e.stakes[own].Pool).Worth(e.stakes[own].Shares).String())
		})
	}
}

func second[T any](_ T, err error) error { return err }

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// A validator cannot step out of a slash by delegating its own stake.
func TestValidatorsOwnStakeStays(t *testing.T) {
	e := newTestEconomy(t, Terms{Slashing: true, UnstakingPeriod: time.Hour})
	own, other := must(e.stake(0, avt("100"), false)), must(e.stake(1, avt("100"), false))
	lent := must(e.delegate(1, 0, other, avt("1"), amount.Rate{}))
	require.ErrorIs(t, second(e.delegate(0, 2, own, avt("1"), amount.Rate{})), ledger.ErrInvalidState)
	require.NoError(t, e.undelegate(1, lent))
	require.NoError(t, second(e.delegate(0, 2, own, avt("1"), amount.Rate{})))
}

// How much is short is told.
func TestInsufficientStakeSaysHowMuchThereIs(t *testing.T) {
	e := newTestEconomy(t, Terms{})
	id := must(e.stake(0, avt("100"), false))
	var short *ledger.InsufficientBalanceError
	require.ErrorAs(t, second(e.unstake(0, id, avt("101"))), &short)
	require.Equal(t, [2]string{"100", "101"}, [2]string{short.Available.String(), short.Needed.String()})
}

// What is on its way out earns nothing, is in reach of a slash, and comes when
// its time has come; what was delegated stays in the validator's reach.
func TestUnbonding(t *testing.T) {
	e := newTestEconomy(t, Terms{Slashing: true, SlashDelegated: true, UnstakingPeriod: 24 * time.Hour})
	id := must(e.stake(0, avt("100"), false))
	lent := must(e.delegate(0, 1, id, avt("40"), amount.Rate{}))
	u := must(e.unstake(0, id, avt("20")))
	require.Equal(t, genesis.Add(24*time.Hour), u.Available)
	require.NoError(t, e.undelegate(0, lent))
	require.Equal(t, "40", e.total.Tokens.String(), "what earns")
	require.ErrorIs(t, second(e.unstake(0, id, amount.Amount{})), ErrStakeDelegated, "a part is on its way back")

	cut := must(e.slash(1, amount.Percent(50), amount.Percent(25)))
	require.Equal(t, [2]string{"0", "10"}, [2]string{cut.Self.String(), cut.Delegated.String()})
	cut = must(e.slash(0, amount.Percent(10), amount.Rate{}))
	require.Equal(t, "6", cut.Self.String(), "of 40 that earn and 20 on their way out")

	e.now = genesis.Add(24*time.Hour - time.Microsecond)
	e.release(t)
	require.Equal(t, "999900", e.accounts[e.agent(0)].Balance.String())
	e.now = genesis.Add(24 * time.Hour)
	e.release(t)
	require.Equal(t, "999918", e.accounts[e.agent(0)].Balance.String(), "20 less a tenth")
	require.Equal(t, "66", e.total.Tokens.String(), "36 and, back from the validator, 30")
	e.check(t)
}

// A stake pinned by a dispute or a vote can neither be taken out nor delegated.
func TestPin(t *testing.T) {
	e := newTestEconomy(t, Terms{})
	id := must(e.stake(0, avt("100"), false))
	var pool PoolID
	var pinned amount.Amount
	require.NoError(t, e.act(func(b *Book) (_ []ledger.Posting, err error) {
		pool, pinned, err = b.Pin(e.agent(0), avt("70"))
		return nil, err
	}))
	require.Equal(t, "70", pinned.String())
	require.ErrorIs(t, second(e.unstake(0, id, avt("31"))), ledger.ErrInvalidState)
	require.ErrorIs(t, second(e.delegate(0, 1, id, avt("31"), amount.Rate{})), ledger.ErrInvalidState)
	require.NoError(t, second(e.unstake(0, id, avt("30"))))

	require.NoError(t, e.act(func(b *Book) ([]ledger.Posting, error) {
		_, more, err := b.Pin(e.agent(0), avt("1"))
		require.True(t, more.IsZero(), "all there is was pinned")
		b.Unpin(pool, pinned)
		return nil, err
	}))
	require.NoError(t, second(e.unstake(0, id, amount.Amount{})))
}

// An agent can have so many parts on their way out or back, and another one when
// the first has come.
func TestTooManyUnbondings(t *testing.T) {
	e := newTestEconomy(t, Terms{UnstakingPeriod: time.Hour})
	id := must(e.stake(0, avt("100"), false))
	lent := must(e.delegate(0, 1, id, avt("10"), amount.Rate{}))
	for range MaxUnbondings {
		must(e.unstake(0, id, avt("0.01")))
		e.now = e.now.Add(time.Second)
	}
	require.ErrorIs(t, second(e.unstake(0, id, avt("0.01"))), ledger.ErrInvalidState)
	require.ErrorIs(t, e.undelegate(0, lent), ledger.ErrInvalidState)
	must(e.unstake(1, must(e.stake(1, avt("1"), false)), avt("1")))
	e.now = e.now.Add(time.Hour - MaxUnbondings*time.Second)
	e.release(t)
	require.NoError(t, e.undelegate(0, lent))
	require.ErrorIs(t, second(e.unstake(0, id, avt("0.01"))), ledger.ErrInvalidState)
}

// What a stake earns is staked with it.
func TestCompound(t *testing.T) {
	e := newTestEconomy(t, Terms{})
	id := must(e.stake(0, avt("100"), true))
	require.NoError(t, e.cycle(amount.Percent(10)))
	require.NoError(t, e.claim(0, id))
	require.Equal(t, "110", e.total.Tokens.String())
	require.Equal(t, "10", e.stakes[id].Paid.String())
	require.Equal(t, "999900", e.accounts[e.agent(0)].Balance.String())
}

// A book that lacks a closed cycle says so.
func TestMissingCycles(t *testing.T) {
	e := newTestEconomy(t, Terms{})
	must(e.stake(0, avt("1"), false))
	require.NoError(t, e.cycle(amount.Percent(5)))
	e.cycles = map[int64]Cycle{}
	require.Equal(t, []int64{1}, e.book().Missing())
}

// Time does not go back behind what another server has written.
func TestClockBehind(t *testing.T) {
	e := newTestEconomy(t, Terms{TimeWeighted: true})
	e.now = genesis.Add(time.Hour)
	must(e.stake(0, avt("100"), false))
	e.now = genesis
	must(e.stake(0, avt("100"), false))
	require.Equal(t, genesis.Add(time.Hour), e.total.At)
	require.NoError(t, e.cycle(amount.Percent(5)))
	require.True(t, e.total.Distributed.IsZero(), "no time has passed for anyone")
}

func TestTermsCheck(t *testing.T) {
	require.NoError(t, Terms{}.Check())
	require.NoError(t, Terms{Slashing: true, UnstakingPeriod: time.Hour}.Check())
	var refusal *ledger.Refusal
	for _, bad := range []Terms{{Slashing: true}, {UnstakingPeriod: -1}, {UnstakingPeriod: MaxUnstakingPeriod + 1}} {
		require.True(t, errors.As(bad.Check(), &refusal))
		require.Equal(t, "UNSTAKING_PERIOD", refusal.Field)
	}
}
