package storetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/staking"
)

func owned(of ledger.Account) []did.DID { return []did.DID{of.Owner} }

func agentsOf(of ...ledger.Account) []ledger.AccountID {
	var ids []ledger.AccountID
	for _, row := range of {
		ids = append(ids, row.ID)
	}
	return ids
}

// holding is an agent's stake of which a part is delegated, one came out of a
// delegation, and others are on their way; and a stake beside it.
type holding struct {
	own, theirs, out, back, idle           staking.Pool
	stake, beside, gone                    staking.Stake
	active, ended                          staking.Delegation
	returning, returned, leaving, released staking.Unbonding
}

// holding makes one of Alice's, delegated to Bob.
func (b *bench) holding(t *testing.T) *holding {
	f := newFiller()
	h := &holding{
		own: b.pool(f, b.alice, staking.SelfPool), theirs: b.pool(f, b.bob, staking.DelegatedPool),
		out: b.pool(f, b.alice, staking.UnbondingPool), back: b.pool(f, b.bob, staking.UnbondingDelegatedPool),
		idle: b.pool(filler{}, b.alice, staking.DelegatedPool),
	}
	h.idle.Closed = true // and nothing is to be had from it
	h.stake, h.beside, h.gone = b.stake(f, b.alice, h.own), b.stake(f, b.alice, h.own), b.stake(filler{}, b.alice, h.own)
	h.gone.UnstakedAt = b.now
	h.active, h.ended = b.delegation(f, h.stake, h.theirs), b.delegation(f, h.stake, h.theirs)
	h.ended.Ended = b.now
	for _, u := range []struct {
		to       *staking.Unbonding
		pool     staking.Pool
		returns  bool
		released time.Time
	}{{&h.returning, h.back, true, time.Time{}}, {&h.returned, h.back, true, b.now}, {&h.leaving, h.out, false, time.Time{}}, {&h.released, h.out, false, b.now}} {
		*u.to = b.unbonding(f, b.alice, h.stake)
		u.to.Pool, u.to.Returns, u.to.ReleasedAt = u.pool.ID, u.returns, u.released
	}
	b.keep(t, staking.Changes{
		NewPools: []staking.Pool{h.own, h.theirs, h.out, h.back, h.idle}, NewStakes: []staking.Stake{h.stake, h.beside, h.gone},
		NewDelegations: []staking.Delegation{h.active, h.ended},
		NewUnbondings:  []staking.Unbonding{h.returning, h.returned, h.leaving, h.released},
	})
	return h
}

func testStakeParts(t *testing.T, b *bench) {
	h := b.holding(t)
	whole := staking.Rows{
		Total: *b.total(filler{}, 50), Pools: []staking.Pool{h.own, h.theirs, h.back}, Stakes: []staking.Stake{h.stake},
		Delegations: []staking.Delegation{h.active}, Unbondings: []staking.Unbonding{h.returning},
	}
	stakes, delegations := []staking.StakeID{h.stake.ID}, []staking.DelegationID{h.active.ID}
	unbondings := []staking.UnbondingID{h.returning.ID}
	for name, need := range map[string]staking.Need{
		"a stake": {Stakes: stakes}, "a delegation": {Delegations: delegations}, "an unbonding": {Unbondings: unbondings},
		"each of them": {Stakes: stakes, Delegations: delegations, Unbondings: unbondings, Total: true},
	} {
		require.Equal(t, whole, b.rowsOf(t, need), name)
	}
	beside := staking.Rows{Total: whole.Total, Pools: []staking.Pool{h.own}, Stakes: []staking.Stake{h.beside}}
	require.Equal(t, beside, b.rowsOf(t, staking.Need{Stakes: []staking.StakeID{h.beside.ID}}))
	require.Equal(t, staking.Rows{Total: whole.Total}, b.rowsOf(t, staking.Need{
		Stakes: []staking.StakeID{{9}}, Delegations: []staking.DelegationID{{9}}, Unbondings: []staking.UnbondingID{{9}},
		LiveOf: []ledger.AccountID{1 << 40}, PoolsOf: []ledger.AccountID{1 << 40},
	}), "what does not exist does not come")
}

func testLiveOf(t *testing.T, b *bench) {
	h := b.holding(t)
	rows := b.rowsOf(t, staking.Need{LiveOf: agentsOf(b.alice)})
	require.Equal(t, []staking.Stake{h.stake, h.beside}, rows.Stakes)
	require.Equal(t, []staking.Delegation{h.active}, rows.Delegations)
	require.Equal(t, []staking.Unbonding{h.returning, h.leaving}, rows.Unbondings)
	require.Equal(t, []staking.Pool{h.own, h.theirs, h.out, h.back}, rows.Pools)
	waiting := b.rowsOf(t, staking.Need{WaitingOf: agentsOf(b.alice)})
	require.Equal(t, rows.Unbondings, waiting.Unbondings)
	require.Contains(t, waiting.Stakes, h.stake, "to which something returns")
	require.Empty(t, b.rowsOf(t, staking.Need{WaitingOf: agentsOf(b.bob)}).Unbondings)
	require.Empty(t, b.rowsOf(t, staking.Need{LiveOf: agentsOf(b.bob)}).Unbondings, "a validator does not own what was delegated to it")
	require.Equal(t, rows, b.rowsOf(t, staking.Need{LiveOf: agentsOf(b.alice, b.bob), Stakes: []staking.StakeID{h.stake.ID}}), "each row once")

	h.beside.UnstakedAt = b.now
	h.stake.UnstakedAt, h.stake.Shares = b.now, staking.Number{}
	h.stake.Own, h.stake.Left = staking.Position{Cycle: 1}, staking.Position{Cycle: 1}
	b.keep(t, staking.Changes{Stakes: []staking.Stake{h.stake, h.beside}})
	rows = b.rowsOf(t, staking.Need{LiveOf: agentsOf(b.alice)})
	require.Equal(t, []staking.Stake{h.beside}, rows.Stakes, "one that may still earn is live, one that cannot is not")
	require.Empty(t, rows.Delegations)
}

func testPoolsOf(t *testing.T, b *bench) {
	h := b.holding(t)
	rows := b.rowsOf(t, staking.Need{PoolsOf: agentsOf(b.alice)})
	require.Equal(t, []staking.Pool{h.own, h.out}, rows.Pools, "not one of which there is nothing to be had")
	require.Empty(t, rows.Stakes)
	require.Equal(t, []staking.Pool{h.own, h.theirs, h.out, h.back}, b.rowsOf(t, staking.Need{
		PoolsOf: agentsOf(b.alice, b.bob), Stakes: []staking.StakeID{h.stake.ID},
	}).Pools, "each row once")
	h.theirs.Closed = true
	h.back.Closed, h.back.Commission = true, staking.Position{Cycle: 1}
	b.keep(t, staking.Changes{Pools: []staking.Pool{h.theirs, h.back}})
	require.Equal(t, []staking.Pool{h.theirs}, b.rowsOf(t, staking.Need{PoolsOf: agentsOf(b.bob)}).Pools, "a closed one that has earned is live")
}

func testEnded(t *testing.T, b *bench) {
	h := b.holding(t)
	rows := b.rowsOf(t, staking.Need{Delegations: []staking.DelegationID{h.ended.ID}, Unbondings: []staking.UnbondingID{h.returned.ID, h.released.ID}})
	require.Equal(t, []staking.Delegation{h.active, h.ended}, rows.Delegations)
	require.Equal(t, []staking.Unbonding{h.returning, h.returned, h.released}, rows.Unbondings)
	require.Equal(t, []staking.Stake{h.stake}, rows.Stakes)
	require.Equal(t, []staking.Pool{h.own, h.theirs, h.out, h.back}, rows.Pools)
	rows = b.rowsOf(t, staking.Need{Stakes: []staking.StakeID{h.gone.ID}})
	require.Equal(t, []staking.Stake{h.gone}, rows.Stakes)
	require.Equal(t, []staking.Pool{h.own}, rows.Pools)
}

func testCyclesNamed(t *testing.T, b *bench) {
	f := newFiller()
	c := staking.Changes{Total: b.total(f, 9)}
	for number := range int64(9) {
		c.Cycles = append(c.Cycles, b.cycle(f, number+1))
	}
	pool := b.pool(f, b.alice, staking.SelfPool)
	pool.Cycle, pool.Commission.Cycle = 2, 3
	stake := b.stake(f, b.alice, pool)
	stake.Own.Cycle, stake.Left.Cycle = 4, 5
	delegation := b.delegation(f, stake, pool)
	delegation.Cycle = 6
	ahead := b.stake(f, b.bob, pool)
	ahead.Own.Cycle, ahead.Left.Cycle = 9, 8
	c.NewPools, c.NewStakes, c.NewDelegations = []staking.Pool{pool}, []staking.Stake{stake, ahead}, []staking.Delegation{delegation}
	b.keep(t, c)
	for _, want := range []struct {
		need   staking.Need
		cycles []staking.Cycle
	}{
		{staking.Need{Stakes: []staking.StakeID{stake.ID}}, c.Cycles[1:6]},
		{staking.Need{PoolsOf: agentsOf(b.alice)}, c.Cycles[1:3]},
		{staking.Need{Stakes: []staking.StakeID{ahead.ID}}, []staking.Cycle{c.Cycles[1], c.Cycles[2], c.Cycles[7]}},
		{staking.Need{Total: true}, nil},
	} {
		require.ElementsMatch(t, want.cycles, b.rowsOf(t, want.need).Cycles, "%+v", want.need)
	}
}
