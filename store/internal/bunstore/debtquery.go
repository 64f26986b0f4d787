package bunstore

import (
	"context"
	"fmt"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
)

// oldestDebts takes one debtor at a time.
var oldestDebts = selectFrom(&Debts, fmt.Sprintf("debtor IN (%%s) AND live ORDER BY id LIMIT %d", ledger.MaxDebtsPaid))

// LoadDebts reads of each debtor the open debts that have waited longest.
func LoadDebts(ctx context.Context, from Source, debtors []ledger.AccountID) (rows []ledger.Debt, err error) {
	add := Debts.AppendTo(&rows)
	for _, key := range counts(debtors) {
		if err := from.Select(ctx, oldestDebts, []any{key}, add); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// OldestDebts implements [ledger.DebtReader].
func (r *Reader) OldestDebts(ctx context.Context, debtors ...ledger.AccountID) (rows []ledger.Debt, err error) {
	err = r.snapshot(ctx, func(ctx context.Context, view *Reader) error {
		rows, err = LoadDebts(ctx, view, debtors)
		return err
	})
	return rows, err
}

// Garnished implements [ledger.DebtReader].
func (r *Reader) Garnished(ctx context.Context, limit int) ([]ledger.GarnishedRow, error) {
	var rows []struct{ ID, Debtor int64 }
	err := r.scan(ctx, &rows, `SELECT g.id, a.id AS debtor FROM accounts g JOIN accounts a ON a.owner = g.owner AND a.kind = 1 AND a.stripe = 0
		WHERE g.kind = 10 AND g.balance <> `+r.dialect.zero()+` AND a.owes <> `+r.dialect.zero()+` ORDER BY g.id LIMIT ?`, limit)
	garnished := make([]ledger.GarnishedRow, len(rows))
	for i, row := range rows {
		garnished[i] = ledger.GarnishedRow{Account: ledger.AccountID(row.ID), Debtor: ledger.AccountID(row.Debtor)}
	}
	return garnished, err
}

// Debts implements [ledger.DebtReader].
func (r *Reader) Debts(ctx context.Context, q ledger.DebtQuery) (page ledger.DebtPage, err error) {
	err = r.snapshot(ctx, func(ctx context.Context, view *Reader) error {
		role, args := `debtor = ?`, []any{q.Debtor}
		switch {
		case !q.Cause.IsZero():
			role, args = `cause = ?`, []any{view.dialect.ID(q.Cause)}
		case q.Creditor != 0:
			role, args = `creditor = ?`, []any{q.Creditor}
		}
		if page.Left, err = view.leftOf(ctx, role, args); err != nil {
			return err
		}
		where := role
		if q.OpenOnly {
			where += ` AND live`
		}
		if q.Count {
			if err := view.scan(ctx, &page.Total, `SELECT count(*) FROM debts WHERE `+where, args...); err != nil {
				return err
			}
		}
		if !q.Before.IsZero() {
			where, args = where+` AND id < ?`, append(args, view.dialect.ID(q.Before))
		}
		found, err := list(ctx, view, &Debts, where+` ORDER BY id DESC LIMIT ? OFFSET ?`, append(args, q.Limit, q.Offset)...)
		if err == nil {
			page.Debts, err = view.recordDebts(ctx, found)
		}
		return err
	})
	return page, err
}

// leftOf is what is left of all open debts in a role; the largest amount where it is
// more than that, for many may each owe one agent more than there is. SQLite cannot add
// amounts, so there each of them is read.
func (r *Reader) leftOf(ctx context.Context, role string, args []any) (left amount.Amount, err error) {
	columns := `amount, collected`
	if r.dialect == Postgres {
		columns = `least(coalesce(sum(amount - collected), 0), ` + amount.Max.String() + `) AS amount, NULL AS collected`
	}
	var rows []struct{ Amount, Collected amountColumn }
	err = r.scan(ctx, &rows, `SELECT `+columns+` FROM debts WHERE `+role+` AND live`, args...)
	for i := range rows {
		if err != nil {
			break
		}
		var part amount.Amount
		if part, err = rows[i].Amount.Sub(rows[i].Collected.Amount); err != nil {
			break
		}
		if left, err = left.Add(part); err != nil {
			return amount.Max, nil // parts are not negative
		}
	}
	return left, err
}

func (r *Reader) recordDebts(ctx context.Context, found []ledger.Debt) ([]ledger.RecordedDebt, error) {
	var parties []ledger.AccountID
	for i := range found {
		parties = append(parties, found[i].Debtor, found[i].Creditor)
	}
	owners, err := r.ownersOf(ctx, parties)
	page := make([]ledger.RecordedDebt, len(found))
	for i, d := range found {
		page[i] = ledger.RecordedDebt{Debt: d, DebtorID: owners[d.Debtor], CreditorID: owners[d.Creditor]}
	}
	return page, err
}
