package ledger

import (
	"context"
	"time"

	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
)

// Reader is what the ledger needs to be told about the past. Every method sees
// committed rows only, takes no locks, and returns an empty result, not an
// error, for what does not exist. Times come back in UTC.
type Reader interface {
	AccountReader
	TransactionReader
	HoldReader
	DebtReader
	BootstrapReader
	OversightReader
}

// AccountReader tells who there is and what they have.
type AccountReader interface {
	// AccountsOf returns every row of the owners, ordered by id.
	AccountsOf(ctx context.Context, owners ...did.DID) ([]Account, error)
	// SystemAccounts returns every row of every system account, ordered by id.
	SystemAccounts(ctx context.Context) ([]Account, error)
	// Agents returns the profiles that exist, in no particular order.
	Agents(ctx context.Context, ids ...did.DID) ([]Agent, error)
	// Stripped returns the profiles that lack roles, ordered by their DIDs.
	Stripped(ctx context.Context) ([]Agent, error)
	// BalancesAt returns, in the order given and from one consistent view, the
	// balance of each row after its last entry at or before the instant.
	BalancesAt(ctx context.Context, at time.Time, accounts ...AccountID) ([]amount.Signed, error)
	// Totals returns what the system accounts do not tell of the whole economy,
	// where holds that have expired by the instant count as released.
	Totals(ctx context.Context, now time.Time) (Totals, error)
}

// TransactionReader tells what has happened.
type TransactionReader interface {
	// Transactions returns those that exist, with their entries by leg, ordered
	// by id.
	Transactions(ctx context.Context, ids ...TransactionID) ([]Recorded, error)
	// Referring returns the transactions whose reference id is one of those
	// given, without their entries, ordered by id.
	Referring(ctx context.Context, referenceIDs ...string) ([]Recorded, error)
	// History returns a page of an account's transactions, newest first,
	// without their entries.
	History(ctx context.Context, q HistoryQuery) (HistoryPage, error)
}

// HoldReader tells what has been set aside.
type HoldReader interface {
	// Holds returns a page of holds, newest first.
	Holds(ctx context.Context, q HoldQuery) ([]RecordedHold, error)
	// CountHolds counts what the query selects, without its page.
	CountHolds(ctx context.Context, q HoldQuery) (int64, error)
}

// DebtReader tells who owes whom.
type DebtReader interface {
	// Debts returns a page of an agent's debts, or of those of one cause, newest first.
	Debts(ctx context.Context, q DebtQuery) (DebtPage, error)
	// Garnished returns garnished rows on which something lies that is owed, with the available
	// rows of their owners, ordered by id.
	Garnished(ctx context.Context, limit int) ([]GarnishedRow, error)
	// OldestDebts returns of each debtor the open debts that have waited longest, at
	// most [MaxDebtsPaid], ordered by debtor and id.
	OldestDebts(ctx context.Context, debtors ...AccountID) ([]Debt, error)
}

// BootstrapReader tells of bootstrap tokens.
type BootstrapReader interface {
	// BootstrapTokens returns those of the tokens that exist, by their hashes, in no
	// particular order.
	BootstrapTokens(ctx context.Context, hashes ...string) ([]BootstrapToken, error)
	// AuditBootstrapTokens returns tokens ordered by id, at most limit that follow the
	// given one, fewer only at the end.
	AuditBootstrapTokens(ctx context.Context, after BootstrapID, limit int) ([]BootstrapToken, error)
}

// GarnishedRow is where value is set aside for the creditors of an agent.
type GarnishedRow struct {
	Account AccountID // the garnished row
	Debtor  AccountID // the available row of its owner
}

// DebtQuery selects the debts of an agent in one role, or of one cause, newest first.
type DebtQuery struct {
	Debtor, Creditor AccountID // one of them
	Cause            ID        // these, whosever they are
	OpenOnly         bool
	Before           DebtID // only older ones: the cursor
	Offset           int64
	Limit            int
	Count            bool // count all matches
}

// DebtPage is a page of debts.
type DebtPage struct {
	Debts []RecordedDebt
	Total int64         // of the matches, where they were counted
	Left  amount.Amount // what is left of all open debts in the role or of the cause, on whichever page; at most [amount.Max]
}

// RecordedDebt is a debt as it is read back, with the DIDs of its parties.
type RecordedDebt struct {
	Debt
	DebtorID   did.DID
	CreditorID did.DID
}

// RecordedHold is a hold as it is read back, with the DIDs of its parties.
type RecordedHold struct {
	Hold
	PayerID    did.DID
	ReceiverID did.DID
}

// Recorded is a transaction as it is read back, with the DIDs of the owners.
type Recorded struct {
	Transaction
	SenderID   did.DID // owner of the paying row
	ReceiverID did.DID // owner of the paid row
}

// HistoryQuery selects transactions of one available row, newest first. Zero
// fields select everything.
type HistoryQuery struct {
	Account      AccountID
	Types        []TransactionType
	From, To     time.Time // From ≤ t < To
	Counterparty did.DID   // the other owner
	Reference    string    // the client's lasting reference
	Below        int64     // only entries with a smaller seq: the cursor; 0 starts at the newest
	Offset       int64
	Limit        int
	Count        int64 // count up to so many matches; 0 counts nothing
}

// Filtered reports whether the query leaves anything out.
func (q HistoryQuery) Filtered() bool {
	return len(q.Types) > 0 || !q.From.IsZero() || !q.To.IsZero() || !q.Counterparty.IsZero() || q.Reference != ""
}

// HistoryPage is a page of an account's transactions. The seq of a transaction
// is that of its entry in the account's chain.
type HistoryPage struct {
	Transactions []Recorded
	Seqs         []int64 // of each, parallel to Transactions
	Entries      []Entry // of each on the account, without their legs, parallel too
	Total        int64   // as far as it was counted
}

// HoldQuery selects holds. Zero fields select everything.
type HoldQuery struct {
	IDs      []HoldID
	Party    AccountID // payer or receiver
	Payer    AccountID
	States   []HoldState
	DueBy    time.Time // expires_at at or before
	Before   HoldID    // only older ones: the cursor
	Offset   int64
	Limit    int
	OldFirst bool // by expiry, soonest first
}

// Totals are what no row of an account tells of the whole economy.
type Totals struct {
	Locked amount.Amount // in open holds, in open disputes and, set aside for creditors, on garnished rows, in AVT
	Agents int64
}
