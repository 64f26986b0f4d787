package reputation

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func graph(t require.TestingT, signals ...Signal) *Graph {
	g := &Graph{}
	for _, s := range signals {
		require.NoError(t, g.Add(s))
	}
	return g
}

func trust(t require.TestingT, g *Graph, at int64) *Trust {
	made, err := g.Trust(DefaultTrustTerms(), at)
	require.NoError(t, err)
	return made
}

func score(t require.TestingT, made *Trust, agent string) float64 {
	s, known := made.Score(agent)
	require.True(t, known, agent)
	return s
}

// village is a market in which everybody has praised everybody for a year.
func village(size int) []Signal {
	var list []Signal
	for month := range int64(12) {
		for i := range size {
			for j := range size {
				if i != j && (i+j)%3 == int(month)%3 {
					list = append(list, Signal{fmt.Sprint("v", i), fmt.Sprint("v", j), 0.3, month * 30 * Day})
				}
			}
		}
	}
	return list
}

const yearEnd = 360 * Day

func TestAddRefuses(t *testing.T) {
	nan := 0.0
	nan /= nan
	for _, s := range []Signal{{"", "b", 1, 0}, {"a", "", 1, 0}, {"a", "a", 1, 0}, {"a", "b", 0, 0}, {"a", "b", 1.01, 0}, {"a", "b", -2, 0}, {"a", "b", nan, 0}} {
		g := &Graph{}
		require.Error(t, g.Add(s), "%v", s)
		require.Zero(t, g.Len())
		_, known := trust(t, g, 0).Score("a")
		require.False(t, known, "who was refused is not known")
	}
}

func TestTermsCheck(t *testing.T) {
	require.NoError(t, DefaultTrustTerms().Check())
	require.Error(t, TrustTerms{}.Check())
	for _, change := range []func(*TrustTerms){
		func(t *TrustTerms) { t.Ripening = -1 }, func(t *TrustTerms) { t.HalfLife = 0 },
		func(t *TrustTerms) { t.Floor = 1.1 }, func(t *TrustTerms) { t.Damping = 1 },
		func(t *TrustTerms) { t.HalfCredit = 0 }, func(t *TrustTerms) { t.Spread = 0 },
		func(t *TrustTerms) { t.Norm = 0.9 }, func(t *TrustTerms) { t.Severity = -1 },
		func(t *TrustTerms) { t.Prior = 0 }, func(t *TrustTerms) { t.Patience = 0 },
	} {
		terms := DefaultTrustTerms()
		change(&terms)
		_, err := (&Graph{}).Trust(terms, 0)
		require.Error(t, err)
	}
}

// signals draws a small market with many at the same time.
func signals(t *rapid.T) []Signal {
	agent := rapid.SampledFrom([]string{"a", "b", "c", "d", "e", "f"})
	one := rapid.Custom(func(t *rapid.T) Signal {
		s := Signal{agent.Draw(t, "rater"), agent.Draw(t, "ratee"), 0, rapid.SampledFrom([]int64{-1 << 63, 0, 20, 40, 60, 100, 199, 200, 1 << 62}).Draw(t, "time")}
		if s.Time > 0 && s.Time <= 200 {
			s.Time *= Day
		}
		s.Weight = rapid.SampledFrom([]float64{-1, -0.3, 0.1, 0.7, 1}).Draw(t, "weight")
		if s.Rater == s.Ratee {
			s.Ratee = "g"
		}
		return s
	})
	return rapid.SliceOfN(one, 1, 60).Draw(t, "signals")
}

// The same signals make the same bits in whatever order they come, and all scores
// lie from 0 to 1.
func TestOrderDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := signals(t)
		want := trust(t, graph(t, list...), 200*Day)
		g := graph(t, rapid.Permutation(list).Draw(t, "shuffled")...)
		got := trust(t, g, 200*Day)
		for agent, s := range want.All() {
			require.GreaterOrEqual(t, s, 0.0)
			require.LessOrEqual(t, s, 1.0)
			require.Equal(t, s, score(t, got, agent), agent)
			require.Equal(t, want.Why(agent, 100), got.Why(agent, 100), agent)
		}
		require.Equal(t, want.agents, got.agents)
	})
}

// What was made does not change when more is said.
func TestTrustStays(t *testing.T) {
	g := graph(t, village(6)...)
	made := trust(t, g, yearEnd)
	before := score(t, made, "v1")
	require.NoError(t, g.Add(Signal{"v2", "v1", -1, 3 * Day}))
	after := score(t, trust(t, g, yearEnd), "v1")
	require.Less(t, after, before)
	require.Equal(t, before, score(t, made, "v1"))
}

func TestPraiseRipensAndComplaintsDoNot(t *testing.T) {
	list := append(village(6), Signal{"v1", "good", 1, yearEnd}, Signal{"v1", "bad", -1, yearEnd})
	at := func(days int64) (good, bad float64) {
		made := trust(t, graph(t, list...), yearEnd+days*Day)
		return score(t, made, "good"), score(t, made, "bad")
	}
	good, bad := at(0)
	require.Equal(t, 0.5, good)
	require.Less(t, bad, 0.25)
	later, _ := at(30)
	require.Greater(t, later, 0.6)
	_, faded := at(600)
	require.Greater(t, faded, bad, "in time it is forgiven")
}

// One pair says two signals' worth, however often it speaks.
func TestRepeatingIsNotShouting(t *testing.T) {
	given := func(times int) float64 {
		list := village(6)
		for range times {
			list = append(list, Signal{"v1", "x", 1, yearEnd - 40*Day})
		}
		made := trust(t, graph(t, list...), yearEnd)
		return made.sum[made.number["v1"]].givenPraise
	}
	none, one, many := given(0), given(1), given(2000)
	require.InDelta(t, 2*(one-none), many-none, 1e-9)
}

// A complaint counts by who makes it.
func TestStrangersMoveNobody(t *testing.T) {
	list := village(12)
	before := score(t, trust(t, graph(t, list...), yearEnd), "v3")
	grudge := list
	for i := range 10 {
		grudge = append(grudge, Signal{fmt.Sprint("new", i), "v3", -1, yearEnd})
	}
	require.InDelta(t, before, score(t, trust(t, graph(t, grudge...), yearEnd), "v3"), 1e-9)
	neighbour := append(list, Signal{"v4", "v3", -1, yearEnd})
	require.Less(t, score(t, trust(t, graph(t, neighbour...), yearEnd), "v3"), before-0.1)
}

// Complaining of others is conduct.
func TestOwnMoodCounts(t *testing.T) {
	list := append(village(6), Signal{"v1", "kind", 0.5, 200 * Day}, Signal{"v1", "harsh", 0.5, 200 * Day})
	for i := range 5 {
		list = append(list, Signal{"kind", fmt.Sprint("v", i), 0.5, 300 * Day}, Signal{"harsh", fmt.Sprint("v", i), -0.5, 300 * Day})
	}
	made := trust(t, graph(t, list...), yearEnd)
	require.Greater(t, score(t, made, "kind"), score(t, made, "harsh")+0.2)
}

// With seeds named, a patient ring that no seed reaches has no standing.
func TestNamedSeeds(t *testing.T) {
	list := village(6)
	for _, s := range village(8) {
		list = append(list, Signal{"ring" + s.Rater, "ring" + s.Ratee, 1, s.Time})
	}
	terms := DefaultTrustTerms()
	terms.Seeds = []string{"v0", "nobody"}
	made, err := graph(t, list...).Trust(terms, yearEnd)
	require.NoError(t, err)
	require.Equal(t, 0.5, score(t, made, "ringv3"))
	require.Greater(t, score(t, made, "v3"), 0.75)
	require.Greater(t, score(t, trust(t, graph(t, list...), yearEnd), "ringv3"), 0.75, "without seeds a year of patience is standing")
}

func TestWhy(t *testing.T) {
	list := append(village(6), Signal{"v1", "x", 1, 100 * Day}, Signal{"v2", "x", -0.5, 300 * Day}, Signal{"x", "v4", -1, 350 * Day}, Signal{"new", "x", 1, 350 * Day})
	made := trust(t, graph(t, list...), yearEnd)
	why := made.Why("x", 10)
	require.Len(t, why, 4)
	require.Equal(t, "v2", why[0].Rater)
	require.Negative(t, why[0].Effect)
	for i, c := range why {
		require.Contains(t, list, c.Signal)
		require.True(t, i == 0 || abs(c.Effect) <= abs(why[i-1].Effect))
		if c.Rater == "v1" {
			require.Positive(t, c.Effect)
		}
		if c.Rater == "x" {
			require.Negative(t, c.Effect, "what it said of others")
		}
	}
	require.Equal(t, why[:2], made.Why("x", 2))
	require.Empty(t, made.Why("nobody", 10))
	require.Empty(t, made.Why("x", 0))
}

func abs(x float64) float64 { return max(x, -x) }

// BenchmarkTrust scores a market of 35,592 signals by 5,881 agents from nothing.
func BenchmarkTrust(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 1))
	var list []Signal
	for i := range int64(35_592) {
		rater, ratee := random.IntN(random.IntN(5881)+1), random.IntN(5881)
		if rater == ratee {
			ratee++
		}
		list = append(list, Signal{fmt.Sprint(rater), fmt.Sprint(ratee), 0.1, i * Day / 20})
	}
	for b.Loop() {
		g := graph(b, list...)
		trust(b, g, g.Newest())
	}
}
