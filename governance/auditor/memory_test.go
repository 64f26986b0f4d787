package auditor

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
)

// A value is kept for a span since it was last asked for, and not for three.
func TestMemory(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var m memory[int, int]
		m.keep(10)
		touched := map[int]int64{}
		now := int64(-500)
		for range rapid.IntRange(0, 300).Draw(t, "steps") {
			now += rapid.Int64Range(0, 7).Draw(t, "pause")
			key := rapid.IntRange(0, 20).Draw(t, "key")
			value := m.find(key, now)
			since, known := touched[key]
			if known && now-since < 10 {
				require.NotNil(t, value)
				require.Equal(t, key, *value)
			}
			if !known || now-since > 30 {
				require.Nil(t, value)
			}
			*m.of(key, now) = key
			touched[key] = now
			if rapid.IntRange(0, 30).Draw(t, "clear") == 0 {
				now += 20
				require.Nil(t, m.find(99, now))
				require.Empty(t, m.young)
			}
		}
	})
}

func TestMemoryKeepsWhenItsSpanChanges(t *testing.T) {
	var m memory[string, int]
	m.keep(10)
	m.of("a", 9)
	m.keep(100)
	m.find("b", 95)
	require.NotNil(t, m.find("a", 108))
	m.keep(10)
	require.NotNil(t, m.find("a", 117))
	require.Nil(t, m.find("b", 1000))
	require.Nil(t, m.find("a", 1000))
}

func (m *memory[K, V]) size() int { return len(m.young) + len(m.old) }

// kept counts all that a pack keeps: agents, findings and entries.
func kept(p *Pack) (agents, entries int) {
	for i := range p.rules {
		agents += p.rules[i].out.raised.size()
		switch r := p.rules[i].rule.(type) {
		case *velocity:
			agents, entries = agents+r.senders.size(), entries+weigh(&r.senders, func(t *tape) int { return int(t.length) })
		case *structuring:
			agents, entries = agents+r.senders.size(), entries+weigh(&r.senders, func(t *trail[mark]) int { return len(*t) })
		case *passThrough:
			agents, entries = agents+r.agents.size(), entries+weigh(&r.agents, func(f *flow) int { return int(f.in.length + f.out.length) })
		case *circular:
			agents, entries = agents+r.receivers.size(), entries+weigh(&r.receivers, func(t *trail[entry]) int { return len(*t) })
		case *fan:
			agents, entries = agents+r.hubs.size(), entries+weigh(&r.hubs, func(h *hub) int { return int(h.met.length) + len(h.past) })
		case *dormant:
			agents, entries = agents+r.agents.size(), entries+weigh(&r.agents, func(w *waking) int { return int(w.paid.length) })
		case *newAccounts:
			agents += r.registered.size() + r.hubs.size()
			entries += weigh(&r.hubs, func(n *[]newcomer) int { return len(*n) })
		case *ring:
			agents, entries = agents+r.agents.size(), entries+weigh(&r.agents, func(p *praised) int { return len(p.by) })
		case *failures:
			agents, entries = agents+r.agents.size(), entries+weigh(&r.agents, func(r *record) int { return len(r.all) + len(r.failed) })
		case *proofs:
			agents, entries = agents+r.agents.size(), entries+weigh(&r.agents, func(t *trail[mark]) int { return len(*t) })
		}
	}
	return agents, entries
}

func weigh[K comparable, V any](m *memory[K, V], of func(*V) int) int {
	n := 0
	for _, generation := range []map[K]*V{m.young, m.old} {
		for _, v := range generation {
			n += of(v)
		}
	}
	return n
}

// However many agents come and go, a pack remembers those of late; and however much
// a few agents do at once, it remembers some of it.
func TestMemoryIsBounded(t *testing.T) {
	s := &scene{pack: NewPack(), at: epoch}
	most := 0
	for i := range 200_000 {
		s.wait(10 * time.Minute) // 144 new agents a day, for years
		s.tell(Event{Kind: []Kind{Registered, Payment, Signal, Outcome, Proof}[i%5], From: name(i), To: name(i + 1), Amount: Whole(9500), Value: -1})
		s.found = nil
		if i%20_000 == 0 && i > 0 {
			agents, entries := kept(s.pack)
			most = max(most, agents+entries)
		}
	}
	require.Less(t, most, 40_000, "a third of a month of events, in some rules two months")

	s = &scene{pack: NewPack(), at: epoch}
	burst := func() int {
		for i := range 100_000 {
			s.wait(time.Millisecond)
			from, to := name(i%3), name("many", i%200)
			if i%2 == 0 {
				from, to = to, from
			}
			s.tell(Event{Kind: []Kind{Payment, Signal, Outcome, Registered, Proof}[i/7%5], From: from, To: to, Amount: Whole(9500), Value: []int{1, -1}[i/35%2]})
			s.found = nil
		}
		_, entries := kept(s.pack)
		return entries
	}
	for range 4 {
		burst()
	}
	full := burst()
	burst()
	require.Equal(t, full, burst(), "what is full grows no more")
	for _, setting := range s.pack.Settings() {
		no := false
		require.NoError(t, s.pack.Configure([]Change{{Code: setting.Code, Enabled: &no}}))
	}
	agents, entries := kept(s.pack)
	require.Zero(t, agents+entries, "what is switched off remembers nothing")
}

// A hub knows of each peer within the window when it last dealt with it, up to as many as
// there is room for; of more it has an estimate, which is that of a hub that has seen
// nothing but the window.
func TestHubRemembersEachPeerOnce(t *testing.T) {
	const room, window = 40, 1 << 23
	slot := func(p party) uint8 { return uint8(p * 181 >> 3) }
	rapid.Check(t, func(t *rapid.T) {
		var h hub
		var all, met []taped
		now := int64(-window) // through 1970
		others := party(rapid.SampledFrom([]int{3, room, room + 1, 60, 700}).Draw(t, "others"))
		pace := rapid.SampledFrom([]int64{1, 1 << 12, 1 << 18, 1 << 22}).Draw(t, "pace")
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		for i := range rapid.IntRange(1, 1000).Draw(t, "steps") {
			now += r.Int64N(pace + 1)
			p := 1 + party(r.IntN(int(others)))
			d := taped{stamp: stamp{now, int64(2 * i)}, peer: p, slot: slot(p)}
			met = slices.DeleteFunc(met, func(o taped) bool { return o.peer == d.peer || o.at <= now-window })
			all, met = append(all, d), append(met, d)
			h.meet(d, room, window)
		}
		require.Equal(t, met[max(0, len(met)-room):], slices.Collect(h.met.all(acquaintance)))
		n, about := h.number()
		require.Equal(t, len(met) > room, about != "")
		if len(met) <= room {
			require.Equal(t, len(met), n)
			return
		}
		var again hub
		for _, d := range all {
			if d.at > now-window {
				again.meet(d, room, window)
			}
		}
		require.Equal(t, *h.more, *again.more)
		require.Equal(t, h.met, again.met)
	})
}

// Estimates are near what there is.
func TestGathering(t *testing.T) {
	const window = 3_600_000
	for _, n := range []int{150, 400, 900} {
		worst := 0.0
		for crowd := range 30 {
			g := &gathering{}
			for i := range n {
				g.meet((&parties{}).find(name(crowd, "peer", i), 0).slot, int64(i), window)
			}
			worst = max(worst, math.Abs(float64(g.estimate())/float64(n)-1))
			g.clear(g.step + gatheringSteps - 1)
			require.Positive(t, g.taken)
			g.clear(g.step + 1)
			require.Equal(t, 0, g.taken)
		}
		require.Less(t, worst, 0.35, n)
	}
}

// A tape has what was put on it, and little room to spare.
func TestTape(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		with := parts(rapid.IntRange(0, 7).Draw(t, "parts"))
		most := rapid.IntRange(1, 60).Draw(t, "most")
		sums := []amount.Amount{{}, amount.MustParse("0.01"), amount.MustParse("12.34"), amount.MustParse("0.000000000000000001"), amount.MustParse("3.141592653589793238"), amount.MustParse("123456789012345678"), amount.Max}
		var tp tape
		var want []taped
		at := stamp{rapid.Int64Range(-1<<40, 1<<50).Draw(t, "at"), rapid.Int64Range(0, 1<<40).Draw(t, "position")}
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		for range rapid.IntRange(0, 300).Draw(t, "steps") {
			at.at, at.position = at.at+r.Int64N(1<<r.IntN(30)), at.position+1+r.Int64N(1<<r.IntN(20))
			d := taped{stamp: at}
			if with&peers != 0 {
				d.peer = party(r.IntN(300))
			}
			if with&peers != 0 && with&amounts == 0 {
				require.Equal(t, slices.ContainsFunc(want, func(o taped) bool { return o.peer == d.peer }), tp.remove(d.peer, with))
				want = slices.DeleteFunc(want, func(o taped) bool { return o.peer == d.peer })
			}
			if with&slots != 0 {
				d.slot = uint8(r.IntN(256))
			}
			if with&amounts != 0 {
				d.amount = sums[r.IntN(len(sums))]
			}
			tp.add(d, with, most)
			want = append(want, d)
			want = want[max(0, len(want)-most):]
			if r.IntN(20) == 0 {
				until := want[r.IntN(len(want))].at
				tp.expire(until, with)
				want = slices.DeleteFunc(want, func(o taped) bool { return o.at <= until })
			}
			require.Equal(t, len(want), int(tp.length))
			require.LessOrEqual(t, cap(tp.text), max(80, 2*len(tp.text)+1))
		}
		require.Equal(t, len(want), len(slices.Collect(tp.all(with))))
		for i, d := range slices.Collect(tp.all(with)) {
			require.Equal(t, want[i], d)
		}
	})
}

// What busy agents leave in a pack stays small, however much they do: ten million transfers
// between ten thousand agents within an hour are to fit into a server of 200 MiB.
func TestMemoryOfBusyAgents(t *testing.T) {
	const agents, payments = 200, 60_000
	sums := []amount.Amount{amount.MustParse("0.5"), amount.MustParse("1"), amount.MustParse("2.25"), amount.MustParse("3.141592653589793238"), Whole(150)}
	crew := make([]did.DID, agents)
	for i := range crew {
		crew[i] = name(i)
	}
	r := rand.New(rand.NewPCG(1, 2))
	before := inUse()
	pack := NewPack()
	at := epoch
	for i := range payments {
		at = at.Add(2 * time.Millisecond)
		from := r.IntN(agents)
		pack.Observe(Event{
			Position: int64(i), At: at, Kind: Payment, From: crew[from], To: crew[(from+1+r.IntN(agents-1))%agents],
			Amount: sums[r.IntN(len(sums))], Transaction: transaction(int64(i)),
		})
	}
	each := float64(inUse()-before) / agents
	t.Logf("%.0f bytes for each agent", each)
	require.Less(t, each, 7500.0)
	runtime.KeepAlive(pack)
}

// inUse is what the heap has in use after all that can be collected was.
func inUse() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// Lists that are full have no room to spare, and those that became short give it back.
func TestRoomOfLists(t *testing.T) {
	var list []int
	for i := range 500 {
		list = push(list, i, 100)
		require.LessOrEqual(t, cap(list), max(8, len(list)*5/4+4))
	}
	require.Equal(t, []int{100, 100}, []int{len(list), cap(list)})
	require.Equal(t, []int{400, 499}, []int{list[0], list[99]})
	list = drop(list, 80)
	require.Equal(t, []int{20, 20}, []int{len(list), cap(list)})
	require.Equal(t, []int{480, 499}, []int{list[0], list[19]})
}
