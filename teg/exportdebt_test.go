package teg

import (
	"context"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

// Owe makes a debt of what could not be collected, as the ruling on a dispute does.
func (e *Engine) Owe(ctx context.Context, debtor, creditor DID, sum Amount, cause ledger.ID, key string) error {
	found, err := e.parties(ctx, debtor, creditor)
	if err != nil {
		return err
	}
	op := &operation{
		ctx: ctx, verb: store.VerbPayDebt, by: creditor, caller: found[1], parties: found, request: requestID(ctx),
		mark: markKey(creditor, store.VerbPayDebt, key, debtor.String(), sum.String()),
	}
	return e.bySystem(op, func(d *decision) error {
		if err := d.owe(found[0], found[1], sum, cause); err != nil {
			return err
		}
		d.record(act{action: "ruling", agent: debtor, amount: sum})
		return nil
	})
}
