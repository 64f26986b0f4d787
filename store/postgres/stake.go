package postgres

import (
	"context"
	"slices"

	"github.com/agentvault/teg-layer/staking"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/internal/bunstore"
)

// wantedStakes are those that are named, those of named delegations and
// of unbondings that are named or of agents, and the live ones of agents.
const wantedStakes = `id = ANY($1::uuid[] || ARRAY(SELECT stake_id FROM delegations WHERE id = ANY($2::uuid[]))
	|| ARRAY(SELECT stake_id FROM unbondings WHERE id = ANY($3::uuid[]) OR owner = ANY($5::bigint[]) AND live)) OR owner = ANY($4::bigint[]) AND live`

// What of a stake lies in the pools of others.
const (
	partsOf     = `live AND stake_id = ANY`
	returningTo = `live AND returns AND stake_id = ANY`
)

// lockTotal is the lock of all rows of stakes: whoever changes one has it. The
// statements that follow it see what was committed before it was given out.
var (
	lockTotal       = lockable("lock_total", selectFrom(&bunstore.Totals)+`singleton FOR NO KEY UPDATE`)
	findStakes      = statement{"find_stakes", selectFrom(&bunstore.Stakes) + wantedStakes}
	findDelegations = statement{"find_delegations", selectFrom(&bunstore.Delegations) + `id = ANY($1::uuid[])`}
	findUnbondings  = statement{"find_unbondings", selectFrom(&bunstore.Unbondings) + `id = ANY($1::uuid[]) OR owner = ANY($2::bigint[]) AND live`}
	findParts       = statement{"find_parts", selectFrom(&bunstore.Delegations) + partsOf + `($1)`}
	findReturning   = statement{"find_returning", selectFrom(&bunstore.Unbondings) + returningTo + `($1)`}
	findPools       = statement{"find_pools", selectFrom(&bunstore.Pools) + `id = ANY($1::uuid[]
		|| ARRAY(SELECT pool_id FROM delegations WHERE ` + partsOf + `($3))
		|| ARRAY(SELECT pool_id FROM unbondings WHERE ` + returningTo + `($3))) OR agent = ANY($2::bigint[]) AND live`}
	findCycles = statement{"find_cycles", selectFrom(&bunstore.Cycles) + `number = ANY($1::bigint[])`}
)

func selectFrom[Row any](t *bunstore.Table[Row]) string {
	return `SELECT ` + t.Columns() + ` FROM ` + t.Name + ` WHERE `
}

// stakeCalls lock the total, and then find what is named, and the stakes that it
// belongs to.
func (l *loaded) stakeCalls(need *staking.Need, mode store.LockMode) []call {
	rows := &l.rows.Staking
	calls := []call{ask(pick(lockTotal, mode), func(s scanner) error { return s.Scan(bunstore.Totals.Into(&rows.Total)...) })}
	owners := slices.Concat(need.LiveOf, need.WaitingOf)
	named := len(need.Delegations) + len(need.Unbondings) + len(owners)
	if named+len(need.Stakes) > 0 {
		calls = append(calls, ask(findStakes, scanRow(l, &bunstore.Stakes, &rows.Stakes),
			uuids(need.Stakes), uuids(need.Delegations), uuids(need.Unbondings),
			accountIDs(need.LiveOf), accountIDs(need.WaitingOf)))
	}
	if len(need.Delegations) > 0 {
		calls = append(calls, ask(findDelegations, scanRow(l, &bunstore.Delegations, &rows.Delegations), uuids(need.Delegations)))
	}
	if len(need.Unbondings)+len(owners) > 0 {
		calls = append(calls, ask(findUnbondings, scanRow(l, &bunstore.Unbondings, &rows.Unbondings), uuids(need.Unbondings), accountIDs(owners)))
	}
	return calls
}

// scanRow adds a row to a list, unless another has the total: what is read then
// may change under the reader.
func scanRow[Row any](l *loaded, t *bunstore.Table[Row], list *[]Row) func(scanner) error {
	add := t.AppendTo(list)
	return func(s scanner) error {
		if l.rows.Staking.Total.Cycle == 0 {
			return nil
		}
		return add(func(into []any) error { return s.Scan(into...) })
	}
}

// loadPools finds what of the stakes lies with others, the pools of all that was
// loaded, and the cycles in which any of it was last touched.
func (l *loaded) loadPools(ctx context.Context, e executor, need *staking.Need, mode store.LockMode) error {
	rows := &l.rows.Staking
	switch {
	case need.Empty(), rows.Total.Cycle == 0 && mode == store.LockSkipping:
		return nil
	case rows.Total.Cycle == 0:
		return bunstore.ErrNoTotal
	}
	if calls := l.poolCalls(need); len(calls) > 0 {
		if err := e.run(ctx, calls); err != nil {
			return err
		}
	}
	bunstore.Tidy(rows)
	cycles := bunstore.CyclesNamed(rows)
	if len(cycles) == 0 {
		return nil
	}
	return e.run(ctx, []call{ask(findCycles, scanRow(l, &bunstore.Cycles, &rows.Cycles), cycles)})
}

func (l *loaded) poolCalls(need *staking.Need) (calls []call) {
	rows := &l.rows.Staking
	divided, pools := uuids(bunstore.StakesWithParts(rows.Stakes)), uuids(bunstore.PoolsNamed(rows))
	if len(divided) > 0 {
		calls = append(calls,
			ask(findParts, scanRow(l, &bunstore.Delegations, &rows.Delegations), divided),
			ask(findReturning, scanRow(l, &bunstore.Unbondings, &rows.Unbondings), divided))
	}
	if len(pools)+len(need.PoolsOf) > 0 {
		calls = append(calls, ask(findPools, scanRow(l, &bunstore.Pools, &rows.Pools), pools, accountIDs(need.PoolsOf), divided))
	}
	return calls
}
