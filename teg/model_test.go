package teg_test

import (
	"context"
	"fmt"
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// TestModel runs random sequences of all verbs on the engine and on the model,
// refused calls, repeated keys and the passing of time included, and compares
// answers and balances after every step.
func TestModel(t *testing.T) {
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		st := open(t)
		round, clock := 0, tegtest.NewClock() // time goes on from one machine to the next, as for any database
		rapid.Check(t, func(rt *rapid.T) {
			round++
			newMachine(rt, st, clock, round).run(rt)
		})
	})
}

// machine is an engine and a model that go the same way. Many machines share a
// database one after the other, each with agents of its own.
type machine struct {
	ctx    context.Context
	engine *teg.Engine
	clock  *tegtest.Clock
	model  *model
	agents []teg.DID // names that may or may not be registered
	admin  teg.DID
	base   teg.Supply // of those before
	holds  []teg.HoldID
	paid   []teg.TransactionID
	first  map[string]string // what a keyed call answered first
}

func newMachine(rt *rapid.T, st store.Store, clock *tegtest.Clock, round int) *machine {
	m := &machine{ctx: context.Background(), clock: clock, first: map[string]string{}}
	engine, err := teg.New(m.ctx, st, teg.Config{Clock: m.clock.Now, Terms: &modelTerms})
	require.NoError(rt, err)
	m.engine, m.model = engine, newModel(m.clock.Now())
	for i := range 5 {
		m.agents = append(m.agents, teg.Agent(fmt.Sprintf("did:model:%d:%d", round, i)))
	}
	m.admin = teg.Agent(fmt.Sprintf("did:model:%d:admin", round))
	m.base, err = engine.Supply(m.ctx)
	require.NoError(rt, err)
	return m
}

func (m *machine) run(rt *rapid.T) {
	defer m.engine.Close()
	for _, agent := range m.agents[:3] {
		m.register(rt, agent)
		m.issue(rt, agent, teg.AVT("1000"), "")
	}
	rt.Repeat(map[string]func(*rapid.T){
		"":           m.check,
		"register":   func(rt *rapid.T) { m.register(rt, m.anyone(rt)) },
		"issue":      func(rt *rapid.T) { m.issue(rt, m.anyone(rt), m.amount(rt), m.key(rt)) },
		"transfer":   m.transfer,
		"system":     m.transferToSystem,
		"batch":      m.batch,
		"refund":     m.refund,
		"hold":       m.hold,
		"capture":    m.capture,
		"void":       m.void,
		"burn":       m.burn,
		"adjust":     m.adjust,
		"suspend":    m.suspend,
		"reactivate": m.reactivate,
		"deactivate": m.deactivate,
		"wait":       m.wait,
		"dry run":    m.dryRun,
	})
	_, err := m.engine.Verify(m.ctx)
	require.NoError(rt, err)
}

func (m *machine) anyone(rt *rapid.T) teg.DID { return rapid.SampledFrom(m.agents).Draw(rt, "agent") }

func (m *machine) amount(rt *rapid.T) teg.Amount {
	text := rapid.SampledFrom([]string{
		"0.01", "0.009999999999999999", "1", "3.333333333333333333", "10", "99.5", "250", "499", "1000", "5000", "5000.000000000000000001",
	}).Draw(rt, "amount")
	return teg.AVT(text)
}

// key draws no key, or one of few, so that keys are used again.
func (m *machine) key(rt *rapid.T) string {
	return rapid.SampledFrom([]string{"", "", "", "k1", "k2", "k3"}).Draw(rt, "key")
}

// agree compares codes, and of a repeated call also the answer itself.
func (m *machine) agree(rt *rapid.T, want string, replayed bool, scope string, receipt any, err error) {
	require.Equal(rt, want, teg.CodeOf(err), "%v", err)
	if want == "" && scope != "" {
		text := fmt.Sprintf("%+v", receipt)
		if replayed {
			require.Equal(rt, m.first[scope], text)
		} else {
			m.first[scope] = text
		}
	}
	if replayed && err != nil {
		require.True(rt, teg.Replayed(err))
	}
}

func (m *machine) check(rt *rapid.T) {
	total := new(big.Rat)
	for _, agent := range m.agents {
		want := m.model.agents[agent.String()]
		got, err := m.engine.Balance(m.ctx, agent)
		if want == nil {
			require.ErrorIs(rt, err, teg.ErrNotFound)
			continue
		}
		require.NoError(rt, err)
		require.Zero(rt, want.available.Cmp(rat(got.Available)), "%s has %s, the model %s", agent, got.Available, want.available.FloatString(18))
		require.Zero(rt, want.locked.Cmp(rat(got.Locked)), "%s has locked %s, the model %s", agent, got.Locked, want.locked.FloatString(18))
		total.Add(total, want.available).Add(total, want.locked)
	}
	supply, err := m.engine.Supply(m.ctx)
	require.NoError(rt, err)
	gain := func(now, before teg.Amount) *big.Rat { return new(big.Rat).Sub(rat(now), rat(before)) }
	require.Zero(rt, gain(supply.Issued, m.base.Issued).Cmp(m.model.issued))
	require.Zero(rt, gain(supply.Burned, m.base.Burned).Cmp(m.model.burned))
	require.Zero(rt, gain(supply.Fees, m.base.Fees).Cmp(m.model.fees))
	require.Zero(rt, gain(supply.Treasury, m.base.Treasury).Cmp(m.model.treasury))
	total.Add(total, m.model.treasury)
	require.Zero(rt, gain(supply.Total, m.base.Total).Cmp(total))
}

func (m *machine) register(rt *rapid.T, agent teg.DID) {
	want := ""
	switch {
	case m.model.admit(agent.String()) != "":
		want = m.model.admit(agent.String())
	case m.model.agents[agent.String()] != nil:
		want = "BIZ_ALREADY_EXISTS"
	default:
		m.model.agents[agent.String()] = &modelAgent{available: new(big.Rat), locked: new(big.Rat)}
	}
	_, err := m.engine.RegisterAgent(m.ctx, teg.RegisterParams{Agent: agent})
	require.Equal(rt, want, teg.CodeOf(err))
}

func (m *machine) issue(rt *rapid.T, to teg.DID, sum teg.Amount, key string) {
	want, replayed := m.model.keyed(m.admin.String(), "issue", key, to.String()+sum.String(), func() string {
		a := m.model.agents[to.String()]
		if a == nil {
			a = &modelAgent{available: new(big.Rat), locked: new(big.Rat)}
			m.model.agents[to.String()] = a
		}
		if a.deactivated {
			return "BIZ_INVALID_STATE"
		}
		a.available.Add(a.available, rat(sum))
		m.model.issued.Add(m.model.issued, rat(sum))
		return ""
	})
	r, err := m.engine.Issue(m.ctx, teg.IssueParams{By: m.admin, To: to, Amount: sum, Reason: "model", Key: key})
	r.Replayed = false
	m.agree(rt, want, replayed, scoped(key, "issue", m.admin), r, err)
}

func scoped(key, verb string, by teg.DID) string {
	if key == "" {
		return ""
	}
	return by.String() + " " + verb + " " + key
}

func (m *machine) transfer(rt *rapid.T) {
	p := teg.TransferParams{From: m.anyone(rt), To: m.anyone(rt), Amount: m.amount(rt), Key: m.key(rt)}
	p.Reference = rapid.SampledFrom([]string{"", "", "", "r1", "r2"}).Draw(rt, "reference")
	p.Message = rapid.SampledFrom([]string{"", "thanks"}).Draw(rt, "message")
	if m.model.agents[p.From.String()] == nil {
		p.Key = "" // one who is nobody has no keys
	}
	print := fmt.Sprint(p.To, p.Amount, p.Message, p.Reference)
	want, replayed := m.model.keyed(p.From.String(), "transfer", p.Key, print, func() string {
		return m.model.transfer(p.From.String(), p.To.String(), rat(p.Amount), p.Reference)
	})
	r, err := m.engine.Transfer(m.ctx, p)
	r.Replayed = false
	m.agree(rt, want, replayed, scoped(p.Key, "transfer", p.From), r, err)
	if err == nil && !replayed {
		m.remember(r)
	}
}

func (m *machine) remember(r teg.TransferReceipt) {
	m.paid = append(m.paid, r.TransactionID)
	m.model.payments[r.TransactionID] = &modelPayment{
		sender: r.From.String(), receiver: r.To.String(), amount: rat(r.Amount), refunded: new(big.Rat),
	}
}

func (m *machine) transferToSystem(rt *rapid.T) {
	p := teg.SystemTransferParams{From: m.anyone(rt), Amount: m.amount(rt), Purpose: "dues", Key: m.key(rt)}
	from := p.From.String()
	if m.model.agents[from] == nil {
		p.Key = ""
	}
	want, replayed := m.model.keyed(from, "system", p.Key, p.Amount.String(), func() string {
		a := m.model.agents[from]
		switch {
		case a == nil:
			return "BIZ_ENTITY_NOT_FOUND"
		case a.available.Cmp(rat(p.Amount)) < 0:
			return "BIZ_INSUFFICIENT_BALANCE"
		}
		a.available.Sub(a.available, rat(p.Amount))
		m.model.treasury.Add(m.model.treasury, rat(p.Amount))
		return ""
	})
	r, err := m.engine.TransferToSystem(m.ctx, p)
	r.Replayed = false
	m.agree(rt, want, replayed, scoped(p.Key, "system", p.From), r, err)
}

// batch sends up to four payments that have no keys of their own.
func (m *machine) batch(rt *rapid.T) {
	p := teg.BatchParams{From: m.anyone(rt), Atomic: rapid.Bool().Draw(rt, "atomic")}
	from := p.From.String()
	for range rapid.IntRange(1, 4).Draw(rt, "size") {
		p.Transfers = append(p.Transfers, teg.BatchTransfer{To: m.anyone(rt), Amount: m.amount(rt)})
	}
	before := m.model.copyBalances()
	want := m.model.admit(from)
	var codes []string
	for _, each := range p.Transfers {
		if want != "" {
			break
		}
		code := m.model.transfer(from, each.To.String(), rat(each.Amount), "")
		codes = append(codes, code)
		if p.Atomic && code != "" {
			want = code
			m.model.restore(before)
		}
	}
	receipt, err := m.engine.TransferBatch(m.ctx, p)
	require.Equal(rt, want, teg.CodeOf(err), "%v", err)
	for i := range receipt.Results {
		require.Equal(rt, codes[i], teg.CodeOf(receipt.Results[i].Err))
		if codes[i] == "" {
			m.remember(receipt.Results[i].Receipt)
		}
	}
}

func (m *machine) refund(rt *rapid.T) {
	if len(m.paid) == 0 {
		rt.Skip()
	}
	p := teg.RefundParams{By: m.anyone(rt), TransactionID: rapid.SampledFrom(m.paid).Draw(rt, "original")}
	if rapid.Bool().Draw(rt, "part") {
		p.Amount = m.amount(rt)
	}
	if rapid.IntRange(0, 3).Draw(rt, "by receiver") > 0 {
		p.By = teg.Agent(m.model.payments[p.TransactionID].receiver)
	}
	want := m.model.admit(p.By.String())
	if want == "" {
		want, _ = m.model.refund(p.By.String(), p.TransactionID, rat(p.Amount))
	}
	_, err := m.engine.Refund(m.ctx, p)
	require.Equal(rt, want, teg.CodeOf(err), "%v", err)
}

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

// burn burns what this machine's economy put into the treasury, never more: the
// treasury is shared with the machines before.
func (m *machine) burn(rt *rapid.T) {
	sum := m.amount(rt)
	if m.model.treasury.Cmp(rat(sum)) < 0 {
		rt.Skip()
	}
	r, err := m.engine.Burn(m.ctx, teg.BurnParams{By: m.admin, Amount: sum, Reason: "model"})
	require.NoError(rt, err)
	m.model.treasury.Sub(m.model.treasury, rat(sum))
	m.model.burned.Add(m.model.burned, rat(sum))
	treasury, err := m.engine.Treasury(m.ctx)
	require.NoError(rt, err)
	require.Equal(rt, treasury.Balance, r.RecipientBalance)
}

func (m *machine) adjust(rt *rapid.T) {
	p := teg.AdjustParams{By: m.admin, From: m.anyone(rt), To: m.anyone(rt), Amount: m.amount(rt), Reason: "model"}
	from, to := m.model.agents[p.From.String()], m.model.agents[p.To.String()]
	want := ""
	switch {
	case p.From == p.To:
		want = "BIZ_SELF_TRANSFER"
	case from == nil || to == nil:
		want = "BIZ_ENTITY_NOT_FOUND"
	case to.deactivated:
		want = "BIZ_INVALID_STATE"
	case from.available.Cmp(rat(p.Amount)) < 0:
		want = "BIZ_INSUFFICIENT_BALANCE"
	default:
		from.available.Sub(from.available, rat(p.Amount))
		to.available.Add(to.available, rat(p.Amount))
	}
	_, err := m.engine.Adjust(m.ctx, p)
	require.Equal(rt, want, teg.CodeOf(err), "%v", err)
}

func (m *machine) suspend(rt *rapid.T) {
	agent, days := m.anyone(rt), rapid.IntRange(0, 2).Draw(rt, "days")
	duration := time.Duration(days) * 24 * time.Hour
	a, want := m.model.agents[agent.String()], ""
	switch {
	case a == nil:
		want = "BIZ_ENTITY_NOT_FOUND"
	case a.deactivated:
		want = "BIZ_INVALID_STATE"
	default:
		a.suspended, a.until = true, time.Time{}
		if days > 0 {
			a.until = m.model.now.Add(duration)
		}
	}
	_, err := m.engine.SuspendAgent(m.ctx, teg.StandingParams{By: m.admin, Agent: agent, Reason: "model", Duration: duration})
	require.Equal(rt, want, teg.CodeOf(err), "%v", err)
}

func (m *machine) reactivate(rt *rapid.T) {
	agent := m.anyone(rt)
	a, want := m.model.agents[agent.String()], ""
	switch {
	case a == nil:
		want = "BIZ_ENTITY_NOT_FOUND"
	case !a.suspended:
		want = "BIZ_INVALID_STATE"
	default:
		a.suspended = false
	}
	_, err := m.engine.ReactivateAgent(m.ctx, teg.StandingParams{By: m.admin, Agent: agent})
	require.Equal(rt, want, teg.CodeOf(err), "%v", err)
}

// deactivate is rare: whoever has something cannot be deactivated.
func (m *machine) deactivate(rt *rapid.T) {
	agent := m.anyone(rt)
	a := m.model.agents[agent.String()]
	want := m.model.admit(agent.String())
	switch {
	case want != "":
	case a == nil:
		want = "BIZ_ENTITY_NOT_FOUND"
	case a.available.Sign() != 0 || a.locked.Sign() != 0:
		want = "BIZ_INVALID_STATE"
	default:
		a.deactivated = true
	}
	_, err := m.engine.DeactivateAgent(m.ctx, teg.StandingParams{Agent: agent})
	require.Equal(rt, want, teg.CodeOf(err), "%v", err)
}

func (m *machine) wait(rt *rapid.T) {
	d := rapid.SampledFrom([]time.Duration{time.Second, time.Minute, 2 * time.Hour, 25 * time.Hour}).Draw(rt, "wait")
	m.clock.Advance(d)
	m.model.advance(d)
	if rapid.Bool().Draw(rt, "tick") {
		require.NoError(rt, m.engine.Tick(m.ctx))
	}
	if d > 24*time.Hour { // keys may or may not be remembered from here on
		clear(m.model.answers)
		m.forget(rt)
	}
}

// forget takes the keys away: how long beyond a day they are kept is not fixed.
func (m *machine) forget(rt *rapid.T) {
	for range 2 {
		m.clock.Advance(25 * time.Hour)
		m.model.advance(25 * time.Hour)
		require.NoError(rt, m.engine.Tick(m.ctx))
	}
}

// dryRun asks what a transfer would do, and does it: the answers agree but for
// the id.
func (m *machine) dryRun(rt *rapid.T) {
	p := teg.TransferParams{From: m.anyone(rt), To: m.anyone(rt), Amount: m.amount(rt), DryRun: true}
	would, wouldErr := m.engine.Transfer(m.ctx, p)
	m.check(rt)
	p.DryRun = false
	did, err := m.engine.Transfer(m.ctx, p)
	require.Equal(rt, teg.CodeOf(err), teg.CodeOf(wouldErr))
	want := m.model.admit(p.From.String())
	if want == "" {
		want = m.model.transfer(p.From.String(), p.To.String(), rat(p.Amount), "")
	}
	require.Equal(rt, want, teg.CodeOf(err))
	if err == nil {
		m.remember(did)
		would.TransactionID = did.TransactionID
		require.Equal(rt, did, would)
	}
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
