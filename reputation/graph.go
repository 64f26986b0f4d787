package reputation

import (
	"cmp"
	"errors"
	"slices"
)

// Signal is what one agent said of another after they dealt with each other.
type Signal struct {
	Rater, Ratee string
	Weight       float64 // from −1 to 1, never 0: the sign praises or complains, the size says how much
	Time         int64   // microseconds since 1970
}

var errSignal = errors.New("a signal needs two agents and a weight from -1 to 1 other than 0")

// Graph holds signals. The zero value is empty and ready. It is not safe for
// several goroutines; a [Trust] made from it is, and does not change when signals
// are added.
type Graph struct {
	agents names
	pairs  map[[2]int32]int32
	edges  []edge
	mixed  bool // edges are not in their order
}

// names numbers agents as they come.
type names struct {
	number map[string]int32
	list   []string
}

type edge struct {
	rater, ratee int32
	pair         int32 // of rater and ratee, in this order
	weight       float64
	time         int64
}

func (n *names) of(name string) int32 {
	if i, met := n.number[name]; met {
		return i
	}
	if n.number == nil {
		n.number = map[string]int32{}
	}
	i := int32(len(n.list))
	n.number[name] = i
	n.list = append(n.list, name)
	return i
}

// Add takes a signal, in any order of time. It refuses one that names fewer than
// two agents, or whose weight is 0, beyond −1 to 1 or not a number. The same signal
// twice counts as two; the caller keeps them apart.
func (g *Graph) Add(s Signal) error {
	if s.Rater == "" || s.Ratee == "" || s.Rater == s.Ratee || s.Weight == 0 || !(s.Weight >= -1 && s.Weight <= 1) {
		return errSignal
	}
	e := edge{rater: g.agents.of(s.Rater), ratee: g.agents.of(s.Ratee), weight: s.Weight, time: s.Time}
	e.pair = g.pair(e.rater, e.ratee)
	if n := len(g.edges); n > 0 && g.compare(g.edges[n-1], e) > 0 {
		g.mixed = true
	}
	g.edges = append(g.edges, e)
	return nil
}

func (g *Graph) pair(rater, ratee int32) int32 {
	key := [2]int32{rater, ratee}
	if i, met := g.pairs[key]; met {
		return i
	}
	if g.pairs == nil {
		g.pairs = map[[2]int32]int32{}
	}
	g.pairs[key] = int32(len(g.pairs))
	return g.pairs[key]
}

// compare orders signals by time, and those of one time by what they say, so that
// sums come out the same to the last bit however the signals came in.
func (g *Graph) compare(a, b edge) int {
	if c := cmp.Compare(a.time, b.time); c != 0 {
		return c
	}
	if c := cmp.Compare(g.agents.list[a.rater], g.agents.list[b.rater]); c != 0 {
		return c
	}
	return cmp.Or(cmp.Compare(g.agents.list[a.ratee], g.agents.list[b.ratee]), cmp.Compare(a.weight, b.weight))
}

// sorted returns the edges in order. What an earlier Trust holds stays as it is.
func (g *Graph) sorted() []edge {
	if g.mixed {
		edges := slices.Clone(g.edges)
		slices.SortFunc(edges, g.compare)
		g.renumber(edges)
		g.mixed = false
	}
	return g.edges[:len(g.edges):len(g.edges)]
}

// renumber numbers agents and pairs as they come in the order of the edges, since
// sums over agents follow their numbers.
func (g *Graph) renumber(edges []edge) {
	old := g.agents.list
	g.agents, g.pairs, g.edges = names{}, nil, edges
	for i := range edges {
		e := &edges[i]
		e.rater, e.ratee = g.agents.of(old[e.rater]), g.agents.of(old[e.ratee])
		e.pair = g.pair(e.rater, e.ratee)
	}
}

// Len is the number of signals.
func (g *Graph) Len() int { return len(g.edges) }

// Newest is the time of the newest signal, or 0 where there is none. At this
// moment trust depends on the signals alone.
func (g *Graph) Newest() int64 {
	edges := g.sorted()
	if len(edges) == 0 {
		return 0
	}
	return edges[len(edges)-1].time
}
