package main

import (
	"math"
	"strconv"

	"github.com/agentvault/teg-layer/reputation"
)

// candidate is a way to score agents.
type candidate struct {
	name  string
	fresh func() scorer
}

// candidates are all that were compared; the last is the one of package reputation.
func candidates() []candidate {
	return []candidate{
		{"sum of signs", whole(sumOfSigns)},
		{"shrunk mean of weights", whole(shrunkMean)},
		{"fairness and goodness", whole(fairnessGoodness)},
		{"REV2", whole(rev2)},
		{"EigenTrust, no seeds", whole(eigenTrust(0))},
		{"EigenTrust, ten seeds", whole(eigenTrust(10))},
		{"Beta with decay", whole(beta(1, false))},
		{"mix: severe, own mood", whole(beta(3, true))},
		trustCandidate("trust without ripening", func(t *reputation.TrustTerms) { t.Ripening = 0 }),
		trustCandidate("trust", nil),
	}
}

// past keeps all deals for a rule that begins anew each time.
type past struct {
	deals []deal
	rule  func(deals []deal, agents int) []float64
}

func (p *past) add(d deal)                  { p.deals = append(p.deals, d) }
func (p *past) scores(agents int) []float64 { return p.rule(p.deals, agents) }

func whole(rule func([]deal, int) []float64) func() scorer {
	return func() scorer { return &past{rule: rule} }
}

// unknown is a score for each agent, none of which is known.
func unknown(agents int) []float64 {
	scores := make([]float64, agents)
	for i := range scores {
		scores[i] = math.NaN()
	}
	return scores
}

// trust is the score of package reputation.
type trust struct {
	graph reputation.Graph
	terms reputation.TrustTerms
}

func trustCandidate(name string, change func(*reputation.TrustTerms)) candidate {
	terms := reputation.DefaultTrustTerms()
	if change != nil {
		change(&terms)
	}
	return candidate{name, func() scorer { return &trust{terms: terms} }}
}

func (t *trust) add(d deal) {
	signal := reputation.Signal{Rater: strconv.Itoa(d.rater), Ratee: strconv.Itoa(d.ratee), Weight: d.weight, Time: d.time}
	if err := t.graph.Add(signal); err != nil {
		panic(err) // readMarket refuses what Add would
	}
}

func (t *trust) scores(agents int) []float64 {
	made, err := t.graph.Trust(t.terms, t.graph.Newest())
	if err != nil {
		panic(err) // the terms are of this program
	}
	scores := unknown(agents)
	for i := range scores {
		if score, known := made.Score(strconv.Itoa(i)); known {
			scores[i] = score
		}
	}
	return scores
}

func sumOfSigns(deals []deal, agents int) []float64 {
	sum := unknown(agents)
	for _, d := range deals {
		sum[d.ratee] = known(sum[d.ratee]) + math.Copysign(1, d.weight)
	}
	for i, s := range sum {
		sum[i] = 1 / (1 + math.Exp((0.5-s)/100)) // to 0 … 1, in the same order
	}
	return sum
}

// shrunkMean adds three weights of 0 to those received.
func shrunkMean(deals []deal, agents int) []float64 {
	sum, count := make([]float64, agents), make([]float64, agents)
	for _, d := range deals {
		sum[d.ratee] += d.weight
		count[d.ratee]++
	}
	scores := unknown(agents)
	for i := range scores {
		if count[i] > 0 {
			scores[i] = (1 + sum[i]/(count[i]+3)) / 2
		}
	}
	return scores
}

// beta is Jøsang and Ismail's reputation with a half-life of half a year. With a
// severity complaints weigh more; with mood an agent's own complaints count a fifth.
func beta(severity float64, mood bool) func([]deal, int) []float64 {
	return func(deals []deal, agents int) []float64 {
		praise, complaint := make([]float64, agents), make([]float64, agents)
		scores := unknown(agents)
		count := func(agent int, weight, amount float64) {
			scores[agent] = 0
			if weight > 0 {
				praise[agent] += amount
			} else {
				complaint[agent] += severity * amount
			}
		}
		for _, d := range deals {
			age := float64(deals[len(deals)-1].time-d.time) / float64(180*day)
			amount := math.Abs(d.weight) * math.Exp2(-age)
			count(d.ratee, d.weight, amount)
			if mood {
				count(d.rater, d.weight, amount/5)
			}
		}
		for i := range scores {
			scores[i] += (praise[i] + 0.5) / (praise[i] + complaint[i] + 1)
		}
		return scores
	}
}
