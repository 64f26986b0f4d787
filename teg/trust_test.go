package teg_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// village has all agents but the last praise each other for a year, and one of them
// complain of the one before the last.
func (c *conduct) village(agents []teg.DID) {
	n := len(agents) - 1
	began := c.clock.Now().AddDate(-1, 0, 0)
	for month := range 12 {
		for i := range n {
			to := (i + 1 + month%(n-1)) % n
			p := teg.SignalParams{By: agents[i], TransactionID: c.pay(agents[i], agents[to]), Value: 1, Weight: teg.Percent(30), Given: began.AddDate(0, month, 0)}
			if to == n-1 {
				p.Value = -1
			}
			_, err := c.eng.Signal(c.ctx, p)
			require.NoError(c.t, err)
		}
	}
}

// Trust is made of what was said, when it was said, the same on every engine over
// the database; whoever is new to it begins with the first signal of the log.
func TestTrust(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		st := open(t)
		c := newConduct(t, st)
		agents := tegtest.FundMany(t, c.eng, 6, "1000")
		c.village(agents)
		eng := tegtest.Over(t, st, tegtest.WithClock(c.clock))
		of := func(agent teg.DID) *float64 {
			r, err := eng.Reputation(c.ctx, agent)
			require.NoError(t, err)
			return r.Trust
		}
		require.Nil(t, of(agents[5]), "nothing is known of it")
		require.Greater(t, *of(agents[0]), 0.6)
		require.Less(t, *of(agents[4]), 0.4)

		page, err := eng.Rankings(c.ctx, teg.RankingsQuery{ByTrust: true})
		require.NoError(t, err)
		require.EqualValues(t, 5, page.Agents)
		require.Len(t, page.Rankings, 5)
		require.Equal(t, agents[4], page.Rankings[4].Agent)
		require.True(t, slices.IsSortedFunc(page.Rankings, func(a, b teg.Ranking) int { return int(a.Rank - b.Rank) }))
		var paged []teg.Ranking
		for q := (teg.RankingsQuery{ByTrust: true, Limit: 2}); ; {
			part, err := eng.Rankings(c.ctx, q)
			require.NoError(t, err)
			paged = append(paged, part.Rankings...)
			if q.Cursor = part.NextCursor; q.Cursor == "" {
				break
			}
		}
		require.Equal(t, page.Rankings, paged)
		part, err := eng.Rankings(c.ctx, teg.RankingsQuery{ByTrust: true, Offset: 3, Limit: 1})
		require.NoError(t, err)
		require.Equal(t, page.Rankings[3:4], part.Rankings)
		past, err := eng.Rankings(c.ctx, teg.RankingsQuery{ByTrust: true, Offset: 1 << 40})
		require.NoError(t, err)
		require.Empty(t, past.Rankings)
		third := tegtest.Over(t, st, tegtest.WithClock(c.clock))
		same, err := third.Rankings(c.ctx, teg.RankingsQuery{ByTrust: true})
		require.NoError(t, err)
		require.Equal(t, page, same)
	})
}

// What is said while an engine runs is part of its trust within seconds.
func TestTrustFollowsTheLog(t *testing.T) {
	t.Parallel()
	onEach(t, func(c *conduct) {
		agents := tegtest.FundMany(c.t, c.eng, 2, "10")
		known := func() bool {
			r, err := c.eng.Reputation(c.ctx, agents[1])
			require.NoError(c.t, err)
			return r.Trust != nil
		}
		require.False(c.t, known())
		c.say(agents[0], agents[1], 1)
		require.Eventually(c.t, known, patience, 50*time.Millisecond)
	})
}

// Why tells what made it, and strangers neither by whom nor what it said of others.
func TestTrustExplained(t *testing.T) {
	t.Parallel()
	onEach(t, func(c *conduct) {
		t, agents := c.t, tegtest.FundMany(c.t, c.eng, 6, "1000")
		c.village(agents)
		bad, stranger := agents[4], agents[5]
		whole, err := c.eng.Trust(c.ctx, teg.TrustQuery{Agent: bad})
		require.NoError(t, err)
		require.Len(t, whole.Why, 24)
		require.Equal(t, c.clock.Now().AddDate(-1, 11, 0), whole.At, "as of the newest signal")
		require.Negative(t, whole.Why[0].Effect)
		require.InDelta(t, -0.3, whole.Why[0].Weight, 0)
		for viewer, sees := range map[teg.DID]func(teg.TrustContribution) bool{
			stranger: func(teg.TrustContribution) bool { return false }, {}: func(teg.TrustContribution) bool { return false },
			bad:       func(teg.TrustContribution) bool { return true },
			agents[0]: func(w teg.TrustContribution) bool { return w.From == agents[0] || w.To == agents[0] },
		} {
			var want []teg.TrustContribution
			for _, w := range whole.Why {
				if !sees(w) && w.From == bad {
					continue
				}
				if !sees(w) {
					w.From, w.Given = teg.DID{}, time.Time{}
				}
				want = append(want, w)
			}
			shown, err := c.eng.Trust(c.ctx, teg.TrustQuery{Agent: bad, Public: true, Viewer: viewer})
			require.NoError(t, err)
			require.Equal(t, whole.Score, shown.Score)
			require.Equal(t, want, shown.Why, "%s", viewer)
			first, err := c.eng.Trust(c.ctx, teg.TrustQuery{Agent: bad, Public: true, Viewer: viewer, Limit: 12})
			require.NoError(t, err)
			require.Equal(t, want[:12], first.Why, "%s: what is not shown takes no room", viewer)
		}
		part, err := c.eng.Trust(c.ctx, teg.TrustQuery{Agent: bad, Limit: 1})
		require.NoError(t, err)
		require.Equal(t, whole.Why[:1], part.Why)
		nothing, err := c.eng.Trust(c.ctx, teg.TrustQuery{Agent: stranger})
		require.NoError(t, err)
		require.Nil(t, nothing.Score)
		require.Empty(t, nothing.Why)
		_, err = c.eng.Trust(c.ctx, teg.TrustQuery{Agent: bad, Limit: -1})
		require.ErrorIs(t, err, teg.ErrInvalidInput)
	})
}
