package auditor

import (
	"github.com/agentvault/teg-layer/ledger/amount"
)

var largeRule = definition{
	code:        LargeTransfer,
	description: "A payment of min_amount or more.",
	severity:    Low,
	thresholds: thresholds{
		sum("min_amount", "10000", "the smallest payment that is large"),
		window(3600, 86_400, "within which a payer is named once"),
	},
	start: func() rule { return &large{} },
}

type large struct {
	least  amount.Amount
	window int64
}

func (r *large) set(t thresholds) { r.least, r.window = t.sum("min_amount"), t.window() }

func (r *large) reach() int64 { return r.window }

func (r *large) watch(e *Event, now int64, out *reporter) {
	if e.Kind != Payment || e.Amount.Less(r.least) || !out.first(e.From, now, now) {
		return
	}
	out.add(e.From, now, []int64{e.Position}, "a payment of %s AVT, where %s are large", e.Amount, r.least)
}
