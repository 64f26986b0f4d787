package teg_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// debtModel is what agents have and owe, in thousandths, and an engine that should say
// the same.
type debtModel struct {
	*rapid.T
	eng    *teg.Engine
	clock  *tegtest.Clock
	agents []teg.DID // the first is rich and owes nothing
	have   []int64
	aside  []int64
	held   []int64
	debts  []owedSum // the oldest first
	holds  []debtHold
	made   int
}

type owedSum struct{ from, to, amount, left int64 }

type debtHold struct {
	id            teg.HoldID
	from, to, sum int64
}

const aFee = 1 // of a transfer

// What agents have, what is set aside for their creditors, and what of each debt is
// paid is what a model in whole numbers says, however value comes in and goes out, and
// whenever creditors are paid.
func TestDebtModel(t *testing.T) {
	t.Parallel()
	clock, round := tegtest.NewClock(), 0
	eng := tegtest.New(t, tegtest.WithClock(clock))
	_, err := eng.Issue(context.Background(), teg.IssueParams{By: tegtest.Admin, To: eng.TreasuryDID(), Amount: teg.AVT("1000000"), Reason: "reserve"})
	require.NoError(t, err)
	rapid.Check(t, func(rt *rapid.T) {
		round++
		m := &debtModel{T: rt, eng: eng, clock: clock}
		for i := range 5 {
			agent := teg.Agent(fmt.Sprintf("did:example:%d-%d", round, i))
			_, err := eng.RegisterAgent(context.Background(), teg.RegisterParams{Agent: agent, Grant: milli([]int64{1000, 20, 20, 0, 0}[i])})
			require.NoError(rt, err)
			m.agents = append(m.agents, agent)
		}
		m.have, m.aside, m.held = []int64{1000, 20, 20, 0, 0}, make([]int64, 5), make([]int64, 5)
		rt.Repeat(map[string]func(*rapid.T){
			"":       func(*rapid.T) { m.agree() },
			"pay":    func(*rapid.T) { m.pay() },
			"batch":  func(*rapid.T) { m.batch() },
			"owe":    func(*rapid.T) { m.owe() },
			"hold":   func(*rapid.T) { m.hold() },
			"end":    func(*rapid.T) { m.end() },
			"expire": func(*rapid.T) { m.expire() },
			"adjust": func(*rapid.T) { m.adjust() },
			"tick":   func(*rapid.T) { m.tick() },
		})
	})
}

func milli(n int64) teg.Amount { return teg.AVT(fmt.Sprintf("%d.%03d", n/1000, n%1000)) }

// agent draws one, or one who owes nothing and is rich.
func (m *debtModel) agent(name string, from int) int64 {
	return int64(rapid.IntRange(from, len(m.agents)-1).Draw(m.T, name))
}

func (m *debtModel) sum() int64 { return rapid.Int64Range(10, 40).Draw(m.T, "sum") }

func (m *debtModel) owes(agent int64) (sum int64) {
	for _, d := range m.debts {
		if d.from == agent {
			sum += d.left
		}
	}
	return sum
}

// gain is that value comes to an agent.
func (m *debtModel) gain(agent, sum int64) {
	taken := min(sum, m.owes(agent)-m.aside[agent])
	m.aside[agent] += taken
	m.have[agent] += sum - taken
}

// pair draws two agents.
func (m *debtModel) pair() (from, to int64) {
	from = m.agent("from", 0)
	to = (from + 1 + int64(rapid.IntRange(0, len(m.agents)-2).Draw(m.T, "to"))) % int64(len(m.agents))
	return from, to
}

func (m *debtModel) pay() {
	from, to := m.pair()
	sum := m.sum()
	_, err := m.eng.Transfer(context.Background(), teg.TransferParams{From: m.agents[from], To: m.agents[to], Amount: milli(sum)})
	if m.have[from] < sum+aFee {
		require.ErrorIs(m, err, teg.ErrInsufficientBalance)
		return
	}
	require.NoError(m, err)
	m.have[from] -= sum + aFee
	m.gain(to, sum)
}

func (m *debtModel) batch() {
	from, p := m.agent("from", 0), teg.BatchParams{}
	var tos, sums []int64
	for range rapid.IntRange(1, 4).Draw(m.T, "elements") {
		to := (from + 1 + int64(rapid.IntRange(0, len(m.agents)-2).Draw(m.T, "to"))) % int64(len(m.agents))
		sum := m.sum()
		tos, sums = append(tos, to), append(sums, sum)
		p.Transfers = append(p.Transfers, teg.BatchTransfer{To: m.agents[to], Amount: milli(sum)})
	}
	p.From = m.agents[from]
	r, err := m.eng.TransferBatch(context.Background(), p)
	require.NoError(m, err)
	for i, result := range r.Results {
		if m.have[from] < sums[i]+aFee {
			require.ErrorIs(m, result.Err, teg.ErrInsufficientBalance)
			continue
		}
		require.NoError(m, result.Err)
		m.have[from] -= sums[i] + aFee
		m.gain(tos[i], sums[i])
	}
}

func (m *debtModel) owe() {
	from := m.agent("debtor", 1)
	to := (from + 1 + int64(rapid.IntRange(0, len(m.agents)-2).Draw(m.T, "creditor"))) % int64(len(m.agents))
	sum := m.sum()
	m.made++
	require.NoError(m, m.eng.Owe(context.Background(), m.agents[from], m.agents[to], milli(sum), ledger.ID{15: byte(m.made)}, ""))
	m.debts = append(m.debts, owedSum{from, to, sum, sum})
}

func (m *debtModel) hold() {
	from, to := m.pair()
	sum := m.sum()
	h, err := m.eng.Hold(context.Background(), teg.HoldParams{From: m.agents[from], To: m.agents[to], Amount: milli(sum), Term: time.Minute})
	if m.have[from] < sum+aFee {
		require.ErrorIs(m, err, teg.ErrInsufficientBalance)
		return
	}
	require.NoError(m, err)
	m.have[from] -= sum + aFee
	m.held[from] += sum + aFee
	m.holds = append(m.holds, debtHold{h.HoldID, from, to, sum})
}

// end captures a part of a hold, or voids it.
func (m *debtModel) end() {
	if len(m.holds) == 0 {
		return
	}
	h := m.holds[0]
	m.holds = m.holds[1:]
	m.held[h.from] -= h.sum + aFee
	part := rapid.Int64Range(0, h.sum).Draw(m.T, "captured")
	if part == 0 {
		_, err := m.eng.Void(context.Background(), teg.VoidParams{By: m.agents[h.to], HoldID: h.id})
		require.NoError(m, err)
		m.gain(h.from, h.sum+aFee)
		return
	}
	_, err := m.eng.Capture(context.Background(), teg.CaptureParams{By: m.agents[h.from], HoldID: h.id, Amount: milli(part)})
	require.NoError(m, err)
	m.gain(h.from, h.sum-part)
	m.gain(h.to, part)
}

// expire lets all holds run out, and has them given back.
func (m *debtModel) expire() {
	m.clock.Advance(2 * time.Minute)
	for _, h := range m.holds {
		m.held[h.from] -= h.sum + aFee
		m.gain(h.from, h.sum+aFee)
	}
	m.holds = nil
	m.tick()
}

func (m *debtModel) adjust() {
	to, sum := m.agent("to", 1), m.sum()
	_, err := m.eng.Adjust(context.Background(), teg.AdjustParams{
		By: tegtest.Admin, From: m.eng.TreasuryDID(), To: m.agents[to], Amount: milli(sum), Reason: "x",
	})
	require.NoError(m, err)
	m.gain(to, sum)
}

// tick pays creditors until there is nothing to pay from: what one of them is paid may
// be its own creditors'. In which order debtors pay makes no difference in the end.
func (m *debtModel) tick() {
	for m.payOldest() {
	}
	for range 100 {
		require.NoError(m, m.eng.Tick(context.Background()))
		if m.settled() {
			return
		}
	}
	require.Fail(m, "something stays set aside")
}

// payOldest pays what can be paid of the oldest debt that anything can be paid of.
func (m *debtModel) payOldest() bool {
	for i := range m.debts {
		d := &m.debts[i]
		sum := min(d.left, m.aside[d.from])
		if sum > 0 {
			d.left -= sum
			m.aside[d.from] -= sum
			m.gain(d.to, sum)
			return true
		}
	}
	return false
}

// settled reports whether the engine has nothing set aside for creditors.
func (m *debtModel) settled() bool {
	for i, agent := range m.agents {
		b, err := m.eng.Balance(context.Background(), agent)
		require.NoError(m, err)
		if b.Locked != milli(m.held[i]) {
			return false
		}
	}
	return true
}

// agree compares what the model and the engine say.
func (m *debtModel) agree() {
	for i, agent := range m.agents {
		b, err := m.eng.Balance(context.Background(), agent)
		require.NoError(m, err)
		require.Equal(m, milli(m.have[i]).String()+" and "+milli(m.held[i]+m.aside[i]).String(), b.Available.String()+" and "+b.Locked.String(), "agent %d", i)
		page, err := m.eng.Debts(context.Background(), teg.DebtsQuery{Debtor: agent, Limit: 1000})
		require.NoError(m, err)
		require.Equal(m, milli(m.owes(int64(i))), page.Left, "agent %d", i)
		var want []teg.Amount
		for j := len(m.debts) - 1; j >= 0; j-- {
			if m.debts[j].from == int64(i) {
				want = append(want, milli(m.debts[j].left))
			}
		}
		for j, d := range page.Debts {
			require.Equal(m, want[j], d.Left, "agent %d, debt %d", i, j)
		}
		require.Len(m, page.Debts, len(want))
	}
}
