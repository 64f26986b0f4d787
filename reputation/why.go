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
// others. It is empty where the agent is unknown.
func (t *Trust) Why(agent string, limit int) []Contribution {
	i, known := t.number[agent]
	if !known || limit <= 0 {
		return nil
	}
	score := t.terms.score(t.sum[i])
	var list []Contribution
	for k := range t.signal {
		s := &t.signal[k]
		if s.ratee != i && s.rater != i {
			continue
		}
		effect := score - t.terms.score(t.sum[i].without(s, s.ratee == i, t.terms.Norm))
		said := Signal{Rater: t.agents[s.rater], Ratee: t.agents[s.ratee], Weight: s.weight, Time: s.time}
		list = append(list, Contribution{said, effect})
	}
	// Of the same effect the newer goes first; the signals are in order of time.
	slices.Reverse(list)
	slices.SortStableFunc(list, func(a, b Contribution) int { return cmp.Compare(math.Abs(b.Effect), math.Abs(a.Effect)) })
	return list[:min(limit, len(list))]
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
