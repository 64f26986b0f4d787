package tegbench

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store/storebench"
	"github.com/agentvault/teg-layer/teg"
)

// Growth measures every verb at the sizes that were asked for, and not at much more:
// what the rounds write themselves is known. Its books are proven by Run.
func TestGrowth(t *testing.T) {
	for name, place := range places {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // most of it waits for disks
			const transfers, runs = 50, 2
			sizes := []int64{240, 2400}
			g := Growth{Place: place(t), Load: Load{Transfers: transfers, Clients: 4}, Rows: sizes, Runs: runs, Reads: 5}
			points, err := g.Run(context.Background())
			require.NoError(t, err)
			require.Len(t, points, 2)
			for i, p := range points {
				made := []int{24, 50}[i] // a tenth of the size, or what was asked for
				require.Equal(t, []int{20, 24}[i], p.Agents)
				require.Equal(t, made, p.Result.Transfers)
				require.GreaterOrEqual(t, p.Rows, sizes[i])
				require.Less(t, p.Rows, sizes[i]+800, "accounts, stakes, cycles and a round that does not count")
				rounds := runs * int64(made+cycleTimes) * rowsPerTransfer
				require.InDelta(t, rounds, p.Until-p.Rows, float64(rounds)/2, "rewards of a cycle may come from several pools")
				require.Len(t, p.Costs, len(verbs))
				for n, c := range p.Costs {
					require.Equal(t, verbs[n], c.Verb)
					require.Len(t, c.Rounds, runs)
					require.Positive(t, c.Took, c.Verb)
					require.InDelta(t, float64(c.Took)/float64(points[0].Costs[n].Took), c.Times, 1e-9)
				}
			}
			requireKeptGrowth(t, g, points)
			var picture bytes.Buffer
			require.NoError(t, g.Plot(points).WriteSVG(&picture))
			for _, verb := range verbs {
				require.Contains(t, picture.String(), ">"+verb+"<")
			}
			requireXML(t, &picture)
		})
	}
}

// requireKeptGrowth finds each round of each verb at each size, once.
func requireKeptGrowth(t *testing.T, g Growth, points []GrowthPoint) {
	t.Helper()
	var text bytes.Buffer
	_, err := g.Keep(points).WriteTo(&text)
	require.NoError(t, err)
	require.Contains(t, text.String(), "\ndatabase: "+g.Place.String()+"\n")
	require.Equal(t, len(verbs)*len(g.Rows)*2, strings.Count(text.String(), "\nBenchmarkGrowth/"))
	require.Equal(t, 2, strings.Count(text.String(), "\nBenchmarkGrowth/history_deep/rows=2400-"))
}

func requireXML(t *testing.T, r io.Reader) {
	t.Helper()
	decoder := xml.NewDecoder(r)
	for {
		_, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		require.NoError(t, err)
	}
}

// The first agent pays every second batch, and never itself.
func TestCrowd(t *testing.T) {
	ctx := context.Background()
	s, err := NewSubject(ctx, storebench.InDirectory(t.TempDir()), 5, teg.Config{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	payers := &crowd{Engine: s.Engine}
	_, err = Run(ctx, Load{Transfers: 400, Accounts: 5, Clients: 2, Batch: 20}, payers)
	require.NoError(t, err)
	byFirst := 0
	for _, p := range payers.praised {
		if p.By == s.agents[0] {
			byFirst++
		}
	}
	require.Len(t, payers.praised, 200, "ten of each batch")
	require.GreaterOrEqual(t, byFirst, 100)
	require.NoError(t, payers.praise(ctx))
	_, err = s.API().Verify(ctx)
	require.NoError(t, err)
}

// What makes no sense is refused before a database is made.
func TestGrowthIsChecked(t *testing.T) {
	require.NoError(t, Growth{}.WithDefaults().Check())
	for _, wrong := range []Growth{
		{Rows: []int64{2, 1}}, {Rows: []int64{-1}}, {Runs: -1}, {Reads: -1}, {Load: Load{Accounts: 1}}, {Load: Load{Batch: 1001}},
	} {
		dir := t.TempDir()
		wrong.Place = storebench.InDirectory(dir)
		_, err := wrong.Run(context.Background())
		require.Error(t, err, "%+v", wrong)
		left, err := os.ReadDir(dir)
		require.NoError(t, err)
		require.Empty(t, left)
	}
}
