package bunstore

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
)

// searchChain finds the last entry of a chain whose transaction happened before
// an instant. Seqs have no gaps, and times go back along a chain only by what the
// clocks of several servers differ (within which any answer will do), so that
// each step halves what is left: some twenty look-ups in a chain of a million,
// in one statement and therefore on one view. Its arguments are the account and
// the instant; max(low) is the entry's seq, 0 where all are later.
const searchChain = `WITH RECURSIVE search (low, high) AS (
		SELECT CAST(0 AS BIGINT), seq FROM accounts WHERE id = ?0
	UNION ALL
		SELECT CASE WHEN t.at < ?1 THEN e.seq ELSE search.low END, CASE WHEN t.at < ?1 THEN search.high ELSE e.seq - 1 END
		FROM search CROSS JOIN entries e CROSS JOIN teg_transactions t
		WHERE search.low < search.high AND e.account_id = ?0 AND e.seq = (search.low + search.high + 1) / 2
			AND t.id = e.transaction_id)`

// BalancesAt implements [ledger.AccountReader] by searching each row's chain for
// the last entry that is not later.
func (r *Reader) BalancesAt(ctx context.Context, at time.Time, accounts ...ledger.AccountID) ([]amount.Signed, error) {
	balances := make([]amount.Signed, len(accounts))
	err := r.snapshot(ctx, func(ctx context.Context, view *Reader) error {
		for i, account := range accounts {
			var balance signedColumn
			err := view.scan(ctx, &balance, searchChain+` SELECT balance_after FROM entries
				WHERE account_id = ?0 AND seq = (SELECT max(low) FROM search)`, account, r.dialect.After(at))
			if ignoreNoRows(err) != nil {
				return err
			}
			balances[i] = balance.Signed
		}
		return nil
	})
	return balances, err
}

// seqBefore returns the seq of the last entry of a chain whose transaction
// happened before the instant, 0 when there is none.
func (r *Reader) seqBefore(ctx context.Context, account ledger.AccountID, at time.Time) (seq int64, err error) {
	err = r.scan(ctx, &seq, searchChain+` SELECT coalesce(max(low), 0) FROM search`, account, r.dialect.From(at))
	return seq, err
}

func ignoreNoRows(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	return err
}
