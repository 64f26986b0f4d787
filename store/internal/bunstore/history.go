package bunstore

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"github.com/uptrace/bun"

	"github.com/agentvault/teg-layer/ledger"
)

func ignoreNoRows(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	return err
}

// History implements [ledger.TransactionReader]. An account's chain numbers its
// transactions without gaps, so that a page without a filter, at any depth, is
// one seek, and a range of dates is found by a few look-ups.
func (r *Reader) History(ctx context.Context, q ledger.HistoryQuery) (page ledger.HistoryPage, err error) {
	err = r.snapshot(ctx, func(ctx context.Context, view *Reader) error {
		page, err = view.history(ctx, q)
		return err
	})
	return page, err
}

func (r *Reader) history(ctx context.Context, q ledger.HistoryQuery) (ledger.HistoryPage, error) {
	var page ledger.HistoryPage
	low, high, err := r.bounds(ctx, q)
	if err != nil {
		return page, err
	}
	where, args := r.filter(q)
	if q.Count > 0 {
		if page.Total, err = r.countHistory(ctx, q, low, high, where, args); err != nil {
			return page, err
		}
	}
	if q.Below > 0 {
		high = min(high, q.Below-1)
	}
	offset := q.Offset
	if where == "" { // dense: an offset is a place
		high, offset = high-offset, 0
	}
	if high <= low {
		return page, nil
	}
	var rows []transactionRow
	query := `SELECT ` + recordedColumns + `, e.seq FROM entries e JOIN teg_transactions t ON t.id = e.transaction_id` + recordedJoins +
		`WHERE e.account_id = ? AND e.seq > ? AND e.seq <= ?` + where + ` ORDER BY e.seq DESC LIMIT ? OFFSET ?`
	args = append(append([]any{q.Account, low, high}, args...), q.Limit, offset)
	if err := r.scan(ctx, &rows, query, args...); err != nil {
		return page, err
	}
	for i := range rows {
		page.Seqs = append(page.Seqs, rows[i].Seq)
	}
	page.Transactions, err = recordedList(rows)
	return page, err
}

// bounds returns the seqs between which the dates lie: low < seq ≤ high.
func (r *Reader) bounds(ctx context.Context, q ledger.HistoryQuery) (low, high int64, err error) {
	if err := r.scan(ctx, &high, `SELECT seq FROM accounts WHERE id = ?`, q.Account); err != nil {
		return 0, 0, ignoreNoRows(err)
	}
	if !q.From.IsZero() {
		if low, err = r.seqAt(ctx, q.Account, q.From, false); err != nil {
			return 0, 0, err
		}
	}
	if !q.To.IsZero() {
		high, err = r.seqAt(ctx, q.Account, q.To, false)
	}
	return low, high, err
}

// filter is what must be looked at row by row; empty when nothing must.
func (r *Reader) filter(q ledger.HistoryQuery) (string, []any) {
	var where strings.Builder
	var args []any
	if len(q.Types) > 0 {
		types := make([]int, len(q.Types))
		for i, t := range q.Types {
			types[i] = int(t)
		}
		where.WriteString(` AND t.type IN (?)`)
		args = append(args, bun.List(types))
	}
	if !q.Counterparty.IsZero() {
		other := q.Counterparty.String()
		where.WriteString(` AND ((t.sender = e.account_id AND t.receiver IN (SELECT id FROM accounts WHERE owner = ?))
			OR (t.receiver = e.account_id AND t.sender IN (SELECT id FROM accounts WHERE owner = ?)))`)
		args = append(args, other, other)
	}
	if q.Reference != "" { // few: found by the index on references first
		where.WriteString(` AND e.transaction_id IN (SELECT id FROM teg_transactions WHERE reference = ?)`)
		args = append(args, q.Reference)
	}
	return where.String(), args
}

func (r *Reader) countHistory(ctx context.Context, q ledger.HistoryQuery, low, high int64, where string, args []any) (int64, error) {
	if where == "" {
		return max(high-low, 0), nil
	}
	var total int64
	query := `SELECT count(*) FROM (SELECT 1 FROM entries e JOIN teg_transactions t ON t.id = e.transaction_id
		WHERE e.account_id = ? AND e.seq > ? AND e.seq <= ?` + where + ` LIMIT ?) AS matches`
	err := r.scan(ctx, &total, query, append(append([]any{q.Account, low, high}, args...), q.Count)...)
	return total, err
}
