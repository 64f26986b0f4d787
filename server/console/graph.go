package console

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/server/client"
)

// graph is a picture of who paid whom: agents on an ellipse, and what went from one to
// another as one arrow. What it shows stands in a table beside it, too.
type graph struct {
	Nodes []node
	Edges []edge
	Left  int // agents for whom there is no room
}

// node is an agent.
type node struct {
	Agent   string
	Href    string // its page; empty without
	X, Y    float64
	TextY   float64
	Subject bool // whom the picture is about
}

// edge is what went from one agent to another.
type edge struct {
	Path     string
	X, Y     float64 // of what is written beside it
	Sum      amount.Amount
	Count    int
	From, To string
	Thick    float64
}

// The sizes of the picture, in its own units.
const (
	graphMiddleX, graphMiddleY = 360.0, 210.0
	graphAcross, graphDown     = 250.0, 150.0
	nodeRadius                 = 9.0
	mostNodes                  = 16
)

// between names who paid whom.
type between struct{ from, to did.DID }

// flow is what went between two.
type flow struct {
	sum   amount.Amount
	count int
}

// drawn is the picture of transactions, with an agent in the middle where all of them are
// its own. Nil where nothing went from one agent to another.
func drawn(c *Console, list []client.Transaction, subject did.DID) *graph {
	flows, weights := map[between]flow{}, map[did.DID]amount.Amount{}
	for _, t := range list {
		if t.SenderAgentID == nil || t.ReceiverAgentID == nil || *t.SenderAgentID == *t.ReceiverAgentID {
			continue
		}
		way := between{*t.SenderAgentID, *t.ReceiverAgentID}
		seen := flows[way]
		flows[way] = flow{added(seen.sum, t.Amount), seen.count + 1}
		weights[way.from], weights[way.to] = added(weights[way.from], t.Amount), added(weights[way.to], t.Amount)
	}
	if len(flows) == 0 {
		return nil
	}
	agents := byWeight(weights, subject)
	g := &graph{Left: max(0, len(agents)-mostNodes)}
	agents = agents[:min(len(agents), mostNodes)]
	places := placed(agents, subject, star(flows, subject))
	for _, agent := range agents {
		at := places[agent]
		n := node{Agent: agent.String(), Href: c.place(agent.String()), X: at[0], Y: at[1], TextY: at[1] + 24, Subject: agent == subject}
		if at[1] < graphMiddleY-1 {
			n.TextY = at[1] - 15
		}
		g.Nodes = append(g.Nodes, n)
	}
	g.connect(flows, places)
	return g
}

// added is a sum, or the most that there is: for pictures alone.
func added(a, b amount.Amount) amount.Amount {
	if sum, err := a.Add(b); err == nil {
		return sum
	}
	return a
}

// byWeight lists agents, the subject first, then those through whom most went.
func byWeight(weights map[did.DID]amount.Amount, subject did.DID) []did.DID {
	agents := slices.Collect(maps.Keys(weights))
	slices.SortFunc(agents, func(a, b did.DID) int {
		switch {
		case a == subject:
			return -1
		case b == subject:
			return 1
		}
		return cmp.Or(weights[b].Cmp(weights[a]), cmp.Compare(a.String(), b.String()))
	})
	return agents
}

// star reports whether each flow begins or ends with the subject.
func star(flows map[between]flow, subject did.DID) bool {
	for way := range flows {
		if way.from != subject && way.to != subject {
			return false
		}
	}
	return true
}

// placed gives each agent its place: the subject in the middle of a star, all others around.
func placed(agents []did.DID, subject did.DID, star bool) map[did.DID][2]float64 {
	places := map[did.DID][2]float64{}
	around := agents
	if star && len(agents) > 2 {
		places[subject] = [2]float64{graphMiddleX, graphMiddleY}
		around = slices.DeleteFunc(slices.Clone(agents), func(agent did.DID) bool { return agent == subject })
	}
	for i, agent := range around {
		angle := 2*math.Pi*float64(i)/float64(len(around)) - math.Pi
		places[agent] = [2]float64{graphMiddleX + graphAcross*math.Cos(angle), graphMiddleY + graphDown*math.Sin(angle)}
	}
	return places
}

// connect draws the flows between those who have a place, in an order that does not change.
func (g *graph) connect(flows map[between]flow, places map[did.DID][2]float64) {
	ways := slices.SortedFunc(maps.Keys(flows), func(a, b between) int {
		return cmp.Or(cmp.Compare(a.from.String(), b.from.String()), cmp.Compare(a.to.String(), b.to.String()))
	})
	for _, way := range ways {
		from, begins := places[way.from]
		to, ends := places[way.to]
		if !begins || !ends {
			continue
		}
		e := edge{Sum: flows[way].sum, Count: flows[way].count, From: way.from.String(), To: way.to.String()}
		e.Thick = 1.5 + math.Min(3, math.Log2(float64(e.Count)))
		e.bend(from, to)
		g.Edges = append(g.Edges, e)
	}
}

// bend draws an arrow that leans to its right, so that one that comes back lies beside it.
func (e *edge) bend(from, to [2]float64) {
	dx, dy := to[0]-from[0], to[1]-from[1]
	length := math.Hypot(dx, dy) // no two have one place
	lean := math.Min(50, length/5)
	control := [2]float64{(from[0]+to[0])/2 - dy/length*lean, (from[1]+to[1])/2 + dx/length*lean}
	begin, end := towards(from, control, nodeRadius), towards(to, control, nodeRadius+6) // room for its head
	e.Path = fmt.Sprintf("M%.1f %.1f Q%.1f %.1f %.1f %.1f", begin[0], begin[1], control[0], control[1], end[0], end[1])
	e.X, e.Y = (from[0]+to[0])/2-dy/length*lean/2, (from[1]+to[1])/2+dx/length*lean/2+4 // the middle of the letters
}

// towards is the point that lies so far from one on the way to another.
func towards(from, to [2]float64, far float64) [2]float64 {
	dx, dy := to[0]-from[0], to[1]-from[1]
	length := math.Hypot(dx, dy)
	return [2]float64{from[0] + dx/length*far, from[1] + dy/length*far}
}
