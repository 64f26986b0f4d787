package staking

import (
	"math/big"
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
)

// oracle computes rewards as the rules are written: at each cycle it visits
// everyone, in exact rationals. It knows no index, no debt and no price.
type oracle struct {
	at      time.Time
	seconds map[earner]*big.Rat // unit-microseconds in the open cycle
	earned  map[earner]*big.Rat // ever, in units
}

// earner is one who has earned: a stake by itself, a stake by its delegations,
// or a validator by its share.
type earner struct {
	kind string
	id   ledger.ID
}

func newOracle() *oracle {
	return &oracle{at: genesis, seconds: map[earner]*big.Rat{}, earned: map[earner]*big.Rat{}}
}

// lying calls visit with the value that lies for each earner, exactly.
func (e *economy) lying(visit func(earner, *big.Rat)) {
	for _, s := range e.stakes {
		visit(earner{"stake", ledger.ID(s.ID)}, e.exact(s.Pool, s.Shares))
	}
	for _, d := range e.delegations {
		if !d.Active() {
			continue
		}
		value, share := e.exact(d.Pool, d.Shares), fraction(d.Share)
		commission := new(big.Rat).Mul(value, share)
		visit(earner{"delegations", ledger.ID(d.Stake)}, new(big.Rat).Sub(value, commission))
		visit(earner{"commission", ledger.ID(d.Pool)}, commission)
	}
}

// exact is what shares of a pool are worth, before rounding.
func (e *economy) exact(id PoolID, shares Number) *big.Rat {
	p := e.pools[id]
	if p.Shares.IsZero() {
		return new(big.Rat)
	}
	return new(big.Rat).SetFrac(new(big.Int).Mul(shares.big(), p.Tokens.Big()), p.Shares.big())
}

func fraction(r amount.Rate) *big.Rat { return big.NewRat(int64(r.PPM()), 1_000_000) }

// pass counts the time since the oracle last looked.
func (o *oracle) pass(e *economy) {
	if past := e.now.Sub(o.at).Microseconds(); past > 0 && e.total.Weighted {
		e.lying(func(who earner, value *big.Rat) {
			add(o.seconds, who, value.Mul(value, big.NewRat(past, 1)))
		})
	}
	o.at = e.now
}

// cycle gives everyone its part of what is distributed.
func (o *oracle) cycle(e *economy, c Cycle) {
	parts, all := map[earner]*big.Rat{}, new(big.Rat)
	if c.Weighted {
		parts = o.seconds
	} else {
		e.lying(func(who earner, value *big.Rat) { add(parts, who, value) })
	}
	for _, part := range parts {
		all.Add(all, part)
	}
	o.seconds = map[earner]*big.Rat{}
	if c.Pool.IsZero() {
		return
	}
	pool := new(big.Rat).SetInt(c.Pool.Big())
	for who, part := range parts {
		add(o.earned, who, new(big.Rat).Quo(new(big.Rat).Mul(pool, part), all))
	}
}

// add adds, and cuts what lies below 2⁻²⁵⁶ off, so that the denominators of
// thousands of cycles do not pile up.
func add(to map[earner]*big.Rat, who earner, sum *big.Rat) {
	if to[who] == nil {
		to[who] = new(big.Rat)
	}
	to[who] = cut(new(big.Rat).Add(to[who], sum))
}

func cut(x *big.Rat) *big.Rat {
	const bits = 256
	scaled := new(big.Int).Lsh(x.Num(), bits)
	return new(big.Rat).SetFrac(scaled.Quo(scaled, x.Denom()), new(big.Int).Lsh(big.NewInt(1), bits))
}
