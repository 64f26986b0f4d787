package auditor

import (
	"slices"

	"github.com/agentvault/teg-layer/ledger/did"
)

var ringRule = definition{
	code:        ReputationRing,
	description: "Three to max_members agents give each other at least share_percent of the praise that they get, praise_each for each of them, within window_seconds; of one by the other, once a day.",
	severity:    High,
	thresholds: thresholds{
		count("max_members", 10, 3, 20, "agents of the ring"),
		count("praise_each", 5, 2, 32, "praise from within, for each member on average"),
		percent("share_percent", 80, 50, 100, "of all praise that members get is from within"),
		window(14*86_400, 60*86_400, "within which praise is counted"),
	},
	start: func() rule { return &ring{} },
}

// praises is how much praise is remembered of an agent; of one who is praised by
// many, it is a sample.
const praises = 64

type ring struct {
	most   int
	each   int
	share  int
	window int64
	agents memory[did.DID, praised]
	made   uint64 // how many have been numbered
}

// praised is an agent and the praise that it got. The number makes agents quick to
// compare; it is not the same after a replay, and decides nothing.
type praised struct {
	number uint64
	by     []praise // oldest first
}

type praise struct {
	at       int64
	giver    did.DID
	number   uint64 // of the giver
	position int64
}

func (r *ring) set(t thresholds) {
	r.most, r.each = t.count("max_members"), t.count("praise_each")
	r.share, r.window = t.count("share_percent"), t.window()
	r.agents.keep(r.window)
}

func (r *ring) reach() int64 { return 2*r.window + day }

func (r *ring) watch(e *Event, now int64, out *reporter) {
	if e.Kind != Signal || e.Value <= 0 {
		return
	}
	giver, to := r.agent(e.From, now), r.agent(e.To, now)
	if to.today(giver, now) {
		return
	}
	to.by = append(to.by, praise{now, e.From, giver.number, e.Position})
	to.by = to.by[max(0, len(to.by)-praises):]
	if len(to.by) < r.each { // another member has more
		return
	}
	found := r.around(e.To, to, now)
	if found == nil {
		return
	}
	for _, m := range found.members {
		if out.first(m.did, now, now) {
			out.add(m.did, now, found.positions(), "%d agents gave each other %d of the %d praises that they got within %s",
				len(found.members), found.inside, found.all, lasting(r.window))
		}
	}
}

// agent returns an agent with the praise that it has got within the window.
func (r *ring) agent(name did.DID, now int64) *praised {
	a := r.agents.of(name, now)
	if a.number == 0 {
		r.made++
		a.number = r.made
	}
	n := 0
	for n < len(a.by) && a.by[n].at <= now-r.window {
		n++
	}
	a.by = a.by[n:]
	return a
}

// today reports whether an agent has praised this one on the same day, in UTC. A
// batch of work that is praised piece by piece says no more than once.
func (a *praised) today(giver *praised, now int64) bool {
	return slices.ContainsFunc(a.by, func(p praise) bool {
		return p.number == giver.number && floor(p.at, day) == floor(now, day)
	})
}

// around grows a group from an agent, always by the one that has praised the
// members most, until it is a ring, or nil where it becomes none.
func (r *ring) around(name did.DID, start *praised, now int64) *group {
	g := &group{}
	g.join(name, start)
	for len(g.members) < r.most {
		next, ok := g.next()
		if !ok {
			break
		}
		g.join(next.did, r.agent(next.did, now))
		enough := g.inside >= r.each*len(g.members) && g.inside*100 >= r.share*g.all
		if enough && len(g.members) >= 3 && g.mutual() {
			return g
		}
	}
	return nil
}

// group is some agents and the praise that they got.
type group struct {
	members []member
	around  []outsider // who praised members and is none
	inside  int        // praise by members for members
	all     int        // praise for members
}

type member struct {
	did did.DID
	*praised
}

type outsider struct {
	did    did.DID
	number uint64
	praise int // for members
}

// next takes the outsider out that has praised the members most; of several, the
// one that was met first.
func (g *group) next() (outsider, bool) {
	best := -1
	for i := range g.around {
		if best < 0 || g.around[i].praise > g.around[best].praise {
			best = i
		}
	}
	if best < 0 {
		return outsider{}, false
	}
	o := g.around[best]
	g.around = slices.Delete(g.around, best, best+1)
	g.inside += o.praise
	return o, true
}

func (g *group) join(name did.DID, a *praised) {
	g.members = append(g.members, member{name, a})
	g.all += len(a.by)
	for i := range a.by {
		p := &a.by[i]
		if g.has(p.number) {
			g.inside++
			continue
		}
		k := slices.IndexFunc(g.around, func(o outsider) bool { return o.number == p.number })
		if k < 0 {
			k = len(g.around)
			g.around = append(g.around, outsider{did: p.giver, number: p.number})
		}
		g.around[k].praise++
	}
}

func (g *group) has(number uint64) bool {
	for i := range g.members {
		if g.members[i].number == number {
			return true
		}
	}
	return false
}

// mutual reports whether each member has more than half of its praise from within,
// and praise leads from the first to every other. It leads from every other to the
// first, for so the group grew. A seller's loyal customers get none from it, and
// who praised a member of a ring is not one of it.
func (g *group) mutual() bool {
	reached := []uint64{g.members[0].number}
	for i := 0; i < len(reached); i++ {
		for _, m := range g.members {
			by := func(p praise) bool { return p.number == reached[i] }
			if !slices.Contains(reached, m.number) && slices.ContainsFunc(m.by, by) {
				reached = append(reached, m.number)
			}
		}
	}
	for _, m := range g.members {
		within := 0
		for i := range m.by {
			if g.has(m.by[i].number) {
				within++
			}
		}
		if within*2 <= len(m.by) {
			return false
		}
	}
	return len(reached) == len(g.members)
}

// positions lists those of the praise within the group.
func (g *group) positions() []int64 {
	var list []int64
	for _, m := range g.members {
		for i := range m.by {
			if g.has(m.by[i].number) {
				list = append(list, m.by[i].position)
			}
		}
	}
	return newest(list)
}
