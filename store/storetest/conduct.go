package storetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/reputation"
	"github.com/agentvault/teg-layer/store"
)

// conductTests are those of what is remembered of conduct.
var conductTests = map[string]func(*testing.T, *bench){
	"scores, their events and reports are read back":  testConduct,
	"signals of a pair are counted from a time on":    testPairs,
	"a transaction has one signal":                    testOneSignal,
	"a reporter reports once":                         testOneReport,
	"what is said of conduct never changes":           testConductAppendOnly,
	"scores have bounds in the database":              testScoreBounds,
	"agents are ranked by score and then by age":      testRanking,
	"every stripe counts for the histogram":           testHistogram,
	"the log is followed by position and action":      testFollow,
	"the log is not followed beyond its end":          testFollowBeyond,
	"an audit of conduct sees everything once":        testAuditConduct,
	"of unknown agents and reports nothing is loaded": testNoConduct,
}

// signal is an event that changes nobody's score by itself.
func (b *bench) signal(of, giver ledger.Account, seq int64, cause byte) reputation.Event {
	return reputation.Event{
		Agent: of.ID, Seq: seq, Requested: -1, Applied: 0, Value: -1000, Reason: reputation.Signalled, Giver: giver.ID,
		Weight: amount.Percent(30), Cause: ledger.TransactionID{cause}, At: b.now,
	}
}

// report is one with everything in it.
func (b *bench) report(id, scope byte) reputation.Report {
	return reputation.Report{
		ID: reputation.ReportID{id}, Scope: ledger.ID{scope}, Own: ledger.ID{9, id}, Reporter: b.alice.Owner, AVTP: "avtp-1",
		Initiator: b.alice.ID, Responder: b.bob.ID, Service: "inference", Price: avt("1.5"), SLA: "gold", Transfer: ledger.TransactionID{4},
		Outcome: reputation.FailureProvider, Final: true, Status: reputation.ReportApplied, At: b.now,
		ResponderSeq: 1, ResponderChange: -5, InitiatorSeq: 2, InitiatorChange: 3,
	}
}

func (b *bench) conduct(t *testing.T, c reputation.Changes) {
	t.Helper()
	tx, _ := b.begin(t, store.Need{})
	require.NoError(t, tx.Commit(background(), &store.Changes{Reputation: c}))
}

func (b *bench) known(t *testing.T, need reputation.Need) reputation.Rows {
	t.Helper()
	tx, rows := b.begin(t, store.Need{Accounts: need.Agents, Reputation: need})
	require.NoError(t, tx.Rollback(background()))
	return rows.Reputation
}

func testConduct(t *testing.T, b *bench) {
	score := reputation.Score{Agent: b.bob.ID, Value: -7, Events: 2, Positive: 1, Negative: 3, At: b.now}
	signal := b.signal(b.bob, b.alice, 1, 7)
	outcome := reputation.Event{
		Agent: b.bob.ID, Seq: 2, Requested: -5, Applied: -5, Value: -7, Reason: reputation.ProviderFailed, Related: ledger.ID{1}, At: b.now.Add(time.Hour),
	}
	first, second := b.report(1, 5), b.report(2, 5)
	second.Price, second.SLA, second.Service, second.Transfer = amount.Amount{}, "", "", ledger.TransactionID{}
	second.Outcome, second.Final, second.Status = reputation.Disputed, false, reputation.ReportDisputed
	b.conduct(t, reputation.Changes{
		Scores: []reputation.Score{score}, Events: []reputation.Event{signal, outcome}, Reports: []reputation.Report{second, first},
	})

	untouched := reputation.Score{Agent: b.alice.ID}
	rows := b.known(t, reputation.Need{Agents: []ledger.AccountID{b.alice.ID, b.bob.ID}, Scopes: []ledger.ID{{5}}, Own: []ledger.ID{first.Own}})
	require.ElementsMatch(t, []reputation.Score{untouched, score}, rows.Scores)
	require.Equal(t, []reputation.Report{first, second}, rows.Reports, "each once")
	rows = b.known(t, reputation.Need{Own: []ledger.ID{second.Own}})
	require.Equal(t, []reputation.Report{second}, rows.Reports)

	agents, err := b.reader.Agents(background(), b.bob.Owner)
	require.NoError(t, err)
	require.Equal(t, -7, agents[0].Reputation)
	page, total, err := b.reader.ScoreEvents(background(), reputation.EventQuery{Agent: b.bob.ID, Limit: 10, Count: 10})
	require.NoError(t, err)
	require.EqualValues(t, 2, total)
	require.Equal(t, []reputation.RecordedEvent{{Event: outcome, AgentID: b.bob.Owner}, {Event: signal, AgentID: b.bob.Owner, GiverID: b.alice.Owner}}, page)
	page, total, err = b.reader.ScoreEvents(background(), reputation.EventQuery{Agent: b.bob.ID, From: b.now.Add(time.Minute), Limit: 10, Count: 10})
	require.NoError(t, err)
	require.EqualValues(t, 1, total)
	require.Equal(t, []reputation.RecordedEvent{{Event: outcome, AgentID: b.bob.Owner}}, page)
	page, _, err = b.reader.ScoreEvents(background(), reputation.EventQuery{Agent: b.bob.ID, Below: 2, Limit: 10})
	require.NoError(t, err)
	require.Equal(t, []reputation.RecordedEvent{{Event: signal, AgentID: b.bob.Owner, GiverID: b.alice.Owner}}, page)
	given, err := b.reader.Signals(background(), signal.Cause, ledger.TransactionID{8})
	require.NoError(t, err)
	require.Equal(t, []reputation.GivenSignal{{Transaction: signal.Cause, Value: -1}}, given)
	reports, err := b.reader.Reports(background(), first.ID, reputation.ReportID{77})
	require.NoError(t, err)
	require.Equal(t, []reputation.Report{first}, reports)
}

func testPairs(t *testing.T, b *bench) {
	early, late := b.signal(b.bob, b.alice, 1, 1), b.signal(b.bob, b.alice, 2, 2)
	late.At = b.now.Add(time.Hour)
	other := b.signal(b.alice, b.bob, 1, 3)
	b.conduct(t, reputation.Changes{Events: []reputation.Event{early, late, other}})
	given, back := reputation.Pair{Giver: b.alice.ID, Agent: b.bob.ID}, reputation.Pair{Giver: b.bob.ID, Agent: b.alice.ID}
	for since, want := range map[time.Time][2]int{b.now: {2, 1}, b.now.Add(time.Microsecond): {1, 0}, b.now.Add(2 * time.Hour): {0, 0}} {
		rows := b.known(t, reputation.Need{Pairs: []reputation.Pair{given, back}, Since: since})
		require.Equal(t, want, [2]int{rows.Pairs[given], rows.Pairs[back]}, since)
	}
}

func testOneSignal(t *testing.T, b *bench) {
	b.conduct(t, reputation.Changes{Events: []reputation.Event{b.signal(b.bob, b.alice, 1, 1)}})
	tx, _ := b.begin(t, store.Need{})
	require.ErrorIs(t, tx.Commit(background(), &store.Changes{Reputation: reputation.Changes{Events: []reputation.Event{b.signal(b.bob, b.alice, 2, 1)}}}), store.ErrConflict)
	outcome := b.signal(b.bob, b.alice, 2, 1)
	outcome.Reason = reputation.Succeeded
	b.conduct(t, reputation.Changes{Events: []reputation.Event{outcome}})
}

func testOneReport(t *testing.T, b *bench) {
	b.conduct(t, reputation.Changes{Reports: []reputation.Report{b.report(1, 5)}})
	twin := b.report(2, 6)
	twin.Own = b.report(1, 5).Own
	tx, _ := b.begin(t, store.Need{})
	require.ErrorIs(t, tx.Commit(background(), &store.Changes{Reputation: reputation.Changes{Reports: []reputation.Report{twin}}}), store.ErrConflict)
}

func testConductAppendOnly(t *testing.T, b *bench) {
	b.conduct(t, reputation.Changes{Events: []reputation.Event{b.signal(b.bob, b.alice, 1, 1)}, Reports: []reputation.Report{b.report(1, 5)}})
	for table, column := range map[string]string{"reputation_events": "score", "avtp_transaction_summary_logs": "status"} {
		for _, statement := range []string{"UPDATE " + table + " SET " + column + " = " + column, "DELETE FROM " + table} {
			_, err := handleOf(t, b.store).ExecContext(background(), statement)
			require.ErrorContains(t, err, "append-only", statement)
		}
	}
}

func testScoreBounds(t *testing.T, b *bench) {
	for _, c := range []reputation.Changes{
		{Scores: []reputation.Score{{Agent: b.bob.ID, Value: 1001}}},
		{Scores: []reputation.Score{{Agent: b.bob.ID, Value: -1001}}},
		{Scores: []reputation.Score{{Agent: 1 << 40}}}, // who is not there
		{Moved: []reputation.Bucket{{Value: 1001, Agents: 1}}},
	} {
		tx, _ := b.begin(t, store.Need{})
		require.Error(t, tx.Commit(background(), &store.Changes{Reputation: c}))
	}
	require.Zero(t, b.known(t, reputation.Need{Agents: []ledger.AccountID{b.bob.ID}}).Scores[0].Value)
}

func testFollow(t *testing.T, b *bench) {
	tx, _ := b.begin(t, store.Need{})
	var changes store.Changes
	for i, action := range []string{"transfer", "signal", "transfer", "hold", "signal"} {
		changes.Events = append(changes.Events, store.Event{ID: store.EventID{byte(i)}, Action: action, Actor: b.alice.Owner, At: b.now, Body: []byte("{}")})
	}
	require.NoError(t, tx.Commit(background(), &changes))
	for _, c := range []struct {
		from    int64
		limit   int
		actions []string
		want    []int64
		next    int64
	}{
		{0, 10, nil, []int64{0, 1, 2, 3, 4}, 5},
		{1, 2, nil, []int64{1, 2}, 3},
		{0, 10, []string{"signal"}, []int64{1, 4}, 5},
		{0, 1, []string{"signal"}, []int64{1}, 2},
		{2, 10, []string{"signal", "transfer"}, []int64{2, 4}, 5},
		{2, 10, []string{"burn"}, nil, 5},
		{5, 10, nil, nil, 5},
	} {
		events, next, err := b.reader.Follow(background(), c.from, c.limit, c.actions...)
		require.NoError(t, err)
		var positions []int64
		for _, event := range events {
			positions = append(positions, event.Position)
			require.Equal(t, changes.Events[event.Position].Action, event.Action)
		}
		require.Equal(t, c.want, positions, "%v", c)
		require.Equal(t, c.next, next, "%v", c)
	}
}

func testFollowBeyond(t *testing.T, b *bench) {
	for _, actions := range [][]string{nil, {"signal"}} {
		_, _, err := b.reader.Follow(background(), 1, 10, actions...)
		require.ErrorIs(t, err, store.ErrBeyondLog)
	}
}

func testAuditConduct(t *testing.T, b *bench) {
	signals := []reputation.Event{b.signal(b.alice, b.bob, 1, 1), b.signal(b.alice, b.bob, 2, 2), b.signal(b.bob, b.alice, 1, 3)}
	b.conduct(t, reputation.Changes{
		Scores: []reputation.Score{{Agent: b.alice.ID, Value: 4, Events: 2}}, Events: signals,
		Reports: []reputation.Report{b.report(1, 5), b.report(2, 5)}, Moved: []reputation.Bucket{{Value: 4, Agents: 1}},
	})
	seen := map[ledger.AccountID]int{}
	histogram, err := b.reader.AuditScores(background(), func(s reputation.Score) error {
		seen[s.Agent] = s.Value
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, map[ledger.AccountID]int{b.alice.ID: 4, b.bob.ID: 0}, seen)
	require.Equal(t, reputation.Histogram{{Value: 4, Agents: 1}}, histogram)
	var events []reputation.Event
	for len(events) < len(signals) {
		var last reputation.Event
		if len(events) > 0 {
			last = events[len(events)-1]
		}
		page, err := b.reader.AuditScoreEvents(background(), last.Agent, last.Seq, 2)
		require.NoError(t, err)
		require.NotEmpty(t, page)
		events = append(events, page...)
	}
	require.Equal(t, signals, events)
	first, err := b.reader.AuditReports(background(), reputation.ReportID{}, 1)
	require.NoError(t, err)
	require.Equal(t, []reputation.Report{b.report(1, 5)}, first)
	rest, err := b.reader.AuditReports(background(), first[0].ID, 5)
	require.NoError(t, err)
	require.Equal(t, []reputation.Report{b.report(2, 5)}, rest)
	b.conduct(t, reputation.Changes{Reports: []reputation.Report{b.report(3, 6), b.report(4, 7)}})
	all, err := b.reader.AuditOutcomes(background(), ledger.ID{5}, ledger.ID{7}, ledger.ID{8})
	require.NoError(t, err)
	require.ElementsMatch(t, []reputation.Report{b.report(1, 5), b.report(2, 5), b.report(4, 7)}, all)
}

func testNoConduct(t *testing.T, b *bench) {
	rows := b.known(t, reputation.Need{
		Agents: []ledger.AccountID{1 << 40}, Scopes: []ledger.ID{{1}}, Own: []ledger.ID{{2}}, Pairs: []reputation.Pair{{Giver: 1, Agent: 2}}, Since: b.now,
	})
	require.Empty(t, rows.Scores)
	require.Empty(t, rows.Reports)
	require.Zero(t, rows.Pairs[reputation.Pair{Giver: 1, Agent: 2}])
	require.Equal(t, reputation.Rows{}, b.known(t, reputation.Need{}))
	page, total, err := b.reader.ScoreEvents(background(), reputation.EventQuery{Agent: b.bob.ID, Limit: 5, Count: 5})
	require.NoError(t, err)
	require.Empty(t, page)
	require.Zero(t, total)
	given, err := b.reader.Signals(background())
	require.NoError(t, err)
	require.Empty(t, given)
}
