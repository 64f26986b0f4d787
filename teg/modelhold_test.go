package teg_test

import (
	"fmt"
	"math/big"
	"time"

	"pgregory.net/rapid"

	"github.com/agentvault/teg-layer/teg"
)

func (m *machine) hold(rt *rapid.T) {
	p := teg.HoldParams{From: m.anyone(rt), To: m.anyone(rt), Amount: m.amount(rt), Key: m.key(rt)}
	p.Term = rapid.SampledFrom([]time.Duration{time.Minute, time.Hour, 24 * time.Hour}).Draw(rt, "term")
	p.VoidBy = rapid.SampledFrom([]teg.Voider{teg.VoidByEither, teg.VoidByReceiver}).Draw(rt, "void by")
	from, to := p.From.String(), p.To.String()
	if m.model.agents[from] == nil {
		p.Key = ""
	}
	want, replayed := m.model.keyed(from, "hold", p.Key, fmt.Sprint(to, p.Amount, p.Term, p.VoidBy), func() string {
		return m.model.hold(from, to, rat(p.Amount))
	})
	r, err := m.engine.Hold(m.ctx, p)
	r.Replayed = false
	m.agree(rt, want, replayed, scoped(p.Key, "hold", p.From), r, err)
	if err == nil && !replayed {
		m.holds = append(m.holds, r.HoldID)
		m.model.holds[r.HoldID] = &modelHold{payer: from, receiver: to, amount: rat(p.Amount), fee: rat(r.Fee),
			receiverOnly: p.VoidBy == teg.VoidByReceiver, expires: m.model.now.Add(p.Term), state: teg.HoldActive}
	}
}

// someHold draws a hold and one who acts on it, mostly a party to it.
func (m *machine) someHold(rt *rapid.T) (teg.HoldID, *modelHold, teg.DID) {
	if len(m.holds) == 0 {
		rt.Skip()
	}
	id := rapid.SampledFrom(m.holds).Draw(rt, "hold")
	h := m.model.holds[id]
	by := rapid.SampledFrom([]teg.DID{teg.Agent(h.payer), teg.Agent(h.payer), teg.Agent(h.receiver), m.agents[0]}).Draw(rt, "by")
	return id, h, by
}

func (m *machine) capture(rt *rapid.T) {
	id, h, by := m.someHold(rt)
	p := teg.CaptureParams{By: by, HoldID: id, Key: m.key(rt)}
	if rapid.Bool().Draw(rt, "part") {
		p.Amount = m.amount(rt)
	}
	want, replayed := m.model.keyed(by.String(), "capture", p.Key, id.String()+p.Amount.String(), func() string {
		if by.String() != h.payer && by.String() != h.receiver {
			h = nil
		}
		return m.model.capture(by.String(), h, rat(p.Amount))
	})
	r, err := m.engine.Capture(m.ctx, p)
	r.Replayed = false
	m.agree(rt, want, replayed, scoped(p.Key, "capture", by), r, err)
}

func (m *machine) void(rt *rapid.T) {
	id, h, by := m.someHold(rt)
	p := teg.VoidParams{By: by, HoldID: id, Key: m.key(rt)}
	want, replayed := m.model.keyed(by.String(), "void", p.Key, id.String(), func() string {
		if by.String() != h.payer && by.String() != h.receiver {
			h = nil
		}
		return m.model.void(by.String(), h)
	})
	r, err := m.engine.Void(m.ctx, p)
	r.Replayed = false
	m.agree(rt, want, replayed, scoped(p.Key, "void", by), r, err)
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
