package bunstore

import (
	"context"

	"github.com/agentvault/teg-layer/staking"
)

// audit reads rows that follow an id, in the order of the ids. The first are whatever comes
// first: an id that a disk spoilt may be less than every one, or none, which cannot be read.
func audit[Row any, ID ~[16]byte](ctx context.Context, r *Reader, t *Table[Row], after ID, limit int) ([]Row, error) {
	if after == (ID{}) {
		return list(ctx, r, t, `TRUE ORDER BY id LIMIT ?`, limit)
	}
	return list(ctx, r, t, `id > ? ORDER BY id LIMIT ?`, r.dialect.ID(after), limit)
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
