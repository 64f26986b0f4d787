package sqlite

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

func TestGroupSmoke(t *testing.T) {
	s := opened(t)
	rows := agents(t, s, 4)
	system, err := s.collector(t.Context())
	require.NoError(t, err)
	c := transfers(10, func() (a, b *ledger.Account) { return &rows[0], &rows[1] }, system)
	tx, got := begun(t, s, needOf(c))
	require.Len(t, got.Accounts, 3)
	require.NoError(t, tx.Commit(t.Context(), c))
	_, again := begun(t, s, store.Need{Keys: needOf(c).Keys})
	require.Len(t, again.Records, 10)
}
