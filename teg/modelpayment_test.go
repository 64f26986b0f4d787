package teg_test

import (
	"fmt"
	"math/big"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/agentvault/teg-layer/teg"
)

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
