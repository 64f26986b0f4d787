package reputation

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// sound wants every score to be a number from 0 to 1, and every effect the
// difference of two such.
func sound(t require.TestingT, made *Trust) {
	for agent, s := range made.All() {
		require.True(t, s >= 0 && s <= 1, "%s: %v", agent, s)
		for _, c := range made.Why(agent, 3) {
			require.True(t, c.Effect >= -1 && c.Effect <= 1, "%s: %v", agent, c)
		}
	}
}

// A praise that more than a thousand newer signals of the pair follow, the only one
// that its giver ever gave, is still a number's worth.
func TestBuriedPraise(t *testing.T) {
	for _, newer := range []int{1, 60, 1074, 1075, 1200, 5000} {
		list := append(village(6), Signal{"v1", "x", 1, 90 * Day}, Signal{"x", "y", 1, 100 * Day})
		for i := range newer {
			list = append(list, Signal{"x", "y", -1, 100*Day + int64(i) + 1})
		}
		made := trust(t, graph(t, list...), yearEnd)
		sound(t, made)
		require.Greater(t, score(t, made, "v3"), 0.7, "%d newer ones: who has nothing to do with it keeps its trust", newer)
		for i := range made.signal {
			require.Positive(t, made.signal[i].strength)
		}
	}
}

// extremeTerms draws terms from the ends of their ranges.
func extremeTerms(t *rapid.T) TrustTerms {
	of := func(name string, from ...float64) float64 { return rapid.SampledFrom(from).Draw(t, name) }
	span := rapid.SampledFrom([]int64{1, Day, 60 * Day, math.MaxInt64})
	return TrustTerms{
		Seeds:    rapid.SliceOf(rapid.SampledFrom([]string{"a", "b", "nobody", ""})).Draw(t, "seeds"),
		Ripening: rapid.OneOf(rapid.Just(int64(0)), span).Draw(t, "ripening"), HalfLife: span.Draw(t, "half-life"), Floor: of("floor", 0, 5e-324, 0.1, 1),
		Damping: of("damping", 0, 0.5, 0.99), HalfCredit: of("credit", 1e-9, 0.2, 1e9), Spread: of("spread", 1e-9, 100, 1e9),
		Norm: of("norm", 1, 1.25, 2), Severity: of("severity", 0, 2, 1e9), Prior: of("prior", 1e-9, 0.5, 1e9), Patience: of("patience", 1e-9, 5, 1e9),
	}
}

// hostile draws a market of few agents who say the same thousands of times, at the
// ends of time and next to each other, and as faintly as can be.
func hostile(t *rapid.T) (list []Signal) {
	agent, times := rapid.SampledFrom([]string{"a", "b", "c", "d"}), rapid.SampledFrom([]int{1, 1, 1, 2, 51, 1100})
	for i := range rapid.IntRange(1, 12).Draw(t, "runs") {
		s := Signal{
			agent.Draw(t, "rater"), agent.Draw(t, "ratee"), rapid.SampledFrom([]float64{-1, -5e-324, 5e-324, 0.3, 1}).Draw(t, "weight"),
			rapid.SampledFrom([]int64{math.MinInt64, -1, 0, 1, 100 * Day, 100_000 * Day, math.MaxInt64 - 5000}).Draw(t, "time"),
		}
		if s.Rater == s.Ratee {
			s.Ratee = fmt.Sprint("n", i)
		}
		step := rapid.Int64Range(0, 1).Draw(t, "step")
		for range times.Draw(t, "times") {
			list = append(list, s)
			s.Time += step
		}
	}
	return list
}

// Whatever is said, under whatever terms, at whatever moment.
func TestScoresAreNumbers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := rapid.SampledFrom([]int64{math.MinInt64, 0, 1, 100*Day + 1, 200 * Day, math.MaxInt64}).Draw(t, "at")
		made, err := graph(t, hostile(t)...).Trust(extremeTerms(t), at)
		require.NoError(t, err)
		sound(t, made)
	})
}
