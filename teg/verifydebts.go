package teg

import (
	"cmp"
	"slices"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/store"
)

// debts checks, on one view, that of each debt is collected what its payments say, that
// each debtor's row owes what is left of its open debts, and that no more is set aside
// than that. That debts were made by acts is compared with the log.
func (v *verification) debts() error {
	left := map[ledger.AccountID]amount.Signed{}
	rows, err := v.engine.reader().AuditDebts(v.ctx, func(d store.AuditedDebt) error {
		v.debt(&d)
		sum, err := left[d.Debtor].Add(d.Left().Signed())
		left[d.Debtor] = sum
		return err
	})
	if err != nil {
		return err
	}
	owes := make(map[DID]Amount, len(left))
	for i := range rows {
		if row := &rows[i]; row.Kind == ledger.Available {
			owes[row.Owner] = row.Owes
			if row.Owes.Signed() != left[row.ID] {
				v.find("debts", accountName(row.ID), "owes %s AVT, of its debts %s are left", row.Owes, left[row.ID])
			}
			delete(left, row.ID)
		}
	}
	for id := range left {
		v.find("debts", accountName(id), "owes something and does not exist")
	}
	v.setAside(rows, owes)
	return nil
}

// setAside checks that no more is set aside for creditors than they are owed, and that
// whoever owes has something it is set aside on. Rows that owe and are no debtors' were
// seen in the view of all rows.
func (v *verification) setAside(rows []ledger.Account, owes map[DID]Amount) {
	garnished := make(map[DID]bool, len(rows))
	for i := range rows {
		row := &rows[i]
		if row.Kind != ledger.Garnished {
			continue
		}
		garnished[row.Owner] = true
		if owed := owes[row.Owner]; owed.Signed().Less(row.Balance) {
			v.find("debts", accountName(row.ID), "has %s AVT set aside for %s that are owed", row.Balance, owed)
		}
	}
	for owner := range owes {
		if !garnished[owner] {
			v.find("debts", owner.String(), "has debts and no account on which value is set aside")
		}
	}
	for i := range v.rows {
		row := &v.rows[i]
		if _, debtor := owes[row.Owner]; !row.Owes.IsZero() && (row.Kind != ledger.Available || !debtor) {
			v.find("debts", accountName(row.ID), "owes %s AVT and has no debts", row.Owes)
		}
	}
}

func (v *verification) debt(d *store.AuditedDebt) {
	if d.Paid != d.Collected || d.Amount.Less(d.Collected) || d.Open() == d.Left().IsZero() {
		v.find("debts", d.ID.String(), "of %s AVT has %s collected, its payments say %s", d.Amount, d.Collected, d.Paid)
	}
	if !d.Open() && !d.ClosedAt.Equal(d.LastPaid) {
		v.find("debts", d.ID.String(), "was paid at %s, its last payment was at %s", d.ClosedAt, d.LastPaid)
	}
	v.indebted.kept.add(sumOf(d.ID.String(), v.agentName(d.Debtor), v.agentName(d.Creditor), d.Amount.String(),
		ledger.FormatID("", d.Cause), d.CreatedAt.UTC().Format(TimeFormat)))
}

// toldDebt is a debt, as the event of the act tells it by which it was made.
type toldDebt struct {
	Amount   string `json:"amount"`
	Cause    string `json:"cause"`
	Creditor string `json:"creditor"`
	Debtor   string `json:"debtor"`
	ID       string `json:"id"`
}

// tellDebts takes in what an event tells of debts.
func (v *verification) tellDebts(a *toldAct) {
	for _, d := range a.Debts {
		v.indebted.told.add(sumOf(d.ID, d.Debtor, d.Creditor, d.Amount, d.Cause, a.At))
	}
	from, to := holder(a.Sender, ledger.Garnished), holder(a.Receiver, ledger.Available)
	switch {
	case a.Action == actGarnish:
		from, to = holder(a.Sender, ledger.Available), from
	case a.Action != store.VerbPayDebt.String():
		return
	case a.Receiver == v.engine.config.Treasury.String():
		to = holder(a.Receiver, ledger.Treasury)
	}
	for _, tx := range a.Transactions {
		v.settled.told.add(sumOf(a.ReferenceID, tx, a.Amount, from, to, a.At))
	}
}

// keepPayment takes in a transaction by which value was set aside, or a debt was paid.
func (v *verification) keepPayment(tx *ledger.Transaction) {
	if !settles(tx) {
		return
	}
	v.settled.kept.add(sumOf(tx.Notes.ReferenceID, tx.ID.String(), tx.Amount.String(), v.holderOf(tx.Sender), v.holderOf(tx.Receiver),
		tx.At.UTC().Format(TimeFormat)))
}

// settles reports whether a transaction sets value aside for creditors or pays a debt.
func settles(tx *ledger.Transaction) bool {
	_, notOfDebt := ledger.ParseDebtID(tx.Notes.ReferenceID)
	return tx.Type == ledger.TypeGarnish || tx.Type == ledger.TypeDisputeCompensation && notOfDebt == nil
}

// holder stands for a row of an agent, or for any of the treasury's.
func holder(owner string, kind ledger.Kind) string { return owner + " " + kind.String() }

// holderOf is the same for a row of the view.
func (v *verification) holderOf(id ledger.AccountID) string {
	i, found := slices.BinarySearchFunc(v.rows, id, func(row ledger.Account, id ledger.AccountID) int { return cmp.Compare(row.ID, id) })
	if !found {
		return accountName(id)
	}
	return holder(v.rows[i].Owner.String(), v.rows[i].Kind)
}
