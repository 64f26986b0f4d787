package main

import (
	"math"
	"math/rand/v2"
	"slices"
)

const (
	newcomers = 60
	bought    = 3 // +1 of 10 each, from anybody
	grudgers  = 10
	victims   = 10
)

// attack is a market with strangers added.
type attack struct {
	market
	random *rand.Rand
	first  int // number of the first stranger
	end    int64
}

func newAttack(m market, strangers int) *attack {
	a := &attack{market: m, random: rand.New(rand.NewPCG(1, 2)), first: m.agents}
	a.deals = slices.Clone(m.deals)
	a.agents += strangers
	a.end = m.deals[len(m.deals)-1].time
	return a
}

func (a *attack) say(rater, ratee int, weight float64, within int64) {
	at := a.end
	if within > 0 {
		at -= a.random.Int64N(within)
	}
	a.deals = append(a.deals, deal{rater, ratee, weight, at})
}

// ring lets strangers praise each other, each with a few bought ratings, within a
// time up to the end of the market.
func (a *attack) ring(size int, within int64) {
	for i := a.first; i < a.first+size; i++ {
		a.buy(i, within)
		for j := a.first; j < a.first+size; j++ {
			if i != j {
				a.say(i, j, 1, within)
			}
		}
	}
	a.sort()
}

func (a *attack) buy(stranger int, within int64) {
	for range bought {
		a.say(a.random.IntN(a.first), stranger, 0.1, within)
	}
}

// scored is what a candidate makes of it in the end.
func (a *attack) scored(s scorer) []float64 {
	for _, d := range a.deals {
		s.add(d)
	}
	return s.scores(a.agents)
}

// received counts what was said of each agent.
func received(m market) (praise, all []int) {
	praise, all = make([]int, m.agents), make([]int, m.agents)
	for _, d := range m.deals {
		all[d.ratee]++
		if d.weight > 0 {
			praise[d.ratee]++
		}
	}
	return praise, all
}

// honest agents have so many ratings, at least nine tenths of them praise.
func honest(m market, least int) []int {
	praise, all := received(m)
	var list []int
	for i := range all {
		if all[i] >= least && 10*praise[i] >= 9*all[i] {
			list = append(list, i)
		}
	}
	return list
}

// separation is how often an honest agent stands above a stranger.
func separation(m market, scores []float64, first, strangers int) float64 {
	var list []guess
	for _, i := range honest(m, 5) {
		list = append(list, guess{known(scores[i]), true})
	}
	for i := first; i < first+strangers; i++ {
		list = append(list, guess{known(scores[i]), false})
	}
	return auc(list)
}

// ringAttack is the separation from a ring that came about within a time.
func ringAttack(m market, c candidate, within int64) float64 {
	a := newAttack(m, newcomers)
	a.ring(newcomers, within)
	return separation(m, a.scored(c.fresh()), a.first, newcomers)
}

// whitewash is the separation from frauds under new names, whom the old name and a
// few bought ratings praise.
func whitewash(m market, c candidate) float64 {
	praise, all := received(m)
	var frauds []int
	for i := range all {
		if all[i] >= 3 && 2*praise[i] < all[i] && len(frauds) < newcomers {
			frauds = append(frauds, i)
		}
	}
	a := newAttack(m, len(frauds))
	for k, old := range frauds {
		a.say(old, a.first+k, 1, 0)
		a.buy(a.first+k, 0)
	}
	return separation(m, a.scored(c.fresh()), a.first, len(frauds))
}

// grudge is by how much ten newcomers who complain of an established agent move
// it: the most of several agents. Armed newcomers praise each other and buy praise
// in the month before.
func grudge(m market, c candidate, armed bool) float64 {
	established := honest(m, 10)
	before := newAttack(m, 0).scored(c.fresh())
	worst := 0.0
	for k := range victims {
		victim := established[k*len(established)/victims]
		a := newAttack(m, grudgers)
		if armed {
			a.ring(grudgers, 30*day)
		}
		for i := range grudgers {
			a.say(a.first+i, victim, -1, 0)
		}
		worst = max(worst, math.Abs(a.scored(c.fresh())[victim]-before[victim]))
	}
	return worst
}
