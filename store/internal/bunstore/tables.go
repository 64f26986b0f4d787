package bunstore

import (
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/staking"
)

// Totals has one row, whose key is always true.
var Totals = Table[staking.Total]{
	Name:  "staking_total",
	Terms: []string{"singleton"},
	Standing: []string{
		"cycle", "started_at", "at", "tokens", "unbonding", "weighted", "seconds", "price", "distributed", "paid", "stakers", "stakes", "delegations",
	},
	places: func(t *staking.Total) (terms, standing []any) {
		singleton := true
		return []any{&singleton}, []any{
			&t.Cycle, &t.Start, &t.At, &t.Tokens, &t.Unbonding, &t.Weighted, &t.Seconds, &t.Price, &t.Distributed, &t.Paid, &t.Stakers, &t.Stakes, &t.Delegations,
		}
	},
}

// position are the columns of a position, under names that begin like this.
func position(name string) []string {
	return []string{name + "_weight", name + "_index", name + "_debt", name + "_cycle", name + "_earned"}
}

func placesOf(x *staking.Position) []any {
	return []any{&x.Weight, &x.Index, &x.Debt, &x.Cycle, &x.Earned}
}

// Pools are value that belongs to several.
var Pools = Table[staking.Pool]{
	Name:  "pools",
	Terms: []string{"id", "agent", "kind", "account"},
	Standing: append([]string{"tokens", "shares", "pinned", "closed", "share_index", "share_open", "cycle", "at", "paid"},
		position("commission")...),
	places: func(p *staking.Pool) (terms, standing []any) {
		return []any{(*ledger.ID)(&p.ID), (*int64)(&p.Agent), (*uint8)(&p.Kind), (*int64)(&p.Account)},
			append([]any{&p.Tokens, &p.Shares, &p.Pinned, &p.Closed, &p.Index, &p.Open, &p.Cycle, &p.At, &p.Paid},
				placesOf(&p.Commission)...)
	},
	live: (*staking.Pool).Live,
}

// Stakes are what agents put to work. A stake may go on in another pool.
var Stakes = Table[staking.Stake]{
	Name:  "stakes",
	Terms: []string{"id", "owner", "staked_at"},
	Standing: append(append([]string{"pool_id", "shares", "paid", "parts_out", "auto_compound", "unstaked_at", "claimed_at"},
		position("own")...), position("left")...),
	places: func(s *staking.Stake) (terms, standing []any) {
		standing = []any{(*ledger.ID)(&s.Pool), &s.Shares, &s.Paid, &s.Out, &s.AutoCompound, &s.UnstakedAt, &s.ClaimedAt}
		standing = append(append(standing, placesOf(&s.Own)...), placesOf(&s.Left)...)
		return []any{(*ledger.ID)(&s.ID), (*int64)(&s.Owner), &s.StakedAt}, standing
	},
	live: (*staking.Stake).Live,
}

// Delegations are parts of stakes in validators' pools.
var Delegations = Table[staking.Delegation]{
	Name:     "delegations",
	Terms:    []string{"id", "stake_id", "delegator", "validator", "pool_id", "share", "started_at"},
	Standing: append([]string{"shares", "amount", "ended_at"}, position("part")...),
	places: func(d *staking.Delegation) (terms, standing []any) {
		return []any{
			(*ledger.ID)(&d.ID), (*ledger.ID)(&d.Stake), (*int64)(&d.Delegator), (*int64)(&d.Validator),
			(*ledger.ID)(&d.Pool), &d.Share, &d.Started,
		}, append([]any{&d.Shares, &d.Amount, &d.Ended}, placesOf(&d.Position)...)
	},
	live: (*staking.Delegation).Active,
}

// Unbondings are value on its way out. Their shares stay as they were.
var Unbondings = Table[staking.Unbonding]{
	Name:     "unbondings",
	Terms:    []string{"id", "owner", "stake_id", "pool_id", "shares", "returns", "available_at"},
	Standing: []string{"released_at"},
	places: func(u *staking.Unbonding) (terms, standing []any) {
		return []any{
			(*ledger.ID)(&u.ID), (*int64)(&u.Owner), (*ledger.ID)(&u.Stake), (*ledger.ID)(&u.Pool), &u.Shares, &u.Returns, &u.AvailableAt,
		}, []any{&u.ReleasedAt}
	},
	live: (*staking.Unbonding).Waiting,
}

// Cycles are the closed ones.
var Cycles = Table[staking.Cycle]{
	Name: "reward_cycles",
	Terms: []string{
		"number", "id", "started_at", "ended_at", "weighted", "rate", "pool", "collected", "from_reserve", "issued", "stakers",
		"price", "price_sum",
	},
	places: func(c *staking.Cycle) (terms, standing []any) {
		return []any{
			&c.Number, (*ledger.ID)(&c.ID), &c.Start, &c.End, &c.Weighted, &c.Rate, &c.Pool, &c.Collected, &c.FromReserve, &c.Issued,
			&c.Stakers, &c.Price, &c.PriceSum,
		}, nil
	},
}

// Slashes are what was taken.
var Slashes = Table[staking.Slash]{
	Name: "slashes",
	Terms: []string{
		"id", "agent", "evidence", "reason", "self_rate", "delegations_rate", "self_amount", "delegated_amount", "at",
	},
	places: func(s *staking.Slash) (terms, standing []any) {
		return []any{
			(*ledger.ID)(&s.ID), (*int64)(&s.Agent), &s.Evidence, &s.Reason, &s.SelfRate, &s.DelegationsRate, &s.Self, &s.Delegated, &s.At,
		}, nil
	},
}
