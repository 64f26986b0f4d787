package ledger_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
)

// What a sum covers with its fee is covered, and one unit more is not.
func TestWithin(t *testing.T) {
	t.Parallel()
	one := amount.FromUnits(1)
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) amount.Amount {
			if rapid.Bool().Draw(t, name+" is small") { // where rounding decides
				return amount.FromUnits(rapid.Uint64Range(0, 100).Draw(t, name))
			}
			sum, err := amount.FromParts(rapid.Uint64Range(0, 1<<40).Draw(t, name+", high"), rapid.Uint64().Draw(t, name))
			require.NoError(t, err)
			return sum
		}
		rate, err := amount.FromPPM(rapid.Uint32Range(0, 1_000_000).Draw(t, "rate"))
		require.NoError(t, err)
		f := ledger.Fees{Fixed: draw("fixed"), Percentage: rate, HasMax: rapid.Bool().Draw(t, "has a ceiling")}
		if f.HasMax {
			f.Max = amount.Larger(f.Fixed, draw("ceiling"))
		}
		sum := draw("sum")
		covered := func(a amount.Amount) bool {
			total, err := a.Add(f.Of(a))
			return err == nil && !sum.Less(total)
		}
		most := f.Within(sum)
		require.True(t, most.IsZero() || covered(most), "%s of %s", most, sum)
		more, err := most.Add(one)
		require.NoError(t, err)
		require.False(t, covered(more), "%s of %s", more, sum)
	})
}
