package auditor

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/agentvault/teg-layer/ledger"
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
			agents, entries = agents+r.senders.size(), entries+weigh(&r.senders, func(t *trail[mark]) int { return len(*t) })
		case *structuring:
			agents, entries = agents+r.senders.size(), entries+weigh(&r.senders, func(t *trail[mark]) int { return len(*t) })
		case *passThrough:
			agents, entries = agents+r.agents.size(), entries+weigh(&r.agents, func(f *flow) int { return len(f.in) + len(f.out) })
		case *circular:
			agents, entries = agents+r.receivers.size(), entries+weigh(&r.receivers, func(t *trail[entry]) int { return len(*t) })
		case *fan:
			agents, entries = agents+r.hubs.size(), entries+weigh(&r.hubs, func(h *hub) int { return len(h.met) + len(h.dealt) + len(h.past) })
		case *dormant:
			agents, entries = agents+r.agents.size(), entries+weigh(&r.agents, func(w *waking) int { return len(w.paid) })
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

// What a hub remembers in little room is what it would remember of each peer in full.
func TestHubRemembersEachPeerOnce(t *testing.T) {
	type dealing struct {
		peer party
		at   int64
		by   ledger.TransactionID
	}
	rapid.Check(t, func(t *rapid.T) {
		var h hub
		var all []dealing
		now := int64(-1 << 33) // through 1970, and through a change of the upper half
		others := party(rapid.SampledFrom([]int{3, 150, 4 * crowd}).Draw(t, "others"))
		pace, seed := rapid.Int64Range(0, 1<<24).Draw(t, "pace"), rapid.Uint64().Draw(t, "seed")
		r := rand.New(rand.NewPCG(seed, 0))
		for range rapid.IntRange(0, 2*crowd).Draw(t, "steps") {
			now += r.Int64N(pace + 1)
			d := dealing{1 + party(r.IntN(int(others))), now, transaction(int64(len(all)) + now<<12)}
			until := now - 1<<33
			all = slices.DeleteFunc(all, func(o dealing) bool { return o.peer == d.peer || o.at <= until })
			all = append(all, d)
			all = all[max(0, len(all)-crowd):]
			h.forget(until)
			h.meet(d.peer, now, d.by)
		}
		require.Len(t, h.met, len(all))
		for i, d := range all {
			require.Equal(t, d.peer, h.met[i].peer)
			require.Equal(t, d.at, h.met[i].when())
		}
		newest := all[max(0, len(all)-MaxTransactions):]
		require.Len(t, h.dealt, len(newest))
		for i, d := range newest {
			require.Equal(t, d.by, h.dealt[i])
		}
	})
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
