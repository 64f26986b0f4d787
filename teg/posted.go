package teg

import (
	"context"
	"strings"
	"time"

	"github.com/agentvault/teg-layer/ledger"
)

// PostedQuery selects transactions of the whole economy, newest first by their ids. Zero
// fields select everything.
type PostedQuery struct {
	Types     []TransactionType
	From, To  time.Time // From ≤ t < To
	Reference string
	AtLeast   Amount

	Limit  int    // 1 to [MaxLimit]; zero means [DefaultLimit]
	Offset int64  // not together with Cursor
	Cursor string // NextCursor of the page before
	Total  bool   // count also with a cursor
}

// Posted returns a page of all transactions. A page reached by cursor costs the same at any
// depth, but for what the filters have it walk past.
func (e *Engine) Posted(ctx context.Context, q PostedQuery) (TransactionsPage, error) {
	scope := q.scope()
	page := pageRequest{limit: q.Limit, offset: q.Offset, cursor: q.Cursor, total: q.Total}
	at, err := page.resolve(scope)
	if err := check(err, validText("reference", q.Reference, MaxReference), span(q.From, q.To)); err != nil {
		return TransactionsPage{}, err
	}
	rows, counted, err := e.reader().Posted(ctx, ledger.PostedQuery{
		Types: q.Types, From: q.From, To: q.To, Reference: q.Reference, AtLeast: q.AtLeast, Before: TransactionID(at.id),
		Offset: q.Offset, Limit: page.limit + 1, Count: page.count(),
	})
	if err != nil {
		return TransactionsPage{}, outward(err)
	}
	var result TransactionsPage
	result.Total, result.TotalCapped = page.shown(counted, true)
	rows, more := cut(&page, rows)
	if more {
		result.NextCursor = scope.cursor(place{id: ledger.ID(rows[len(rows)-1].ID)})
	}
	for i := range rows {
		result.Transactions = append(result.Transactions, show(rows[i]))
	}
	return result, e.signalsOf(ctx, result.Transactions)
}

func (q *PostedQuery) scope() cursorScope {
	var types strings.Builder
	for _, t := range q.Types {
		types.WriteString(t.String() + " ")
	}
	return newCursorScope("posted", types.String(), q.From.UTC().String(), q.To.UTC().String(), q.Reference, q.AtLeast.String())
}

// OwnedLeg is a leg with the account that it is of.
type OwnedLeg struct {
	Leg
	Owner DID
	Kind  AccountKind
}

// AccountKind says what lies on an account.
type AccountKind = ledger.Kind

// Legs returns the legs of a transaction with the accounts that they are of: they sum to
// zero. They tell balances of all who took part, which is for nobody but those who oversee
// the economy. [ErrNotFound] where there is no such transaction.
func (e *Engine) Legs(ctx context.Context, id TransactionID) ([]OwnedLeg, error) {
	t, err := e.Transaction(ctx, DID{}, id)
	if err != nil {
		return nil, err
	}
	ids := make([]ledger.AccountID, len(t.Legs))
	for i, leg := range t.Legs {
		ids[i] = ledger.AccountID(leg.Account)
	}
	rows, err := e.reader().AccountsByID(ctx, ids...)
	if err != nil {
		return nil, outward(err)
	}
	accounts := make(map[int64]*ledger.Account, len(rows))
	for i := range rows {
		accounts[int64(rows[i].ID)] = &rows[i]
	}
	legs := make([]OwnedLeg, len(t.Legs))
	for i, leg := range t.Legs {
		legs[i].Leg = leg
		if row := accounts[leg.Account]; row != nil {
			legs[i].Owner, legs[i].Kind = row.Owner, row.Kind
		}
	}
	return legs, nil
}
