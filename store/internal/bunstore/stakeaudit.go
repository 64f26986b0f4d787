package bunstore

import (
	"context"

	"github.com/agentvault/teg-layer/staking"
)

// audit reads rows that follow an id, in the order of the ids.
func audit[Row any, ID ~[16]byte](ctx context.Context, r *Reader, t *Table[Row], after ID, limit int) ([]Row, error) {
	where, args := r.behind(`id`, after)
	return list(ctx, r, t, where+` ORDER BY id LIMIT ?`, append(args, limit)...)
}

// behind is the condition of rows that an audit reads next, which follow an id. The first are
// whatever comes first: an id that a disk spoilt may be less than every one, or none, which cannot
// be read.
func (r *Reader) behind(column string, id [16]byte) (where string, args []any) {
	if id == ([16]byte{}) {
		return `TRUE`, nil
	}
	return column + ` > ?`, []any{r.dialect.ID(id)}
}

// AuditPools implements [store.StakingAuditReader].
func (r *Reader) AuditPools(ctx context.Context, after staking.PoolID, limit int) ([]staking.Pool, error) {
	return audit(ctx, r, &Pools, after, limit)
}

// AuditStakes implements [store.StakingAuditReader].
func (r *Reader) AuditStakes(ctx context.Context, after staking.StakeID, limit int) ([]staking.Stake, error) {
	return audit(ctx, r, &Stakes, after, limit)
}

// AuditDelegations implements [store.StakingAuditReader].
func (r *Reader) AuditDelegations(ctx context.Context, after staking.DelegationID, limit int) ([]staking.Delegation, error) {
	return audit(ctx, r, &Delegations, after, limit)
}

// AuditUnbondings implements [store.StakingAuditReader].
func (r *Reader) AuditUnbondings(ctx context.Context, after staking.UnbondingID, limit int) ([]staking.Unbonding, error) {
	return audit(ctx, r, &Unbondings, after, limit)
}
