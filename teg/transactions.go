package teg

import (
	"context"
	"iter"
	"strings"
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
)

// Transaction is value that moved, as it is shown.
type Transaction struct {
	ID          TransactionID
	Type        TransactionType
	From, To    DID // the owners of the accounts; zero where value is created or destroyed
	Amount      Amount
	Fee         Amount
	At          time.Time
	Message     string
	Reason      string
	ReferenceID string // of what it belongs to
	Reference   string
	Signal      int   // that was given for it: 1, -1, or 0 for none
	Legs        []Leg // where they were asked for
	Replayed    bool
}

// Leg is what one account gained, or lost when negative.
type Leg struct {
	Account      int64 // the account row
	Seq          int64 // its place in the row's chain
	Amount       amount.Signed
	BalanceAfter amount.Signed
}

// show is a transaction as callers see it.
func show(tx ledger.Recorded) Transaction {
	t := Transaction{
		ID: tx.ID, Type: tx.Type, From: tx.SenderID, To: tx.ReceiverID, Amount: tx.Amount, Fee: tx.Fee, At: tx.At,
		Message: tx.Notes.Message, Reason: tx.Notes.Reason, ReferenceID: tx.Notes.ReferenceID, Reference: tx.Notes.Reference,
	}
	switch tx.Type {
	case ledger.TypeIssuance:
		t.From = DID{}
	case ledger.TypeBurn:
		t.To = DID{}
	}
	for _, entry := range tx.Entries {
		t.Legs = append(t.Legs, Leg{int64(entry.Account), entry.Seq, entry.Amount, entry.BalanceAfter})
	}
	return t
}

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
// [ErrNotFound] unless that one sent or received it or, where it is a slash, had
// delegated a part of what it took; with the zero DID it is shown to whoever
// asks.
func (e *Engine) Transaction(ctx context.Context, by DID, id TransactionID) (Transaction, error) {
	found, err := e.reader().Transactions(ctx, id)
	if err != nil {
		return Transaction{}, outward(err)
	}
	seen := false
	if len(found) > 0 {
		if seen, err = e.concerns(ctx, by, &found[0]); err != nil {
			return Transaction{}, err
		}
	}
	if !seen {
		return Transaction{}, ledger.Refuse(ErrNotFound, "no such transaction")
	}
	shown := []Transaction{show(found[0])}
	err = e.signalsOf(ctx, shown)
	return shown[0], err
}

// signalsOf fills in what signals were given for transactions.
func (e *Engine) signalsOf(ctx context.Context, list []Transaction) error {
	var ids []TransactionID
	for i := range list {
		if list[i].Type.Refundable() {
			ids = append(ids, list[i].ID)
		}
	}
	given, err := e.reader().Signals(ctx, ids...)
	if err != nil || len(given) == 0 {
		return outward(err)
	}
	values := make(map[TransactionID]int, len(given))
	for _, g := range given {
		values[g.Transaction] = g.Value
	}
	for i := range list {
		list[i].Signal = values[list[i].ID]
	}
	return nil
}

// concerns reports whether a transaction may be shown to a party.
func (e *Engine) concerns(ctx context.Context, by DID, tx *ledger.Recorded) (bool, error) {
	switch {
	case by.IsZero() || by == tx.SenderID || by == tx.ReceiverID:
		return true, nil
	case tx.Type != ledger.TypeSlash:
		return false, nil
	}
	return e.slashedBy(ctx, by, tx.ID)
}

// Transactions returns a page of an agent's transactions. A page reached by
// cursor costs the same at any depth, and shows nothing twice and skips nothing
// while others are being written.
func (e *Engine) Transactions(ctx context.Context, q TransactionsQuery) (TransactionsPage, error) {
	scope := q.scope()
	page := pageRequest{limit: q.Limit, offset: q.Offset, cursor: q.Cursor, total: q.Total}
	at, err := page.resolve(scope)
	if err := check(err, validText("reference", q.Reference, MaxReference), span(q.From, q.To)); err != nil {
		return TransactionsPage{}, err
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
		Reference: q.Reference, Below: at.seq, Offset: q.Offset, Limit: page.limit + 1, Count: page.count(),
	}
	return e.transactionsPage(ctx, query, page, scope)
}

func (e *Engine) transactionsPage(ctx context.Context, query ledger.HistoryQuery, page pageRequest, scope cursorScope) (TransactionsPage, error) {
	history, err := e.reader().History(ctx, query)
	if err != nil {
		return TransactionsPage{}, outward(err)
	}
	var result TransactionsPage
	result.Total, result.TotalCapped = page.shown(history.Total, query.Filtered())
	rows, more := cut(&page, history.Transactions)
	if more {
		result.NextCursor = scope.cursor(place{seq: history.Seqs[page.limit-1]})
	}
	result.Transactions = make([]Transaction, len(rows))
	for i := range rows {
		result.Transactions[i] = show(rows[i])
	}
	if err := e.signalsOf(ctx, result.Transactions); err != nil {
		return TransactionsPage{}, err
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
