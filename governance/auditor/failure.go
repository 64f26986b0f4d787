package auditor

import "github.com/agentvault/teg-layer/ledger/did"

var failureRule = definition{
	code:        RepeatedFailure,
	description: "min_failures services fail by the fault of one agent within window_seconds, and share_percent of all that it took part in.",
	severity:    Medium,
	thresholds: thresholds{
		count("min_failures", 5, 1, 200, "outcomes by its fault"),
		percent("share_percent", 30, 1, 100, "of its last outcomes, disputed ones aside"),
		window(86_400, 30*86_400, "within which they are counted"),
	},
	start: func() rule { return &failures{} },
}

// outcomes is how many outcomes are remembered of an agent.
const outcomes = 256

type failures struct {
	least  int
	share  int
	window int64
	agents memory[did.DID, record]
}

// record is how an agent did.
type record struct{ all, failed trail[entry] }

func (r *failures) set(t thresholds) {
	r.least, r.share, r.window = t.count("min_failures"), t.count("share_percent"), t.window()
	r.agents.keep(r.window)
}

func (r *failures) reach() int64 { return 2 * r.window }

func (r *failures) watch(e *Event, now int64, out *reporter) {
	if e.Kind != Outcome || e.Value == Disputed {
		return
	}
	r.note(e.From, e.to.party, e.Value == ConsumerFault, e, now, out)
	r.note(e.To, e.from.party, e.Value == ProviderFault, e, now, out)
}

func (r *failures) note(agent did.DID, other party, failed bool, e *Event, now int64, out *reporter) {
	a := r.agents.of(agent, now)
	a.all.expire(now - r.window)
	a.all.add(entryOf(e, other, now), outcomes)
	if !failed {
		return
	}
	a.failed.add(entryOf(e, other, now), outcomes)
	for a.failed[0].position < a.all[0].position { // no longer than all are remembered
		a.failed = a.failed[1:]
	}
	number, all := len(a.failed), len(a.all)
	if number >= r.least && number*100 >= r.share*all && out.first(agent, now, now) {
		out.add(agent, now, a.failed.positions(), "%d of %d services failed by its fault within %s", number, all, lasting(r.window))
	}
}
