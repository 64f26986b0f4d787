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
		spans, err := view.activity(ctx, q, false)
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
		if found.Spans, err = view.activity(ctx, ledger.ActivityQuery{From: from, Width: width}, true); err != nil {
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

// activity is what happened in each span, in no particular order, and who paid where names are
// wanted.
func (r *Reader) activity(ctx context.Context, q ledger.ActivityQuery, names bool) (list []store.PayersSpan, err error) {
	where, args, err := r.within(ctx, q.From, q.To)
	if err != nil {
		return nil, err
	}
	spans := spansOf{spans: map[integer]*store.PayersSpan{}, names: names}
	if r.dialect == Postgres {
		err = r.activitySums(ctx, &spans, q, where, args)
	} else {
		err = r.activityAdded(ctx, &spans, q, where, args)
	}
	for _, span := range spans.spans {
		list = append(list, *span)
	}
	return list, err
}

// spansOf are spans by the number of widths that they are after the first.
type spansOf struct {
	spans map[integer]*store.PayersSpan
	names bool // of who paid are wanted
}

// at is a span, which begins with nothing.
func (s *spansOf) at(number integer, q ledger.ActivityQuery) *store.PayersSpan {
	if s.spans[number] == nil {
		s.spans[number] = &store.PayersSpan{Activity: ledger.Activity{Start: q.From.Add(time.Duration(number) * q.Width)}}
	}
	return s.spans[number]
}

// paid counts who has not paid before in a span.
func (s *spansOf) paid(in *store.PayersSpan, by integer) {
	in.Payers++
	if s.names {
		in.By = append(in.By, ledger.AccountID(by))
	}
}

// activitySums has PostgreSQL add what each row paid: to count those who did takes it longer
// than to tell them.
func (r *Reader) activitySums(ctx context.Context, spans *spansOf, q ledger.ActivityQuery, where string, args []any) error {
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
		if transfers > 0 { // one row tells of it in this span
			spans.paid(span, sender)
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
func (r *Reader) activityAdded(ctx context.Context, spans *spansOf, q ledger.ActivityQuery, where string, args []any) error {
	var number, kind, sender integer
	var sum, fee amountColumn
	type payer struct{ span, id integer }
	known := map[payer]struct{}{}
	into := []any{&number, &kind, &sender, &sum, &fee}
	return r.scan(ctx, visitor(func(scan func(into []any) error) error {
		if err := scan(into); err != nil {
			return err
		}
		span := spans.at(number, q)
		if _, found := known[payer{number, sender}]; !found && kind == integer(ledger.TypeTransfer) {
			known[payer{number, sender}] = struct{}{}
			spans.paid(span, sender)
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
