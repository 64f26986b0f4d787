package teg_test

import (
	"math/big"
	"time"

	"github.com/agentvault/teg-layer/teg"
)

// The model is the economy in the plainest Go that says what the rules say:
// exact rationals, maps, no groups, no rows, no database. What the engine does
// is held against it step by step.

type modelAgent struct {
	available, locked *big.Rat
	suspended         bool
	until             time.Time // zero: until reactivated
	deactivated       bool
}

type modelHold struct {
	payer, receiver string
	amount, fee     *big.Rat
	receiverOnly    bool
	expires         time.Time
	state           teg.HoldState
}

type modelPayment struct {
	sender, receiver string
	amount, refunded *big.Rat
}

// answer is what the model expects of a call: a code, empty for success.
type answer struct {
	code        string
	fingerprint string
}

type model struct {
	now      time.Time
	agents   map[string]*modelAgent
	treasury *big.Rat
	issued   *big.Rat
	burned   *big.Rat
	fees     *big.Rat
	holds    map[teg.HoldID]*modelHold
	payments map[teg.TransactionID]*modelPayment
	answers  map[string]answer // by caller, verb and key
	taken    map[string]bool   // references by caller and verb
}

func newModel(now time.Time) *model {
	return &model{
		now: now, agents: map[string]*modelAgent{}, treasury: new(big.Rat), issued: new(big.Rat), burned: new(big.Rat),
		fees: new(big.Rat), holds: map[teg.HoldID]*modelHold{}, payments: map[teg.TransactionID]*modelPayment{},
		answers: map[string]answer{}, taken: map[string]bool{},
	}
}

func rat(a teg.Amount) *big.Rat {
	r, _ := new(big.Rat).SetString(a.String())
	return r
}

// floor18 rounds down to the smallest unit.
func floor18(r *big.Rat) *big.Rat {
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(18), nil)
	scaled := new(big.Rat).Mul(r, new(big.Rat).SetInt(scale))
	whole := new(big.Int).Quo(scaled.Num(), scaled.Denom())
	return new(big.Rat).SetFrac(whole, scale)
}

// advance moves the time on: holds that expire are released, suspensions end.
func (m *model) advance(d time.Duration) {
	m.now = m.now.Add(d)
	for _, h := range m.holds {
		if h.state == teg.HoldActive && !m.now.Before(h.expires) {
			m.release(h, teg.HoldExpired)
		}
	}
	for _, a := range m.agents {
		if a.suspended && !a.until.IsZero() && !m.now.Before(a.until) {
			a.suspended = false
		}
	}
}

func (m *model) release(h *modelHold, state teg.HoldState) {
	payer, total := m.agents[h.payer], new(big.Rat).Add(h.amount, h.fee)
	payer.locked.Sub(payer.locked, total)
	payer.available.Add(payer.available, total)
	h.state = state
}

// copyBalances and restore undo an atomic batch in the model.
func (m *model) copyBalances() *model {
	c := newModel(m.now)
	c.treasury.Set(m.treasury)
	c.fees.Set(m.fees)
	for id, a := range m.agents {
		c.agents[id] = &modelAgent{available: new(big.Rat).Set(a.available)}
	}
	return c
}

func (m *model) restore(c *model) {
	m.treasury, m.fees = c.treasury, c.fees
	for id, a := range c.agents {
		m.agents[id].available = a.available
	}
}
