package bunstore

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/staking"
)

// Selection is a look-up of rows by a list of keys, for which %s stands.
type Selection struct{ Text string }

func selectFrom[Row any](t *Table[Row], condition string) *Selection {
	return &Selection{"SELECT " + t.Columns() + " FROM " + t.Name + " WHERE " + condition}
}

var (
	totalRow          = selectFrom(&Totals, "singleton IN (%s)")
	stakesByID        = selectFrom(&Stakes, "id IN (%s)")
	liveStakes        = selectFrom(&Stakes, "owner IN (%s) AND live")
	delegationsByID   = selectFrom(&Delegations, "id IN (%s)")
	activeDelegations = selectFrom(&Delegations, "stake_id IN (%s) AND live")
	unbondingsByID    = selectFrom(&Unbondings, "id IN (%s)")
	returning         = selectFrom(&Unbondings, "stake_id IN (%s) AND live AND returns")
	waiting           = selectFrom(&Unbondings, "owner IN (%s) AND live")
	poolsByID         = selectFrom(&Pools, "id IN (%s)")
	livePools         = selectFrom(&Pools, "agent IN (%s) AND live")
	cyclesByNumber    = selectFrom(&Cycles, "number IN (%s)")
)

// Selections are all of them.
func Selections() []*Selection {
	return []*Selection{
		totalRow, stakesByID, liveStakes, delegationsByID, activeDelegations, unbondingsByID, returning, waiting, poolsByID, livePools,
		cyclesByNumber, scoresByAgent, reportsByScope, reportsByOwn, flagsByID, oldestDebts, bootstrapTokensByID,
		disputesByID, openAbout, openClaimants, openDefendants,
		attestationsByID, attestationsByScope, budgetsByPolicy,
		roundsByDispute, seatsByDispute, webhooksByID, webhooksOf,
	}
}

// ErrNoTotal is what a damaged database says.
var ErrNoTotal = errors.New("store: staking_total has lost its row")

// Source looks rows up on one view. A key is a [ledger.ID], an int64 or true.
type Source interface {
	Select(ctx context.Context, s *Selection, keys []any, visit func(scan func(into []any) error) error) error
}

// LoadStaking reads what is needed, and what belongs to it, one after the other.
func LoadStaking(ctx context.Context, from Source, need staking.Need) (staking.Rows, error) {
	l := stakeLoader{ctx: ctx, from: from}
	if need.Empty() {
		return l.rows, nil
	}
	var totals []staking.Total
	fetch(&l, totalRow, []any{true}, &Totals, &totals)
	l.parts(need)
	fetch(&l, livePools, counts(need.PoolsOf), &Pools, &l.rows.Pools)
	fetch(&l, poolsByID, names(poolsMissing(&l.rows)), &Pools, &l.rows.Pools)
	Tidy(&l.rows)
	switch {
	case l.err != nil:
		return staking.Rows{}, l.err
	case len(totals) == 0:
		return staking.Rows{}, ErrNoTotal
	}
	l.rows.Total = totals[0]
	fetch(&l, cyclesByNumber, counts(CyclesNamed(&l.rows)), &Cycles, &l.rows.Cycles)
	return l.rows, l.err
}

// stakeLoader collects rows until something fails.
type stakeLoader struct {
	ctx  context.Context
	from Source
	rows staking.Rows
	err  error
}

// parts reads stakes and what belongs to them, but for the pools.
func (l *stakeLoader) parts(need staking.Need) {
	fetch(l, delegationsByID, names(need.Delegations), &Delegations, &l.rows.Delegations)
	fetch(l, unbondingsByID, names(need.Unbondings), &Unbondings, &l.rows.Unbondings)
	fetch(l, waiting, counts(need.WaitingOf), &Unbondings, &l.rows.Unbondings)
	stakes := slices.Clone(need.Stakes)
	for i := range l.rows.Delegations {
		stakes = append(stakes, l.rows.Delegations[i].Stake)
	}
	for i := range l.rows.Unbondings {
		stakes = append(stakes, l.rows.Unbondings[i].Stake)
	}
	fetch(l, stakesByID, names(stakes), &Stakes, &l.rows.Stakes)
	fetch(l, liveStakes, counts(need.LiveOf), &Stakes, &l.rows.Stakes)
	stakes = StakesWithParts(l.rows.Stakes)
	fetch(l, activeDelegations, names(stakes), &Delegations, &l.rows.Delegations)
	fetch(l, returning, names(stakes), &Unbondings, &l.rows.Unbondings)
	fetch(l, waiting, counts(need.LiveOf), &Unbondings, &l.rows.Unbondings)
}

// StakesWithParts are the stakes of which something lies in the pools of others.
func StakesWithParts(stakes []staking.Stake) []staking.StakeID {
	var divided []staking.StakeID
	for i := range stakes {
		if stakes[i].Out > 0 {
			divided = append(divided, stakes[i].ID)
		}
	}
	return divided
}

func fetch[Row any](l *stakeLoader, s *Selection, keys []any, t *Table[Row], rows *[]Row) {
	if l.err != nil || len(keys) == 0 {
		return
	}
	l.err = l.from.Select(l.ctx, s, keys, t.AppendTo(rows))
}

// names are keys that are ids.
func names[T ~[16]byte](list []T) []any {
	keys := make([]any, len(list))
	for i, id := range list {
		keys[i] = ledger.ID(id)
	}
	return keys
}

// counts are keys that are numbers.
func counts[T ~int64](list []T) []any {
	keys := make([]any, len(list))
	for i, number := range list {
		keys[i] = int64(number)
	}
	return keys
}

// Tidy puts rows in the order of their ids, each once.
func Tidy(rows *staking.Rows) {
	rows.Pools = tidy(rows.Pools, func(p *staking.Pool) ledger.ID { return ledger.ID(p.ID) })
	rows.Stakes = tidy(rows.Stakes, func(s *staking.Stake) ledger.ID { return ledger.ID(s.ID) })
	rows.Delegations = tidy(rows.Delegations, func(d *staking.Delegation) ledger.ID { return ledger.ID(d.ID) })
	rows.Unbondings = tidy(rows.Unbondings, func(u *staking.Unbonding) ledger.ID { return ledger.ID(u.ID) })
}

// tidy sorts places of rows, which are large, and then moves each row once. Most
// lists are in order as they come.
func tidy[Row any](rows []Row, id func(*Row) ledger.ID) []Row {
	places := make([]*Row, len(rows))
	for i := range rows {
		places[i] = &rows[i]
	}
	order := func(a, b *Row) int { return id(a).Compare(id(b)) }
	inOrder := slices.IsSortedFunc(places, order)
	if !inOrder {
		slices.SortFunc(places, order)
	}
	distinct := slices.CompactFunc(places, func(a, b *Row) bool { return id(a) == id(b) })
	if inOrder && len(distinct) == len(rows) {
		return rows
	}
	tidied := make([]Row, len(distinct))
	for i, place := range distinct {
		tidied[i] = *place
	}
	return tidied
}

// PoolsNamed are the pools in which loaded rows have shares.
func PoolsNamed(rows *staking.Rows) []staking.PoolID {
	var pools []staking.PoolID
	for i := range rows.Stakes {
		pools = append(pools, rows.Stakes[i].Pool)
	}
	for i := range rows.Delegations {
		pools = append(pools, rows.Delegations[i].Pool)
	}
	for i := range rows.Unbondings {
		pools = append(pools, rows.Unbondings[i].Pool)
	}
	slices.SortFunc(pools, func(a, b staking.PoolID) int { return bytes.Compare(a[:], b[:]) })
	return slices.Compact(pools)
}

// poolsMissing are the pools named by loaded rows that are not loaded themselves.
func poolsMissing(rows *staking.Rows) []staking.PoolID {
	loaded := make(map[staking.PoolID]bool, len(rows.Pools))
	for i := range rows.Pools {
		loaded[rows.Pools[i].ID] = true
	}
	return slices.DeleteFunc(PoolsNamed(rows), func(id staking.PoolID) bool { return loaded[id] })
}

// CyclesNamed are the closed cycles in which loaded rows were last touched.
func CyclesNamed(rows *staking.Rows) []int64 {
	var cycles []int64
	for i := range rows.Pools {
		cycles = append(cycles, rows.Pools[i].Cycle, rows.Pools[i].Commission.Cycle)
	}
	for i := range rows.Stakes {
		cycles = append(cycles, rows.Stakes[i].Own.Cycle, rows.Stakes[i].Left.Cycle)
	}
	for i := range rows.Delegations {
		cycles = append(cycles, rows.Delegations[i].Cycle)
	}
	slices.Sort(cycles)
	cycles = slices.Compact(cycles)
	end, _ := slices.BinarySearch(cycles, rows.Total.Cycle)
	return cycles[:end]
}
