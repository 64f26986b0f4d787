package storetest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/staking"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/postgres"
)

func testStakingAppendOnly(t *testing.T, b *bench) {
	f := newFiller()
	b.keep(t, staking.Changes{Cycles: []staking.Cycle{b.cycle(f, 1)}}, b.slash(f, b.alice, "block 7"))
	db := handleOf(t, b.store)
	for _, table := range []string{"reward_cycles", "slashes"} {
		statements := []string{"UPDATE " + table + " SET id = id", "DELETE FROM " + table}
		if _, onPostgres := b.store.(*postgres.Store); onPostgres {
			statements = append(statements, "TRUNCATE "+table)
		} else {
			statements = append(statements, "REPLACE INTO "+table+" SELECT * FROM "+table)
		}
		for _, statement := range statements {
			_, err := db.ExecContext(background(), statement)
			require.ErrorContains(t, err, "append-only", statement)
		}
	}
}

func testStakingBounds(t *testing.T, b *bench) {
	b.holding(t)
	amounts := []string{`x'8000'`, `1`, `x'80C097CE7BC90715B34B9F1000000000'`, `x'7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF'`}
	if _, onPostgres := b.store.(*postgres.Store); onPostgres {
		amounts = []string{`'NaN'`, `1000000000000000000`, `'Infinity'`, `-0.000000000000000001`}
	}
	numbers := []string{`''`, `'01'`, `'-0'`, `'1e5'`, `'1.5'`, `' 1'`, `'--1'`, `'1-1'`, `NULL`}
	negative := []string{`'-1'`}
	for values, columns := range map[*[]string][]string{
		&amounts: {
			"staking_total SET tokens", "staking_total SET distributed", "staking_total SET paid", "pools SET tokens", "pools SET pinned",
			"pools SET paid", "stakes SET paid", "delegations SET amount",
		},
		&numbers: {
			"staking_total SET seconds", "staking_total SET price", "pools SET shares", "pools SET share_index", "pools SET share_open",
			"pools SET commission_debt", "pools SET commission_earned", "stakes SET shares", "stakes SET own_debt", "stakes SET left_earned",
			"delegations SET shares", "delegations SET part_debt", "unbondings SET shares",
		},
		&negative: {"pools SET shares", "stakes SET shares", "delegations SET shares", "unbondings SET shares", "stakes SET parts_out", "pools SET kind"},
	} {
		for _, value := range *values {
			for _, column := range columns {
				_, err := handleOf(t, b.store).ExecContext(background(), `UPDATE `+column+` = `+value)
				require.Error(t, err, "%s = %s", column, value)
			}
		}
	}
	_, err := handleOf(t, b.store).ExecContext(background(), `UPDATE accounts SET positions = 1001`)
	require.Error(t, err)
}

// testNoStakes asks for what nobody did.
func testNoStakes(t *testing.T, b *bench) {
	ids, err := b.reader.Stakes(background(), staking.StakeQuery{Owner: b.alice.ID, Limit: 10})
	require.NoError(t, err)
	require.Empty(t, ids)
	page, err := b.reader.Delegations(background(), staking.DelegationQuery{Delegator: b.alice.ID, Limit: 10})
	require.NoError(t, err)
	require.Empty(t, page)
	count, err := b.reader.Delegators(background(), b.bob.ID)
	require.NoError(t, err)
	require.Zero(t, count)
	slashes, err := b.reader.DelegationSlashes(background(), staking.DelegationSlashQuery{Delegator: b.alice.ID, Limit: 10})
	require.NoError(t, err)
	require.Empty(t, slashes)
	cycles, err := b.reader.RewardCycles(background(), staking.CycleQuery{Below: 0, Limit: 10})
	require.NoError(t, err)
	require.Empty(t, cycles)
	tx, rows := b.begin(t, store.Need{Fresh: 0})
	require.Equal(t, staking.Rows{}, rows.Staking, "who needs nothing gets no total")
	require.Empty(t, rows.Fresh)
	require.NoError(t, tx.Rollback(background()))
}
