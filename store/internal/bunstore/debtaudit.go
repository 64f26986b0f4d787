package bunstore

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

// auditedDebts is how many debts are read at a time.
const auditedDebts = 2000

// AuditDebts implements [store.DebtAuditReader].
func (r *Reader) AuditDebts(ctx context.Context, visit func(store.AuditedDebt) error) (rows []ledger.Account, err error) {
	err = r.snapshot(ctx, func(ctx context.Context, view *Reader) error {
		debtors := map[ledger.AccountID]bool{}
		for after, more := (ledger.DebtID{}), true; more; {
			debts, err := audit(ctx, view, &Debts, after, auditedDebts)
			if err != nil {
				return err
			}
			if err := view.auditDebts(ctx, debts, visit); err != nil {
				return err
			}
			for i := range debts {
				debtors[debts[i].Debtor] = true
				after = debts[i].ID
			}
			more = len(debts) == auditedDebts
		}
		rows, err = view.debtorRows(ctx, debtors)
		return err
	})
	return rows, err
}

// auditDebts adds to each debt what its payments say.
func (r *Reader) auditDebts(ctx context.Context, debts []ledger.Debt, visit func(store.AuditedDebt) error) error {
	audited := make(map[string]*store.AuditedDebt, len(debts))
	named := make([]string, len(debts))
	for i := range debts {
		named[i] = debts[i].ID.String()
		audited[named[i]] = &store.AuditedDebt{Debt: debts[i]}
	}
	err := chunks(ctx, r, named, func(view *Reader, part []string) error {
		var rows []struct {
			ReferenceID string
			Amount      amountColumn
			At          timeColumn
		}
		err := view.scan(ctx, &rows, `SELECT reference_id, amount, at FROM teg_transactions WHERE reference_id IN (?) AND type = ?
			ORDER BY sender_seq`, bun.List(part), int(ledger.TypeDisputeCompensation)) // as they were made, whatever the clocks said
		for i := range rows {
			if d := audited[rows[i].ReferenceID]; err == nil && d != nil { // nil: a spoilt index led to a row that says something else
				d.Paid, err = d.Paid.Add(rows[i].Amount.Amount)
				d.LastPaid = rows[i].At.Time
			}
		}
		return err
	})
	for _, name := range named {
		if err == nil {
			err = visit(*audited[name])
		}
	}
	return err
}

// debtorRows are the rows of debtors, and all garnished ones.
func (r *Reader) debtorRows(ctx context.Context, debtors map[ledger.AccountID]bool) ([]ledger.Account, error) {
	rows, err := r.accounts(ctx, `kind = 10`)
	if err != nil {
		return nil, err
	}
	var ids []ledger.AccountID
	for id := range debtors {
		ids = append(ids, id)
	}
	err = chunks(ctx, r, ids, func(view *Reader, part []ledger.AccountID) error {
		found, err := view.accounts(ctx, `id IN (?)`, bun.List(part))
		rows = append(rows, found...)
		return err
	})
	return inOrder(rows), err
}
