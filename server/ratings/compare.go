package ratings

import (
	"cmp"
	"math"
	"slices"

	"github.com/agentvault/teg-layer/teg"
)

// Scored is an agent by both its scores.
type Scored struct {
	Agent teg.DID
	Score int
	Trust float64
}

// Compared is an agent with its place by each score among all that are compared: 1
// is the best, and those who are equal share the middle of their places.
type Compared struct {
	Scored
	ByScore, ByTrust float64
}

// Comparison is how two scores place the same agents.
type Comparison []Compared

// Compare places agents by both scores.
func Compare(agents []Scored) Comparison {
	c := make(Comparison, len(agents))
	for i, a := range agents {
		c[i].Scored = a
	}
	c.place(func(a *Compared) float64 { return float64(a.Score) }, func(a *Compared, at float64) { a.ByScore = at })
	c.place(func(a *Compared) float64 { return a.Trust }, func(a *Compared, at float64) { a.ByTrust = at })
	return c
}

// place gives each agent its place by a value, the highest first.
func (c Comparison) place(value func(*Compared) float64, give func(a *Compared, at float64)) {
	order := make([]*Compared, len(c))
	for i := range c {
		order[i] = &c[i]
	}
	slices.SortFunc(order, func(a, b *Compared) int { return cmp.Compare(value(b), value(a)) })
	for from := 0; from < len(order); {
		to := from + 1
		for to < len(order) && value(order[to]) == value(order[from]) {
			to++
		}
		for _, a := range order[from:to] {
			give(a, float64(from+1+to)/2)
		}
		from = to
	}
}

// Correlation is Spearman's, of the places: 1 where both scores say the same, 0
// where one tells nothing of the other, -1 where they say the opposite. It is not a
// number where one of the scores is the same for all.
func (c Comparison) Correlation() float64 {
	middle := float64(len(c)+1) / 2
	var both, score, trust float64
	for i := range c {
		s, t := c[i].ByScore-middle, c[i].ByTrust-middle
		both += s * t
		score += s * s
		trust += t * t
	}
	return both / math.Sqrt(score*trust)
}

// Apart returns up to n agents that stand highest by score compared with their
// place by trust, and up to n of the contrary, those furthest apart first.
func (c Comparison) Apart(n int) (byScore, byTrust Comparison) {
	sorted := slices.Clone(c)
	slices.SortStableFunc(sorted, func(a, b Compared) int { return cmp.Compare(b.lead(), a.lead()) })
	for i := range min(n, len(sorted)) {
		if a := sorted[i]; a.lead() > 0 {
			byScore = append(byScore, a)
		}
		if a := sorted[len(sorted)-1-i]; a.lead() < 0 {
			byTrust = append(byTrust, a)
		}
	}
	return byScore, byTrust
}

// lead is by how many places an agent stands higher by score than by trust.
func (a *Compared) lead() float64 { return a.ByTrust - a.ByScore }
