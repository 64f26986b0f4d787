package auditor

import (
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
)

var passThroughRule = definition{
	code:        RapidPassThrough,
	description: "An agent receives min_amount or more and pays share_percent of it or more, and not much more than all of it, to others within window_seconds.",
	severity:    Medium,
	thresholds: thresholds{
		sum("min_amount", "1000", "the smallest sum received that is looked at"),
		percent("share_percent", 90, 50, 100, "of it that is paid on; at most as much more than all of it is paid as this is less"),
		window(600, 86_400, "within which it comes and goes"),
	},
	start: func() rule { return &passThrough{} },
}

// passed is how many payments in each direction are remembered of an agent.
const passed = 64

type passThrough struct {
	least  amount.Amount
	share  int
	window int64
	agents memory[did.DID, flow]
}

// flow is what an agent has received and paid.
type flow struct{ in, out trail[entry] }

func (r *passThrough) set(t thresholds) {
	r.least, r.share, r.window = t.sum("min_amount"), t.count("share_percent"), t.window()
	r.agents.keep(2 * r.window)
}

func (r *passThrough) reach() int64 { return 3 * r.window }

func (r *passThrough) watch(e *Event, now int64, out *reporter) {
	if e.Kind != Payment {
		return
	}
	to := r.agents.of(e.To, now)
	to.in.expire(now - 2*r.window)
	to.in.add(entryOf(e, e.from, now), passed)

	from := r.agents.of(e.From, now)
	from.in.expire(now - 2*r.window)
	from.out.expire(now - r.window)
	from.out.add(entryOf(e, e.to, now), passed)
	came, before, went := from.sums(now - r.window)
	if r.passes(came, before, went) && out.first(e.From, now, now) {
		transactions := newest(append(from.in.transactions(), from.out.transactions()...))
		out.add(e.From, now, transactions, "received %s AVT and paid %s AVT to others within %s", came, went, lasting(r.window))
	}
}

// sums returns what came in since a time, what had come before, and what went out
// after the first that came since. What goes back to whom it came from is not
// passed on.
func (f *flow) sums(since int64) (came, before, went amount.Amount) {
	last := f.out[len(f.out)-1].peer
	var first int64
	for i := range f.in {
		switch in := &f.in[i]; {
		case in.peer == last:
		case in.at <= since:
			before = plus(before, in.amount)
		default:
			came = plus(came, in.amount)
			if first == 0 {
				first = in.position
			}
		}
	}
	if first == 0 {
		return
	}
	for i := range f.out {
		if f.out[i].position > first {
			went = plus(went, f.out[i].amount)
		}
	}
	return came, before, went
}

// passes compares what went with what came. What came in the window before counts
// too, for that is where some of what went came from: who resells all day passes
// on no more than the share that it resells for.
func (r *passThrough) passes(came, before, went amount.Amount) bool {
	return !came.Less(r.least) && !went.Less(part(plus(came, before), r.share)) && !part(came, 200-r.share).Less(went)
}
