package sqlite

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// No statement that a group waits for may read a whole table.
func TestNoLookupScansATable(t *testing.T) {
	s := opened(t)
	statements := []*statement{refundsOf, moveAccount, alterAccount, changeProfile, changeHold, lastAccount}
	for _, l := range []*lookup{
		accountsByID, accountsByOwner, holdsByID, activeHolds, referencesByKey,
		recordsByKey[0], recordsByKey[1], refusalCounts[0], refusalCounts[1],
	} {
		for i := range l.bySize {
			statements = append(statements, &l.bySize[i])
		}
	}
	for _, st := range statements {
		rows, err := s.write.DB.Query("EXPLAIN QUERY PLAN "+st.text, make([]any, strings.Count(st.text, "?"))...)
		require.NoError(t, err)
		for rows.Next() {
			var id, parent, unused int
			var detail string
			require.NoError(t, rows.Scan(&id, &parent, &unused, &detail))
			require.NotContains(t, detail, "SCAN", "%.200s", st.text)
			if strings.Contains(st.text, "payer IN") {
				require.Contains(t, detail, "holds_active", "a payer's holds that ended are not read")
			}
		}
		require.NoError(t, rows.Close())
	}
}
