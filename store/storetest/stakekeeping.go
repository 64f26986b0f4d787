package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/staking"
	"github.com/agentvault/teg-layer/store"
)

// epoch is when the total of a new database was last touched.
var epoch = time.Unix(0, 0).UTC()

func testFirstTotal(t *testing.T, b *bench) {
	require.Equal(t, staking.Rows{Total: staking.Total{Cycle: 1, Start: epoch, At: epoch}}, b.rowsOf(t, staking.Need{Total: true}))
	require.Equal(t, staking.Rows{}, b.rowsOf(t, staking.Need{}), "where nothing is needed nothing comes")
}

// testStakingRoundTrip writes one row of each kind, and then changes all that can
// change.
func testStakingRoundTrip(t *testing.T, b *bench) {
	f := newFiller()
	pool := b.pool(f, b.alice, staking.DelegatedPool)
	stake := b.stake(f, b.alice, pool)
	delegation := b.delegation(f, stake, pool)
	unbonding := b.unbonding(f, b.bob, stake)
	unbonding.Pool, unbonding.Returns = pool.ID, true
	cycle, slash := b.cycle(f, 1), b.slash(f, b.alice, "block 7")
	total := b.total(f, 50)
	b.keep(t, staking.Changes{
		Total: total, NewPools: []staking.Pool{pool}, NewStakes: []staking.Stake{stake}, NewDelegations: []staking.Delegation{delegation},
		NewUnbondings: []staking.Unbonding{unbonding}, Cycles: []staking.Cycle{cycle},
	}, slash)
	need := staking.Need{Stakes: []staking.StakeID{stake.ID}}
	require.Equal(t, staking.Rows{
		Total: *total, Pools: []staking.Pool{pool}, Stakes: []staking.Stake{stake}, Delegations: []staking.Delegation{delegation},
		Unbondings: []staking.Unbonding{unbonding}, Cycles: []staking.Cycle{cycle},
	}, b.rowsOf(t, need))
	cycles, err := b.reader.RewardCycles(background(), staking.CycleQuery{Below: 0, Limit: 10})
	require.NoError(t, err)
	require.Equal(t, []staking.Cycle{cycle}, cycles)
	slashes, err := b.reader.Slashes(background(), staking.SlashQuery{Agent: b.alice.ID, Limit: 10})
	require.NoError(t, err)
	require.Equal(t, []staking.Slash{slash}, slashes)

	other := b.pool(f, b.alice, staking.SelfPool)
	changed := b.pool(f, b.alice, staking.DelegatedPool)
	changed.ID, changed.Account, changed.Closed, changed.Cycle, changed.Commission.Cycle = pool.ID, pool.Account, true, 50, 50
	moved := b.stake(f, b.alice, other)
	moved.ID, moved.StakedAt, moved.Own.Cycle, moved.Left.Cycle = stake.ID, stake.StakedAt, 50, 50
	moved.AutoCompound, moved.UnstakedAt, moved.ClaimedAt = true, b.moment(f), b.moment(f)
	ended := b.delegation(f, stake, pool)
	ended.ID, ended.Share, ended.Started, ended.Ended, ended.Cycle = delegation.ID, delegation.Share, delegation.Started, b.moment(f), 50
	released := unbonding
	released.ReleasedAt = b.moment(f)
	other.Cycle, other.Commission.Cycle, other.Commission.Earned = 50, 50, staking.Number{}
	total = b.total(f, 50)
	b.keep(t, staking.Changes{
		Total: total, Pools: []staking.Pool{changed}, NewPools: []staking.Pool{other}, Stakes: []staking.Stake{moved},
		Delegations: []staking.Delegation{ended}, Unbondings: []staking.Unbonding{released},
	})
	need.Delegations, need.Unbondings = []staking.DelegationID{ended.ID}, []staking.UnbondingID{released.ID}
	require.Equal(t, staking.Rows{
		Total: *total, Pools: []staking.Pool{changed, other}, Stakes: []staking.Stake{moved}, Delegations: []staking.Delegation{ended},
		Unbondings: []staking.Unbonding{released},
	}, b.rowsOf(t, need))
}

// testStakingMissing changes what is not there. Nothing else of the group is
// written then.
func testStakingMissing(t *testing.T, b *bench) {
	f := newFiller()
	there := b.pool(f, b.alice, staking.SelfPool)
	b.keep(t, staking.Changes{NewPools: []staking.Pool{there}})
	pool := b.pool(f, b.alice, staking.DelegatedPool)
	stake := b.stake(f, b.alice, there)
	for name, change := range map[string]staking.Changes{
		"pool":       {Pools: []staking.Pool{there, pool}},
		"stake":      {Stakes: []staking.Stake{stake}},
		"delegation": {Delegations: []staking.Delegation{b.delegation(f, stake, there)}},
		"unbonding":  {Unbondings: []staking.Unbonding{b.unbonding(f, b.alice, stake)}},
	} {
		change.Total = b.total(f, 60)
		require.Error(t, b.tryKeep(t, change), name)
		require.EqualValues(t, 50, b.rowsOf(t, staking.Need{Total: true}).Total.Cycle, name)
	}
	_, err := handleOf(t, b.store).ExecContext(background(), `DELETE FROM staking_total`)
	require.NoError(t, err)
	_, _, err = b.writer.Begin(background(), store.Need{Staking: staking.Need{Total: true}}, store.LockBriefly)
	require.ErrorContains(t, err, "staking_total", "a database without a total is damaged")
	_, err = b.reader.StakingRows(background(), staking.Need{Total: true})
	require.ErrorContains(t, err, "staking_total")
	tx, _ := b.begin(t, store.Need{})
	require.Error(t, tx.Commit(background(), &store.Changes{Staking: staking.Changes{Total: b.total(f, 60)}}))
}

// testStakingMany writes and loads more than fits into one statement.
func testStakingMany(t *testing.T, b *bench) {
	const many = 1200
	f := newFiller()
	pool := b.pool(f, b.alice, staking.SelfPool)
	c := staking.Changes{NewPools: []staking.Pool{pool}}
	var need staking.Need
	for i := range many {
		stake := b.stake(f, b.alice, pool)
		delegation, unbonding := b.delegation(f, stake, pool), b.unbonding(f, b.alice, stake)
		unbonding.Returns, unbonding.Pool = true, pool.ID
		stake.Own.Cycle = int64(i + 1)
		c.NewStakes = append(c.NewStakes, stake)
		c.NewDelegations = append(c.NewDelegations, delegation)
		c.NewUnbondings = append(c.NewUnbondings, unbonding)
		c.Cycles = append(c.Cycles, b.cycle(f, int64(i+1)))
		need.Stakes = append(need.Stakes, stake.ID)
	}
	c.Total = b.total(f, many)
	b.keep(t, c)
	changed := staking.Changes{Total: c.Total}
	for i := range c.NewStakes {
		c.NewStakes[i].Paid = f.amount()
	}
	changed.Stakes = c.NewStakes
	b.keep(t, changed)
	rows := b.rowsOf(t, need)
	require.Equal(t, c.NewStakes, rows.Stakes)
	require.Equal(t, c.NewDelegations, rows.Delegations)
	require.Equal(t, c.NewUnbondings, rows.Unbondings)
	require.Len(t, rows.Cycles, many-1, "the last one is not closed")
	require.Len(t, rows.Pools, 1)
}

func testOpenPools(t *testing.T, b *bench) {
	f := newFiller()
	first, second := b.pool(f, b.alice, staking.SelfPool), b.pool(f, b.alice, staking.SelfPool)
	b.keep(t, staking.Changes{NewPools: []staking.Pool{first, b.pool(f, b.alice, staking.DelegatedPool), b.pool(f, b.bob, staking.SelfPool)}})
	require.ErrorIs(t, b.tryKeep(t, staking.Changes{NewPools: []staking.Pool{second}}), store.ErrConflict)
	first.Closed = true
	b.keep(t, staking.Changes{Pools: []staking.Pool{first}, NewPools: []staking.Pool{second}})
	third := b.pool(f, b.alice, staking.SelfPool)
	third.Closed = true
	b.keep(t, staking.Changes{NewPools: []staking.Pool{third}})
	require.Len(t, b.rowsOf(t, staking.Need{PoolsOf: []ledger.AccountID{b.alice.ID}}).Pools, 4)
}

func testEvidence(t *testing.T, b *bench) {
	f := newFiller()
	b.keep(t, staking.Changes{}, b.slash(f, b.alice, "block 7"))
	err := b.tryKeep(t, staking.Changes{Total: b.total(f, 60)}, b.slash(f, b.bob, "block 8"), b.slash(f, b.bob, "block 7"))
	require.ErrorIs(t, err, store.ErrConflict)
	slashes, err := b.reader.Slashes(background(), staking.SlashQuery{Agent: b.bob.ID, Limit: 10})
	require.NoError(t, err)
	require.Empty(t, slashes, "nothing of it was written")
	require.EqualValues(t, 50, b.rowsOf(t, staking.Need{Total: true}).Total.Cycle)
}

func testFresh(t *testing.T, b *bench) {
	for _, need := range []store.Need{{Fresh: 3}, {Fresh: 2, Owners: owned(b.alice)}, {Owners: owned(b.bob)}} {
		tx, rows := b.begin(t, need)
		require.Len(t, rows.Fresh, need.Fresh)
		require.Len(t, rows.NewAccounts, 2*len(need.Owners))
		seen := map[ledger.AccountID]bool{}
		changes := &store.Changes{}
		for i, id := range append(rows.Fresh, rows.NewAccounts...) {
			require.False(t, seen[id], "each id once")
			seen[id] = true
			row := ledger.Account{ID: id, Owner: b.alice.Owner, Kind: ledger.Staked, Stripe: uint8(i), Status: ledger.Active}
			changes.Opened = append(changes.Opened, &row)
		}
		require.NoError(t, tx.Commit(background(), changes), "they are free")
		_, err := handleOf(t, b.store).ExecContext(background(), fmt.Sprintf(`DELETE FROM accounts WHERE kind = %d`, ledger.Staked))
		require.NoError(t, err)
	}
}

func testPoolAccounts(t *testing.T, b *bench) {
	system, err := b.reader.SystemAccounts(background())
	require.NoError(t, err)
	tx, rows := b.begin(t, store.Need{Fresh: 4})
	changes := &store.Changes{}
	for i, id := range rows.Fresh {
		row := ledger.Account{ID: id, Owner: b.alice.Owner, Kind: ledger.Staked + ledger.Kind(i), Status: ledger.Active, Positions: i}
		changes.Opened = append(changes.Opened, &row)
	}
	require.NoError(t, tx.Commit(background(), changes))
	tx, loaded := b.begin(t, store.Need{Accounts: rows.Fresh})
	require.NoError(t, tx.Rollback(background()))
	require.Len(t, loaded.Accounts, 4)
	for i, want := range changes.Opened {
		require.Equal(t, *want, loaded.Accounts[i])
		require.Equal(t, *want, b.row(t, *want))
	}
	after, err := b.reader.SystemAccounts(background())
	require.NoError(t, err)
	require.Equal(t, system, after)
}
