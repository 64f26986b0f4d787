package ledger

import (
	"context"
	"time"

	"github.com/agentvault/teg-layer/ledger/amount"
)

// OversightReader tells those who oversee an economy of all of it.
type OversightReader interface {
	// AccountsByID returns the rows that exist, ordered by id.
	AccountsByID(ctx context.Context, ids ...AccountID) ([]Account, error)
	// ListAgents returns a page of agents, the last that came first, with their available
	// rows, and how many match as far as they were counted.
	ListAgents(ctx context.Context, q AgentQuery) (page []ListedAgent, total int64, err error)
	// Posted returns a page of all transactions, newest first by their ids, without their
	// entries, and how many match as far as they were counted.
	Posted(ctx context.Context, q PostedQuery) (page []Recorded, total int64, err error)
	// Activity returns what happened in each span of time in which anything did, the oldest
	// first.
	Activity(ctx context.Context, q ActivityQuery) ([]Activity, error)
}

// AgentQuery selects agents. Zero fields select everything.
type AgentQuery struct {
	Containing string    // only those whose DID has this in it
	Below      AccountID // only those with a smaller available row: the cursor
	Offset     int64
	Limit      int
	Count      int64 // count up to so many matches; 0 counts nothing
}

// ListedAgent is an agent with its available row.
type ListedAgent struct {
	Agent
	Available Account
}

// PostedQuery selects transactions of the whole economy. Zero fields select everything.
type PostedQuery struct {
	Types     []TransactionType
	From, To  time.Time // From ≤ t < To
	Reference string    // the client's lasting reference
	AtLeast   amount.Amount
	Before    TransactionID // only smaller ids: the cursor
	Offset    int64
	Limit     int
	Count     int64 // count up to so many matches; 0 counts nothing
}

// ActivityQuery asks for spans of one width, the first of which begins with From.
type ActivityQuery struct {
	From, To time.Time // From ≤ t < To
	Width    time.Duration
}

// Activity is what happened in a span of time.
type Activity struct {
	Start        time.Time
	Transactions int64         // of every type
	Payments     int64         // transfers, and captures of holds
	Volume       amount.Amount // of the payments
	Fees         amount.Amount // of all transactions
	Payers       int64         // rows that paid by transfers
}

// Add counts a transaction, but for who paid.
func (a *Activity) Add(kind TransactionType, sum, fee amount.Amount) (err error) {
	a.Transactions++
	if kind.Payment() {
		a.Payments++
		if a.Volume, err = a.Volume.Add(sum); err != nil {
			return err
		}
	}
	a.Fees, err = a.Fees.Add(fee)
	return err
}
