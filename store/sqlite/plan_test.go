package sqlite

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// partial are the indexes of what has not ended, by what is asked for.
var partial = map[string]string{
	"holds WHERE payer IN": "holds_active", "stakes WHERE owner IN": "stakes_live", "pools WHERE agent IN": "pools_live",
	"delegations WHERE stake_id IN": "delegations_active_stake", "unbondings WHERE stake_id IN": "unbondings_stake",
	"unbondings WHERE owner IN": "unbondings_owner",
}

// No statement that a group waits for may read a whole table.
func TestNoLookupScansATable(t *testing.T) {
	s := opened(t)
	statements := []*statement{
		refundsOf, moveAccount, alterAccount, changeProfile, changeRoles, changeHold, lastAccount,
		stakingTotal.change, pools.change, stakes.change, delegations.change, unbondings.change,
	}
	for _, l := range slices.AppendSeq([]*lookup{
		accountsByID, accountsByOwner, holdsByID, activeHolds, referencesByKey,
		recordsByKey[0], recordsByKey[1], refusalCounts[0], refusalCounts[1],
	}, maps.Values(stakeLookups)) {
		for i := range l.bySize {
			statements = append(statements, &l.bySize[i])
		}
	}
	found := map[string]bool{}
	for _, st := range statements {
		rows, err := s.write.DB.Query("EXPLAIN QUERY PLAN "+st.text, make([]any, strings.Count(st.text, "?"))...)
		require.NoError(t, err)
		for rows.Next() {
			var id, parent, unused int
			var detail string
			require.NoError(t, rows.Scan(&id, &parent, &unused, &detail))
			require.NotContains(t, detail, "SCAN", "%.200s", st.text)
			for condition, index := range partial {
				if strings.Contains(st.text, condition) {
					require.Contains(t, detail, index, "what has ended is not read")
					found[index] = true
				}
			}
		}
		require.NoError(t, rows.Close())
	}
	require.Len(t, found, len(partial), "each of them was asked for")
}
