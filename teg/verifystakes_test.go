package teg_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/postgres"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// Each way of breaking the rows of stakes by hand is found.
func TestVerifyFindsBrokenStakes(t *testing.T) {
	t.Parallel()
	const bobs = `(SELECT balance FROM accounts WHERE owner = 'did:example:bob' AND kind = 1)`
	for name, damage := range map[string]string{
		"a delegation's weight":      `UPDATE delegations SET part_weight = '1'`,
		"a stake's weight":           `UPDATE stakes SET own_weight = '1'`,
		"a pool's shares":            `UPDATE pools SET shares = '17' WHERE kind = 2`,
		"a pool's tokens":            `UPDATE pools SET tokens = ` + bobs + ` WHERE kind = 1`,
		"where a pool lies":          `UPDATE pools SET account = agent WHERE kind = 2`,
		"a pool that is closed":      `UPDATE pools SET closed = TRUE WHERE kind = 2`,
		"a delegation's validator":   `UPDATE delegations SET validator = delegator`,
		"a delegation's delegator":   `UPDATE delegations SET delegator = validator`,
		"a stake's owner":            `UPDATE stakes SET owner = owner + 1`,
		"what left another's stake":  `UPDATE unbondings SET owner = owner + 1`,
		"a validator's weight":       `UPDATE pools SET commission_weight = '1' WHERE kind = 2`,
		"what a stake was paid":      `UPDATE stakes SET paid = ` + bobs,
		"what a validator was paid":  `UPDATE pools SET paid = ` + bobs + ` WHERE kind = 2`,
		"a stake that forgot a part": `UPDATE stakes SET parts_out = 0`,
		"a cycle that is lost":       `DELETE FROM reward_cycles WHERE number = 1`,
		"a cycle of another price":   `UPDATE reward_cycles SET price_sum = '1' WHERE number = 1`,
		"a cycle of another pool":    `UPDATE reward_cycles SET pool = ` + bobs + ` WHERE number = 1`,
		"the total's price":          `UPDATE staking_total SET price = '1'`,
		"the total's tokens":         `UPDATE staking_total SET tokens = ` + bobs,
		"the total's stakes":         `UPDATE staking_total SET stakes = 9`,
		"the total's delegations":    `UPDATE staking_total SET delegations = 9`,
		"what was distributed":       `UPDATE staking_total SET distributed = ` + bobs,
		"when value is free":         `UPDATE accounts SET next_unbonding = NULL`,
		"an agent's positions":       `UPDATE accounts SET positions = 7 WHERE owner = 'did:example:alice' AND kind = 1`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
				ctx, st := context.Background(), open(t)
				eng := stakedBooks(t, st)
				tegtest.Verify(t, eng)
				storetest.Damage(t, st, damage)
				report, err := eng.Verify(ctx)
				require.ErrorIs(t, err, teg.ErrBroken)
				require.True(t, slices.ContainsFunc(report.Findings, func(f teg.Finding) bool { return f.Invariant == "stakes" }), "%v", report.Findings)
			})
		})
	}
}

// stakedBooks is an engine over books with stakes, a delegation, value on its way
// out, and rewards of two
// cycles, one of which was claimed.
func stakedBooks(t *testing.T, st store.Store) *teg.Engine {
	ctx, terms := context.Background(), teg.DefaultStakingTerms()
	terms.UnstakingPeriod = time.Hour
	eng, err := teg.New(ctx, st, teg.Config{Clock: tegtest.NewClock().Now, Staking: &terms})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, eng.Close()) })
	alice, bob := tegtest.Fund(t, eng, "did:example:alice", "1000"), tegtest.Fund(t, eng, "did:example:bob", "1")
	made, err := eng.Stake(ctx, teg.StakeParams{By: alice, Amount: teg.AVT("100")})
	require.NoError(t, err)
	_, err = eng.Delegate(ctx, teg.DelegateParams{By: alice, StakeID: made.StakeID, Validator: bob, Amount: teg.AVT("60")})
	require.NoError(t, err)
	for _, who := range []teg.DID{alice, bob} {
		_, err = eng.RunRewardCycle(ctx, teg.CycleParams{By: tegtest.Admin})
		require.NoError(t, err)
		_, err = eng.ClaimRewards(ctx, teg.ClaimParams{By: who})
		require.NoError(t, err)
	}
	_, err = eng.Unstake(ctx, teg.UnstakeParams{By: alice, StakeID: made.StakeID, Amount: teg.AVT("1")})
	require.NoError(t, err)
	_, err = eng.RunRewardCycle(ctx, teg.CycleParams{By: tegtest.Admin})
	require.NoError(t, err)
	return eng
}

// What an agent has on its way out already is counted before more leaves its
// stakes: 999 rows beside its one are as many as there can be.
func TestUnbondingsAreLimited(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		ctx, st := context.Background(), open(t)
		eng, id := stakedBooks(t, st), "randomblob(16)"
		if _, other := st.(*postgres.Store); other {
			id = "gen_random_uuid()"
		}
		storetest.Damage(t, st, `INSERT INTO unbondings (id, owner, stake_id, pool_id, shares, returns, available_at, live)
			WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 999)
			SELECT `+id+`, owner, stake_id, pool_id, shares, returns, available_at, live FROM unbondings, n`)
		alice := teg.Agent("did:example:alice")
		page, err := eng.Stakes(ctx, teg.StakesQuery{Agent: alice})
		require.NoError(t, err)
		_, err = eng.Unstake(ctx, teg.UnstakeParams{By: alice, StakeID: page.Stakes[0].ID, Amount: teg.AVT("1")})
		require.ErrorIs(t, err, teg.ErrInvalidState)
	})
}

// Where the cycles are gone that tell what was earned, nothing is decided of it:
// rewards wait for a repair instead of being forgotten, and all else goes on.
func TestLostCyclesLoseNoRewards(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		ctx, st := context.Background(), open(t)
		s := newStakers(t, st)
		s.cycle(t)
		claim := teg.ClaimParams{By: s.bob, Key: "claim"}
		storetest.Damage(t, st, `CREATE TABLE kept AS SELECT * FROM reward_cycles`)
		storetest.Damage(t, st, `DELETE FROM reward_cycles`)

		_, err := s.ClaimRewards(ctx, claim)
		require.ErrorIs(t, err, teg.ErrInternal)
		require.ErrorContains(t, err, "reward cycles are missing")
		_, err = s.Unstake(ctx, teg.UnstakeParams{By: s.alice, StakeID: s.hers, Amount: teg.AVT("1")})
		require.ErrorIs(t, err, teg.ErrInternal)
		_, err = s.Undelegate(ctx, teg.UndelegateParams{By: s.alice, DelegationID: s.lent})
		require.ErrorIs(t, err, teg.ErrInternal)
		require.Equal(t, "950", tegtest.Available(t, s.Engine, s.bob))
		_, err = s.Transfer(ctx, teg.TransferParams{From: s.alice, To: s.bob, Amount: teg.AVT("1")})
		require.NoError(t, err)

		storetest.Damage(t, st, `INSERT INTO reward_cycles SELECT * FROM kept`)
		paid, err := s.ClaimRewards(ctx, claim)
		require.NoError(t, err, "a fault is not remembered under the key")
		require.Equal(t, "2.8", paid.Amount.String())
	})
}

// An act upon a stake that lost a cycle is no reason to refuse others that are
// committed with it.
func TestLostCyclesAreNobodyElsesMatter(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		ctx, st := context.Background(), open(t)
		w := newWorld(t, st)
		alice, dave := tegtest.Fund(t, w.eng, "did:example:alice", "100"), tegtest.Fund(t, w.eng, "did:example:dave", "100")
		_, err := w.eng.Stake(ctx, teg.StakeParams{By: alice, Amount: teg.AVT("10")})
		require.NoError(t, err)
		_, err = w.eng.RunRewardCycle(ctx, teg.CycleParams{By: tegtest.Admin})
		require.NoError(t, err)
		storetest.Damage(t, st, `CREATE TABLE kept AS SELECT * FROM reward_cycles`)
		storetest.Damage(t, st, `DELETE FROM reward_cycles`)
		faults := w.gathered(2, func(i int) (err error) {
			if i == 0 {
				_, err = w.eng.ClaimRewards(limited(t), teg.ClaimParams{By: alice})
			} else {
				_, err = w.eng.Stake(limited(t), teg.StakeParams{By: dave, Amount: teg.AVT("10")})
			}
			return err
		})
		require.ErrorIs(t, faults[0], teg.ErrInternal)
		require.NoError(t, faults[1])
		storetest.Damage(t, st, `INSERT INTO reward_cycles SELECT * FROM kept`)
	})
}
