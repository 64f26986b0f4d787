package store

import (
	"context"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/staking"
)

// AuditReader hands out everything there is, in short reads, so that the books
// can be proven from their entries. Each method returns at most limit rows that
// follow the given position, fewer only at the end.
type AuditReader interface {
	// AuditAccounts calls visit with every account row of one consistent view,
	// ordered by id.
	AuditAccounts(ctx context.Context, visit func(ledger.Account) error) error
	// AuditEntries returns entries ordered by account and seq.
	AuditEntries(ctx context.Context, account ledger.AccountID, seq int64, limit int) ([]ledger.Entry, error)
	// AuditTransactions returns transactions with their entries, ordered by id.
	AuditTransactions(ctx context.Context, after ledger.TransactionID, limit int) ([]ledger.Transaction, error)
	// AuditHolds returns holds ordered by id, with what their transactions sum
	// to on the locked row.
	AuditHolds(ctx context.Context, after ledger.HoldID, limit int) ([]AuditedHold, error)
	// AuditEvents returns events ordered by position, from the given one on.
	AuditEvents(ctx context.Context, from int64, limit int) ([]Event, error)
	// AuditRecords returns the journal's records ordered by key.
	AuditRecords(ctx context.Context, after Key, limit int) ([]Record, error)
	// LogSize returns how many events are numbered, and how many wait.
	LogSize(ctx context.Context) (numbered, waiting int64, err error)
}

// StakingAuditReader hands out the rows of stakes as [AuditReader] does the rest,
// each ordered by id.
type StakingAuditReader interface {
	AuditPools(ctx context.Context, after staking.PoolID, limit int) ([]staking.Pool, error)
	AuditStakes(ctx context.Context, after staking.StakeID, limit int) ([]staking.Stake, error)
	AuditDelegations(ctx context.Context, after staking.DelegationID, limit int) ([]staking.Delegation, error)
	AuditUnbondings(ctx context.Context, after staking.UnbondingID, limit int) ([]staking.Unbonding, error)
}

// AuditedHold is a hold with the sum of the entries that its transactions made
// on its locked row: what is still set aside for it.
type AuditedHold struct {
	ledger.Hold
	SetAside amount.Signed
	Releases int // transactions that gave it back
}
