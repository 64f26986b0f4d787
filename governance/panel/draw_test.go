package panel

import (
	"encoding/hex"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
)

const goldenSeed = "59d77716d99d73a59c588715b1579ffe245dfed04ef1dac64d24adec6d1d770c"

var goldenDraw = []string{"did:test:juror002", "did:test:juror004", "did:test:juror001", "did:test:juror000", "did:test:juror003"}

func agent(i int) did.DID { return did.MustParse(fmt.Sprintf("did:test:juror%03d", i)) }

func rollOf(weights ...string) Roll {
	var list []Candidate
	for i, w := range weights {
		list = append(list, Candidate{Juror: agent(i), Weight: amount.MustParse(w)})
	}
	return NewRoll(list)
}

func drawnNames(list []Candidate) (names []string) {
	for _, c := range list {
		names = append(names, c.Juror.String())
	}
	return names
}

// What was drawn once can be drawn again for ever: the figures were written down, and
// computed a second time by a program in another language.
func TestDrawIsWrittenDown(t *testing.T) {
	roll := rollOf("10", "20.5", "30", "0.000000000000000001", "40")
	require.Equal(t, "did:test:juror000 10\ndid:test:juror001 20.5\ndid:test:juror002 30\n"+
		"did:test:juror003 0.000000000000000001\ndid:test:juror004 40\n", roll.Text())
	seed := Seed([32]byte{1, 2, 3}, "disp_000000000000000000000000000000aa", 1, [32]byte{9}, roll.Text())
	require.Equal(t, goldenSeed, hex.EncodeToString(seed[:]))
	require.Equal(t, goldenDraw, drawnNames(Draw(seed, roll, 5)))
}

func TestDrawDrawsEachOnceAndTheSameAgain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var list []Candidate
		for i := range rapid.IntRange(0, 30).Draw(t, "candidates") {
			units := rapid.Uint64Range(0, 50).Draw(t, "weight")
			hi := rapid.Uint64Range(0, 1<<40).Draw(t, "more")
			weight, err := amount.FromParts(hi, units)
			require.NoError(t, err)
			list = append(list, Candidate{Juror: agent(i), Weight: weight})
		}
		party := agent(rapid.IntRange(0, 5).Draw(t, "party"))
		roll := NewRoll(list, party)
		wanted := rapid.IntRange(0, 10).Draw(t, "wanted")
		seed := [32]byte{rapid.Byte().Draw(t, "seed")}
		drawn := Draw(seed, roll, wanted)
		require.Len(t, drawn, min(wanted, len(roll)))
		require.Equal(t, drawn, Draw(seed, roll, wanted))
		fewer := len(drawn) / 2
		require.Equal(t, drawnNames(drawn[:fewer]), drawnNames(Draw(seed, roll, fewer)), "who is drawn first does not depend on how many are wanted")
		seen := map[did.DID]bool{party: true}
		for _, c := range drawn {
			require.False(t, seen[c.Juror], "drawn twice, or a party")
			require.False(t, c.Weight.IsZero())
			seen[c.Juror] = true
		}
		read, err := ParseRoll(roll.Text())
		require.NoError(t, err)
		require.Equal(t, drawnNames(drawn), drawnNames(Draw(seed, read, wanted)), "from what was written down")
	})
}

// The seats fall in proportion to the stakes. With 20,000 draws of fixed seeds the
// result is always the same; the bound is five standard deviations.
func TestDrawIsInProportion(t *testing.T) {
	const draws = 20_000
	roll := rollOf("1", "2", "3", "10", "0.5")
	counted := map[string]int{}
	for i := range draws {
		seed := Seed([32]byte{byte(i), byte(i >> 8), byte(i >> 16)}, "disp_x", 1, [32]byte{}, "")
		counted[Draw(seed, roll, 1)[0].Juror.String()]++
	}
	for i, weight := range []float64{1, 2, 3, 10, 0.5} {
		p := weight / 16.5
		require.InDelta(t, p*draws, counted[agent(i).String()], 5*141*0.5, "%s", agent(i)) // √20,000 = 141, √(p(1−p)) ≤ ½
	}
}

func TestRollKeepsThoseWithMost(t *testing.T) {
	var list []Candidate
	for i := range MaxCandidates + 5 {
		list = append(list, Candidate{Juror: agent(i), Weight: amount.FromUnits(uint64(i + 1))})
	}
	roll := NewRoll(list)
	require.Len(t, roll, MaxCandidates)
	require.Equal(t, agent(5), roll[0].Juror)
}

func TestParseRollRefuses(t *testing.T) {
	for _, text := range []string{"x", "did:test:a", "did:test:a 1e5\n", "nobody 1\n", "did:test:a -1\n"} {
		_, err := ParseRoll(text)
		require.Error(t, err, text)
	}
}

func TestSeedDependsOnEverything(t *testing.T) {
	base := Seed([32]byte{}, "disp_a", 1, [32]byte{}, "r")
	for _, other := range [][32]byte{
		Seed([32]byte{1}, "disp_a", 1, [32]byte{}, "r"), Seed([32]byte{}, "disp_b", 1, [32]byte{}, "r"),
		Seed([32]byte{}, "disp_a", 2, [32]byte{}, "r"), Seed([32]byte{}, "disp_a", 1, [32]byte{1}, "r"), Seed([32]byte{}, "disp_a", 1, [32]byte{}, "s"),
	} {
		require.NotEqual(t, base, other)
	}
}
