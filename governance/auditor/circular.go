package auditor

import (
	"slices"

	"github.com/agentvault/teg-layer/ledger/amount"
)

var circularRule = definition{
	code:        CircularTransfers,
	description: "Value of min_amount or more returns to its origin through 2 to max_hops payments of about the same amount within window_seconds.",
	severity:    High,
	thresholds: thresholds{
		sum("min_amount", "100", "the smallest payment that is looked at"),
		percent("tolerance_percent", 5, 0, 50, "by which amounts may differ from the last one's"),
		count("max_hops", 5, 2, 5, "payments in the circle"),
		count("max_degree", 16, 1, 64, "payments received that are remembered of each agent, the newest"),
		window(86_400, 30*86_400, "within which the circle closes"),
	},
	start: func() rule { return &circular{} },
}

// looks is how many remembered payments are looked at for one event at most.
const looks = 2000

type circular struct {
	least     amount.Amount
	tolerance int
	hops      int
	degree    int
	window    int64
	receivers memory[party, trail[entry]]
}

func (r *circular) set(t thresholds) {
	r.least, r.tolerance = t.sum("min_amount"), t.count("tolerance_percent")
	r.hops, r.degree, r.window = t.count("max_hops"), t.count("max_degree"), t.window()
	r.receivers.keep(r.window)
}

func (r *circular) reach() int64 { return 2 * r.window }

func (r *circular) watch(e *Event, now int64, out *reporter) {
	if e.Kind != Payment || e.Amount.Less(r.least) {
		return
	}
	s := search{
		circular: r, origin: e.to.party, now: now, left: looks,
		low: part(e.Amount, 100-r.tolerance), high: part(e.Amount, 100+r.tolerance),
	}
	if s.back(e.from.party, e.Position, r.hops-1) && out.first(e.To, now, now) {
		path := append(slices.Clone(s.path), entryOf(e, e.from.party, now))
		out.add(e.To, now, trail[entry](path).positions(), "about %s AVT came back through %d payments within %s", e.Amount, len(path), lasting(r.window))
	}
	received := r.receivers.of(e.to.party, now)
	received.expire(now - r.window)
	received.add(entryOf(e, e.from.party, now), r.degree)
}

// search follows payments from the one that may close a circle back in time.
type search struct {
	*circular
	origin    party
	low, high amount.Amount
	now       int64
	left      int          // payments that may still be looked at
	path      trail[entry] // the circle without its last payment, in order of time
}

// back looks for a way by which the origin's value came to an agent before a
// position. Newer payments are tried first.
func (s *search) back(agent party, before int64, hops int) bool {
	received := s.receivers.find(agent, s.now)
	if received == nil {
		return false
	}
	for _, step := range slices.Backward(*received) {
		if s.left--; s.left < 0 || step.at <= s.now-s.window {
			return false
		}
		if step.position >= before || step.amount.Less(s.low) || s.high.Less(step.amount) {
			continue
		}
		if step.peer == s.origin || hops > 1 && s.back(step.peer, step.position, hops-1) {
			s.path = append(s.path, step)
			return true
		}
	}
	return false
}
