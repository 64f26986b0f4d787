package reputation

import (
	"cmp"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Fewer are the beginning of more, in the order that is promised, and all of them
// the agent's.
func TestWhyOfManyIsTheStrongest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := signals(t)
		made := trust(t, graph(t, list...), 200*Day)
		for _, agent := range made.agents {
			all := made.Why(agent, len(list))
			require.True(t, slices.IsSortedFunc(all, func(a, b Contribution) int {
				return cmp.Or(cmp.Compare(abs(b.Effect), abs(a.Effect)), cmp.Compare(b.Time, a.Time))
			}), "%v", all)
			var own int
			for _, s := range list {
				if s.Rater == agent || s.Ratee == agent {
					own++
				}
			}
			require.Len(t, all, own)
			limit := rapid.IntRange(1, 10).Draw(t, "limit")
			require.Equal(t, all[:min(limit, own)], made.Why(agent, limit))
			given := made.WhyAmong(agent, limit, func(s Signal) bool { return s.Rater == agent })
			all = slices.DeleteFunc(all, func(c Contribution) bool { return c.Rater != agent })
			require.Equal(t, len(all[:min(limit, len(all))]), len(given), "what is not shown takes no room")
			for i := range given {
				require.Equal(t, all[i], given[i])
			}
		}
	})
}

// A question costs what the agent was part of, and room for what it asks for.
func TestWhyCostsItsOwn(t *testing.T) {
	g := &Graph{}
	for i := range int64(50_000) {
		require.NoError(t, g.Add(Signal{fmt.Sprint("r", i%5000), "hub", 1, i}))
	}
	made := trust(t, g, g.Newest())
	require.Len(t, made.own.of(made.number["r7"]), 10)
	require.Len(t, made.own.of(made.number["hub"]), 50_000)
	require.Less(t, testing.AllocsPerRun(3, func() { made.Why("hub", 4) }), 8.0)
}

func BenchmarkWhy(b *testing.B) {
	g := &Graph{}
	for i := range int64(1_000_000) {
		require.NoError(b, g.Add(Signal{fmt.Sprint("r", i%50_000), "hub", 1, i}))
	}
	made := trust(b, g, g.Newest())
	for _, agent := range []string{"hub", "r7"} {
		b.Run(agent, func(b *testing.B) {
			for b.Loop() {
				made.Why(agent, 10)
			}
		})
	}
}
