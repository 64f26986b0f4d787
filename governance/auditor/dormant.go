package auditor

import (
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
)

var dormantRule = definition{
	code:        Dormant,
	description: "An agent that did nothing for dormant_days pays min_amount or more within window_seconds of its return.",
	severity:    Medium,
	thresholds: thresholds{
		threshold("dormant_days", Days, Whole(30), Whole(1), Whole(365), "without an act of its own"),
		sum("min_amount", "100", "what it pays after its return, in sum"),
		window(86_400, 30*86_400, "from its return on"),
	},
	start: func() rule { return &dormant{} },
}

// dormant knows who was awake, and needs not know who was there before: what an
// agent pays came from somewhere. Who pays, and neither acted nor arrived nor got
// anything from the system since, has slept. What other agents pay to a sleeper
// does not wake it.
type dormant struct {
	sleep  int64
	least  amount.Amount
	window int64
	agents memory[did.DID, waking]
}

type waking struct {
	act    int64 // the last one
	awake  bool  // it has acted, or arrived
	since  int64 // when it returned
	back   bool  // it has returned
	paid   tape
	amount amount.Amount
}

func (r *dormant) set(t thresholds) {
	r.sleep, r.least, r.window = t.span("dormant_days"), t.sum("min_amount"), t.window()
	r.agents.keep(max(r.sleep, r.window))
}

// reach is from the last act that shows that an agent was awake, through the
// windows after a return that it may or may not have been.
func (r *dormant) reach() int64 { return r.sleep + 3*r.window }

func (r *dormant) watch(e *Event, now int64, out *reporter) {
	agent := e.From
	if e.Kind == Funded {
		agent = e.To
	}
	a := r.agents.of(agent, now)
	slept := !a.awake || now-a.act >= r.sleep
	a.act, a.awake = now, true
	switch {
	case slept && (e.Kind == Registered || e.Kind == Funded):
		a.back = false
		return
	case slept:
		*a = waking{act: now, awake: true, since: now, back: true}
	}
	if e.Kind == Payment && a.back && now-a.since < r.window {
		r.pay(e, now, a, out)
	}
}

func (r *dormant) pay(e *Event, now int64, a *waking, out *reporter) {
	a.paid.add(tapedOf(e, 0, now), 0, MaxTransactions)
	a.amount = plus(a.amount, e.Amount)
	if !a.amount.Less(r.least) && out.first(e.From, a.since, now) {
		out.add(e.From, a.since, a.paid.positions(0), "paid %s AVT within %s of its return from at least %s without an act",
			a.amount, lasting(r.window), lasting(r.sleep))
	}
}
