package bunstore

import (
	"context"
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
	for ppm, rate := range map[*uint32]*amount.Rate{
		&row.FeePercentage: &fees.Percentage, &row.FeeRewards: &fees.Split.Rewards, &row.FeeBurn: &fees.Split.Burn,
	} {
		var err error
		if *rate, err = amount.FromPPM(*ppm); err != nil {
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
	where, args := r.holdFilter(q)
	order := ` ORDER BY h.id DESC`
	if q.OldFirst {
		order = ` ORDER BY h.expires_at, h.id`
	}
	var rows []holdRow
	err := r.scan(ctx, &rows, `SELECT `+holdColumns+`, p.owner AS payer_id, c.owner AS receiver_id FROM holds h
		JOIN accounts p ON p.id = h.payer JOIN accounts c ON c.id = h.receiver WHERE `+where+order+` LIMIT ? OFFSET ?`,
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

// CountHolds implements [ledger.HoldReader].
func (r *Reader) CountHolds(ctx context.Context, q ledger.HoldQuery) (int64, error) {
	where, args := r.holdFilter(q)
	var total int64
	err := r.scan(ctx, &total, `SELECT count(*) FROM holds h WHERE `+where, args...)
	return total, err
}

func (r *Reader) holdFilter(q ledger.HoldQuery) (string, []any) {
	var conditions []string
	var args []any
	add := func(condition string, values ...any) {
		conditions, args = append(conditions, condition), append(args, values...)
	}
	if len(q.IDs) > 0 {
		add(`h.id IN (?)`, ids(r.dialect, q.IDs))
	}
	if q.Party != 0 { // two index scans, of which few rows are left
		add(`h.id IN (SELECT id FROM holds WHERE payer = ? UNION SELECT id FROM holds WHERE receiver = ?)`, q.Party, q.Party)
	}
	if q.Payer != 0 {
		add(`h.payer = ?`, q.Payer)
	}
	if len(q.States) > 0 {
		states := make([]int, len(q.States))
		for i, state := range q.States {
			states[i] = int(state)
		}
		add(`h.state IN (?)`, bun.List(states))
	}
	if !q.DueBy.IsZero() {
		add(`h.expires_at <= ?`, r.dialect.Time(q.DueBy))
	}
	if ledger.ID(q.Before) != (ledger.ID{}) {
		add(`h.id < ?`, r.dialect.ID(q.Before))
	}
	if len(conditions) == 0 {
		return `1 = 1`, nil
	}
	return strings.Join(conditions, ` AND `), args
}
