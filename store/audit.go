package store

import (
	"context"
	"time"

	"github.com/agentvault/teg-layer/governance/auditor"
	"github.com/agentvault/teg-layer/governance/dispute"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/reputation"
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
	// AuditEvents returns events ordered by position, from the given one on. From before
	// the tail is [ErrForgotten].
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

// ReputationAuditReader hands out what is known of conduct as [AuditReader] does the
// rest.
type ReputationAuditReader interface {
	// AuditScores calls visit with every agent's score, in no particular order, and
	// returns the histogram of the same consistent view.
	AuditScores(ctx context.Context, visit func(reputation.Score) error) (reputation.Histogram, error)
	// AuditScoreEvents returns events ordered by agent and seq.
	AuditScoreEvents(ctx context.Context, agent ledger.AccountID, seq int64, limit int) ([]reputation.Event, error)
	// AuditReports returns reports ordered by id.
	AuditReports(ctx context.Context, after reputation.ReportID, limit int) ([]reputation.Report, error)
	// AuditOutcomes returns all reports of AVTP transactions, by scope, in no particular
	// order, all those of one transaction as they were at one time.
	AuditOutcomes(ctx context.Context, scopes ...ledger.ID) ([]reputation.Report, error)
}

// FlagReader tells what has been flagged, and hands it out as [AuditReader] does the
// rest.
type FlagReader interface {
	// Flags returns a page, newest first, and how many match as far as they were
	// counted.
	Flags(ctx context.Context, q auditor.FlagQuery) (page []auditor.Flag, total int64, err error)
	// FlagSteps returns the history of a flag, oldest first.
	FlagSteps(ctx context.Context, flag auditor.FlagID) ([]auditor.Step, error)
	// FlagTallies counts all flags, those in shadow too.
	FlagTallies(ctx context.Context) ([]auditor.Tally, error)
	// AuditFlags returns flags ordered by id.
	AuditFlags(ctx context.Context, after auditor.FlagID, limit int) ([]auditor.Flag, error)
}

// DisputeReader tells what is disputed, and hands it out as [AuditReader] does the rest.
type DisputeReader interface {
	// Disputes returns a page, newest first, and how many match as far as they were
	// counted.
	Disputes(ctx context.Context, q dispute.Query) (page []dispute.Dispute, total int64, err error)
	// DisputeSteps returns the timeline of a dispute, oldest first.
	DisputeSteps(ctx context.Context, id dispute.ID) ([]dispute.Step, error)
	// DisputeEvidence returns all evidence in a dispute, oldest first.
	DisputeEvidence(ctx context.Context, id dispute.ID) ([]dispute.RecordedEvidence, error)
	// DueDisputes returns open disputes whose deadline is at or before an instant, the
	// soonest first.
	DueDisputes(ctx context.Context, by time.Time, limit int) ([]dispute.Dispute, error)
	// UnstoredEvidence returns evidence in open disputes that nobody has looked at yet,
	// ordered by id.
	UnstoredEvidence(ctx context.Context, q dispute.EvidenceQuery) ([]dispute.Evidence, error)
	// AuditDisputes returns disputes ordered by id, with what their transactions sum to
	// on the claimant's locked row.
	AuditDisputes(ctx context.Context, after dispute.ID, limit int) ([]AuditedDispute, error)
}

// AuditedDispute is a dispute with the sum of the entries that its transactions made
// on the claimant's locked row: what is still set aside for it.
type AuditedDispute struct {
	dispute.Dispute
	SetAside amount.Signed
	Paid     amount.Amount // by transactions of type dispute_penalty
}

// DebtAuditReader hands out debts as [AuditReader] does the rest.
type DebtAuditReader interface {
	// AuditDebts calls visit with every debt, ordered by id, and returns the available
	// rows of the debtors and all garnished rows, ordered by id, of the same consistent
	// view.
	AuditDebts(ctx context.Context, visit func(AuditedDebt) error) ([]ledger.Account, error)
}

// AuditedDebt is a debt with what its payments sum to.
type AuditedDebt struct {
	ledger.Debt
	Paid     amount.Amount
	LastPaid time.Time // when the last of them was made, by the clock that made it; zero where there is none
}

// AuditedHold is a hold with the sum of the entries that its transactions made
// on its locked row: what is still set aside for it.
type AuditedHold struct {
	ledger.Hold
	SetAside amount.Signed
	Releases int // transactions that gave it back
}
