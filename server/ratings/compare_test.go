package ratings

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/teg"
)

// scored are agents did:example:0 … with these scores.
func scored(scores []int, trust []float64) []Scored {
	list := make([]Scored, len(scores))
	for i := range scores {
		list[i] = Scored{teg.Agent(fmt.Sprintf("did:example:%d", i)), scores[i], trust[i]}
	}
	return list
}

func TestCorrelation(t *testing.T) {
	// The example of the article on Spearman's coefficient in Wikipedia: quotients of
	// intelligence and hours before television.
	quotients := []int{106, 100, 86, 101, 99, 103, 97, 113, 112, 110}
	hours := []float64{7, 27, 2, 50, 28, 29, 20, 12, 6, 17}
	require.InDelta(t, -29.0/165, Compare(scored(quotients, hours)).Correlation(), 1e-12)

	for _, c := range []struct {
		scores []int
		trust  []float64
		want   float64
	}{
		{[]int{-5, 0, 900}, []float64{0.1, 0.2, 0.21}, 1},
		{[]int{3, 2, 1, 0}, []float64{0.1, 0.2, 0.3, 1}, -1},
		{[]int{1, 1, 2}, []float64{0.1, 0.2, 0.3}, math.Sqrt(3) / 2}, // equal ones share their places
		{[]int{1, 2, 1, 2}, []float64{0.5, 0.5, 0.7, 0.7}, 0},
	} {
		require.InDelta(t, c.want, Compare(scored(c.scores, c.trust)).Correlation(), 1e-12, c.scores)
	}
	for _, same := range [][]Scored{nil, scored([]int{1}, []float64{0.5}), scored([]int{1, 1}, []float64{0.5, 0.6})} {
		require.True(t, math.IsNaN(Compare(same).Correlation()))
	}
}

func TestPlaces(t *testing.T) {
	c := Compare(scored([]int{5, 0, 5, -1, 0, 5}, []float64{0.5, 0.9, 0.5, 0.5, 0.1, 0.8}))
	var byScore, byTrust []float64
	for _, a := range c {
		byScore, byTrust = append(byScore, a.ByScore), append(byTrust, a.ByTrust)
	}
	require.Equal(t, []float64{2, 4.5, 2, 6, 4.5, 2}, byScore)
	require.Equal(t, []float64{4, 1, 4, 4, 6, 2}, byTrust)
}

func TestApart(t *testing.T) {
	names := func(c Comparison) (list []string) {
		for _, a := range c {
			list = append(list, a.Agent.String())
		}
		return list
	}
	// Places by score 1 to 5, by trust 1, 3, 2, 5, 4.
	c := Compare(scored([]int{9, 8, 7, 6, 5}, []float64{0.9, 0.7, 0.8, 0.1, 0.2}))
	byScore, byTrust := c.Apart(1)
	require.Equal(t, []string{"did:example:1"}, names(byScore))
	require.Equal(t, []string{"did:example:4"}, names(byTrust))
	byScore, byTrust = c.Apart(10)
	require.Equal(t, []string{"did:example:1", "did:example:3"}, names(byScore), "nobody who stands at the same place")
	require.Equal(t, []string{"did:example:4", "did:example:2"}, names(byTrust))
	require.Equal(t, "did:example:0", c[0].Agent.String(), "what is compared stays in its order")
	byScore, byTrust = Comparison(nil).Apart(3)
	require.Empty(t, append(byScore, byTrust...))
}
