package auditor

import "github.com/agentvault/teg-layer/ledger/did"

var velocityRule = definition{
	code:        HighVelocity,
	description: "An agent makes more payments than max_transfers within window_seconds.",
	severity:    Medium,
	thresholds: thresholds{
		count("max_transfers", 100, 1, 10_000, "payments that are still allowed"),
		window(300, 86_400, "within which they are counted"),
	},
	start: func() rule { return &velocity{} },
}

type velocity struct {
	most    int
	window  int64
	senders memory[did.DID, trail[mark]]
}

func (r *velocity) set(t thresholds) {
	r.most, r.window = t.count("max_transfers"), t.window()
	r.senders.keep(r.window)
}

func (r *velocity) reach() int64 { return 2 * r.window }

func (r *velocity) watch(e *Event, now int64, out *reporter) {
	if e.Kind != Payment {
		return
	}
	sent := r.senders.of(e.From, now)
	sent.expire(now - r.window)
	sent.add(markOf(e, now), r.most+1)
	if len(*sent) > r.most && out.first(e.From, now, now) {
		out.add(e.From, now, sent.transactions(), "more than %d payments within %s", r.most, lasting(r.window))
	}
}
