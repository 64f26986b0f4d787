package bunstore

import (
	"context"
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
)

// Totals implements [ledger.AccountReader]. All other sums are kept on the rows
// of [Reader.SystemAccounts].
func (r *Reader) Totals(ctx context.Context, now time.Time) (totals ledger.Totals, err error) {
	err = r.snapshot(ctx, func(ctx context.Context, view *Reader) error {
		if err := view.scan(ctx, &totals.Agents, `SELECT count(*) FROM agent_teg_profiles`); err != nil {
			return err
		}
		totals.Locked, err = view.locked(ctx, now)
		return err
	})
	return totals, err
}

// locked is what open holds have set aside. SQLite cannot add amounts, so there
// every open hold is read.
func (r *Reader) locked(ctx context.Context, now time.Time) (sum amount.Amount, err error) {
	columns := `amount, fee`
	if r.dialect == Postgres {
		columns = `sum(amount) AS amount, sum(fee) AS fee`
	}
	var rows []struct{ Amount, Fee amountColumn }
	err = r.scan(ctx, &rows, `SELECT `+columns+` FROM holds WHERE state IN (1, 2) AND (state = 2 OR expires_at > ?)`, r.dialect.Time(now))
	for i := range rows {
		for _, part := range []amount.Amount{rows[i].Amount.Amount, rows[i].Fee.Amount} {
			if err == nil {
				sum, err = sum.Add(part)
			}
		}
	}
	return sum, err
}
