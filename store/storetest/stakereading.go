package storetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/staking"
)

func testHoldingsOf(t *testing.T, b *bench) {
	f := newFiller()
	pool := b.pool(f, b.alice, staking.SelfPool)
	b.keep(t, staking.Changes{NewPools: []staking.Pool{pool}, NewStakes: []staking.Stake{b.stake(f, b.alice, pool)}})
	accounts, rows, err := b.reader.HoldingsOf(background(), b.alice.Owner)
	require.NoError(t, err)
	want, err := b.reader.AccountsOf(background(), b.alice.Owner)
	require.NoError(t, err)
	require.Equal(t, want, accounts)
	own := []ledger.AccountID{b.alice.ID}
	wanted, err := b.reader.StakingRows(background(), staking.Need{Total: true, LiveOf: own, PoolsOf: own})
	require.NoError(t, err)
	require.Equal(t, wanted, rows)
	require.Len(t, rows.Stakes, 1)

	accounts, rows, err = b.reader.HoldingsOf(background(), did.MustParse("did:test:nobody"))
	require.NoError(t, err)
	require.Empty(t, accounts)
	require.Empty(t, rows.Stakes)
}

func testStakePages(t *testing.T, b *bench) {
	f := newFiller()
	pool := b.pool(f, b.alice, staking.SelfPool)
	c := staking.Changes{NewPools: []staking.Pool{pool}}
	for i := range 6 {
		stake := b.stake(f, b.alice, pool)
		if i%3 == 1 { // of which one still earns
			stake.UnstakedAt = b.now
		}
		if i == 4 {
			stake.Own, stake.Left = staking.Position{Cycle: 1}, staking.Position{Cycle: 1}
		}
		c.NewStakes = append(c.NewStakes, stake)
	}
	c.NewStakes = append(c.NewStakes, b.stake(f, b.bob, pool))
	b.keep(t, c)
	find := func(total int64, q staking.StakeQuery) []int {
		t.Helper()
		q.Owner = b.alice.ID
		ids, err := b.reader.Stakes(background(), q)
		require.NoError(t, err)
		var found []int
		for _, id := range ids {
			for i := range c.NewStakes {
				if c.NewStakes[i].ID == id {
					found = append(found, i)
				}
			}
		}
		count, err := b.reader.CountStakes(background(), q)
		require.NoError(t, err)
		require.Equal(t, total, count, "without its page")
		return found
	}
	require.Equal(t, []int{5, 4, 3, 2, 1, 0}, find(6, staking.StakeQuery{Limit: 10}))
	require.Equal(t, []int{5, 4}, find(6, staking.StakeQuery{Limit: 2}))
	require.Equal(t, []int{3, 2}, find(6, staking.StakeQuery{Limit: 2, Offset: 2}))
	require.Equal(t, []int{2, 1}, find(6, staking.StakeQuery{Limit: 2, Before: c.NewStakes[3].ID}))
	require.Equal(t, []int{5, 3, 2, 0}, find(4, staking.StakeQuery{Limit: 10, ActiveOnly: true}))
	require.Equal(t, []int{0}, find(4, staking.StakeQuery{Limit: 10, ActiveOnly: true, Before: c.NewStakes[2].ID}))
}

func testDelegationPages(t *testing.T, b *bench) {
	f := newFiller()
	carol, _ := b.register(t, "did:test:carol")
	bobs, carols := b.pool(f, b.bob, staking.DelegatedPool), b.pool(f, carol, staking.DelegatedPool)
	alice, mine := b.stake(f, b.alice, bobs), b.stake(f, carol, bobs)
	c := staking.Changes{NewPools: []staking.Pool{bobs, carols}, NewStakes: []staking.Stake{alice, mine}}
	for i, of := range []staking.Stake{alice, mine, alice, alice, alice} {
		d := b.delegation(f, of, []staking.Pool{bobs, bobs, carols, bobs, bobs}[i])
		if i == 3 {
			d.Ended = b.now
		}
		c.NewDelegations = append(c.NewDelegations, d)
	}
	b.keep(t, c)
	find := func(total int64, q staking.DelegationQuery) []int {
		t.Helper()
		if q.Limit == 0 {
			q.Limit = 10
		}
		page, err := b.reader.Delegations(background(), q)
		require.NoError(t, err)
		var found []int
		for _, d := range page {
			for i, want := range c.NewDelegations {
				if want.ID == d.ID {
					found = append(found, i)
					recorded := staking.RecordedDelegation{Delegation: want, DelegatorID: b.alice.Owner, ValidatorID: b.bob.Owner, In: bobs}
					if want.Delegator == carol.ID {
						recorded.DelegatorID = carol.Owner
					}
					if want.Validator == carol.ID {
						recorded.ValidatorID, recorded.In = carol.Owner, carols
					}
					require.Equal(t, recorded, d)
				}
			}
		}
		count, err := b.reader.CountDelegations(background(), q)
		require.NoError(t, err)
		require.Equal(t, total, count, "without its page")
		return found
	}
	require.Equal(t, []int{4, 3, 2, 0}, find(4, staking.DelegationQuery{Delegator: b.alice.ID}))
	require.Equal(t, []int{4, 3, 1, 0}, find(4, staking.DelegationQuery{Validator: b.bob.ID}))
	require.Equal(t, []int{4, 1, 0}, find(3, staking.DelegationQuery{Validator: b.bob.ID, ActiveOnly: true}))
	require.Equal(t, []int{4, 2, 0}, find(3, staking.DelegationQuery{Delegator: b.alice.ID, ActiveOnly: true}))
	require.Equal(t, []int{2}, find(1, staking.DelegationQuery{Delegator: b.alice.ID, Validator: carol.ID}))
	require.Equal(t, []int{3, 2}, find(4, staking.DelegationQuery{Delegator: b.alice.ID, Offset: 1, Limit: 2}))
	require.Equal(t, []int{2, 0}, find(4, staking.DelegationQuery{Delegator: b.alice.ID, Before: c.NewDelegations[3].ID}))
	for validator, want := range map[ledger.AccountID]int64{b.bob.ID: 2, carol.ID: 1, b.alice.ID: 0} {
		count, err := b.reader.Delegators(background(), validator)
		require.NoError(t, err)
		require.Equal(t, want, count, "agents, each once, with an active one")
	}
}

func testDueUnbondings(t *testing.T, b *bench) {
	f := newFiller()
	var c staking.Changes
	for i, after := range []int{3, 1, 2, 0, 1} {
		u := b.unbonding(f, b.alice, staking.Stake{})
		u.AvailableAt = b.now.Add(time.Duration(after) * time.Hour)
		if i == 3 {
			u.ReleasedAt = b.now
		}
		c.NewUnbondings = append(c.NewUnbondings, u)
	}
	b.keep(t, c)
	due := func(by time.Duration, limit int) []staking.Unbonding {
		t.Helper()
		found, err := b.reader.DueUnbondings(background(), staking.DueQuery{By: b.now.Add(by), Limit: limit})
		require.NoError(t, err)
		return found
	}
	u := c.NewUnbondings
	require.Equal(t, []staking.Unbonding{u[1], u[4], u[2], u[0]}, due(3*time.Hour, 10), "soonest first")
	require.Equal(t, []staking.Unbonding{u[1], u[4]}, due(3*time.Hour, 2))
	require.Equal(t, []staking.Unbonding{u[1], u[4], u[2]}, due(3*time.Hour-1, 10))
	require.Empty(t, due(time.Hour-time.Microsecond, 10), "what was released is not due")

	pool := b.pool(f, b.bob, staking.UnbondingDelegatedPool)
	returning := b.unbonding(f, b.alice, staking.Stake{})
	returning.Pool, returning.AvailableAt = pool.ID, b.now
	b.keep(t, staking.Changes{NewPools: []staking.Pool{pool}, NewUnbondings: []staking.Unbonding{returning}})
	found, err := b.reader.DueUnbondings(background(), staking.DueQuery{By: b.now.Add(time.Hour), From: b.bob.ID, Limit: 10})
	require.NoError(t, err)
	require.Equal(t, []staking.Unbonding{returning}, found, "what lies in the validator's pools")
}

func testCompounding(t *testing.T, b *bench) {
	f := newFiller()
	pool := b.pool(f, b.alice, staking.SelfPool)
	c := staking.Changes{NewPools: []staking.Pool{pool}}
	for i := range 5 {
		s := b.stake(f, b.alice, pool)
		s.AutoCompound, s.Own.Cycle = i != 1, int64(i+1)
		if i == 2 {
			s.UnstakedAt, s.Own, s.Left = b.now, staking.Position{Cycle: 1}, staking.Position{Cycle: 1}
		}
		c.NewStakes = append(c.NewStakes, s)
	}
	b.keep(t, c)
	find := func(below int64, limit int) []staking.Stake {
		t.Helper()
		found, err := b.reader.Compounding(background(), below, limit)
		require.NoError(t, err)
		return found
	}
	require.ElementsMatch(t, []staking.Stake{c.NewStakes[0], c.NewStakes[3]}, find(5, 10), "live, and so wanted by their owners")
	require.Len(t, find(6, 10), 3)
	require.Len(t, find(6, 2), 2)
	require.Empty(t, find(1, 10))
}

func testCyclePages(t *testing.T, b *bench) {
	f := newFiller()
	var c staking.Changes
	var slashes []staking.Slash
	for i := range int64(5) {
		c.Cycles = append(c.Cycles, b.cycle(f, i+1))
		slashes = append(slashes, b.slash(f, []ledger.Account{b.alice, b.bob}[i%2], string(rune('a'+i))))
	}
	b.keep(t, c, slashes...)
	for _, page := range []struct {
		below int64
		limit int
		want  []staking.Cycle
	}{
		{0, 2, []staking.Cycle{c.Cycles[4], c.Cycles[3]}}, {3, 10, []staking.Cycle{c.Cycles[1], c.Cycles[0]}}, {1, 10, nil},
	} {
		found, err := b.reader.RewardCycles(background(), staking.CycleQuery{Below: page.below, Limit: page.limit})
		require.NoError(t, err)
		require.Equal(t, page.want, found)
	}
	found, err := b.reader.Slashes(background(), staking.SlashQuery{Agent: b.alice.ID, Limit: 2})
	require.NoError(t, err)
	require.Equal(t, []staking.Slash{slashes[4], slashes[2]}, found)
}

// testStakingAudit reads everything in pages of two.
func testStakingAudit(t *testing.T, b *bench) {
	h := b.holding(t)
	auditAll(t, b.reader.AuditPools, []staking.Pool{h.own, h.theirs, h.out, h.back, h.idle}, func(p staking.Pool) staking.PoolID { return p.ID })
	auditAll(t, b.reader.AuditStakes, []staking.Stake{h.stake, h.beside, h.gone}, func(s staking.Stake) staking.StakeID { return s.ID })
	auditAll(t, b.reader.AuditDelegations, []staking.Delegation{h.active, h.ended}, func(d staking.Delegation) staking.DelegationID { return d.ID })
	auditAll(t, b.reader.AuditUnbondings, []staking.Unbonding{h.returning, h.returned, h.leaving, h.released}, func(u staking.Unbonding) staking.UnbondingID { return u.ID })
}
