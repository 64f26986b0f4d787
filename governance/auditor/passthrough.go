package auditor

import (
	"github.com/agentvault/teg-layer/ledger/amount"
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
	agents memory[party, flow]
}

// flow is what an agent has received and paid.
type flow struct{ in, out tape }

// passing is the parts of what the rule remembers of a payment.
const passing = peers | amounts

func (r *passThrough) set(t thresholds) {
	r.least, r.share, r.window = t.sum("min_amount"), t.count("share_percent"), t.window()
	r.agents.keep(2 * r.window)
}

func (r *passThrough) reach() int64 { return 3 * r.window }

func (r *passThrough) watch(e *Event, now int64, out *reporter) {
	if e.Kind != Payment {
		return
	}
	to := r.agents.of(e.to.party, now)
	to.in.expire(milliseconds(now-2*r.window), passing)
	to.in.add(tapedOf(e, e.from.party, now), passing, passed)

	from := r.agents.of(e.from.party, now)
	from.in.expire(milliseconds(now-2*r.window), passing)
	from.out.expire(milliseconds(now-r.window), passing)
	from.out.add(tapedOf(e, e.to.party, now), passing, passed)
	came, before, went := from.sums(e.to.party, milliseconds(now-r.window), r.least)
	if r.passes(came, before, went) && out.first(e.From, now, now) {
		events := newest(append(from.in.positions(passing), from.out.positions(passing)...))
		out.add(e.From, now, events, "received %s AVT and paid %s AVT to others within %s", came, went, lasting(r.window))
	}
}

// sums returns what came in since a time, what had come before, and what went out
// after the first that came since. What goes back to whom it came from, and so
// what came from the last who was paid, is not passed on. What goes out is not looked
// at where less came than at least.
func (f *flow) sums(last party, since int64, least amount.Amount) (came, before, went amount.Amount) {
	var first int64
	for in := range f.in.all(passing) {
		switch {
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
	if first == 0 || came.Less(least) {
		return
	}
	for out := range f.out.all(passing) {
		if out.position > first {
			went = plus(went, out.amount)
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
