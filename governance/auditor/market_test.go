package auditor

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
)

const weeks = 8

// market is a made-up one: honest agents that trade over weeks, and cases of
// conduct that the rules are there for, hidden among them. Its size, its prices
// and how busy it is come from the seed too.
type market struct {
	*rand.Rand
	events []Event
	honest []did.DID
	shops  []float64 // how much of all trade each honest agent attracts, summed up
	price  []float64
	cases  []hidden
	agents int
	spread float64 // of prices, as a logarithm
}

// hidden is one case and the agents behind it.
type hidden struct {
	code   Code
	agents []did.DID
}

func makeMarket(seed uint64) *market {
	m := &market{Rand: rand.New(rand.NewPCG(seed, 1))}
	m.spread = 1 + m.Float64()/2
	m.settle(300 + m.IntN(300))
	busy := 0.7 + m.Float64()
	for i := range m.honest {
		m.live(i, busy*math.Exp(m.NormFloat64()))
	}
	m.lookalikes()
	for range 10 {
		m.hide()
	}
	m.commit()
	return m
}

// moment draws a time, more often by day than by night.
func (m *market) moment(from, to time.Duration) time.Duration {
	for {
		at := from + time.Duration(m.Float64()*float64(to-from))
		hour := (at % (24 * time.Hour)).Hours()
		if m.Float64() < 0.2+0.8*(1-math.Cos(2*math.Pi*hour/24))/2 {
			return at
		}
	}
}

func (m *market) between(low, high int) int { return low + m.IntN(high-low+1) }

func (m *market) tell(at time.Duration, e Event) {
	e.At = epoch.Add(at)
	m.events = append(m.events, e)
}

func (m *market) pay(at time.Duration, from, to did.DID, sum float64) {
	exact := amount.MustParse(strconv.FormatFloat(max(0.01, sum), 'f', 6, 64))
	m.tell(at, Event{Kind: Payment, From: from, To: to, Amount: exact})
}

func (m *market) join(at time.Duration, what string) did.DID {
	m.agents++
	agent := name(what, "-", m.agents)
	m.tell(at, Event{Kind: Registered, From: agent})
	return agent
}

// settle makes honest agents. Half are there from the beginning, though they did
// not all come on one day; some shops are far better known than others.
func (m *market) settle(n int) {
	total := 0.0
	for i := range n {
		at := m.moment(0, 3*24*time.Hour)
		if i%2 == 0 {
			at = m.moment(0, weeks*6*24*time.Hour)
		}
		m.honest = append(m.honest, m.join(at, "honest"))
		total += 1 / math.Pow(float64(1+m.IntN(n)), 0.9)
		m.shops = append(m.shops, total)
		m.price = append(m.price, 5*math.Exp(m.spread*m.NormFloat64()))
	}
}

func (m *market) shop() int {
	at, _ := slices.BinarySearch(m.shops, m.Float64()*m.shops[len(m.shops)-1])
	return at
}

// live lets an honest agent trade, mostly with partners that it knows. Some resell
// what they are paid for, some run errands in batches.
func (m *market) live(i int, aDay float64) {
	const day = 24 * time.Hour
	joined := m.events[i].At.Sub(epoch)
	partners := []int{m.shop(), m.shop(), m.shop(), m.IntN(len(m.honest)), m.IntN(len(m.honest))}
	sloppy := 0.02
	if m.IntN(20) == 0 {
		sloppy = 0.1
	}
	for d := joined; d < weeks*7*day; d += day {
		for range m.poisson(aDay) {
			to := partners[m.IntN(len(partners))]
			if m.IntN(3) == 0 {
				to = m.shop()
			}
			batch := 1
			if m.IntN(40) == 0 {
				batch = m.between(5, 40)
			}
			at := m.moment(d, d+day)
			for range batch {
				m.trade(at, i, to, sloppy)
				at += time.Duration(m.IntN(20)) * time.Second
			}
		}
		if m.IntN(10) == 0 {
			m.proof(m.moment(d, d+day), m.honest[i], m.IntN(50) > 0)
		}
	}
}

func (m *market) proof(at time.Duration, agent did.DID, verified bool) {
	e := Event{Kind: Proof, From: agent, Value: Unverified}
	if verified {
		e.Value = Verified
	}
	m.tell(at, e)
}

// trade is one payment with what follows from it.
func (m *market) trade(at time.Duration, from, to int, sloppy float64) {
	if from == to || m.events[to].At.Sub(epoch) > at {
		return
	}
	buyer, seller := m.honest[from], m.honest[to]
	sum := m.price[to] * float64(m.between(1, 5))
	m.pay(at, buyer, seller, sum)
	after := at + time.Duration(m.between(1, 600))*time.Second
	if supplier := to + m.between(1, 10); to%20 == 0 && supplier < len(m.honest) { // it resells, and keeps a margin
		m.pay(after, seller, m.honest[supplier], sum*(0.6+m.Float64()/4))
	}
	if m.IntN(2) == 0 {
		m.outcome(after, buyer, seller, m.Float64() > sloppy)
	}
	if m.IntN(5) < 2 {
		rating := Event{Kind: Signal, From: buyer, To: seller, Value: Praise}
		if m.IntN(20) == 0 {
			rating.Value = Complaint
		}
		m.tell(after, rating)
	}
}

func (m *market) outcome(at time.Duration, from, to did.DID, well bool) {
	e := Event{Kind: Outcome, From: from, To: to, Value: Success}
	if !well {
		e.Value = ProviderFault
		if m.IntN(4) == 0 {
			e.Value = ConsumerFault
		}
	}
	m.tell(at, e)
}

func (m *market) poisson(mean float64) int {
	n := 0
	for p := m.Float64(); p > math.Exp(-mean); p *= m.Float64() {
		n++
	}
	return n
}

// lookalikes are honest and do what some cases do.
func (m *market) lookalikes() {
	const day = 24 * time.Hour
	for k := range len(m.shops) / 120 { // pay their workers every day or every week
		boss := m.honest[k*14+1]
		workers := m.between(15, 40)
		for d := 7 * day; d < weeks*7*day; d += []time.Duration{day, 7 * day}[k%2] {
			at := d + 16*time.Hour
			for w := range workers {
				m.pay(at, boss, m.honest[40+w*5], 20)
				at += time.Duration(m.IntN(60)) * time.Second
			}
		}
	}
	for range len(m.shops) / 120 { // bring agents of their own
		owner := m.someone()
		at := m.moment(7*day, weeks*6*day)
		for range m.between(4, 12) {
			own := m.join(at, "fleet")
			m.honest = append(m.honest, own)
			m.pay(at+time.Duration(m.between(60, 36_000))*time.Second, owner, own, 10)
		}
	}
}

// accomplice is an agent that is not honest, and has an ordinary life beside.
func (m *market) accomplice() did.DID {
	const day = 24 * time.Hour
	joined := m.moment(0, 7*day)
	agent := m.join(joined, "other")
	for range m.between(3, 30) {
		to := m.shop()
		m.pay(m.moment(joined, weeks*7*day), agent, m.honest[to], m.price[to])
	}
	return agent
}

func (m *market) accomplices(low, high int) []did.DID {
	list := make([]did.DID, m.between(low, high))
	for i := range list {
		list[i] = m.accomplice()
	}
	return list
}

// someone is one of those that were there from the beginning.
func (m *market) someone() did.DID { return m.honest[m.IntN(len(m.shops)/2)*2+1] }

// commit puts the events in the order of a log that two servers write, whose
// clocks are up to two seconds apart.
func (m *market) commit() {
	type late struct {
		Event
		seen time.Time
	}
	list := make([]late, len(m.events))
	for i, e := range m.events {
		list[i] = late{e, e.At.Add(time.Duration(m.IntN(2000)) * time.Millisecond)}
	}
	slices.SortStableFunc(list, func(a, b late) int { return cmp.Compare(a.seen.UnixMicro(), b.seen.UnixMicro()) })
	for i := range list {
		e := &list[i].Event
		e.Position = int64(i + 1)
		e.Transaction = transaction(e.Position)
		m.events[i] = *e
	}
}

// hide adds one case of each kind.
func (m *market) hide() {
	const day = 24 * time.Hour
	at := func() time.Duration { return m.moment(9*day, weeks*7*day-2*day) }
	note := func(code Code, agents ...did.DID) { m.cases = append(m.cases, hidden{code, agents}) }
	soon := func(most int) time.Duration { return time.Duration(1+m.IntN(most)) * time.Second }

	fast, t := m.accomplice(), at()
	for range m.between(105, 250) {
		m.pay(t+soon(290), fast, m.someone(), 0.5+m.Float64())
	}
	note(HighVelocity, fast)

	rich := m.accomplice()
	m.pay(at(), rich, m.someone(), 10_000*math.Exp(m.ExpFloat64()))
	note(LargeTransfer, rich)

	careful, t := m.accomplice(), at()
	for range m.between(3, 8) {
		m.pay(t+soon(80_000), careful, m.someone(), 9_010+980*m.Float64())
	}
	note(Structuring, careful)

	m.hidePassThrough(at(), note)
	m.hideCircle(at(), note)

	collector, giver, t := m.accomplice(), m.accomplice(), at()
	for _, mule := range m.accomplices(26, 60) {
		m.pay(t+soon(3000), mule, collector, 20+30*m.Float64())
		m.pay(t+day+soon(3000), giver, mule, 20+30*m.Float64())
	}
	note(FanIn, collector)
	note(FanOut, giver)

	sleeper := m.join(m.moment(0, day), "sleeper")
	for range m.between(3, 12) {
		m.pay(m.moment(day, 7*day), sleeper, m.someone(), 5)
	}
	t = m.moment(40*day, 54*day)
	for range m.between(3, 10) {
		m.pay(t+soon(20_000), sleeper, m.someone(), 50+450*m.Float64())
	}
	note(Dormant, sleeper)

	nest, t := m.accomplice(), at()
	for range m.between(10, 30) {
		born := t + soon(1800)
		chick := m.join(born, "chick")
		m.pay(born+soon(70_000), nest, chick, 1)
		m.pay(born+day+soon(70_000), chick, m.someone(), 1)
	}
	note(NewAccounts, nest)

	m.hideRing(note)

	poor, t := m.accomplice(), at()
	for i := range m.between(10, 20) {
		m.outcome(t+soon(72_000), m.someone(), poor, i%4 == 0)
	}
	for range 7 {
		m.tell(t+soon(72_000), Event{Kind: Outcome, From: m.someone(), To: poor, Value: ProviderFault})
	}
	note(RepeatedFailure, poor)

	forger, t := m.accomplice(), at()
	for range m.between(3, 8) {
		m.proof(t+soon(80_000), forger, false)
	}
	note(FailedProofs, forger)
}

// hidePassThrough lets value through an agent, from one or two and to up to three.
func (m *market) hidePassThrough(at time.Duration, note func(Code, ...did.DID)) {
	mule, sum := m.accomplice(), 1050*math.Exp(m.ExpFloat64())
	sources, sinks := m.accomplices(1, 2), m.accomplices(1, 3)
	for _, source := range sources {
		m.pay(at+time.Duration(m.IntN(60))*time.Second, source, mule, sum/float64(len(sources)))
	}
	kept := 0.9 + 0.1*m.Float64()
	for _, sink := range sinks {
		m.pay(at+time.Duration(m.between(63, 500))*time.Second, mule, sink, kept*sum/float64(len(sinks)))
	}
	note(RapidPassThrough, mule)
}

// hideCircle sends value around, with a cut at each hop.
func (m *market) hideCircle(at time.Duration, note func(Code, ...did.DID)) {
	circle := m.accomplices(2, 5)
	sum := 120 * math.Exp(m.ExpFloat64())
	for i, from := range circle {
		m.pay(at, from, circle[(i+1)%len(circle)], sum)
		sum *= 0.99 + 0.01*m.Float64()
		at += time.Duration(m.between(60, 14_000)) * time.Second
	}
	note(CircularTransfers, circle...)
}

// hideRing lets a group praise itself for days, beside some honest customers.
func (m *market) hideRing(note func(Code, ...did.DID)) {
	const day = 24 * time.Hour
	ring := m.accomplices(3, 10)
	begin := m.moment(9*day, 40*day)
	praise := func(from, to did.DID) {
		at := m.moment(begin, begin+10*day)
		m.pay(at, from, to, 0.1)
		m.tell(at+time.Minute, Event{Kind: Signal, From: from, To: to, Value: Praise})
	}
	for i, from := range ring {
		for range m.between(7, 15) {
			praise(from, ring[(i+1+m.IntN(len(ring)-1))%len(ring)])
		}
		praise(m.someone(), from)
	}
	note(ReputationRing, ring...)
}

// report is how a pack did on a market.
type report struct {
	hidden, found map[Code]int
	wrong         map[Code]int // honest agents that were flagged
	accused       int          // honest agents that were flagged by any rule
	honest        int
}

func (m *market) judge(pack *Pack) report {
	by := map[Code]map[did.DID]bool{}
	for _, e := range m.events {
		for _, f := range pack.Observe(e) {
			if by[f.Code] == nil {
				by[f.Code] = map[did.DID]bool{}
			}
			by[f.Code][f.Agent] = true
		}
	}
	r := report{map[Code]int{}, map[Code]int{}, map[Code]int{}, 0, len(m.honest)}
	for _, c := range m.cases {
		r.hidden[c.code]++
		if slices.ContainsFunc(c.agents, func(agent did.DID) bool { return by[c.code][agent] }) {
			r.found[c.code]++
		}
	}
	for _, agent := range m.honest {
		accused := false
		for code, flagged := range by {
			if flagged[agent] {
				r.wrong[code]++
				accused = true
			}
		}
		if accused {
			r.accused++
		}
	}
	return r
}

func (r report) String() string {
	text := fmt.Sprintf("%-26s %7s %7s %7s\n", "rule", "planted", "found", "false")
	for _, d := range catalogue {
		text += fmt.Sprintf("%-26s %7d %7d %7d\n", d.code, r.hidden[d.code], r.found[d.code], r.wrong[d.code])
	}
	return text + fmt.Sprintf("%d of %d honest agents flagged, %.2f %%\n", r.accused, r.honest, 100*float64(r.accused)/float64(r.honest))
}

func (r *report) add(s report) {
	for _, d := range catalogue {
		r.hidden[d.code] += s.hidden[d.code]
		r.found[d.code] += s.found[d.code]
		r.wrong[d.code] += s.wrong[d.code]
	}
	r.accused += s.accused
	r.honest += s.honest
}
