package bunstore

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

// paying are the types of transactions by which agents pay each other.
var paying = bun.List([]int{int(ledger.TypeTransfer), int(ledger.TypeHoldCapture)})

// Activity implements [ledger.OversightReader]. SQLite cannot add amounts, so there every
// transaction of the range is read.
func (r *Reader) Activity(ctx context.Context, q ledger.ActivityQuery) (list []ledger.Activity, err error) {
	err = r.snapshot(ctx, func(ctx context.Context, view *Reader) error {
		spans, err := view.activity(ctx, q)
		for _, span := range spans {
			list = append(list, span.Activity)
		}
		return err
	})
	slices.SortFunc(list, func(a, b ledger.Activity) int { return a.Start.Compare(b.Start) })
	return list, err
}

// ActivitySince implements [store.ActivityReader].
func (r *Reader) ActivitySince(ctx context.Context, from time.Time, width time.Duration) (found store.ActivityView, err error) {
	err = r.snapshot(ctx, func(ctx context.Context, view *Reader) error {
		if found.Spans, err = view.activity(ctx, ledger.ActivityQuery{From: from, Width: width}); err != nil {
			return err
		}
		if found.Size, _, err = view.LogSize(ctx); err != nil {
			return err
		}
		last, err := view.eventIDs(ctx, `SELECT id FROM events WHERE position = ?`, found.Size-1)
		if len(last) > 0 {
			found.Last = last[0]
		}
		if err == nil && view.dialect == Postgres { // on SQLite there is one writer, and nothing waits
			found.Waiting, err = view.eventIDs(ctx, `SELECT id FROM event_inbox`)
		}
		return err
	})
	return found, err
}

func (r *Reader) eventIDs(ctx context.Context, query string, args ...any) (list []store.EventID, err error) {
	var rows []struct{ ID idColumn }
	err = r.scan(ctx, &rows, query, args...)
	for _, row := range rows {
		list = append(list, store.EventID(row.ID))
	}
	return list, err
}

// Moves implements [store.ActivityReader].
func (r *Reader) Moves(ctx context.Context, list ...ledger.TransactionID) (moves []store.Move, err error) {
	err = chunks(ctx, r, list, func(view *Reader, part []ledger.TransactionID) error {
		var rows []moveRow
		err := view.scan(ctx, &rows, `SELECT t.type, t.sender, t.amount, t.fee, t.at FROM teg_transactions t WHERE t.id IN (?)`, ids(r.dialect, part))
		for _, row := range rows {
			moves = append(moves, store.Move{
				Type: ledger.TransactionType(row.Type), Sender: ledger.AccountID(row.Sender), Amount: row.Amount.Amount, Fee: row.Fee.Amount, At: row.At.Time,
			})
		}
		return err
	})
	return moves, err
}

type moveRow struct {
	Type   uint8
	Sender int64
	Amount amountColumn
	Fee    amountColumn
	At     timeColumn
}

// activity is what happened in each span, in no particular order.
func (r *Reader) activity(ctx context.Context, q ledger.ActivityQuery) ([]store.PayersSpan, error) {
	where, args, err := r.within(ctx, q.From, q.To)
	if err != nil {
		return nil, err
	}
	spans := spansOf{}
	if r.dialect == Postgres {
		err = r.activitySums(ctx, spans, q, where, args)
	} else {
		err = r.activityAdded(ctx, spans, q, where, args)
	}
	return spans.list(), err
}

// spansOf are spans by the number of widths that they are after the first.
type spansOf map[integer]*payersSpan

type payersSpan struct {
	ledger.Activity
	by map[integer]struct{}
}

// at is a span, which begins with nothing.
func (s spansOf) at(number integer, q ledger.ActivityQuery) *payersSpan {
	if s[number] == nil {
		s[number] = &payersSpan{Activity: ledger.Activity{Start: q.From.Add(time.Duration(number) * q.Width)}, by: map[integer]struct{}{}}
	}
	return s[number]
}

func (s spansOf) list() (list []store.PayersSpan) {
	for _, span := range s {
		span.Payers = int64(len(span.by))
		by := make([]ledger.AccountID, 0, len(span.by))
		for payer := range span.by {
			by = append(by, ledger.AccountID(payer))
		}
		list = append(list, store.PayersSpan{Activity: span.Activity, By: by})
	}
	return list
}

// activitySums has PostgreSQL add what each row paid: to count those who did takes it longer
// than to tell them.
func (r *Reader) activitySums(ctx context.Context, spans spansOf, q ledger.ActivityQuery, where string, args []any) error {
	var start timeColumn
	var sender, transactions, payments, transfers integer
	var volume, fees amountColumn
	into := []any{&start, &sender, &transactions, &payments, &transfers, &volume, &fees}
	return r.scan(ctx, visitor(func(scan func(into []any) error) error {
		if err := scan(into); err != nil {
			return err
		}
		span := spans.at(integer(start.Sub(q.From)/q.Width), q)
		span.Transactions += int64(transactions)
		span.Payments += int64(payments)
		if transfers > 0 {
			span.by[sender] = struct{}{}
		}
		var err error
		if span.Volume, err = span.Volume.Add(volume.Amount); err != nil {
			return err
		}
		span.Fees, err = span.Fees.Add(fees.Amount)
		return err
	}), `SELECT date_bin(?::interval, t.at, ?), t.sender, count(*), count(*) FILTER (WHERE t.type IN (?)),
		count(*) FILTER (WHERE t.type = ?), coalesce(sum(t.amount) FILTER (WHERE t.type IN (?)), 0), sum(t.fee)
		FROM teg_transactions t WHERE `+where+` GROUP BY 1, 2`,
		append([]any{q.Width.String(), r.dialect.Time(q.From), paying, int(ledger.TypeTransfer), paying}, args...)...)
}

// activityAdded adds what is read, one transaction after the other.
func (r *Reader) activityAdded(ctx context.Context, spans spansOf, q ledger.ActivityQuery, where string, args []any) error {
	var number, kind, sender integer
	var sum, fee amountColumn
	into := []any{&number, &kind, &sender, &sum, &fee}
	return r.scan(ctx, visitor(func(scan func(into []any) error) error {
		if err := scan(into); err != nil {
			return err
		}
		span := spans.at(number, q)
		if kind == integer(ledger.TypeTransfer) {
			span.by[sender] = struct{}{}
		}
		return span.Add(ledger.TransactionType(kind), sum.Amount, fee.Amount)
	}), `SELECT (t.at - ?) / ?, t.type, t.sender, t.amount, t.fee FROM teg_transactions t WHERE `+where,
		append([]any{q.From.UnixMicro(), q.Width.Microseconds()}, args...)...)
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
