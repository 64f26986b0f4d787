package teg_test

import (
	"context"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/staking"
)

func (r *brittleReader) StakingRows(ctx context.Context, need staking.Need) (staking.Rows, error) {
	return read(r, "StakingRows", func() (staking.Rows, error) { return r.sound.StakingRows(ctx, need) })
}

func (r *brittleReader) Stakes(ctx context.Context, q staking.StakeQuery) ([]staking.StakeID, error) {
	return read(r, "Stakes", func() ([]staking.StakeID, error) { return r.sound.Stakes(ctx, q) })
}

func (r *brittleReader) CountStakes(ctx context.Context, q staking.StakeQuery) (int64, error) {
	return read(r, "CountStakes", func() (int64, error) { return r.sound.CountStakes(ctx, q) })
}

func (r *brittleReader) DueUnbondings(ctx context.Context, q staking.DueQuery) ([]staking.Unbonding, error) {
	return read(r, "DueUnbondings", func() ([]staking.Unbonding, error) { return r.sound.DueUnbondings(ctx, q) })
}

func (r *brittleReader) Compounding(ctx context.Context, below int64, limit int) ([]staking.Stake, error) {
	return read(r, "Compounding", func() ([]staking.Stake, error) { return r.sound.Compounding(ctx, below, limit) })
}

func (r *brittleReader) Delegations(ctx context.Context, q staking.DelegationQuery) ([]staking.RecordedDelegation, error) {
	return read(r, "Delegations", func() ([]staking.RecordedDelegation, error) { return r.sound.Delegations(ctx, q) })
}

func (r *brittleReader) CountDelegations(ctx context.Context, q staking.DelegationQuery) (int64, error) {
	return read(r, "CountDelegations", func() (int64, error) { return r.sound.CountDelegations(ctx, q) })
}

func (r *brittleReader) Delegators(ctx context.Context, validator ledger.AccountID) (int64, error) {
	return read(r, "Delegators", func() (int64, error) { return r.sound.Delegators(ctx, validator) })
}

func (r *brittleReader) RewardCycles(ctx context.Context, q staking.CycleQuery) ([]staking.Cycle, error) {
	return read(r, "RewardCycles", func() ([]staking.Cycle, error) { return r.sound.RewardCycles(ctx, q) })
}

func (r *brittleReader) Slashes(ctx context.Context, q staking.SlashQuery) ([]staking.Slash, error) {
	return read(r, "Slashes", func() ([]staking.Slash, error) { return r.sound.Slashes(ctx, q) })
}

func (r *brittleReader) AuditPools(ctx context.Context, after staking.PoolID, limit int) ([]staking.Pool, error) {
	return read(r, "AuditPools", func() ([]staking.Pool, error) { return r.sound.AuditPools(ctx, after, limit) })
}

func (r *brittleReader) AuditStakes(ctx context.Context, after staking.StakeID, limit int) ([]staking.Stake, error) {
	return read(r, "AuditStakes", func() ([]staking.Stake, error) { return r.sound.AuditStakes(ctx, after, limit) })
}

func (r *brittleReader) AuditDelegations(ctx context.Context, after staking.DelegationID, limit int) ([]staking.Delegation, error) {
	return read(r, "AuditDelegations", func() ([]staking.Delegation, error) { return r.sound.AuditDelegations(ctx, after, limit) })
}

func (r *brittleReader) AuditUnbondings(ctx context.Context, after staking.UnbondingID, limit int) ([]staking.Unbonding, error) {
	return read(r, "AuditUnbondings", func() ([]staking.Unbonding, error) { return r.sound.AuditUnbondings(ctx, after, limit) })
}

func (r *brittleReader) HoldingsOf(ctx context.Context, owner did.DID) (accounts []ledger.Account, rows staking.Rows, err error) {
	_, err = read(r, "HoldingsOf", func() (struct{}, error) {
		accounts, rows, err = r.sound.HoldingsOf(ctx, owner)
		return struct{}{}, err
	})
	return accounts, rows, err
}

func (r *brittleReader) DelegationSlashes(ctx context.Context, q staking.DelegationSlashQuery) ([]staking.DelegationSlash, error) {
	return read(r, "DelegationSlashes", func() ([]staking.DelegationSlash, error) { return r.sound.DelegationSlashes(ctx, q) })
}

func (r *brittleReader) CountDelegationSlashes(ctx context.Context, q staking.DelegationSlashQuery) (int64, error) {
	return read(r, "CountDelegationSlashes", func() (int64, error) { return r.sound.CountDelegationSlashes(ctx, q) })
}
