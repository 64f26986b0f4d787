package auditor

import (
	"slices"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
)

var fanInRule = definition{
	code:        FanIn,
	description: "min_senders agents pay one min_amount each within window_seconds, and many more than it is used to.",
	severity:    Medium,
	thresholds:  fanThresholds("min_senders"),
	start:       func() rule { return &fan{in: true} },
}

var fanOutRule = definition{
	code:        FanOut,
	description: "One agent pays min_receivers min_amount each within window_seconds, and many more than it is used to.",
	severity:    Medium,
	thresholds:  fanThresholds("min_receivers"),
	start:       func() rule { return &fan{} },
}

func fanThresholds(least string) thresholds {
	return thresholds{
		count(least, 25, 2, 500, "different agents"),
		sum("min_amount", "1", "of a payment, so that dust makes no crowd"),
		percent("usual_percent", 200, 100, 10_000, "of the most that there were in a usual window; what is below is usual"),
		count("usual_windows", 168, 0, 1000, "windows whose most is usual, up to the one before the last"),
		window(3600, 86_400, "within which they are counted"),
	}
}

// crowd is how many different agents are remembered of one.
const crowd = 1000

// fan counts with how many different agents one deals. A service with many
// customers has them every day, so an agent is measured by its own past.
type fan struct {
	in     bool // else out
	least  int
	amount amount.Amount
	usual  int // percent
	past   int64
	window int64
	hubs   memory[did.DID, hub]
}

func (r *fan) set(t thresholds) {
	least := "min_receivers"
	if r.in {
		least = "min_senders"
	}
	r.least, r.amount, r.usual = t.count(least), t.sum("min_amount"), t.count("usual_percent")
	r.past, r.window = int64(t.count("usual_windows")), t.window()
	r.hubs.keep((r.past + 2) * r.window)
}

func (r *fan) reach() int64 { return (r.past + 3) * r.window }

func (r *fan) watch(e *Event, now int64, out *reporter) {
	if e.Kind != Payment || e.Amount.Less(r.amount) {
		return
	}
	agent, peer, others := e.From, e.to, "payees"
	if r.in {
		agent, peer, others = e.To, e.from, "payers"
	}
	h := r.hubs.of(agent, now)
	h.forget(now - r.window)
	h.meet(peer, now, e.Transaction)
	number := len(h.met)
	usual := h.usual(number, floor(now, r.window), r.past)
	if number >= r.least && number*100 >= usual*r.usual && out.first(agent, now, now) {
		out.add(agent, now, newest(slices.Clone(h.dealt)), "%d %s within %s, where %d were the most before", number, others, lasting(r.window), usual)
	}
}

// hub is an agent with those whom it has dealt with of late. A burst over the edge
// of two windows must not pass for its own past, so the last window waits.
type hub struct {
	met       []acquaintance         // oldest first, each peer once
	dealt     []ledger.TransactionID // with the newest of them
	now, last peak
	past      []peak // falling, so the first is the highest
}

// acquaintance is a peer and when the hub last dealt with it. There may be a thousand of
// each agent: the time is in two halves, so that nothing is lost to alignment.
type acquaintance struct {
	peer      party
	high, low uint32
}

func acquaintanceOf(peer party, now int64) acquaintance {
	return acquaintance{peer, uint32(uint64(now) >> 32), uint32(uint64(now))}
}

func (a acquaintance) when() int64 { return int64(uint64(a.high)<<32 | uint64(a.low)) }

// forget drops those whom the hub has last dealt with up to and including a time.
func (h *hub) forget(until int64) {
	n := 0
	for n < len(h.met) && h.met[n].when() <= until {
		n++
	}
	h.met = drop(h.met, n)
	h.dealt = drop(h.dealt, max(0, len(h.dealt)-len(h.met)))
}

// meet takes note of a peer, who stands where the hub last dealt with it.
func (h *hub) meet(peer party, now int64, dealt ledger.TransactionID) {
	for i := len(h.met) - 1; i >= 0; i-- {
		if h.met[i].peer != peer {
			continue
		}
		if n := len(h.dealt) - (len(h.met) - i); n >= 0 {
			h.dealt = slices.Delete(h.dealt, n, n+1)
		}
		h.met = slices.Delete(h.met, i, i+1)
		break
	}
	h.met = push(h.met, acquaintanceOf(peer, now), crowd)
	h.dealt = push(h.dealt, dealt, MaxTransactions)
}

// peak is the most peers that an agent had at once in a window.
type peak struct {
	window int64
	peers  int
}

// usual returns the highest peak of the past windows, and takes note of a number
// in this one.
func (h *hub) usual(number int, window, past int64) int {
	if window != h.now.window {
		h.settle(h.last)
		h.last, h.now = h.now, peak{window: window}
	}
	if h.last.window < window-1 {
		h.settle(h.last)
		h.last = peak{}
	}
	h.now.peers = max(h.now.peers, number)
	for len(h.past) > 0 && h.past[0].window < window-1-past {
		h.past = h.past[1:]
	}
	if len(h.past) == 0 {
		return 0
	}
	return h.past[0].peers
}

// settle makes a window one of the past.
func (h *hub) settle(p peak) {
	if p.peers == 0 {
		return
	}
	for len(h.past) > 0 && h.past[len(h.past)-1].peers <= p.peers {
		h.past = h.past[:len(h.past)-1] // lower and older: never the highest again
	}
	h.past = append(h.past, p)
}
