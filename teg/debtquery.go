package teg

import (
	"context"
	"strconv"
	"time"

	"github.com/agentvault/teg-layer/ledger"
)

// DebtsQuery selects debts, newest first. One of Debtor and Creditor says whose.
type DebtsQuery struct {
	Debtor   DID
	Creditor DID
	OpenOnly bool   // only those of which something is left
	Limit    int    // 1 to [MaxLimit]; zero means [DefaultLimit]
	Offset   int64  // not together with Cursor
	Cursor   string // NextCursor of the page before
	Total    bool   // count also with a cursor
}

// DebtsPage is a page of debts.
type DebtsPage struct {
	Debts      []Debt
	Left       Amount // what is left of all open debts in that role, on whichever page; at most 10^18 AVT
	Total      int64  // −1 where it was not counted
	NextCursor string // empty on the last page
}

// Debt is what one agent owes another.
type Debt struct {
	ID        DebtID
	Debtor    DID
	Creditor  DID
	Amount    Amount
	Collected Amount    // paid so far; what is set aside on the way is not
	Left      Amount    // the rest
	Cause     [16]byte  // the unique part of the id of what it is owed for, such as a dispute
	CreatedAt time.Time // when it was made
	ClosedAt  time.Time // when the last of it was paid; zero while it is open
}

// Open reports whether a part of it is still to be paid.
func (d *Debt) Open() bool { return d.ClosedAt.IsZero() }

// Debts returns a page of what an agent owes, or of what is owed to it. Of whatever
// comes in to a debtor its creditors are paid first, and of these who has waited
// longest: the value is set aside at once, and paid by [Engine.Tick].
//
// Errors: [ErrInvalidInput], [ErrNotFound] for an agent that is not registered.
func (e *Engine) Debts(ctx context.Context, q DebtsQuery) (DebtsPage, error) {
	scope := newCursorScope("debts", q.Debtor.String(), q.Creditor.String(), strconv.FormatBool(q.OpenOnly))
	page := pageRequest{limit: q.Limit, offset: q.Offset, cursor: q.Cursor, total: q.Total}
	at, err := page.resolve(scope)
	if err != nil {
		return DebtsPage{}, err
	}
	if q.Debtor.IsZero() == q.Creditor.IsZero() {
		return DebtsPage{}, ledger.Invalid("role", "must be debtor or creditor")
	}
	found, err := e.parties(ctx, q.Debtor, q.Creditor)
	if err != nil {
		return DebtsPage{}, err
	}
	if !found[0].known() && !found[1].known() {
		who := q.Debtor
		if who.IsZero() {
			who = q.Creditor
		}
		return DebtsPage{}, unregistered(who)
	}
	rows, err := e.reader().Debts(ctx, ledger.DebtQuery{
		Debtor: found[0].available, Creditor: found[1].available, OpenOnly: q.OpenOnly,
		Before: DebtID(at.id), Offset: q.Offset, Limit: page.limit + 1, Count: page.counts(),
	})
	if err != nil {
		return DebtsPage{}, outward(err)
	}
	return shownDebts(rows, page, scope), nil
}

// shownDebts is a page as callers see it.
func shownDebts(rows ledger.DebtPage, page pageRequest, scope cursorScope) DebtsPage {
	result := DebtsPage{Left: rows.Left}
	result.Total, _ = page.shown(rows.Total, false)
	debts, more := cut(&page, rows.Debts)
	if more {
		result.NextCursor = scope.cursor(place{id: ledger.ID(debts[len(debts)-1].ID)})
	}
	result.Debts = make([]Debt, len(debts))
	for i := range debts {
		d := &debts[i]
		result.Debts[i] = Debt{
			ID: d.ID, Debtor: d.DebtorID, Creditor: d.CreditorID, Amount: d.Amount, Collected: d.Collected, Left: d.Left(),
			Cause: d.Cause, CreatedAt: d.CreatedAt, ClosedAt: d.ClosedAt,
		}
	}
	return result
}
