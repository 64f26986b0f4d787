package sqlite

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/store"
)

func TestSetUpIsIdempotentAndKeepsOwners(t *testing.T) {
	s := opened(t)
	prepareAgain := map[ledger.Kind]did.DID{ledger.Treasury: treasury, ledger.Issuance: treasury, ledger.Rewards: treasury}
	require.NoError(t, s.SetUp(t.Context(), prepareAgain))
	require.Equal(t, "96/0/31/3", text(t, s, "SELECT count(*) || '/' || min(stripe) || '/' || max(stripe) || '/' || count(DISTINCT kind) FROM accounts"))
	err := s.SetUp(t.Context(), map[ledger.Kind]did.DID{ledger.Treasury: did.MustParse("did:key:usurper")})
	require.ErrorIs(t, err, store.ErrForeignTreasury)
	require.ErrorContains(t, err, "did:key:usurper")
	require.Equal(t, "96", text(t, s, "SELECT count(*) FROM accounts"))
}

func TestMaintainTurnsTheJournalOver(t *testing.T) {
	s := opened(t)
	put := func() store.Key {
		record := store.Record{Key: newKey(), Caller: 1, Verb: store.VerbIssue, At: instant}
		tx, _ := begun(t, s, store.Need{})
		require.NoError(t, tx.Commit(t.Context(), &store.Changes{Records: []store.Record{record}}))
		return record.Key
	}
	remembered := func(keys ...store.Key) int { return len(loaded(t, s, store.Need{Keys: keys}).Records) }
	now := time.Now()
	turn := func(later time.Duration) {
		now = now.Add(later)
		require.NoError(t, s.Maintain(t.Context(), store.Maintenance{Now: now, JournalTTL: time.Hour}))
	}
	turn(0) // the first one begins a generation
	require.Equal(t, "1", text(t, s, "SELECT generation FROM journal_state"))
	first := put()
	turn(59 * time.Minute)
	require.Equal(t, "1", text(t, s, "SELECT generation FROM journal_state"), "not yet due")
	turn(2 * time.Minute)
	require.Equal(t, "0", text(t, s, "SELECT generation FROM journal_state"))
	second := put()
	require.Equal(t, 2, remembered(first, second), "both generations are looked up")
	turn(time.Minute)
	require.Equal(t, 2, remembered(first, second))
	turn(time.Hour)
	require.Equal(t, 1, remembered(first, second), "the older one is gone")
	require.Zero(t, remembered(first))
	third := put()
	require.Equal(t, 2, remembered(second, third))
}
