package postgres

import (
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

var (
	insertHolds = statement{"insert_holds", `INSERT INTO holds (id, payer, locked, receiver, amount, fee, fee_fixed, fee_percentage, fee_max,
		fee_rewards, fee_burn, captured, state, void_by, purpose, created_at, expires_at, closed_at)
		SELECT id, payer, locked, receiver, amount::numeric, fee::numeric, fee_fixed::numeric, fee_percentage, fee_max::numeric,
		fee_rewards, fee_burn, captured::numeric, state, void_by, purpose, created_at, expires_at, closed_at
		FROM unnest($1::uuid[], $2::text[], $3::smallint[], $4::timestamptz[], $5::timestamptz[], $6::bigint[], $7::bigint[], $8::bigint[],
		$9::text[], $10::text[], $11::text[], $12::int[], $13::text[], $14::int[], $15::int[], $16::smallint[], $17::text[], $18::timestamptz[])
		AS d (id, captured, state, expires_at, closed_at, payer, locked, receiver, amount, fee, fee_fixed, fee_percentage, fee_max,
		fee_rewards, fee_burn, void_by, purpose, created_at)`}
	updateHolds = guarded("update_holds", `UPDATE holds AS h SET captured = d.captured::numeric, state = d.state,
		expires_at = d.expires_at, closed_at = d.closed_at
		FROM unnest($1::uuid[], $2::text[], $3::smallint[], $4::timestamptz[], $5::timestamptz[])
		AS d (id, captured, state, expires_at, closed_at) WHERE h.id = d.id`, `cardinality($1::uuid[])`)
)

func holdCalls(c *store.Changes) []call {
	var calls []call
	if n := len(c.NewHolds); n > 0 {
		calls = append(calls, do(insertHolds, append(holdStanding(c.NewHolds), holdTerms(c.NewHolds)...)...))
	}
	if n := len(c.Holds); n > 0 {
		calls = append(calls, do(updateHolds, holdStanding(c.Holds)...))
	}
	return calls
}

// holdStanding are the columns of holds that change.
func holdStanding(holds []ledger.Hold) []any {
	n := len(holds)
	ids, captured, states := make(pgtype.FlatArray[pgtype.UUID], n), make([]string, n), make([]int16, n)
	expires, closed := make([]time.Time, n), make([]*time.Time, n)
	for i := range holds {
		h := &holds[i]
		ids[i], captured[i], states[i] = pgtype.UUID{Bytes: h.ID, Valid: true}, h.Captured.String(), int16(h.State)
		expires[i], closed[i] = h.ExpiresAt, moment(h.ClosedAt)
	}
	return []any{ids, captured, states, expires, closed}
}

// holdTerms are the columns of holds that never change.
func holdTerms(holds []ledger.Hold) []any {
	n := len(holds)
	payers, locked, receivers := make([]int64, n), make([]int64, n), make([]int64, n)
	sums, fees, fixed, most := make([]string, n), make([]string, n), make([]string, n), make([]*string, n)
	percentages, rewards, burns := make([]int32, n), make([]int32, n), make([]int32, n)
	voiders, purposes, created := make([]int16, n), make([]*string, n), make([]time.Time, n)
	for i := range holds {
		h := &holds[i]
		payers[i], locked[i], receivers[i] = int64(h.Payer), int64(h.Locked), int64(h.Receiver)
		sums[i], fees[i], fixed[i] = h.Amount.String(), h.Fee.String(), h.Fees.Fixed.String()
		most[i] = optionalAmount(h.Fees.Max, h.Fees.HasMax)
		percentages[i], rewards[i], burns[i] = int32(h.Fees.Percentage.PPM()), int32(h.Fees.Split.Rewards.PPM()), int32(h.Fees.Split.Burn.PPM())
		voiders[i], purposes[i], created[i] = int16(h.VoidBy), optional(h.Purpose), h.CreatedAt
	}
	return []any{payers, locked, receivers, sums, fees, fixed, percentages, most, rewards, burns, voiders, purposes, created}
}
