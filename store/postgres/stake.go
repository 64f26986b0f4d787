package postgres

import (
	"context"

	"github.com/agentvault/teg-layer/staking"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/internal/bunstore"
)

// wantedStakes are those that are named, those of named delegations and
// of unbondings that are named or of agents, and the live ones of agents.
const wantedStakes = `id = ANY($1::uuid[] || ARRAY(SELECT stake_id FROM delegations WHERE id = ANY($2::uuid[]))
	|| ARRAY(SELECT stake_id FROM unbondings WHERE id = ANY($3::uuid[]) OR owner = ANY($5::bigint[]) AND live)) OR owner = ANY($4::bigint[]) AND live`

// lockTotal is the lock of all rows of stakes: whoever changes one has it. The
// statements that follow it see what was committed before it was given out.
var (
	lockTotal  = lockable("lock_total", selectFrom(&bunstore.Totals)+`singleton FOR NO KEY UPDATE`)
	findStakes = statement{"find_stakes", selectFrom(&bunstore.Stakes) + wantedStakes}
	findParts  = statement{"find_parts", selectFrom(&bunstore.Delegations) + `id = ANY($2)
		OR stake_id = ANY(ARRAY(SELECT id FROM stakes WHERE ` + wantedStakes + `)) AND live`}
	findUnbondings = statement{"find_unbondings", selectFrom(&bunstore.Unbondings) + `id = ANY($3)
		OR stake_id = ANY(ARRAY(SELECT id FROM stakes WHERE ` + wantedStakes + `)) AND live AND returns
		OR owner = ANY($4 || $5) AND live`}
	findPools  = statement{"find_pools", selectFrom(&bunstore.Pools) + `id = ANY($1::uuid[]) OR agent = ANY($2::bigint[]) AND live`}
	findCycles = statement{"find_cycles", selectFrom(&bunstore.Cycles) + `number = ANY($1::bigint[])`}
)

func selectFrom[Row any](t *bunstore.Table[Row]) string {
	return `SELECT ` + t.Columns() + ` FROM ` + t.Name + ` WHERE `
}

// stakeCalls lock the total, and then find what is named with what belongs to it,
// but for the pools.
func (l *loaded) stakeCalls(need *staking.Need, mode store.LockMode) []call {
	rows := &l.rows.Staking
	calls := []call{ask(pick(lockTotal, mode), func(s scanner) error { return s.Scan(bunstore.Totals.Into(&rows.Total)...) })}
	if len(need.Stakes)+len(need.Delegations)+len(need.Unbondings)+len(need.LiveOf)+len(need.WaitingOf) == 0 {
		return calls
	}
	args := []any{uuids(need.Stakes), uuids(need.Delegations), uuids(need.Unbondings), accountIDs(need.LiveOf), accountIDs(need.WaitingOf)}
	return append(calls,
		ask(findStakes, scanRow(l, &bunstore.Stakes, &rows.Stakes), args...),
		ask(findParts, scanRow(l, &bunstore.Delegations, &rows.Delegations), args...),
		ask(findUnbondings, scanRow(l, &bunstore.Unbondings, &rows.Unbondings), args...))
}

// scanRow adds a row to a list, unless another has the total: what is read then
// may change under the reader.
func scanRow[Row any](l *loaded, t *bunstore.Table[Row], list *[]Row) func(scanner) error {
	return func(s scanner) error {
		if l.rows.Staking.Total.Cycle == 0 {
			return nil
		}
		var row Row
		err := s.Scan(t.Into(&row)...)
		*list = append(*list, row)
		return err
	}
}

// loadPools finds the pools of what was loaded, and the cycles in which any of it
// was last touched.
func (l *loaded) loadPools(ctx context.Context, e executor, need *staking.Need, mode store.LockMode) error {
	rows := &l.rows.Staking
	switch {
	case need.Empty(), rows.Total.Cycle == 0 && mode == store.LockSkipping:
		return nil
	case rows.Total.Cycle == 0:
		return bunstore.ErrNoTotal
	}
	bunstore.Tidy(rows)
	if ids := bunstore.PoolsNamed(rows); len(ids)+len(need.PoolsOf) > 0 {
		find := ask(findPools, scanRow(l, &bunstore.Pools, &rows.Pools), uuids(ids), accountIDs(need.PoolsOf))
		if err := e.run(ctx, []call{find}); err != nil {
			return err
		}
		bunstore.Tidy(rows)
	}
	cycles := bunstore.CyclesNamed(rows)
	if len(cycles) == 0 {
		return nil
	}
	return e.run(ctx, []call{ask(findCycles, scanRow(l, &bunstore.Cycles, &rows.Cycles), cycles)})
}
