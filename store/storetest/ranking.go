package storetest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/reputation"
	"github.com/agentvault/teg-layer/store"
)

// ranks are the names of agents in the order of a page.
func ranks(page []reputation.Ranked) []string {
	names := []string{}
	for i := range page {
		names = append(names, page[i].ID.String())
	}
	return names
}

func testRanking(t *testing.T, b *bench) {
	carol, _ := b.register(t, "did:test:carol")
	dave, _ := b.register(t, "did:test:dave")
	b.conduct(t, reputation.Changes{
		Scores: []reputation.Score{{Agent: carol.ID, Value: 1000, Events: 1}, {Agent: b.alice.ID, Value: -1000, Events: 1}},
		Moved:  []reputation.Bucket{{Value: -1000, Agents: 1}, {Value: 0, Agents: 2}, {Value: 1000, Agents: 1}},
	})
	b.issue(t, dave, "1")
	want := []string{"did:test:carol", "did:test:bob", "did:test:dave", "did:test:alice"}
	for limit := 1; limit <= 5; limit++ {
		var last *reputation.Score
		for offset := range 5 {
			rest := want[offset:min(offset+limit, 4)]
			page := b.ranked(t, reputation.RankingQuery{Offset: int64(offset), Limit: limit})
			require.Equal(t, rest, ranks(page), "%d from %d", limit, offset)
			if last != nil {
				require.Equal(t, page, b.ranked(t, reputation.RankingQuery{Below: last, Limit: limit}), "%d after %d", limit, offset)
			}
			if len(page) > 0 {
				last = &page[0].Score
			}
		}
	}
	found, err := b.reader.ScoresOf(background(), dave.Owner, did.MustParse("did:test:nobody"), owners[ledger.Treasury])
	require.NoError(t, err)
	require.Equal(t, []reputation.Ranked{{Score: reputation.Score{Agent: dave.ID}, ID: dave.Owner, Transactions: 1}}, found)
	for _, name := range want {
		found, histogram, err := b.reader.PlaceOf(background(), did.MustParse(name))
		require.NoError(t, err)
		require.Equal(t, name, found.ID.String())
		requirePlaces(t, []reputation.Ranked{*found}, histogram)
	}
	nobody, _, err := b.reader.PlaceOf(background(), did.MustParse("did:test:nobody"))
	require.NoError(t, err)
	require.Nil(t, nobody)
}

// ranked reads a page of four agents, of whom two are equal.
func (b *bench) ranked(t *testing.T, q reputation.RankingQuery) []reputation.Ranked {
	t.Helper()
	page, histogram, err := b.reader.Ranking(background(), q)
	require.NoError(t, err)
	requirePlaces(t, page, histogram)
	return page
}

func requirePlaces(t *testing.T, page []reputation.Ranked, h reputation.Histogram) {
	t.Helper()
	require.EqualValues(t, 4, h.Agents())
	for i := range page {
		value := page[i].Value
		require.EqualValues(t, map[int]int64{1000: 1, 0: 2, -1000: 4}[value], h.Rank(value), value)
		require.InDelta(t, map[int]float64{1000: 75, 0: 25, -1000: 0}[value], h.Percentile(value), 0, value)
	}
}

func testHistogram(t *testing.T, b *bench) {
	other, err := b.store.Writer(background())
	require.NoError(t, err)
	defer other.Close()
	b.conduct(t, reputation.Changes{Moved: []reputation.Bucket{{Value: 0, Agents: 3}}})
	tx, _, err := other.Begin(background(), store.Need{}, store.LockBriefly)
	require.NoError(t, err)
	require.NoError(t, tx.Commit(background(), &store.Changes{Reputation: reputation.Changes{Moved: []reputation.Bucket{{Value: 0, Agents: -1}, {Value: 2, Agents: 1}}}}))
	b.conduct(t, reputation.Changes{Moved: []reputation.Bucket{{Value: 2, Agents: -1}, {Value: 3, Agents: 1}}})
	histogram, err := b.reader.AuditScores(background(), func(reputation.Score) error { return nil })
	require.NoError(t, err)
	require.Equal(t, reputation.Histogram{{Value: 3, Agents: 1}, {Value: 0, Agents: 2}}, histogram, "what is empty is left out")
	_, histogram, err = b.reader.PlaceOf(background(), b.bob.Owner)
	require.NoError(t, err)
	require.EqualValues(t, 2, histogram.Rank(0))
	require.EqualValues(t, 3, histogram.Agents())
}
