package bunstore

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/staking"
)

// visitor hands each row that a statement answers to a function.
type visitor func(scan func(into []any) error) error

// ScanRows implements bun's model.
func (v visitor) ScanRows(_ context.Context, rows *sql.Rows) (n int, err error) {
	for ; rows.Next(); n++ {
		if err := v(func(into []any) error { return rows.Scan(into...) }); err != nil {
			return n, err
		}
	}
	return n, rows.Err()
}

// Value implements bun's model.
func (v visitor) Value() any { return nil }

// Select implements [Source].
func (r *Reader) Select(ctx context.Context, s *Selection, keys []any, visit func(scan func(into []any) error) error) error {
	return chunks(ctx, r, keys, func(view *Reader, part []any) error {
		args := make([]any, len(part))
		for i, key := range part {
			args[i] = key
			if id, named := key.(ledger.ID); named {
				args[i] = r.dialect.ID(id)
			}
		}
		return view.scan(ctx, visitor(visit), fmt.Sprintf(s.Text, "?"), bun.List(args))
	})
}

// list reads rows of a table.
func list[Row any](ctx context.Context, r *Reader, t *Table[Row], rest string, args ...any) (rows []Row, err error) {
	err = r.scan(ctx, visitor(t.AppendTo(&rows)), `SELECT `+t.Columns()+` FROM `+t.Name+` WHERE `+rest, args...)
	return rows, err
}

// StakingRows implements [staking.StakeReader].
func (r *Reader) StakingRows(ctx context.Context, need staking.Need) (rows staking.Rows, err error) {
	err = r.snapshot(ctx, func(ctx context.Context, view *Reader) error {
		rows, err = LoadStaking(ctx, view, need)
		return err
	})
	return rows, err
}

// HoldingsOf implements [staking.StakeReader].
func (r *Reader) HoldingsOf(ctx context.Context, owner did.DID) (accounts []ledger.Account, rows staking.Rows, err error) {
	err = r.snapshot(ctx, func(ctx context.Context, view *Reader) error {
		if accounts, err = view.AccountsOf(ctx, owner); err != nil {
			return err
		}
		need := staking.Need{Total: true}
		for i := range accounts {
			if accounts[i].Kind == ledger.Available {
				need.LiveOf = []ledger.AccountID{accounts[i].ID}
			}
		}
		need.PoolsOf = need.LiveOf
		rows, err = LoadStaking(ctx, view, need)
		return err
	})
	return accounts, rows, err
}

// Stakes implements [staking.StakeReader].
func (r *Reader) Stakes(ctx context.Context, q staking.StakeQuery) (page []staking.StakeID, err error) {
	where, args := stakeFilter(q)
	if !q.Before.IsZero() {
		where, args = where+` AND id < ?`, append(args, r.dialect.ID(q.Before))
	}
	var rows []struct{ ID idColumn }
	err = r.scan(ctx, &rows, `SELECT id FROM stakes WHERE `+where+` ORDER BY id DESC LIMIT ? OFFSET ?`, append(args, q.Limit, q.Offset)...)
	for i := range rows {
		page = append(page, staking.StakeID(rows[i].ID))
	}
	return page, err
}

// CountStakes implements [staking.StakeReader].
func (r *Reader) CountStakes(ctx context.Context, q staking.StakeQuery) (total int64, err error) {
	where, args := stakeFilter(q)
	err = r.scan(ctx, &total, `SELECT count(*) FROM stakes WHERE `+where, args...)
	return total, err
}

// stakeFilter is what each stake must be. What is active is live, and said so as
// the index of live stakes says it.
func stakeFilter(q staking.StakeQuery) (string, []any) {
	where := `owner = ?`
	if q.ActiveOnly {
		where += ` AND live AND unstaked_at IS NULL`
	}
	return where, []any{q.Owner}
}

// DueUnbondings implements [staking.StakeReader].
func (r *Reader) DueUnbondings(ctx context.Context, q staking.DueQuery) ([]staking.Unbonding, error) {
	where, args := `live AND available_at <= ?`, []any{r.dialect.Time(q.By)}
	if q.From != 0 {
		where, args = where+` AND pool_id IN (SELECT id FROM pools WHERE agent = ? AND live)`, append(args, q.From)
	}
	return list(ctx, r, &Unbondings, where+` ORDER BY available_at, id LIMIT ?`, append(args, q.Limit)...)
}

// Compounding implements [staking.StakeReader].
func (r *Reader) Compounding(ctx context.Context, below int64, limit int) ([]staking.Stake, error) {
	return list(ctx, r, &Stakes, `live AND auto_compound AND own_cycle < ? LIMIT ?`, below, limit)
}

// Delegations implements [staking.DelegationReader].
func (r *Reader) Delegations(ctx context.Context, q staking.DelegationQuery) (page []staking.RecordedDelegation, err error) {
	err = r.snapshot(ctx, func(ctx context.Context, view *Reader) error {
		where, args := r.delegationFilter(q)
		if !q.Before.IsZero() {
			where, args = where+` AND id < ?`, append(args, r.dialect.ID(q.Before))
		}
		found, err := list(ctx, view, &Delegations, where+` ORDER BY id DESC LIMIT ? OFFSET ?`, append(args, q.Limit, q.Offset)...)
		if err == nil {
			page, err = view.recordDelegations(ctx, found)
		}
		return err
	})
	return page, err
}

// recordDelegations adds the DIDs of the parties, and the pools.
func (r *Reader) recordDelegations(ctx context.Context, found []staking.Delegation) ([]staking.RecordedDelegation, error) {
	var parties []ledger.AccountID
	for i := range found {
		parties = append(parties, found[i].Delegator, found[i].Validator)
	}
	owners, err := r.ownersOf(ctx, parties)
	if err != nil {
		return nil, err
	}
	l := stakeLoader{ctx: ctx, from: r}
	fetch(&l, poolsByID, names(PoolsNamed(&staking.Rows{Delegations: found})), &Pools, &l.rows.Pools)
	pools := make(map[staking.PoolID]staking.Pool, len(l.rows.Pools))
	for i := range l.rows.Pools {
		pools[l.rows.Pools[i].ID] = l.rows.Pools[i]
	}
	page := make([]staking.RecordedDelegation, len(found))
	for i, d := range found {
		page[i] = staking.RecordedDelegation{
			Delegation: d, DelegatorID: owners[d.Delegator], ValidatorID: owners[d.Validator], In: pools[d.Pool],
		}
	}
	return page, l.err
}

// ownersOf tells whose account rows are.
func (r *Reader) ownersOf(ctx context.Context, accounts []ledger.AccountID) (map[ledger.AccountID]did.DID, error) {
	owners := make(map[ledger.AccountID]did.DID, len(accounts))
	err := chunks(ctx, r, accounts, func(view *Reader, part []ledger.AccountID) error {
		var rows []accountRow
		if err := view.scan(ctx, &rows, `SELECT id, owner FROM accounts WHERE id IN (?)`, bun.List(part)); err != nil {
			return err
		}
		for i := range rows {
			owner, err := did.Parse(rows[i].Owner)
			if err != nil {
				return err
			}
			owners[ledger.AccountID(rows[i].ID)] = owner
		}
		return nil
	})
	return owners, err
}

// CountDelegations implements [staking.DelegationReader].
func (r *Reader) CountDelegations(ctx context.Context, q staking.DelegationQuery) (total int64, err error) {
	where, args := r.delegationFilter(q)
	err = r.scan(ctx, &total, `SELECT count(*) FROM delegations WHERE `+where, args...)
	return total, err
}

func (r *Reader) delegationFilter(q staking.DelegationQuery) (where string, args []any) {
	where = `1 = 1`
	if len(q.IDs) > 0 {
		where, args = where+` AND id IN (?)`, append(args, ids(r.dialect, q.IDs))
	}
	if q.Delegator != 0 {
		where, args = where+` AND delegator = ?`, append(args, q.Delegator)
	}
	if q.Validator != 0 {
		where, args = where+` AND validator = ?`, append(args, q.Validator)
	}
	if q.ActiveOnly {
		where += ` AND live`
	}
	return where, args
}

// Delegators implements [staking.DelegationReader].
func (r *Reader) Delegators(ctx context.Context, validator ledger.AccountID) (total int64, err error) {
	err = r.scan(ctx, &total, `SELECT count(DISTINCT delegator) FROM delegations WHERE validator = ? AND live`, validator)
	return total, err
}

// RewardCycles implements [staking.CycleReader].
func (r *Reader) RewardCycles(ctx context.Context, q staking.CycleQuery) ([]staking.Cycle, error) {
	where, args := `1 = 1`, []any{}
	if q.Below != 0 {
		where, args = where+` AND number < ?`, append(args, q.Below)
	}
	if q.ID != (staking.CycleID{}) {
		where, args = where+` AND id = ?`, append(args, r.dialect.ID(q.ID))
	}
	return list(ctx, r, &Cycles, where+` ORDER BY number DESC LIMIT ?`, append(args, q.Limit)...)
}

// Slashes implements [staking.CycleReader].
func (r *Reader) Slashes(ctx context.Context, q staking.SlashQuery) ([]staking.Slash, error) {
	where, args := `agent = ?`, []any{q.Agent}
	if q.ID != (staking.SlashID{}) {
		where, args = where+` AND id = ?`, append(args, r.dialect.ID(q.ID))
	}
	if q.Before != (staking.SlashID{}) {
		where, args = where+` AND id < ?`, append(args, r.dialect.ID(q.Before))
	}
	return list(ctx, r, &Slashes, where+` ORDER BY id DESC LIMIT ?`, append(args, q.Limit)...)
}

// StakedPools implements [staking.StakeReader].
func (r *Reader) StakedPools(ctx context.Context, visit func(agent ledger.AccountID, tokens amount.Amount) error) error {
	var agent int64
	var tokens amountColumn
	into := []any{Column{&agent}, &tokens}
	return r.scan(ctx, visitor(func(scan func(into []any) error) error {
		if err := scan(into); err != nil {
			return err
		}
		return visit(ledger.AccountID(agent), tokens.Amount)
	}), `SELECT agent, tokens FROM pools WHERE kind IN (?, ?) AND NOT closed AND tokens > ? ORDER BY agent`,
		int(staking.SelfPool), int(staking.DelegatedPool), r.dialect.Amount(amount.Amount{}))
}
