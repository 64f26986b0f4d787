package tegbench

import (
	"context"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store/storebench"
)

// Growth measures at the sizes that were asked for, and not at much more: what
// the runs write themselves is known.
func TestGrowth(t *testing.T) {
	for name, place := range places {
		t.Run(name, func(t *testing.T) {
			const transfers, runs = 50, 2
			points, err := Growth{
				Place: place(t), Load: Load{Transfers: transfers, Accounts: 20, Clients: 4}, Rows: []int64{60, 900, 6000}, Runs: runs,
			}.Run(context.Background())
			require.NoError(t, err)
			require.Len(t, points, 3)
			// 20 accounts and 50 transfers that do not count are 420 rows; the runs that
			// count add 600 each time, so the second begins at 1020 and warms up again.
			for i, rows := range []int64{420, 1320, 6000} {
				p := points[i]
				require.Equal(t, rows, p.Rows)
				require.Equal(t, rows+600, p.Until)
				require.Equal(t, transfers, p.Result.Transfers)
				require.Positive(t, p.Result.Rate)
				require.InDelta(t, points[0].Result.Rate/p.Result.Rate, p.Cost, 0)
			}
		})
	}
}

// What makes no sense is refused before a database is made.
func TestGrowthIsChecked(t *testing.T) {
	require.NoError(t, Growth{}.WithDefaults().Check())
	for _, wrong := range []Growth{
		{Rows: []int64{2, 1}}, {Rows: []int64{-1}}, {Runs: -1}, {Load: Load{Accounts: 1}}, {Load: Load{Batch: 1001}},
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
