package teg

import (
	"context"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
)

// Ping asks the database something small, to see that it answers.
func (e *Engine) Ping(ctx context.Context) error {
	_, _, err := e.reader().LogSize(ctx)
	return outward(err)
}

// SupplyDifference is what all accounts together hold beyond what was issued
// and not burned: zero, or the books are broken. It reads every account row
// once, on one consistent view; [Engine.Verify] proves much more.
func (e *Engine) SupplyDifference(ctx context.Context) (amount.Signed, error) {
	var total amount.Signed
	err := e.reader().AuditAccounts(ctx, func(a ledger.Account) error {
		var err error
		total, err = total.Add(a.Balance)
		return err
	})
	return total, outward(err)
}
