package staking

import (
	"context"
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
)

// Reader is what staking needs to be told about the past. Every method sees
// committed rows only, takes no locks, and returns an empty result, not an
// error, for what does not exist. Times come back in UTC.
type Reader interface {
	StakeReader
	DelegationReader
	CycleReader
}

// StakeReader tells what has been staked.
type StakeReader interface {
	// StakingRows returns what is named, each with the rows that belong to it,
	// of one consistent view; see [Need].
	StakingRows(ctx context.Context, need Need) (Rows, error)
	// HoldingsOf returns every account row of an owner, ordered by id, and what of
	// its stakes is live with its pools, of one consistent view.
	HoldingsOf(ctx context.Context, owner did.DID) ([]ledger.Account, Rows, error)
	// Stakes returns the ids of a page of stakes, newest first.
	Stakes(ctx context.Context, q StakeQuery) ([]StakeID, error)
	// CountStakes counts what the query selects, without its page.
	CountStakes(ctx context.Context, q StakeQuery) (int64, error)
	// DueUnbondings returns what may be released, soonest first, with nothing that
	// belongs to it.
	DueUnbondings(ctx context.Context, q DueQuery) ([]Unbonding, error)
	// Compounding returns live stakes that stake what they earn and were last
	// settled in a cycle below the given one, in no particular order.
	Compounding(ctx context.Context, below int64, limit int) ([]Stake, error)
	// StakedPools calls visit with what lies in each pool of stakes and of delegations in
	// which anything does, ordered by agent.
	StakedPools(ctx context.Context, visit func(agent ledger.AccountID, tokens amount.Amount) error) error
}

// DelegationReader tells what has been delegated.
type DelegationReader interface {
	// Delegations returns a page of delegations, newest first.
	Delegations(ctx context.Context, q DelegationQuery) ([]RecordedDelegation, error)
	// CountDelegations counts what the query selects, without its page.
	CountDelegations(ctx context.Context, q DelegationQuery) (int64, error)
	// Delegators counts the agents with an active delegation to a validator.
	Delegators(ctx context.Context, validator ledger.AccountID) (int64, error)
	// DelegationSlashes returns a page of what was taken of an agent's delegations:
	// newest slash first, and of one slash the newest delegation first.
	DelegationSlashes(ctx context.Context, q DelegationSlashQuery) ([]DelegationSlash, error)
	// CountDelegationSlashes counts what the query selects, without its page.
	CountDelegationSlashes(ctx context.Context, q DelegationSlashQuery) (int64, error)
}

// CycleReader tells what was distributed, and what was taken.
type CycleReader interface {
	// RewardCycles returns closed cycles, newest first.
	RewardCycles(ctx context.Context, q CycleQuery) ([]Cycle, error)
	// Slashes returns what was taken from an agent, newest first.
	Slashes(ctx context.Context, q SlashQuery) ([]Slash, error)
}

// Need names rows. Its slices hold no duplicates. What belongs to a row comes
// with it: to a delegation or an unbonding its stake; to a stake that counts such
// parts its active delegations and what is on its way back to it; to each of these
// its pool. With whatever is named, or with Total alone, come the total and the
// closed cycles in which any of the rows was last touched.
type Need struct {
	Total       bool
	Stakes      []StakeID
	Delegations []DelegationID
	Unbondings  []UnbondingID
	LiveOf      []ledger.AccountID // agents all of whose live stakes and waiting unbondings are needed
	WaitingOf   []ledger.AccountID // agents all of whose waiting unbondings are needed, their stakes with them
	PoolsOf     []ledger.AccountID // agents all of whose live pools are needed
}

// Empty reports whether nothing is needed.
func (n *Need) Empty() bool {
	return !n.Total && len(n.Stakes)+len(n.Delegations)+len(n.Unbondings)+len(n.LiveOf)+len(n.WaitingOf)+len(n.PoolsOf) == 0
}

// DueQuery selects what waits and may be released.
type DueQuery struct {
	By    time.Time        // what is due then
	From  ledger.AccountID // only what lies in this agent's pools; zero: in anyone's
	Limit int
}

// StakeQuery selects the stakes of one agent, newest first.
type StakeQuery struct {
	Owner      ledger.AccountID
	ActiveOnly bool
	Before     StakeID // only older ones: the cursor
	Offset     int64
	Limit      int
}

// DelegationQuery selects delegations, newest first. Zero fields select
// everything.
type DelegationQuery struct {
	IDs        []DelegationID
	Delegator  ledger.AccountID
	Validator  ledger.AccountID
	ActiveOnly bool
	Before     DelegationID // only older ones: the cursor
	Offset     int64
	Limit      int
}

// CycleQuery selects closed cycles, newest first. Zero fields select everything.
type CycleQuery struct {
	ID    CycleID
	Below int64 // only smaller numbers: the cursor
	Limit int
}

// SlashQuery selects slashes of one agent, newest first.
type SlashQuery struct {
	Agent  ledger.AccountID
	ID     SlashID // zero: all of them
	Before SlashID // only older ones: the cursor
	Limit  int
}

// DelegationSlashQuery selects what was taken of the delegations of one agent.
type DelegationSlashQuery struct {
	Delegator   ledger.AccountID
	Transaction ledger.TransactionID // zero: all of them
	Before      SlashID              // the cursor: only older slashes, and of this one
	Below       int64                // only delegations with a smaller Seq
	Offset      int64
	Limit       int
}

// RecordedDelegation is a delegation as it is read back, with the DIDs of its
// parties and its pool.
type RecordedDelegation struct {
	Delegation
	DelegatorID did.DID
	ValidatorID did.DID
	In          Pool
}
