package auditor

import (
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
)

var structuringRule = definition{
	code:        Structuring,
	description: "An agent makes min_transfers payments within window_seconds that each stay below threshold_amount by at most margin_percent.",
	severity:    High,
	thresholds: thresholds{
		sum("threshold_amount", "10000", "the amount that payments stay below; that of LARGE_TRANSFER"),
		percent("margin_percent", 10, 1, 50, "how far below is just below"),
		count("min_transfers", 3, 2, 1000, "such payments"),
		window(86_400, 30*86_400, "within which they are counted"),
	},
	start: func() rule { return &structuring{} },
}

type structuring struct {
	least, limit amount.Amount
	many         int
	window       int64
	senders      memory[did.DID, trail[mark]]
}

func (r *structuring) set(t thresholds) {
	r.limit = t.sum("threshold_amount")
	r.least = part(r.limit, 100-t.count("margin_percent"))
	r.many, r.window = t.count("min_transfers"), t.window()
	r.senders.keep(r.window)
}

func (r *structuring) reach() int64 { return 2 * r.window }

func (r *structuring) watch(e *Event, now int64, out *reporter) {
	if e.Kind != Payment || e.Amount.Less(r.least) || !e.Amount.Less(r.limit) {
		return
	}
	sent := r.senders.of(e.From, now)
	sent.expire(now - r.window)
	sent.add(markOf(e, now), r.many)
	if len(*sent) >= r.many && out.first(e.From, now, now) {
		out.add(e.From, now, sent.positions(), "%d payments from %s to just below %s AVT within %s", r.many, r.least, r.limit, lasting(r.window))
	}
}
