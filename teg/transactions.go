package teg

import (
	"context"
	"iter"
	"strings"
	"time"

	"github.com/agentvault/teg-layer/ledger"
)

// TransactionsQuery selects the transactions of one agent, newest first. Zero
// fields select everything.
type TransactionsQuery struct {
	Agent        DID
	Types        []TransactionType
	From, To     time.Time // From ≤ t < To
	Counterparty DID
	Reference    string

	Limit  int    // 1 to 1,000; zero means 100
	Offset int64  // not together with Cursor
	Cursor string // the page after the one that gave it
	Total  bool   // count all, also where a cursor is given
}

// TransactionsPage is a page of transactions.
type TransactionsPage struct {
	Transactions []Transaction
	Total        int64 // −1 where it was not counted
	TotalCapped  bool  // there are more matches than Total, which is [CountLimit]
	NextCursor   string
}

// Transaction returns a transaction with its legs. With a party, it is
// [ErrNotFound] unless that one sent or received it; with the zero DID it is
// shown to whoever asks.
func (e *Engine) Transaction(ctx context.Context, by DID, id TransactionID) (Transaction, error) {
	found, err := e.reader().Transactions(ctx, id)
	if err != nil {
		return Transaction{}, outward(err)
	}
	if len(found) == 0 || !by.IsZero() && by != found[0].SenderID && by != found[0].ReceiverID {
		return Transaction{}, ledger.Refuse(ErrNotFound, "no such transaction")
	}
	return show(found[0]), nil
}

// Transactions returns a page of an agent's transactions. A page reached by
// cursor costs the same at any depth, and shows nothing twice and skips nothing
// while others are being written.
func (e *Engine) Transactions(ctx context.Context, q TransactionsQuery) (TransactionsPage, error) {
	scope := q.scope()
	page := pageRequest{limit: q.Limit, offset: q.Offset, cursor: q.Cursor, total: q.Total}
	at, err := page.resolve(scope)
	if err := check(err, validText("reference", q.Reference, MaxReference)); err != nil {
		return TransactionsPage{}, err
	}
	if !q.From.IsZero() && !q.To.IsZero() && q.To.Before(q.From) {
		return TransactionsPage{}, ledger.Invalid("end_date", "must not be before start_date")
	}
	found, err := e.parties(ctx, q.Agent)
	if err != nil {
		return TransactionsPage{}, err
	}
	if !found[0].known() {
		return TransactionsPage{}, unregistered(q.Agent)
	}
	query := ledger.HistoryQuery{
		Account: found[0].available, Types: q.Types, From: q.From, To: q.To, Counterparty: q.Counterparty,
		Reference: q.Reference, Below: at.seq, Offset: q.Offset, Limit: page.limit + 1,
	}
	if page.counts() {
		query.Count = CountLimit + 1
	}
	if at.seq == 1 { // the oldest has been shown
		return TransactionsPage{Total: -1}, nil
	}
	return e.transactionsPage(ctx, query, page, scope)
}

func (e *Engine) transactionsPage(ctx context.Context, query ledger.HistoryQuery, page pageRequest, scope cursorScope) (TransactionsPage, error) {
	history, err := e.reader().History(ctx, query)
	if err != nil {
		return TransactionsPage{}, outward(err)
	}
	result := TransactionsPage{Total: -1}
	if page.counts() {
		result.Total, result.TotalCapped = history.Total, query.Filtered() && history.Total > CountLimit
		if result.TotalCapped {
			result.Total = CountLimit
		}
	}
	rows := history.Transactions
	if len(rows) > page.limit {
		rows = rows[:page.limit]
		result.NextCursor = scope.cursor(place{seq: history.Seqs[page.limit-1]})
	}
	result.Transactions = make([]Transaction, len(rows))
	for i := range rows {
		result.Transactions[i] = show(rows[i])
	}
	return result, nil
}

func (q *TransactionsQuery) scope() cursorScope {
	var types strings.Builder
	for _, t := range q.Types {
		types.WriteString(t.String() + " ")
	}
	return newCursorScope("transactions", q.Agent.String(), types.String(), q.From.UTC().String(), q.To.UTC().String(),
		q.Counterparty.String(), q.Reference)
}

// AllTransactions walks through all transactions that the query selects, page
// by page, newest first. It ends at the first error.
func (e *Engine) AllTransactions(ctx context.Context, q TransactionsQuery) iter.Seq2[Transaction, error] {
	return func(yield func(Transaction, error) bool) {
		for {
			page, err := e.Transactions(ctx, q)
			if err != nil {
				yield(Transaction{}, err)
				return
			}
			for _, t := range page.Transactions {
				if !yield(t, nil) {
					return
				}
			}
			if page.NextCursor == "" {
				return
			}
			q.Cursor, q.Offset = page.NextCursor, 0
		}
	}
}
