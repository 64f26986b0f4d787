package bunstore

import (
	"context"
	"fmt"
	"time"

	"github.com/agentvault/teg-layer/ledger"
)

// Activity implements [ledger.OversightReader]. SQLite cannot add amounts, so there every
// transaction of the range is read.
func (r *Reader) Activity(ctx context.Context, q ledger.ActivityQuery) (list []ledger.Activity, err error) {
	err = r.snapshot(ctx, func(ctx context.Context, view *Reader) error {
		where, args, err := view.within(ctx, q.From, q.To)
		if err != nil {
			return err
		}
		if view.dialect == Postgres {
			list, err = view.activitySums(ctx, q, where, args)
			return err
		}
		list, err = view.activityAdded(ctx, q, where, args)
		return err
	})
	return list, err
}

// payments are the types of transactions by which agents pay each other.
var payments = []ledger.TransactionType{ledger.TypeTransfer, ledger.TypeHoldCapture}

// activitySums has PostgreSQL add.
func (r *Reader) activitySums(ctx context.Context, q ledger.ActivityQuery, where string, args []any) (list []ledger.Activity, err error) {
	var rows []struct {
		Span         timeColumn
		Transactions int64
		Payments     int64
		Volume       amountColumn
		Fees         amountColumn
		Payers       int64
	}
	err = r.scan(ctx, &rows, `SELECT date_bin(?::interval, t.at, ?) AS span, count(*) AS transactions,
		count(*) FILTER (WHERE t.type IN (?, ?)) AS payments, coalesce(sum(t.amount) FILTER (WHERE t.type IN (?, ?)), 0) AS volume,
		sum(t.fee) AS fees, count(DISTINCT t.sender) FILTER (WHERE t.type = ?) AS payers
		FROM teg_transactions t WHERE `+where+` GROUP BY 1 ORDER BY 1`,
		append([]any{q.Width.String(), r.dialect.Time(q.From), int(payments[0]), int(payments[1]), int(payments[0]), int(payments[1]), int(ledger.TypeTransfer)}, args...)...)
	for _, row := range rows {
		list = append(list, ledger.Activity{
			Start: row.Span.Time, Transactions: row.Transactions, Payments: row.Payments,
			Volume: row.Volume.Amount, Fees: row.Fees.Amount, Payers: row.Payers,
		})
	}
	return list, err
}

// activityAdded adds what is read, one transaction after the other.
func (r *Reader) activityAdded(ctx context.Context, q ledger.ActivityQuery, where string, args []any) ([]ledger.Activity, error) {
	spans := map[int64]*ledger.Activity{}
	payers := map[int64]map[integer]bool{}
	var span, kind, sender integer
	var sum, fee amountColumn
	into := []any{&span, &kind, &sender, &sum, &fee}
	err := r.scan(ctx, visitor(func(scan func(into []any) error) error {
		if err := scan(into); err != nil {
			return err
		}
		if spans[int64(span)] == nil {
			spans[int64(span)], payers[int64(span)] = &ledger.Activity{Start: q.From.Add(time.Duration(span) * q.Width)}, map[integer]bool{}
		}
		if kind == integer(ledger.TypeTransfer) {
			payers[int64(span)][sender] = true
		}
		return add(spans[int64(span)], ledger.TransactionType(kind), sum, fee)
	}), `SELECT (t.at - ?) / ?, t.type, t.sender, t.amount, t.fee FROM teg_transactions t WHERE `+where,
		append([]any{q.From.UnixMicro(), q.Width.Microseconds()}, args...)...)
	var list []ledger.Activity
	for span := int64(0); span <= int64(q.To.Sub(q.From)/q.Width) && len(list) < len(spans); span++ {
		if a := spans[span]; a != nil {
			a.Payers = int64(len(payers[span]))
			list = append(list, *a)
		}
	}
	return list, err
}

// add counts a transaction.
func add(a *ledger.Activity, kind ledger.TransactionType, sum, fee amountColumn) (err error) {
	a.Transactions++
	if kind == payments[0] || kind == payments[1] {
		a.Payments++
		if a.Volume, err = a.Volume.Add(sum.Amount); err != nil {
			return err
		}
	}
	a.Fees, err = a.Fees.Add(fee.Amount)
	return err
}

// integer is scanned with nothing in between, as there may be many.
type integer int64

// Scan takes what SQLite returns.
func (i *integer) Scan(src any) error {
	value, ok := src.(int64)
	if !ok {
		return fmt.Errorf("bunstore: cannot read a whole number from %T", src)
	}
	*i = integer(value)
	return nil
}
