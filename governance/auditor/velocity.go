package auditor

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
	senders memory[party, tape]
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
	sent := r.senders.of(e.from.party, now)
	sent.expire(milliseconds(now-r.window), 0)
	sent.add(tapedOf(e, 0, now), 0, r.most+1)
	if int(sent.length) > r.most && out.first(e.From, now, now) {
		out.add(e.From, now, sent.positions(0), "more than %d payments within %s", r.most, lasting(r.window))
	}
}
