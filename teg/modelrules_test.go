package teg_test

import (
	"math/big"

	"github.com/agentvault/teg-layer/teg"
)

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
