package bunstore

import "github.com/agentvault/teg-layer/ledger"

// Debts are what agents owe each other.
var Debts = Table[ledger.Debt]{
	Name:     "debts",
	Terms:    []string{"id", "debtor", "creditor", "amount", "cause", "created_at"},
	Standing: []string{"collected", "closed_at"},
	places: func(d *ledger.Debt) (terms, standing []any) {
		return []any{(*ledger.ID)(&d.ID), (*int64)(&d.Debtor), (*int64)(&d.Creditor), &d.Amount, &d.Cause, &d.CreatedAt},
			[]any{&d.Collected, &d.ClosedAt}
	},
	live: (*ledger.Debt).Open,
}
