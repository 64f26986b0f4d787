package postgres

import (
	"fmt"
	"strings"
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/staking"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/internal/bunstore"
)

// kept is a table with the statements that write it.
type kept[Row any] struct {
	*bunstore.Table[Row]
	insert, change statement
}

func keep[Row any](t *bunstore.Table[Row]) *kept[Row] {
	columns, row := strings.Join(t.Written(), ", "), new(Row)
	k := &kept[Row]{Table: t, insert: statement{"insert_" + t.Name, `INSERT INTO ` + t.Name + ` (` + columns + `)
		SELECT ` + columns + ` FROM unnest(` + parameters(t.Values(row)) + `) AS d (` + columns + `)`}}
	key, changed := t.Key(), t.Changed()
	if len(changed) == 0 {
		return k
	}
	var set []string
	for _, column := range changed {
		set = append(set, column+` = d.`+column)
	}
	k.change = guarded("change_"+t.Name, `UPDATE `+t.Name+` AS t SET `+strings.Join(set, ", ")+`
		FROM unnest(`+parameters(k.changes(row))+`) AS d (`+key+`, `+strings.Join(changed, ", ")+`) WHERE t.`+key+` = d.`+key,
		`cardinality(`+parameters([]any{t.KeyOf(row)})+`)`)
	return k
}

var (
	stakingTotal = keep(&bunstore.Totals)
	pools        = keep(&bunstore.Pools)
	stakes       = keep(&bunstore.Stakes)
	delegations  = keep(&bunstore.Delegations)
	unbondings   = keep(&bunstore.Unbondings)
	rewardCycles = keep(&bunstore.Cycles)
	slashes      = keep(&bunstore.Slashes)
)

// stakingCalls change what was loaded before they make what is new: a pool that
// was closed makes room for another.
func stakingCalls(c *store.Changes) []call {
	s := &c.Staking
	var calls []call
	if s.Total != nil {
		calls = stakingTotal.changeCall(calls, []staking.Total{*s.Total})
	}
	calls = pools.changeCall(calls, s.Pools)
	calls = stakes.changeCall(calls, s.Stakes)
	calls = delegations.changeCall(calls, s.Delegations)
	calls = unbondings.changeCall(calls, s.Unbondings)
	calls = pools.insertCall(calls, s.NewPools)
	calls = stakes.insertCall(calls, s.NewStakes)
	calls = delegations.insertCall(calls, s.NewDelegations)
	calls = unbondings.insertCall(calls, s.NewUnbondings)
	calls = rewardCycles.insertCall(calls, s.Cycles)
	return slashes.insertCall(calls, c.Slashes)
}

// changes are the key and what changes.
func (k *kept[Row]) changes(row *Row) []any { return append([]any{k.KeyOf(row)}, k.Changes(row)...) }

func (k *kept[Row]) insertCall(calls []call, rows []Row) []call {
	if len(rows) == 0 {
		return calls
	}
	return append(calls, do(k.insert, arraysOf(rows, k.Values)...))
}

func (k *kept[Row]) changeCall(calls []call, rows []Row) []call {
	if len(rows) == 0 {
		return calls
	}
	return append(calls, do(k.change, arraysOf(rows, k.changes)...))
}

// parameters are the array parameters for the places of a row.
func parameters(places []any) string {
	list := make([]string, len(places))
	for i, place := range places {
		_, name := arrayFor(place, 0)
		list[i] = fmt.Sprintf("$%d::%s[]", i+1, name)
	}
	return strings.Join(list, ", ")
}

// arraysOf are the columns of rows.
func arraysOf[Row any](rows []Row, places func(*Row) []any) []any {
	var args []any
	for i := range rows {
		row := places(&rows[i])
		for j, place := range row {
			if i == 0 {
				a, _ := arrayFor(place, len(rows))
				args = append(args, a)
			}
			args[j].(*array).place(place)
		}
	}
	return args
}

// digits is the length of most numbers.
const digits = 64

// arrayFor makes an array for what stands at one of the places of a
// [bunstore.Table], and names the type of its elements.
func arrayFor(place any, n int) (*array, string) {
	switch place.(type) {
	case *ledger.ID:
		return ids(n), "uuid"
	case *int64:
		return bigints(n), "bigint"
	case *int, *amount.Rate:
		return integers(n), "int"
	case *uint8:
		return smallints(n), "smallint"
	case *bool:
		return booleans(n), "boolean"
	case *amount.Amount:
		return numerics(n), "numeric"
	case *time.Time:
		return moments(n), "timestamptz"
	}
	return texts(n, digits), "text"
}

// place adds what stands at a place.
func (a *array) place(place any) {
	switch v := place.(type) {
	case *ledger.ID:
		a.id(*v)
	case *int64:
		a.int64(*v)
	case *int:
		a.int32(int32(*v))
	case *amount.Rate:
		a.int32(int32(v.PPM()))
	case *uint8:
		a.int16(int16(*v))
	case *bool:
		a.bool(*v)
	case *amount.Amount:
		a.amount(*v)
	case *time.Time:
		a.moment(*v)
	case *did.DID:
		a.text(v.String())
	case *bunstore.Named:
		a.text(v.String())
	case *string:
		a.text(*v)
	case *staking.Number:
		a.text(v.String())
	default:
		panic(fmt.Sprintf("postgres: no column holds %T", place)) // a fault of the table's description
	}
}
