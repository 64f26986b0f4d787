package reputation

import (
	"iter"
	"math"
	"slices"
)

// Trust is how far each agent is to be trusted, at one moment. It does not change
// and is safe for several goroutines.
type Trust struct {
	terms  TrustTerms
	agents []string
	number map[string]int32
	signal []weighed
	sum    []sums
	own    index
}

// weighed is a signal with what it counts.
type weighed struct {
	edge
	strength float64 // from ½ to 1, less where newer ones of the pair exist, and never 0
	ripe     float64 // of praise, from 0 to 1
	fade     float64 // from Floor to 1
	received float64 // what it counts for the ratee
	given    float64 // what it counts for the rater's own conduct
}

// sums of what an agent received, before the root of the norm, and of what it
// gave.
type sums struct {
	praise, complaint           float64
	givenPraise, givenComplaint float64
}

// Trust weighs the signals at a moment, in microseconds since 1970; a signal of
// later counts as just given. The result is the same to the last bit for the same
// signals, in whatever order they were added. It fails where the terms do not Check.
func (g *Graph) Trust(terms TrustTerms, at int64) (*Trust, error) {
	if err := terms.Check(); err != nil {
		return nil, err
	}
	edges := g.sorted()
	terms.Seeds = slices.Clone(terms.Seeds)
	t := &Trust{terms: terms, agents: slices.Clone(g.agents.list), number: map[string]int32{}, signal: make([]weighed, len(edges))}
	for i, name := range t.agents {
		t.number[name] = int32(i)
	}
	for i, e := range edges {
		t.signal[i] = terms.weigh(e, at)
	}
	t.discountRepeats(len(g.pairs))
	t.credit(t.standing())
	t.add()
	t.own = t.index()
	return t, nil
}

func (t TrustTerms) weigh(e edge, at int64) weighed {
	age := max(0, float64(at)-float64(e.time))
	w := weighed{edge: e, strength: (1 + math.Abs(e.weight)) / 2, ripe: 1}
	w.fade = t.Floor + (1-t.Floor)*math.Exp2(-age/float64(t.HalfLife))
	if t.Ripening > 0 {
		half := float64(t.Ripening)
		w.ripe = age * age / (age*age + half*half)
	}
	return w
}

// leastRepeat is where repeats are halved no more: as good as nothing, and yet never
// 0, for what an agent passes on is a share of all the praise that it gave.
const leastRepeat = 0x1p-50

// discountRepeats lets the newest signal of a pair count in full and each older one
// half of the next, so that no two agents say more than two signals' worth.
func (t *Trust) discountRepeats(pairs int) {
	factor := slices.Repeat([]float64{1}, pairs)
	for i := len(t.signal) - 1; i >= 0; i-- {
		s := &t.signal[i]
		s.strength *= factor[s.pair]
		factor[s.pair] = max(factor[s.pair]/2, leastRepeat)
	}
}

// credit says what each signal counts, given everybody's standing.
func (t *Trust) credit(standing []float64) {
	unit := typical(standing)
	spoken := t.spoken()
	for i := range t.signal {
		s := &t.signal[i]
		s.given = s.strength * s.fade
		m := standing[s.rater]
		if m == 0 {
			continue
		}
		half := t.terms.HalfCredit * unit
		word := m * m / (m*m + half*half)
		if s.weight > 0 {
			word *= s.ripe * min(1, t.terms.Spread*m/(unit*spoken[s.rater]))
		}
		s.received = s.given * word
	}
}

func (t *Trust) add() {
	t.sum = make([]sums, len(t.agents))
	for i := range t.signal {
		s := &t.signal[i]
		amount := math.Pow(s.received, t.terms.Norm)
		if s.weight > 0 {
			t.sum[s.ratee].praise += amount
			t.sum[s.rater].givenPraise += s.given
		} else {
			t.sum[s.ratee].complaint += amount
			t.sum[s.rater].givenComplaint += s.given
		}
	}
}

func (t TrustTerms) score(s sums) float64 {
	root := func(x float64) float64 { return math.Pow(max(0, x), 1/t.Norm) }
	praise, complaint := root(s.praise), t.Severity*root(s.complaint)
	opinion := (praise + t.Prior/2) / (praise + complaint + t.Prior)
	conduct := t.Patience + s.givenPraise
	return opinion * conduct / (conduct + t.Severity*s.givenComplaint)
}

// Score is how far the agent is to be trusted, from 0 to 1; around one half
// little is known. It is false where nothing is: the agent took part in no signal.
func (t *Trust) Score(agent string) (float64, bool) {
	i, known := t.number[agent]
	if !known {
		return 0, false
	}
	return t.terms.score(t.sum[i]), true
}

// All yields every agent that took part in a signal, by name, with its score.
func (t *Trust) All() iter.Seq2[string, float64] {
	return func(yield func(string, float64) bool) {
		for _, name := range slices.Sorted(slices.Values(t.agents)) {
			if score, _ := t.Score(name); !yield(name, score) {
				return
			}
		}
	}
}
