package store

import (
	"context"
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
)

// ActivityReader tells what goes on, so that it can be kept up by the log.
type ActivityReader interface {
	// ActivitySince returns what happened from an instant on, whatever clock gave it a later
	// one, and where the log stood, of one view.
	ActivitySince(ctx context.Context, from time.Time, width time.Duration) (ActivityView, error)
	// Moves returns what those of the transactions moved that exist, in no particular order.
	Moves(ctx context.Context, ids ...ledger.TransactionID) ([]Move, error)
}

// ActivityView is what happened up to a place in the log.
type ActivityView struct {
	Size    int64        // of the log: what later events tell is not in the spans
	Last    EventID      // of the event before; zero where there is none, or it was forgotten
	Waiting []EventID    // events that are not numbered yet, though what they tell is in the spans
	Spans   []PayersSpan // those in which anything happened, in no particular order
}

// PayersSpan is a span of time with the rows that paid by transfers in it.
type PayersSpan struct {
	ledger.Activity
	By []ledger.AccountID
}

// Move is of a transaction what activity is made of.
type Move struct {
	Type   ledger.TransactionType
	Sender ledger.AccountID
	Amount amount.Amount
	Fee    amount.Amount
	At     time.Time
}
