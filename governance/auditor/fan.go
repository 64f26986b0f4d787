package auditor

import "github.com/agentvault/teg-layer/ledger/amount"

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

// crowd is the most different agents that are counted of one.
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
	hubs   memory[party, hub]
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
	agent, hubOf, peer, others := e.From, e.from, e.to, "payees"
	if r.in {
		agent, hubOf, peer, others = e.To, e.to, e.from, "payers"
	}
	h := r.hubs.of(hubOf.party, now)
	h.meet(taped{stamp: stamp{milliseconds(now), e.Position}, peer: peer.party, slot: peer.slot}, max(r.least, MaxTransactions), r.window/1000)
	number, about := h.number()
	usual := h.usual(number, floor(now, r.window), r.past)
	if number >= r.least && number*100 >= usual*r.usual && out.first(agent, now, now) {
		out.add(agent, now, h.met.positions(acquaintance), "%s%d %s within %s, where %d were the most before", about, number, others, lasting(r.window), usual)
	}
}

// hub is an agent with those whom it has dealt with of late. A burst over the edge
// of two windows must not pass for its own past, so the last window waits.
type hub struct {
	met       tape       // the newest, each peer once
	more      *gathering // nil while all are on the tape
	now, last peak
	past      []peak // falling, so the first is the highest
}

// acquaintance is what a hub remembers of a peer: when it last dealt with it.
const acquaintance = peers | slots

// meet takes note of a peer, who stands where the hub last dealt with it, and forgets
// whom it has last dealt with a window ago, in milliseconds. There is room for so many.
// Whether the others are estimated depends on the window alone.
func (h *hub) meet(r taped, room int, window int64) {
	h.met.expire(r.at-window, acquaintance)
	if h.more != nil && h.more.lost <= r.at-window {
		h.more = nil
	}
	if !h.met.remove(r.peer, acquaintance) && int(h.met.length) == room {
		if h.more == nil {
			h.more = gather(&h.met, window)
		}
		h.more.lost = h.met.first(acquaintance).at
	}
	h.met.add(r, acquaintance, room)
	if h.more != nil {
		h.more.meet(r.slot, r.at, window)
	}
}

// number is how many peers the hub has within the window, and the word for it where it is
// an estimate.
func (h *hub) number() (n int, about string) {
	n = int(h.met.length)
	if h.more == nil {
		return n, ""
	}
	return min(max(n+1, h.more.estimate()), crowd), "about "
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
