package sqlite

import (
	"context"
	"database/sql"
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
	insert *batch
	change *statement // nil where rows never change
}

func keep[Row any](t *bunstore.Table[Row]) *kept[Row] {
	k := &kept[Row]{Table: t, insert: insertInto(t.Name, t.Written()...)}
	if changed := t.Changed(); len(changed) > 0 {
		k.change = one("UPDATE " + t.Name + " SET " + strings.Join(changed, " = ?, ") + " = ? WHERE " + t.Key() + " = ?")
	}
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

	stakeLookups = func() map[*bunstore.Selection]*lookup {
		lookups := map[*bunstore.Selection]*lookup{}
		for _, s := range bunstore.Selections() {
			lookups[s] = lookupBy(s.Text)
		}
		return lookups
	}()
)

func loadStaking(ctx context.Context, e executor, need *store.Need, rows *store.Rows) (err error) {
	rows.Staking, err = bunstore.LoadStaking(ctx, source{e}, need.Staking)
	return err
}

// source looks rows of stakes up in the open transaction.
type source struct{ executor }

// Select implements [bunstore.Source].
func (s source) Select(ctx context.Context, of *bunstore.Selection, keys []any, visit func(scan func(into []any) error) error) error {
	bind := func(a *arguments, i int) {
		switch key := keys[i].(type) {
		case ledger.ID:
			a.bytes(key[:])
		default:
			a.add(key)
		}
	}
	return find(ctx, s.executor, stakeLookups[of], len(keys), bind, func(r *row) {
		r.note(visit(func(into []any) error {
			for _, place := range into {
				if err := place.(sql.Scanner).Scan(r.take()); err != nil {
					return err
				}
			}
			return nil
		}))
	})
}

// writeStaking changes what was loaded before it makes what is new: a pool that
// was closed makes room for another.
func writeStaking(ctx context.Context, e executor, c *store.Changes) error {
	s := &c.Staking
	var total []staking.Total
	if s.Total != nil {
		total = []staking.Total{*s.Total}
	}
	for _, step := range []func() error{
		func() error { return stakingTotal.changeAll(ctx, e, total) },
		func() error { return pools.changeAll(ctx, e, s.Pools) },
		func() error { return stakes.changeAll(ctx, e, s.Stakes) },
		func() error { return delegations.changeAll(ctx, e, s.Delegations) },
		func() error { return unbondings.changeAll(ctx, e, s.Unbondings) },
		func() error { return pools.insertAll(ctx, e, s.NewPools) },
		func() error { return stakes.insertAll(ctx, e, s.NewStakes) },
		func() error { return delegations.insertAll(ctx, e, s.NewDelegations) },
		func() error { return unbondings.insertAll(ctx, e, s.NewUnbondings) },
		func() error { return rewardCycles.insertAll(ctx, e, s.Cycles) },
		func() error { return slashes.insertAll(ctx, e, c.Slashes) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (k *kept[Row]) insertAll(ctx context.Context, e executor, rows []Row) error {
	return insert(ctx, e, k.insert, len(rows), func(a *arguments, i int) {
		for _, place := range k.Values(&rows[i]) {
			bindPlace(a, place)
		}
	})
}

// changeAll updates rows, all of which must be there.
func (k *kept[Row]) changeAll(ctx context.Context, e executor, rows []Row) error {
	for i := range rows {
		changed, err := run(ctx, e, k.change, func(a *arguments) {
			for _, place := range k.Changes(&rows[i]) {
				bindPlace(a, place)
			}
			bindPlace(a, k.KeyOf(&rows[i]))
		})
		if err != nil {
			return err
		}
		if changed != 1 {
			return fmt.Errorf("sqlite: a row of %s is not there to be changed", k.Name)
		}
	}
	return nil
}

// bindPlace adds what stands at one of the places of a [bunstore.Table].
func bindPlace(a *arguments, place any) {
	switch v := place.(type) {
	case *ledger.ID:
		a.bytes(v[:])
	case *int64:
		a.int(*v)
	case *int:
		a.int(int64(*v))
	case *uint8:
		a.int(int64(*v))
	case *bool:
		a.add(*v)
	case *string:
		a.text(*v)
	case *did.DID:
		a.text(v.String())
	case *bunstore.Named:
		a.text(v.String())
	case *amount.Amount:
		a.amount(*v)
	case *amount.Rate:
		a.int(ppm(*v))
	case *staking.Number:
		a.text(v.String())
	case *time.Time:
		a.time(*v)
	default:
		panic(fmt.Sprintf("sqlite: no column holds %T", place)) // a fault of the table's description
	}
}
