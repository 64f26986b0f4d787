package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/reputation"
)

// goals are what trust has to be worth on a market.
type goals struct {
	market
	foresight float64 // in steps of a fiftieth of the market
}

// markets are made up from seeds, and the one that TEG_TEST_RATINGS names.
func markets(t *testing.T) []goals {
	t.Helper()
	list := []goals{{madeUp(1, 1500, 9000), 0.69}, {madeUp(2, 1500, 9000), 0.69}}
	if name := os.Getenv("TEG_TEST_RATINGS"); name != "" {
		m, err := readMarket(name)
		require.NoError(t, err)
		list = append(list, goals{m, 0.73})
	}
	return list
}

func TestTrustMeetsItsGoals(t *testing.T) {
	for _, m := range markets(t) {
		r := measure(m.market, trustCandidate("trust", nil))
		require.GreaterOrEqual(t, r.parts[0], m.foresight, m.name)
		require.GreaterOrEqual(t, r.fifty[0], m.foresight, m.name)
		for _, half := range r.parts[1:] {
			require.GreaterOrEqual(t, half, m.foresight-0.05, "%s: one half does not carry the other", m.name)
		}
		require.GreaterOrEqual(t, r.ring, 0.95, m.name)
		require.GreaterOrEqual(t, r.slow, 0.85, m.name)
		require.GreaterOrEqual(t, r.wash, 0.95, m.name)
		require.LessOrEqual(t, r.grudge, 0.05, m.name)
		require.LessOrEqual(t, r.armed, 0.05, m.name)
	}
}

// No parameter is tuned to a point: half or twice of each still foresees.
func TestTrustDoesNotHangOnItsParameters(t *testing.T) {
	changes := map[string]func(terms *reputation.TrustTerms, by float64){
		"ripening":    func(t *reputation.TrustTerms, by float64) { t.Ripening = int64(float64(t.Ripening) * by) },
		"half-life":   func(t *reputation.TrustTerms, by float64) { t.HalfLife = int64(float64(t.HalfLife) * by) },
		"floor":       func(t *reputation.TrustTerms, by float64) { t.Floor *= by },
		"damping":     func(t *reputation.TrustTerms, by float64) { t.Damping = min(0.8, t.Damping*by) },
		"half credit": func(t *reputation.TrustTerms, by float64) { t.HalfCredit *= by },
		"spread":      func(t *reputation.TrustTerms, by float64) { t.Spread *= by },
		"norm":        func(t *reputation.TrustTerms, by float64) { t.Norm = 1.25 + (by-1)*0.25 },
		"severity":    func(t *reputation.TrustTerms, by float64) { t.Severity *= by },
		"prior":       func(t *reputation.TrustTerms, by float64) { t.Prior *= by },
		"patience":    func(t *reputation.TrustTerms, by float64) { t.Patience *= by },
	}
	for _, m := range markets(t) {
		for name, change := range changes {
			for _, by := range []float64{0.5, 2} {
				c := trustCandidate(name, func(terms *reputation.TrustTerms) { change(terms, by) })
				got := foresight(walk(m.market, len(m.deals)/50, c.fresh()))[0]
				require.GreaterOrEqual(t, got, m.foresight-0.02, "%s, %s times %v", m.name, name, by)
				t.Logf("%s, %s times %v: %.3f", m.name, name, by, got)
			}
		}
	}
}

func TestAUC(t *testing.T) {
	require.Equal(t, 1.0, auc([]guess{{0.1, false}, {0.2, true}}))
	require.Equal(t, 0.0, auc([]guess{{0.1, true}, {0.2, false}}))
	require.Equal(t, 0.5, auc([]guess{{0.1, true}, {0.1, false}}))
	require.Equal(t, 11.0/16, auc([]guess{{0.3, true}, {0.2, false}, {0.1, false}, {0.2, true}, {0.05, false}, {0.1, true}, {0.4, true}, {0.35, false}}))
}

// A guess is made from what came before it only: what comes after changes none.
func TestWalkSeesNothingOfTheFuture(t *testing.T) {
	m := madeUp(3, 200, 1000)
	for _, c := range candidates() {
		whole := walk(m, 50, c.fresh())
		cut := m
		cut.deals = m.deals[:500]
		require.Equal(t, whole[:500], walk(cut, 50, c.fresh()), c.name)
	}
}

func TestTablePrintsEveryCandidate(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, table(&out, madeUp(3, 300, 2000), candidates()))
	for _, c := range candidates() {
		require.Contains(t, out.String(), "\n"+c.name+" ")
	}
}

func TestReadMarket(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ratings.csv")
	require.NoError(t, os.WriteFile(file, []byte("b,a,-10,7.5\na,b,4,2\n"), 0o600))
	m, err := readMarket(file)
	require.NoError(t, err)
	require.Equal(t, []deal{{1, 0, 0.4, 2_000_000}, {0, 1, -1, 7_500_000}}, m.deals)
	for _, line := range []string{"a,b,0,1", "a,a,1,1", "a,b,11,1", "a,b,1", "a,b,x,1", "a,b,NaN,1"} {
		require.NoError(t, os.WriteFile(file, []byte("a,b,4,2\n"+line+"\n"), 0o600))
		_, err := readMarket(file)
		require.ErrorContains(t, err, "line 2", line)
	}
}
