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
		if totals.Locked, err = view.locked(ctx, now); err != nil {
			return err
		}
		garnished, err := view.garnished(ctx)
		if err == nil {
			totals.Locked, err = totals.Locked.Add(garnished)
		}
		return err
	})
	return totals, err
}

// garnished is what is set aside for the creditors of all who owe.
func (r *Reader) garnished(ctx context.Context) (sum amount.Amount, err error) {
	column := `balance`
	if r.dialect == Postgres {
		column = `sum(balance) AS balance`
	}
	var rows []struct{ Balance amountColumn }
	err = r.scan(ctx, &rows, `SELECT `+column+` FROM accounts WHERE kind = 10`)
	for i := range rows {
		if err == nil {
			sum, err = sum.Add(rows[i].Balance.Amount)
		}
	}
	return sum, err
}

// locked is what open holds and open disputes have set aside. SQLite cannot add
// amounts, so there every one of them is read.
func (r *Reader) locked(ctx context.Context, now time.Time) (sum amount.Amount, err error) {
	holds, disputes := `amount, fee`, `bond AS amount, fee`
	if r.dialect == Postgres {
		holds, disputes = `sum(amount) AS amount, sum(fee) AS fee`, `sum(bond) AS amount, sum(fee) AS fee`
	}
	var rows []struct{ Amount, Fee amountColumn }
	err = r.scan(ctx, &rows, `SELECT `+holds+` FROM holds WHERE state IN (1, 2) AND (state = 2 OR expires_at > ?)
		UNION ALL SELECT `+disputes+` FROM teg_dispute_logs WHERE status <= 3`, r.dialect.Time(now))
	for i := range rows {
		for _, part := range []amount.Amount{rows[i].Amount.Amount, rows[i].Fee.Amount} {
			if err == nil {
				sum, err = sum.Add(part)
			}
		}
	}
	return sum, err
}
