package bunstore

import (
	"context"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"github.com/agentvault/teg-layer/ledger"
)

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
	chain, err := r.chainOf(ctx, q, high-low)
	if err != nil {
		return page, err
	}
	if q.Count > 0 {
		if page.Total, err = r.countHistory(ctx, q, high-low, chain, where, append([]any{q.Account, low, high}, args...)); err != nil || page.Total == 0 {
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
	query := `SELECT ` + recordedColumns + `, e.seq, e.amount AS gain, e.balance_after FROM ` + chain.tables + recordedJoins +
		`WHERE ` + chain.condition + where + ` ORDER BY e.seq DESC LIMIT ? OFFSET ?`
	args = append(append([]any{q.Account, low, high}, args...), q.Limit, offset)
	if err := r.scan(ctx, &rows, query, args...); err != nil {
		return page, err
	}
	for i := range rows {
		page.Seqs = append(page.Seqs, rows[i].Seq)
		page.Entries = append(page.Entries, ledger.Entry{
			Transaction: ledger.TransactionID(rows[i].ID), Account: q.Account, Seq: rows[i].Seq, Amount: rows[i].Gain.Signed, BalanceAfter: rows[i].BalanceAfter.Signed,
		})
	}
	page.Transactions, err = recordedList(rows)
	return page, err
}

// chainOf joins the entries of a chain, of which the account and two seqs are
// the arguments, with their transactions. The chain comes first, to be walked
// from the newest entry. But few transactions have one reference, or are of a rare
// type, so that these are found first by their index; the plus keeps SQLite from walking
// the chain all the same. CROSS JOIN tells SQLite the order, and PostgreSQL nothing.
func (r *Reader) chainOf(ctx context.Context, q ledger.HistoryQuery, length int64) (chain, error) {
	few := q.Reference != ""
	var err error
	if !few {
		few, err = r.rare(ctx, q.Types, length)
	}
	if few {
		return chain{`teg_transactions t CROSS JOIN entries e`, `t.id = e.transaction_id AND +e.account_id = ? AND e.seq > ? AND e.seq <= ?`}, err
	}
	return chain{`entries e CROSS JOIN teg_transactions t`, `t.id = e.transaction_id AND e.account_id = ? AND e.seq > ? AND e.seq <= ?`}, err
}

// chain is how entries and transactions are joined.
type chain struct{ tables, condition string }

// fewOfAType is how many transactions of the whole economy are looked at before a chain that
// is longer is walked for those of some types.
const fewOfAType = 2000

// rare reports whether there are fewer transactions of the types than entries in a chain.
func (r *Reader) rare(ctx context.Context, types []ledger.TransactionType, length int64) (bool, error) {
	if len(types) == 0 || length <= fewOfAType || slices.Contains(types, ledger.TypeTransfer) {
		return false, nil
	}
	found, err := r.countUpTo(ctx, fewOfAType+1, `teg_transactions t WHERE 1 = 1`+ofTypes(types), []any{bun.List(numbers(types))})
	return found <= fewOfAType, err
}

// bounds returns the seqs between which the dates lie: low < seq ≤ high.
func (r *Reader) bounds(ctx context.Context, q ledger.HistoryQuery) (low, high int64, err error) {
	if err := r.scan(ctx, &high, `SELECT seq FROM accounts WHERE id = ?`, q.Account); err != nil {
		return 0, 0, ignoreNoRows(err)
	}
	if !q.From.IsZero() {
		if low, err = r.seqBefore(ctx, q.Account, q.From); err != nil {
			return 0, 0, err
		}
	}
	if !q.To.IsZero() {
		high, err = r.seqBefore(ctx, q.Account, q.To)
	}
	return low, high, err
}

// filter is what must be looked at row by row; empty when nothing must.
func (r *Reader) filter(q ledger.HistoryQuery) (string, []any) {
	var where strings.Builder
	var args []any
	if len(q.Types) > 0 {
		where.WriteString(ofTypes(q.Types))
		args = append(args, bun.List(numbers(q.Types)))
	}
	if !q.Counterparty.IsZero() {
		other := q.Counterparty.String()
		where.WriteString(` AND ((t.sender = e.account_id AND t.receiver IN (SELECT id FROM accounts WHERE owner = ?))
			OR (t.receiver = e.account_id AND t.sender IN (SELECT id FROM accounts WHERE owner = ?)))`)
		args = append(args, other, other)
	}
	if q.Reference != "" {
		where.WriteString(` AND t.reference = ?`)
		args = append(args, q.Reference)
	}
	return where.String(), args
}

// countHistory counts in a chain, of which length entries come into question.
func (r *Reader) countHistory(ctx context.Context, q ledger.HistoryQuery, length int64, chain chain, where string, args []any) (int64, error) {
	if where == "" {
		total := max(length, 0)
		if q.Filtered() { // by dates
			total = min(total, q.Count)
		}
		return total, nil
	}
	var total int64
	query := `SELECT count(*) FROM (SELECT 1 FROM ` + chain.tables + ` WHERE ` + chain.condition + where + ` LIMIT ?) AS matches`
	err := r.scan(ctx, &total, query, append(args, q.Count)...)
	return total, err
}
