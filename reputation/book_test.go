package reputation

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/agentvault/teg-layer/ledger"
)

// Whatever is added and taken back, scores are the sums of the applied changes,
// within their bounds, and the buckets that change are where agents went.
func TestBookAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var rows Rows
		model, events := map[ledger.AccountID]int{}, 0
		for agent := ledger.AccountID(1); agent <= 3; agent++ {
			model[agent] = rapid.IntRange(MinScore, MaxScore).Draw(t, "score")
			rows.Scores = append(rows.Scores, Score{Agent: agent, Value: model[agent], Events: 7})
		}
		before := NewBook(rows).Changed(0)
		require.True(t, before.Empty())
		b := NewBook(rows)
		for range rapid.IntRange(0, 20).Draw(t, "events") {
			agent := ledger.AccountID(rapid.IntRange(1, 3).Draw(t, "agent"))
			points := rapid.SampledFrom([]int{1, -1, 2, -5, 900, -900}).Draw(t, "points")
			void, back := rapid.Bool().Draw(t, "void"), rapid.Bool().Draw(t, "back")
			mark := b.Mark()
			e := b.Add(agent, Event{Requested: points, Reason: Signalled, Giver: 9, Void: void, At: time.Unix(1, 0)})
			require.GreaterOrEqual(t, e.Value, MinScore)
			require.LessOrEqual(t, e.Value, MaxScore)
			require.Equal(t, e.Value-model[agent], e.Applied)
			if void {
				require.Zero(t, e.Applied)
			}
			if back {
				b.Revert(mark)
				continue
			}
			events++
			model[agent] = e.Value
		}
		changed := b.Changed(2)
		require.Len(t, changed.Events, events)
		agents := map[int]int64{0: 2}
		for _, s := range rows.Scores {
			agents[s.Value]--
			agents[model[s.Agent]]++
		}
		for _, bucket := range changed.Moved {
			require.Equal(t, agents[bucket.Value], bucket.Agents)
			require.NotZero(t, bucket.Agents)
			delete(agents, bucket.Value)
		}
		for _, left := range agents {
			require.Zero(t, left)
		}
		for _, s := range changed.Scores {
			require.Equal(t, model[s.Agent], s.Value)
			require.Equal(t, s.Events-7, s.Positive+s.Negative)
		}
		require.Equal(t, events, b.Signals(Pair{9, 1})+b.Signals(Pair{9, 2})+b.Signals(Pair{9, 3}))
	})
}

func TestBookOfReports(t *testing.T) {
	loaded := Report{ID: ReportID{1}, Scope: ledger.ID{1}, Own: ledger.ID{1}}
	b := NewBook(Rows{Reports: []Report{loaded}})
	mark := b.Mark()
	b.Report(Report{ID: ReportID{2}, Scope: ledger.ID{1}, Own: ledger.ID{2}})
	require.Len(t, b.ReportsOf(ledger.ID{1}), 2)
	require.Equal(t, ReportID{2}, b.ReportBy(ledger.ID{2}).ID)
	require.Len(t, b.Changed(0).Reports, 1)
	b.Revert(mark)
	require.Equal(t, []Report{loaded}, b.ReportsOf(ledger.ID{1}))
	require.Nil(t, b.ReportBy(ledger.ID{2}))
	require.Empty(t, b.Changed(0).Reports)
}

func TestHistogramRanks(t *testing.T) {
	h := Histogram{{Value: 5, Agents: 2}, {Value: 0, Agents: 1}, {Value: -3, Agents: 1}}
	require.EqualValues(t, 4, h.Agents())
	for value, want := range map[int]struct {
		rank       int64
		percentile float64
	}{7: {1, 100}, 5: {1, 50}, 0: {3, 25}, -3: {4, 0}, -9: {5, 0}} {
		require.Equal(t, want.rank, h.Rank(value), value)
		require.InDelta(t, want.percentile, h.Percentile(value), 0, value)
	}
	require.Zero(t, Histogram(nil).Percentile(3))
	require.InDelta(t, 33.3, Histogram{{1, 2}, {0, 1}}.Percentile(1), 0, "cut off")
}
