package sqlite

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/store"
)

// The shared readers understand what this package writes, over the pool and
// inside a host's transaction.
func TestReadersUnderstandWhatIsWritten(t *testing.T) {
	s := opened(t)
	rows := agents(t, s, 2)
	c := everything(&rows[0], &rows[1])
	tx, err := s.DB().DB.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	h := Tx(tx)
	require.NoError(t, inHost(h, c))
	understand(t, h.Reader(), rows, c)
	require.NoError(t, tx.Commit())
	understand(t, s.Reader(), rows, c)
}

func understand(t *testing.T, r store.Reader, rows []ledger.Account, c *store.Changes) {
	t.Helper()
	ctx := t.Context()
	accounts, err := r.AccountsOf(ctx, rows[0].Owner)
	require.NoError(t, err)
	require.Len(t, accounts, 2)
	require.Equal(t, rows[0], accounts[0])
	transactions, err := r.Transactions(ctx, c.Transactions[0].ID)
	require.NoError(t, err)
	require.Len(t, transactions, 1)
	require.Equal(t, c.Transactions[0], transactions[0].Transaction)
	require.Equal(t, rows[1].Owner, transactions[0].ReceiverID)
	holds, err := r.Holds(ctx, ledger.HoldQuery{IDs: []ledger.HoldID{c.NewHolds[0].ID}, Limit: 1})
	require.NoError(t, err)
	require.Equal(t, c.NewHolds[0], holds[0].Hold)
	records, err := r.Records(ctx, c.Records[0].Key, c.Records[1].Key)
	require.NoError(t, err)
	require.ElementsMatch(t, c.Records, records)
	events, _, err := r.Events(ctx, store.EventQuery{Limit: 10})
	require.NoError(t, err)
	require.Equal(t, c.Events[0].Body, events[0].Body)
	require.Equal(t, c.Events[0].At, events[0].At)
	numbered, waiting, err := r.LogSize(ctx)
	require.NoError(t, err)
	require.EqualValues(t, 1, numbered)
	require.Zero(t, waiting)
}

// Who asks for more owners than one prepared statement takes gets the same rows.
func TestAccountsOfManyOwners(t *testing.T) {
	s := opened(t)
	rows := agents(t, s, 2)
	want, err := s.Reader().AccountsOf(t.Context(), rows[0].Owner, rows[1].Owner)
	require.NoError(t, err)
	require.Len(t, want, 4, "both rows of both")
	for _, n := range []int{254, 255, 600} { // with the two: the most for one statement, and more
		names := []did.DID{rows[1].Owner}
		for i := range n {
			names = append(names, did.MustParse(fmt.Sprintf("did:example:nobody-%d", i)))
		}
		found, err := s.Reader().AccountsOf(t.Context(), append(names, rows[0].Owner)...)
		require.NoError(t, err)
		require.Equal(t, want, found)
	}
}
