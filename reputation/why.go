package reputation

import (
	"cmp"
	"math"
	"slices"
)

// Contribution is one signal and what it does to an agent's trust.
type Contribution struct {
	Signal
	// Effect is the agent's score less the score that it would have without this
	// signal, everybody's standing being the same. Above 0 the signal helps.
	Effect float64
}

// Why lists the signals that made an agent's score, those with the largest effect
// first and at most limit of them: what others said of it, and what it said of
// others. Of the same effect the newer goes first. It is empty where the agent is
// unknown.
func (t *Trust) Why(agent string, limit int) []Contribution {
	return t.WhyAmong(agent, limit, func(Signal) bool { return true })
}

// WhyAmong is Why of those signals alone that may be shown.
func (t *Trust) WhyAmong(agent string, limit int, shown func(Signal) bool) []Contribution {
	i, known := t.number[agent]
	if !known || limit <= 0 {
		return nil
	}
	score := t.terms.score(t.sum[i])
	var list []Contribution
	for _, k := range slices.Backward(t.own.of(i)) {
		s := &t.signal[k]
		said := Signal{Rater: t.agents[s.rater], Ratee: t.agents[s.ratee], Weight: s.weight, Time: s.time}
		if !shown(said) {
			continue
		}
		effect := score - t.terms.score(t.sum[i].without(s, s.ratee == i, t.terms.Norm))
		if list = append(list, Contribution{said, effect}); len(list)/2 >= limit {
			list = strongest(list, limit)
		}
	}
	return strongest(list, limit)
}

// strongest leaves those with the largest effect, in their order.
func strongest(list []Contribution, limit int) []Contribution {
	slices.SortStableFunc(list, func(a, b Contribution) int { return cmp.Compare(math.Abs(b.Effect), math.Abs(a.Effect)) })
	return list[:min(limit, len(list))]
}

// index finds the signals that an agent gave or received, in order of time, without
// a look at those of others.
type index struct {
	begin  []int // of each agent's in signal, and the end of the last one's
	signal []int32
}

func (x *index) of(agent int32) []int32 { return x.signal[x.begin[agent]:x.begin[agent+1]] }

func (t *Trust) index() index {
	x := index{begin: make([]int, len(t.agents)+1), signal: make([]int32, 2*len(t.signal))}
	for i := range t.signal {
		x.begin[t.signal[i].rater+1]++
		x.begin[t.signal[i].ratee+1]++
	}
	for i := range t.agents {
		x.begin[i+1] += x.begin[i]
	}
	next := slices.Clone(x.begin)
	for i := range t.signal {
		for _, agent := range [...]int32{t.signal[i].rater, t.signal[i].ratee} {
			x.signal[next[agent]] = int32(i)
			next[agent]++
		}
	}
	return x
}

// without takes a signal out that the agent received, or else gave.
func (s sums) without(w *weighed, received bool, norm float64) sums {
	switch {
	case received && w.weight > 0:
		s.praise -= math.Pow(w.received, norm)
	case received:
		s.complaint -= math.Pow(w.received, norm)
	case w.weight > 0:
		s.givenPraise -= w.given
	default:
		s.givenComplaint -= w.given
	}
	return s
}
