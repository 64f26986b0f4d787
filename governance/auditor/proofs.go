package auditor

import "github.com/agentvault/teg-layer/ledger/did"

var proofsRule = definition{
	code:        FailedProofs,
	description: "min_failures proofs of an agent are not verified within window_seconds.",
	severity:    Medium,
	thresholds: thresholds{
		count("min_failures", 3, 1, 1000, "proofs that were not verified"),
		window(86_400, 30*86_400, "within which they are counted"),
	},
	start: func() rule { return &proofs{} },
}

type proofs struct {
	least  int
	window int64
	agents memory[did.DID, trail[mark]]
}

func (r *proofs) set(t thresholds) {
	r.least, r.window = t.count("min_failures"), t.window()
	r.agents.keep(r.window)
}

func (r *proofs) reach() int64 { return 2 * r.window }

func (r *proofs) watch(e *Event, now int64, out *reporter) {
	if e.Kind != Proof || e.Value != Unverified {
		return
	}
	failed := r.agents.of(e.From, now)
	failed.expire(now - r.window)
	failed.add(markOf(e, now), r.least)
	if len(*failed) >= r.least && out.first(e.From, now, now) {
		out.add(e.From, now, failed.positions(), "%d proofs were not verified within %s", r.least, lasting(r.window))
	}
}
