package postgres

import (
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/store"
)

var (
	insertHolds = statement{"insert_holds", `INSERT INTO holds (id, payer, locked, receiver, amount, fee, fee_fixed, fee_percentage, fee_max,
		fee_rewards, fee_burn, captured, state, void_by, purpose, created_at, expires_at, closed_at)
		SELECT id, payer, locked, receiver, amount, fee, fee_fixed, fee_percentage, fee_max,
		fee_rewards, fee_burn, captured, state, void_by, purpose, created_at, expires_at, closed_at
		FROM unnest($1::uuid[], $2::numeric[], $3::smallint[], $4::timestamptz[], $5::timestamptz[], $6::bigint[], $7::bigint[], $8::bigint[],
		$9::numeric[], $10::numeric[], $11::numeric[], $12::int[], $13::numeric[], $14::int[], $15::int[], $16::smallint[], $17::text[], $18::timestamptz[])
		AS d (id, captured, state, expires_at, closed_at, payer, locked, receiver, amount, fee, fee_fixed, fee_percentage, fee_max,
		fee_rewards, fee_burn, void_by, purpose, created_at)`}
	updateHolds = guarded("update_holds", `UPDATE holds AS h SET captured = d.captured, state = d.state,
		expires_at = d.expires_at, closed_at = d.closed_at
		FROM unnest($1::uuid[], $2::numeric[], $3::smallint[], $4::timestamptz[], $5::timestamptz[])
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
	names, captured, states, expires, closed := ids(n), numerics(n), smallints(n), moments(n), moments(n)
	for i := range holds {
		h := &holds[i]
		names.id(h.ID)
		captured.amount(h.Captured)
		states.int16(int16(h.State))
		expires.moment(h.ExpiresAt)
		closed.moment(h.ClosedAt)
	}
	return []any{names, captured, states, expires, closed}
}

// holdTerms are the columns of holds that never change.
func holdTerms(holds []ledger.Hold) []any {
	n := len(holds)
	payers, locked, receivers := bigints(n), bigints(n), bigints(n)
	sums, fees, fixed, most := numerics(n), numerics(n), numerics(n), numerics(n)
	percentages, rewards, burns := integers(n), integers(n), integers(n)
	voiders, purposes, created := smallints(n), texts(n, 0), moments(n)
	for i := range holds {
		h := &holds[i]
		payers.int64(int64(h.Payer))
		locked.int64(int64(h.Locked))
		receivers.int64(int64(h.Receiver))
		sums.amount(h.Amount)
		fees.amount(h.Fee)
		fixed.amount(h.Fees.Fixed)
		if h.Fees.HasMax {
			most.amount(h.Fees.Max)
		} else {
			most.null()
		}
		percentages.int32(int32(h.Fees.Percentage.PPM()))
		rewards.int32(int32(h.Fees.Split.Rewards.PPM()))
		burns.int32(int32(h.Fees.Split.Burn.PPM()))
		voiders.int16(int16(h.VoidBy))
		purposes.optional(h.Purpose)
		created.moment(h.CreatedAt)
	}
	return []any{payers, locked, receivers, sums, fees, fixed, percentages, most, rewards, burns, voiders, purposes, created}
}

func (l *loaded) scanHold(s scanner) error {
	var h ledger.Hold
	var id, sum, fee, fixed, captured string
	var most *string
	var closed *time.Time
	var percentage, rewards, burn int32
	var state, voidBy int16
	err := s.Scan(&id, &h.Payer, &h.Locked, &h.Receiver, &sum, &fee, &fixed, &percentage, &most,
		&rewards, &burn, &captured, &state, &voidBy, &h.Purpose, &h.CreatedAt, &h.ExpiresAt, &closed)
	if err != nil {
		return err
	}
	h.State, h.VoidBy = ledger.HoldState(state), ledger.Voider(voidBy)
	h.CreatedAt, h.ExpiresAt, h.ClosedAt = h.CreatedAt.UTC(), h.ExpiresAt.UTC(), instant(closed)
	if err := parseID((*ledger.ID)(&h.ID), id); err != nil {
		return err
	}
	h.Fees.HasMax = most != nil
	err = amounts(field{&h.Amount, &sum}, field{&h.Fee, &fee}, field{&h.Fees.Fixed, &fixed}, field{&h.Captured, &captured}, field{&h.Fees.Max, most})
	if err != nil {
		return err
	}
	if h.Fees.Percentage, err = amount.FromPPM(uint32(percentage)); err != nil {
		return err
	}
	if h.Fees.Split.Rewards, err = amount.FromPPM(uint32(rewards)); err != nil {
		return err
	}
	h.Fees.Split.Burn, err = amount.FromPPM(uint32(burn))
	l.rows.Holds = append(l.rows.Holds, h)
	return err
}
