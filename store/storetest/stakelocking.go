package storetest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/staking"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/postgres"
)

// testTotalIsCurrent has a writer wait for the total: it sees what the one that
// had it did to a stake.
func testTotalIsCurrent(t *testing.T, b *bench) {
	h := b.holding(t)
	need := store.Need{Staking: staking.Need{Stakes: []staking.StakeID{h.stake.ID}}}
	held, _ := b.begin(t, need)
	other, err := b.store.Writer(background())
	require.NoError(t, err)
	defer other.Close()
	type seen struct {
		rows *store.Rows
		err  error
	}
	waiting := make(chan seen, 1)
	waits := waiterOf(t, b.store)
	go func() {
		tx, rows, err := other.Begin(background(), need, store.LockPatiently)
		if err == nil {
			err = tx.Rollback(background())
		}
		waiting <- seen{rows, err}
	}()
	waits()
	h.stake.Paid, h.active.Ended, h.theirs.Tokens = avt("77"), b.now, avt("78")
	more := b.delegation(newFiller(), h.stake, h.theirs)
	require.NoError(t, held.Commit(background(), &store.Changes{Staking: staking.Changes{
		Total: b.total(filler{}, 51), Pools: []staking.Pool{h.theirs}, Stakes: []staking.Stake{h.stake},
		Delegations: []staking.Delegation{h.active}, NewDelegations: []staking.Delegation{more},
	}}))
	got := <-waiting
	require.NoError(t, got.err)
	require.EqualValues(t, 51, got.rows.Staking.Total.Cycle)
	require.Equal(t, []staking.Stake{h.stake}, got.rows.Staking.Stakes)
	require.Equal(t, []staking.Delegation{more}, got.rows.Staking.Delegations)
	require.Equal(t, []staking.Pool{h.own, h.theirs, h.back}, got.rows.Staking.Pools)
}

// testTotalLocks has one transaction hold the total that others want.
func testTotalLocks(t *testing.T, b *bench) {
	h := b.holding(t)
	need := store.Need{
		Accounts: agentsOf(b.alice), Fresh: 1,
		Staking: staking.Need{Stakes: []staking.StakeID{h.stake.ID}, LiveOf: agentsOf(b.alice), PoolsOf: agentsOf(b.bob)},
	}
	held, _ := b.begin(t, store.Need{Staking: staking.Need{Total: true}})
	other, err := b.store.Writer(background())
	require.NoError(t, err)
	defer other.Close()
	if _, rowLocks := b.store.(*postgres.Store); rowLocks {
		_, _, err = other.Begin(background(), need, store.LockBriefly)
		require.ErrorIs(t, err, store.ErrLocked)
		tx, rows, err := other.Begin(background(), need, store.LockSkipping)
		require.NoError(t, err)
		require.Equal(t, staking.Rows{}, rows.Staking, "it is left out, with all that it guards")
		require.Len(t, rows.Accounts, 1, "the rest comes")
		require.Len(t, rows.Fresh, 1)
		require.NoError(t, tx.Rollback(background()))
		tx, _, err = other.Begin(background(), store.Need{Accounts: agentsOf(b.alice)}, store.LockBriefly)
		require.NoError(t, err, "who needs no stakes does not wait")
		require.NoError(t, tx.Rollback(background()))
	}
	read, err := b.reader.StakingRows(background(), need.Staking)
	require.NoError(t, err, "readers do not wait")
	require.Len(t, read.Stakes, 2)
	require.NoError(t, held.Rollback(background()))
	tx, rows, err := other.Begin(background(), need, store.LockSkipping)
	require.NoError(t, err)
	require.Equal(t, read, rows.Staking, "what nobody holds is not skipped")
	require.NoError(t, tx.Rollback(background()))
}

// testHostStakes does in a host's transaction what a group does.
func testHostStakes(t *testing.T, b *bench) {
	h := b.holding(t)
	f := newFiller()
	outer, host := hostOf(t, b.store)
	need := store.Need{Staking: staking.Need{LiveOf: agentsOf(b.alice), PoolsOf: agentsOf(b.bob)}, Fresh: 2}
	tx, rows, err := host.Begin(background(), need, store.LockBriefly)
	require.NoError(t, err)
	require.Len(t, rows.Fresh, 2)
	require.Equal(t, []staking.Stake{h.stake, h.beside}, rows.Staking.Stakes)
	stake, cycle, slash := b.stake(f, b.alice, h.own), b.cycle(f, 1), b.slash(f, b.bob, "block 7")
	delegation, unbonding := b.delegation(f, stake, h.theirs), b.unbonding(f, b.alice, stake)
	h.own.Tokens, h.beside.AutoCompound, h.active.Ended, h.leaving.ReleasedAt = avt("5"), true, b.now, b.now
	total := b.total(f, 50)
	require.NoError(t, tx.Commit(background(), &store.Changes{Slashes: []staking.Slash{slash}, Staking: staking.Changes{
		Total: total, Pools: []staking.Pool{h.own}, Stakes: []staking.Stake{h.beside}, NewStakes: []staking.Stake{stake},
		Delegations: []staking.Delegation{h.active}, NewDelegations: []staking.Delegation{delegation},
		Unbondings: []staking.Unbonding{h.leaving}, NewUnbondings: []staking.Unbonding{unbonding}, Cycles: []staking.Cycle{cycle},
	}}))
	inside, err := host.Reader().StakingRows(background(), need.Staking)
	require.NoError(t, err, "the reader sees what the transaction wrote")
	tx, rows, err = host.Begin(background(), need, store.LockBriefly)
	require.NoError(t, err)
	require.NoError(t, tx.Rollback(background()))
	require.Equal(t, inside, rows.Staking)
	require.Equal(t, *total, inside.Total)
	require.Equal(t, []staking.Stake{h.stake, h.beside, stake}, inside.Stakes)
	require.Equal(t, []staking.Delegation{delegation}, inside.Delegations)
	require.Equal(t, []staking.Unbonding{h.returning, unbonding}, inside.Unbondings)
	require.Equal(t, []staking.Cycle{cycle}, inside.Cycles)
	require.NoError(t, outer.Commit())
	require.Equal(t, inside, b.rowsOf(t, need.Staking))
	slashes, err := b.reader.Slashes(background(), staking.SlashQuery{Agent: b.bob.ID, Limit: 10})
	require.NoError(t, err)
	require.Equal(t, []staking.Slash{slash}, slashes)
}
