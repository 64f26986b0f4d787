package ratings

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// market makes up who rated whom: few trade much and many little, most pairs
// rate each other one after the other, and one rating in ten is bad.
func market(seed uint64, traders, ratings int) string {
	random := rand.New(rand.NewPCG(seed, 7))
	someone := func() int { return 1 + int(float64(traders-1)*random.Float64()*random.Float64()*random.Float64()) }
	var b strings.Builder
	at := int64(1_289_241_911)
	for n := 0; n < ratings; {
		x, y := someone(), someone()
		if x == y {
			continue
		}
		for _, pair := range [][2]int{{x, y}, {y, x}} {
			at += random.Int64N(5000)
			points := 1 + random.IntN(10)
			if random.IntN(10) == 0 {
				points = -points
			}
			fmt.Fprintf(&b, "%d,%d,%d,%d.%05d\n", pair[0], pair[1], points, at, random.IntN(100_000))
			n++
		}
	}
	return b.String()
}

// balances plays a market line by line with nothing but a map: the oracle.
func balances(t *testing.T, file *File, grant, fee string) map[string]string {
	t.Helper()
	have := map[string]teg.Amount{}
	for _, r := range file.Ratings {
		for _, name := range []string{r.Rater, r.Ratee} {
			if _, met := have[name]; !met {
				have[name] = teg.AVT(grant)
			}
		}
		var err error
		have[r.Ratee], err = have[r.Ratee].Add(r.Points)
		require.NoError(t, err)
		for _, cost := range []teg.Amount{r.Points, teg.AVT(fee)} {
			have[r.Rater], err = have[r.Rater].Sub(cost)
			require.NoError(t, err)
		}
	}
	texts := map[string]string{}
	for name, sum := range have {
		texts[name] = sum.String()
	}
	return texts
}

// requirePlayed demands that the books and the scores are those of a market that
// was played once.
func requirePlayed(t *testing.T, eng *teg.Engine, file *File, grant string) {
	t.Helper()
	ctx := context.Background()
	want := balances(t, file, grant, "0.001")
	for name, sum := range want {
		require.Equal(t, sum, tegtest.Available(t, eng, teg.Agent(DefaultPrefix+name)), name)
	}
	supply, err := eng.Supply(ctx)
	require.NoError(t, err)
	granted, fees := teg.Amount{}, teg.Amount{}
	for range want {
		granted, err = granted.Add(teg.AVT(grant))
		require.NoError(t, err)
	}
	for range file.Ratings {
		fees, err = fees.Add(teg.AVT("0.001"))
		require.NoError(t, err)
	}
	require.Equal(t, granted, supply.Total, "the supply is the grants, once each")
	require.Equal(t, fees, supply.Fees)
	require.Equal(t, fees, supply.Treasury, "all that the treasury keeps is fees")
	require.EqualValues(t, len(want), supply.Agents)
	requireSignalled(t, eng, file)
}

// requireInOrder demands that a trader paid and was paid in the order of time.
func requireInOrder(t *testing.T, eng *teg.Engine, trader string) {
	t.Helper()
	var times []int64
	q := teg.TransactionsQuery{Agent: teg.Agent(DefaultPrefix + trader), Limit: 1000}
	for {
		page, err := eng.Transactions(context.Background(), q)
		require.NoError(t, err)
		for _, tx := range page.Transactions {
			if tx.Reference == "" {
				continue // the grant
			}
			at, err := parseTime(tx.Reference[strings.LastIndexByte(tx.Reference, ':')+1:])
			require.NoError(t, err)
			times = append(times, at)
		}
		if q.Cursor = page.NextCursor; q.Cursor == "" {
			break
		}
	}
	slices.Reverse(times) // newest first
	require.True(t, slices.IsSorted(times), "trader %s", trader)
	require.NotEmpty(t, times)
}

// realMarket is the file that TEG_TEST_RATINGS names, or a market like it.
func realMarket(t *testing.T) *File {
	t.Helper()
	if name := os.Getenv("TEG_TEST_RATINGS"); name != "" {
		file, err := ReadFile(name)
		require.NoError(t, err)
		return file
	}
	traders, ratings := 500, 2000
	if testing.Short() {
		traders, ratings = 200, 1000
	}
	file, err := Read(bufio.NewReader(strings.NewReader(market(1, traders, ratings))))
	require.NoError(t, err)
	return file
}
