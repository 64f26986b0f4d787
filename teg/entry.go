package teg

import (
	"context"
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
)

// Entry is what a transaction did to what an agent can spend.
type Entry struct {
	Transaction
	Seq          int64 // its place in the account's chain, from 1
	Gain         amount.Signed
	BalanceAfter Amount
}

// EntriesPage is a page of an agent's entries.
type EntriesPage struct {
	Entries     []Entry
	Total       int64 // −1 where it was not counted
	TotalCapped bool  // there are more matches than Total, which is [CountLimit]
	NextCursor  string
}

// EntriesQuery selects entries of an agent's available balance, newest first.
type EntriesQuery struct {
	Agent    DID
	From, To time.Time // From ≤ t < To

	Limit  int    // 1 to [MaxLimit]; zero means [DefaultLimit]
	Offset int64  // not together with Cursor
	Cursor string // NextCursor of the page before
	Total  bool   // count also with a cursor
}

// Entries returns a page of an agent's entries with its balance after each of them. Between
// two that follow each other the balance does not change. [ErrNotFound] for an agent who is not
// registered.
func (e *Engine) Entries(ctx context.Context, q EntriesQuery) (EntriesPage, error) {
	scope := newCursorScope("entries", q.Agent.String(), q.From.UTC().String(), q.To.UTC().String())
	page := pageRequest{limit: q.Limit, offset: q.Offset, cursor: q.Cursor, total: q.Total}
	at, err := page.resolve(scope)
	if err := check(err, span(q.From, q.To)); err != nil {
		return EntriesPage{}, err
	}
	found, err := e.parties(ctx, q.Agent)
	if err != nil {
		return EntriesPage{}, err
	}
	if !found[0].known() {
		return EntriesPage{}, unregistered(q.Agent)
	}
	query := ledger.HistoryQuery{
		Account: found[0].available, From: q.From, To: q.To, Below: at.seq, Offset: q.Offset, Limit: page.limit + 1, Count: page.count(),
	}
	history, err := e.reader().History(ctx, query)
	if err != nil {
		return EntriesPage{}, outward(err)
	}
	var result EntriesPage
	result.Total, result.TotalCapped = page.shown(history.Total, query.Filtered())
	rows, more := cut(&page, history.Transactions)
	if more {
		result.NextCursor = scope.cursor(place{seq: history.Seqs[page.limit-1]})
	}
	for i := range rows {
		after, err := history.Entries[i].BalanceAfter.Amount()
		if err != nil {
			return EntriesPage{}, outward(err)
		}
		result.Entries = append(result.Entries, Entry{show(rows[i]), history.Seqs[i], history.Entries[i].Amount, after})
	}
	return result, nil
}
