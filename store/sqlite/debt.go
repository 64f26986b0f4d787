package sqlite

import (
	"context"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/internal/bunstore"
)

var debts = keep(&bunstore.Debts)

func loadDebts(ctx context.Context, e executor, need *store.Need, rows *store.Rows) (err error) {
	rows.Debts, err = bunstore.LoadDebts(ctx, source{e}, need.DebtsOf)
	return err
}

// writeDebts writes who owes whom.
func writeDebts(ctx context.Context, e executor, c *store.Changes) error {
	if err := debts.insertAll(ctx, e, c.Debts.Made); err != nil {
		return err
	}
	return debts.changeAll(ctx, e, c.Debts.Paid)
}
