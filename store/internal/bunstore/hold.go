package bunstore

import (
	"context"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
)

type holdRow struct {
	ID            idColumn
	Payer         int64
	Locked        int64
	Receiver      int64
	Amount        amountColumn
	Fee           amountColumn
	FeeFixed      amountColumn
	FeePercentage uint32
	FeeMax        *amountColumn
	FeeRewards    uint32
	FeeBurn       uint32
	Captured      amountColumn
	State         uint8
	VoidBy        uint8
	Purpose       *string
	CreatedAt     timeColumn
	ExpiresAt     timeColumn
	ClosedAt      timeColumn
	PayerID       string
	ReceiverID    string
}

const holdColumns = `h.id, h.payer, h.locked, h.receiver, h.amount, h.fee, h.fee_fixed, h.fee_percentage, h.fee_max,
	h.fee_rewards, h.fee_burn, h.captured, h.state, h.void_by, h.purpose, h.created_at, h.expires_at, h.closed_at`

func (row *holdRow) hold() (ledger.Hold, error) {
	fees, err := row.fees()
	return ledger.Hold{
		ID: ledger.HoldID(row.ID), Payer: ledger.AccountID(row.Payer), Locked: ledger.AccountID(row.Locked),
		Receiver: ledger.AccountID(row.Receiver), Amount: row.Amount.Amount, Fee: row.Fee.Amount, Fees: fees,
		Captured: row.Captured.Amount, State: ledger.HoldState(row.State), VoidBy: ledger.Voider(row.VoidBy),
		Purpose: text(row.Purpose), CreatedAt: row.CreatedAt.Time, ExpiresAt: row.ExpiresAt.Time, ClosedAt: row.ClosedAt.Time,
	}, err
}

func (row *holdRow) fees() (ledger.Fees, error) {
	fees := ledger.Fees{Fixed: row.FeeFixed.Amount}
	if row.FeeMax != nil {
		fees.Max, fees.HasMax = row.FeeMax.Amount, true
	}
	for _, part := range []struct {
		ppm  uint32
		rate *amount.Rate
	}{{row.FeePercentage, &fees.Percentage}, {row.FeeRewards, &fees.Split.Rewards}, {row.FeeBurn, &fees.Split.Burn}} {
		var err error
		if *part.rate, err = amount.FromPPM(part.ppm); err != nil {
			return fees, err
		}
	}
	return fees, nil
}

func (row *holdRow) recorded() (ledger.RecordedHold, error) {
	hold, err := row.hold()
	if err != nil {
		return ledger.RecordedHold{}, err
	}
	payer, err := did.Parse(row.PayerID)
	if err != nil {
		return ledger.RecordedHold{}, err
	}
	receiver, err := did.Parse(row.ReceiverID)
	return ledger.RecordedHold{Hold: hold, PayerID: payer, ReceiverID: receiver}, err
}

// Holds implements [ledger.HoldReader].
func (r *Reader) Holds(ctx context.Context, q ledger.HoldQuery) ([]ledger.RecordedHold, error) {
	order := ` ORDER BY h.id DESC`
	if q.OldFirst {
		order = ` ORDER BY h.expires_at, h.id`
	}
	source, args := r.holdSource(q, order)
	var rows []holdRow
	err := r.scan(ctx, &rows, `SELECT `+holdColumns+`, p.owner AS payer_id, c.owner AS receiver_id FROM `+source+`
		JOIN accounts p ON p.id = h.payer JOIN accounts c ON c.id = h.receiver`+order+` LIMIT ? OFFSET ?`,
		append(args, q.Limit, q.Offset)...)
	if err != nil {
		return nil, err
	}
	holds := make([]ledger.RecordedHold, len(rows))
	for i := range rows {
		if holds[i], err = rows[i].recorded(); err != nil {
			return nil, err
		}
	}
	return holds, nil
}

// holdSource is the table h of what the query selects, or at least of as much as
// its page needs. A party pays for some holds and receives others, each side with
// an index of its own, of which no more is read than the end of the page.
func (r *Reader) holdSource(q ledger.HoldQuery, order string) (string, []any) {
	where, args := r.holdFilter(q)
	if q.Party == 0 {
		return `(SELECT h.* FROM holds h WHERE ` + where + `) AS h`, args
	}
	rest := where + order + ` LIMIT ?) AS `
	end := q.Offset + int64(q.Limit)
	paying := append(append([]any{q.Party}, args...), end)
	paid := append(append([]any{q.Party, q.Party}, args...), end)
	return `(SELECT * FROM (SELECT h.* FROM holds h WHERE h.payer = ? AND ` + rest + `paying
		UNION ALL SELECT * FROM (SELECT h.* FROM holds h WHERE h.receiver = ? AND h.payer <> ? AND ` + rest + `paid) AS h`,
		append(paying, paid...)
}

// CountHolds implements [ledger.HoldReader].
func (r *Reader) CountHolds(ctx context.Context, q ledger.HoldQuery) (int64, error) {
	q.Before = ledger.HoldID{} // the cursor is part of the page
	where, args := r.holdFilter(q)
	if q.Party != 0 {
		where, args = where+` AND (h.payer = ? OR h.receiver = ?)`, append(args, q.Party, q.Party)
	}
	var total int64
	err := r.scan(ctx, &total, `SELECT count(*) FROM holds h WHERE `+where, args...)
	return total, err
}

// holdFilter is what each hold must be, whoever its parties are.
func (r *Reader) holdFilter(q ledger.HoldQuery) (string, []any) {
	conditions, args := []string{`1 = 1`}, []any(nil)
	add := func(condition string, values ...any) {
		conditions, args = append(conditions, condition), append(args, values...)
	}
	if len(q.IDs) > 0 {
		add(`h.id IN (?)`, ids(r.dialect, q.IDs))
	}
	if q.Payer != 0 {
		add(`h.payer = ?`, q.Payer)
	}
	switch len(q.States) {
	case 0:
	case 1: // said as the index of active holds says it
		add(`h.state = ?`, int(q.States[0]))
	default:
		add(`h.state IN (?)`, bun.List(numbers(q.States)))
	}
	if len(q.States) > 0 && !slices.ContainsFunc(q.States, func(s ledger.HoldState) bool { return !s.Open() }) {
		add(`h.state IN (1, 2)`) // said as the index of open holds says it
	}
	if !q.DueBy.IsZero() {
		add(`h.expires_at <= ?`, r.dialect.Time(q.DueBy))
	}
	if !q.Before.IsZero() {
		add(`h.id < ?`, r.dialect.ID(q.Before))
	}
	return strings.Join(conditions, ` AND `), args
}
