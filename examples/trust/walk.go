package main

import (
	"cmp"
	"math"
	"slices"
)

// scorer is a candidate at work: it is told the past, deal by deal, and asked for
// what it makes of it.
type scorer interface {
	add(deal)
	scores(agents int) []float64 // NaN where nothing is known
}

// guess is a score and what came of it.
type guess struct {
	score float64
	good  bool
}

// walk goes through the market in order of time. Before each step of so many
// ratings it scores everybody from what came before, and guesses their signs.
func walk(m market, step int, s scorer) []guess {
	guesses := make([]guess, 0, len(m.deals))
	for i := 0; i < len(m.deals); i += step {
		scores := s.scores(m.agents)
		next := m.deals[i:min(i+step, len(m.deals))]
		for _, d := range next {
			guesses = append(guesses, guess{known(scores[d.ratee]), d.weight > 0})
		}
		for _, d := range next {
			s.add(d)
		}
	}
	return guesses
}

// known puts whom nothing is known of in the middle.
func known(score float64) float64 {
	if math.IsNaN(score) {
		return 0.5
	}
	return score
}

// auc is the area under the ROC curve: how often a good one has the higher score
// of a good and a bad one, ties counting half.
func auc(guesses []guess) float64 {
	sorted := slices.Clone(guesses)
	slices.SortFunc(sorted, func(a, b guess) int { return cmp.Compare(a.score, b.score) })
	var below, goods, wins float64
	for i := 0; i < len(sorted); {
		var good, bad float64
		j := i
		for ; j < len(sorted) && sorted[j].score == sorted[i].score; j++ {
			if sorted[j].good {
				good++
			} else {
				bad++
			}
		}
		wins += good * (below + bad/2)
		goods, below, i = goods+good, below+bad, j
	}
	return wins / (goods * below)
}

// foresight is the area over all guesses, and over each half of them.
func foresight(guesses []guess) [3]float64 {
	half := len(guesses) / 2
	return [3]float64{auc(guesses), auc(guesses[:half]), auc(guesses[half:])}
}
