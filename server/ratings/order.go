package ratings

// step is one half of a rating: its transfer, or the signal on it.
type step struct {
	rating int32
	signal bool
}

// order says which steps wait for which. A transfer waits for the one before it of
// either trader; a signal waits for its own transfer and for the signal before it
// to the same ratee, so that scores too change in the order of time. None waits for
// a later one, so there is always one that can be taken.
type order struct {
	transfers, signals waiting
	nextTransfers      [][2]int32 // those that wait for a rating's transfer; −1 for none
	nextSignal         []int32    // the one that waits for a rating's signal; −1 for none
}

// waiting counts for how many others the step of each rating still waits.
type waiting []uint8

func newOrder(p *play) *order {
	n := len(p.ratings)
	o := &order{
		transfers: make(waiting, n), signals: make(waiting, n),
		nextTransfers: make([][2]int32, n), nextSignal: make([]int32, n),
	}
	lastOf, lastTo := noneFor(p.traders), noneFor(p.traders)
	for i := range p.ratings {
		o.nextTransfers[i], o.nextSignal[i] = [2]int32{-1, -1}, -1
		rater, ratee := p.index[p.ratings[i].Rater], p.index[p.ratings[i].Ratee]
		for _, t := range []int{rater, ratee} {
			o.pay(lastOf[t], int32(i))
			lastOf[t] = int32(i)
		}
		o.say(lastTo[ratee], int32(i))
		lastTo[ratee] = int32(i)
	}
	return o
}

// noneFor says of each trader that it has no rating yet.
func noneFor(traders []trader) []int32 {
	last := make([]int32, len(traders))
	for i := range last {
		last[i] = -1
	}
	return last
}

// pay notes that a transfer waits for one before it. A pair that rates each other
// twice in a row waits twice for the same.
func (o *order) pay(before, after int32) {
	if before < 0 {
		return
	}
	if next := &o.nextTransfers[before]; next[0] < 0 {
		next[0] = after
	} else {
		next[1] = after
	}
	o.transfers[after]++
}

// say notes that a signal waits for its transfer, and for a signal before it.
func (o *order) say(before, after int32) {
	o.signals[after]++
	if before >= 0 {
		o.nextSignal[before] = after
		o.signals[after]++
	}
}

// first are the steps that wait for nothing.
func (o *order) first() (ready []step) {
	for i, others := range o.transfers {
		if others == 0 {
			ready = append(ready, step{rating: int32(i)})
		}
	}
	return ready
}

// done returns the steps that can be taken now that one has been, transfers first:
// more waits for them.
func (o *order) done(s step) (ready []step) {
	if s.signal {
		return o.signals.release(nil, step{o.nextSignal[s.rating], true})
	}
	for _, after := range o.nextTransfers[s.rating] {
		ready = o.transfers.release(ready, step{rating: after})
	}
	return o.signals.release(ready, step{s.rating, true})
}

// release lets a step wait for one less.
func (w waiting) release(ready []step, s step) []step {
	if s.rating < 0 {
		return ready
	}
	if w[s.rating]--; w[s.rating] > 0 {
		return ready
	}
	return append(ready, s)
}
