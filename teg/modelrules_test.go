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

// The terms of the model: 0.5 %, at least 0.001, at most 2.
var (
	modelTerms = teg.Terms{
		Fees:        teg.Fees{Fixed: teg.AVT("0.001"), Percentage: teg.Fraction("0.005"), Max: teg.AVT("2"), HasMax: true},
		MinTransfer: teg.AVT("0.01"), MaxTransfer: teg.AVT("5000"),
	}
	ratMinFee = big.NewRat(1, 1000)
	ratMaxFee = big.NewRat(2, 1)
	ratRate   = big.NewRat(5, 1000)
	ratMin    = big.NewRat(1, 100)
	ratMax    = big.NewRat(5000, 1)
)

func modelFee(sum *big.Rat) *big.Rat {
	fee := floor18(new(big.Rat).Mul(sum, ratRate))
	if fee.Cmp(ratMinFee) < 0 {
		fee = ratMinFee
	}
	if fee.Cmp(ratMaxFee) > 0 {
		fee = ratMaxFee
	}
	return fee
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

// admit is what every verb asks of its caller first.
func (m *model) admit(caller string) string {
	a := m.agents[caller]
	switch {
	case a == nil:
		return ""
	case a.deactivated:
		return "BIZ_INVALID_STATE"
	case a.suspended:
		return "AUTH_AGENT_SUSPENDED"
	}
	return ""
}

// keyed wraps a verb in the rules of idempotency. It reports whether the answer
// was given before.
func (m *model) keyed(caller, verb, key, fingerprint string, decide func() string) (code string, replayed bool) {
	admitted := m.admit(caller)
	if admitted == "AUTH_AGENT_SUSPENDED" {
		return admitted, false
	}
	scope := caller + " " + verb + " " + key
	if earlier, known := m.answers[scope]; key != "" && known {
		if earlier.fingerprint != fingerprint {
			return "IDEMPOTENCY_KEY_REUSED", false
		}
		return earlier.code, true
	}
	if code = admitted; code == "" {
		code = decide()
	}
	if key != "" && (code == "" || code[:4] == "BIZ_") {
		m.answers[scope] = answer{code, fingerprint}
	}
	return code, false
}

// payable are the rules that transfers and holds share, up to the balance.
func (m *model) payable(from, to string, sum *big.Rat, reference string) string {
	switch receiver := m.agents[to]; {
	case m.agents[from] == nil || receiver == nil:
		return "BIZ_ENTITY_NOT_FOUND"
	case from == to:
		return "BIZ_SELF_TRANSFER"
	case sum.Cmp(ratMin) < 0:
		return "BIZ_BELOW_MINIMUM"
	case sum.Cmp(ratMax) > 0:
		return "BIZ_ABOVE_MAXIMUM"
	case receiver.deactivated:
		return "BIZ_INVALID_STATE"
	case reference != "" && m.taken[reference]:
		return "BIZ_ALREADY_EXISTS"
	case m.agents[from].available.Cmp(new(big.Rat).Add(sum, modelFee(sum))) < 0:
		return "BIZ_INSUFFICIENT_BALANCE"
	}
	return ""
}

// transfer decides and, where it succeeds, carries out.
func (m *model) transfer(from, to string, sum *big.Rat, reference string) string {
	taken := ""
	if reference != "" {
		taken = from + " transfer " + reference
	}
	if code := m.payable(from, to, sum, taken); code != "" {
		return code
	}
	if taken != "" {
		m.taken[taken] = true
	}
	m.pay(from, to, sum, modelFee(sum))
	return ""
}

func (m *model) pay(from, to string, sum, fee *big.Rat) {
	m.agents[from].available.Sub(m.agents[from].available, new(big.Rat).Add(sum, fee))
	m.agents[to].available.Add(m.agents[to].available, sum)
	m.treasury.Add(m.treasury, fee)
	m.fees.Add(m.fees, fee)
}

func (m *model) refund(by string, id teg.TransactionID, asked *big.Rat) (string, *big.Rat) {
	p := m.payments[id]
	switch {
	case p == nil || by != p.sender && by != p.receiver:
		return "BIZ_ENTITY_NOT_FOUND", nil
	case by != p.receiver:
		return "AUTH_FORBIDDEN", nil
	case m.agents[p.sender].deactivated:
		return "BIZ_INVALID_STATE", nil
	}
	left := new(big.Rat).Sub(p.amount, p.refunded)
	if left.Sign() == 0 {
		return "BIZ_INVALID_STATE", nil
	}
	if asked.Sign() == 0 {
		asked = left
	}
	if asked.Cmp(left) > 0 {
		return "VALIDATION_INVALID_INPUT", nil
	}
	if m.agents[by].available.Cmp(asked) < 0 {
		return "BIZ_INSUFFICIENT_BALANCE", nil
	}
	p.refunded.Add(p.refunded, asked)
	m.agents[by].available.Sub(m.agents[by].available, asked)
	m.agents[p.sender].available.Add(m.agents[p.sender].available, asked)
	return "", asked
}

func (m *model) hold(from, to string, sum *big.Rat) string {
	if code := m.payable(from, to, sum, ""); code != "" {
		return code
	}
	total := new(big.Rat).Add(sum, modelFee(sum))
	m.agents[from].available.Sub(m.agents[from].available, total)
	m.agents[from].locked.Add(m.agents[from].locked, total)
	return ""
}

// closable are the rules that capture and void share.
func (m *model) closable(by string, h *modelHold) string {
	switch {
	case h == nil || by != h.payer && by != h.receiver:
		return "BIZ_ENTITY_NOT_FOUND"
	case h.state == teg.HoldExpired:
		return "BIZ_EXPIRED"
	case h.state != teg.HoldActive:
		return "BIZ_INVALID_STATE"
	}
	return ""
}

func (m *model) capture(by string, h *modelHold, sum *big.Rat) string {
	if h != nil && by == h.receiver && by != h.payer {
		return "AUTH_FORBIDDEN"
	}
	if h != nil && by == h.payer && sum.Cmp(h.amount) > 0 {
		return "VALIDATION_INVALID_INPUT"
	}
	if code := m.closable(by, h); code != "" {
		return code
	}
	if m.agents[h.receiver].deactivated {
		return "BIZ_INVALID_STATE"
	}
	if sum.Sign() == 0 {
		sum = h.amount
	}
	m.release(h, teg.HoldCaptured)
	m.pay(h.payer, h.receiver, sum, modelFee(sum))
	return ""
}

func (m *model) void(by string, h *modelHold) string {
	if h != nil && by == h.payer && h.receiverOnly {
		return "AUTH_FORBIDDEN"
	}
	if code := m.closable(by, h); code != "" {
		return code
	}
	m.release(h, teg.HoldVoided)
	return ""
}
