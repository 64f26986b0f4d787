package teg_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// conduct is an engine with agents who deal with each other.
type conduct struct {
	t     *testing.T
	ctx   context.Context
	eng   *teg.Engine
	clock *tegtest.Clock
	store store.Store
}

func newConduct(t *testing.T, st store.Store, options ...func(*teg.Config)) *conduct {
	clock := tegtest.NewClock()
	return &conduct{t: t, ctx: limited(t), clock: clock, store: st, eng: tegtest.Over(t, st, append(options, tegtest.WithClock(clock))...)}
}

// withReputation changes the terms of scores.
func withReputation(change func(*teg.ReputationTerms)) func(*teg.Config) {
	return func(c *teg.Config) {
		terms := teg.DefaultReputationTerms()
		change(&terms)
		c.Reputation = &terms
	}
}

func (c *conduct) pay(from, to teg.DID) teg.TransactionID {
	r, err := c.eng.Transfer(c.ctx, teg.TransferParams{From: from, To: to, Amount: teg.AVT("1")})
	require.NoError(c.t, err)
	return r.TransactionID
}

// say pays and gives a signal.
func (c *conduct) say(from, to teg.DID, value int) teg.SignalReceipt {
	r, err := c.eng.Signal(c.ctx, teg.SignalParams{By: from, TransactionID: c.pay(from, to), Value: value})
	require.NoError(c.t, err)
	return r
}

func (c *conduct) score(agent teg.DID) int {
	r, err := c.eng.Reputation(c.ctx, agent)
	require.NoError(c.t, err)
	return r.Score
}

func onEach(t *testing.T, test func(c *conduct), options ...func(*teg.Config)) {
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) { test(newConduct(t, open(t), options...)) })
}

func TestSignal(t *testing.T) {
	t.Parallel()
	onEach(t, func(c *conduct) {
		t, agents := c.t, tegtest.FundMany(c.t, c.eng, 3, "100")
		alice, bob, carol := agents[0], agents[1], agents[2]
		r := c.say(alice, bob, 1)
		require.Equal(t, teg.SignalReceipt{TransactionID: r.TransactionID, From: alice, To: bob, Value: 1, Applied: 1, Score: 1, At: c.clock.Now()}, r)
		require.Equal(t, -1, c.say(alice, carol, -1).Score)

		held, err := c.eng.Hold(c.ctx, teg.HoldParams{From: alice, To: bob, Amount: teg.AVT("2")})
		require.NoError(t, err)
		_, err = c.eng.Signal(c.ctx, teg.SignalParams{By: alice, TransactionID: held.TransactionIDs[0], Value: 1})
		require.ErrorIs(t, err, teg.ErrInvalidState, "what is only set aside was not paid")
		captured, err := c.eng.Capture(c.ctx, teg.CaptureParams{By: alice, HoldID: held.HoldID})
		require.NoError(t, err)
		_, err = c.eng.Signal(c.ctx, teg.SignalParams{By: alice, TransactionID: captured.TransactionIDs[2], Value: 1})
		require.NoError(t, err, "a capture is a payment")
		require.Equal(t, 2, c.score(bob))

		fresh := c.pay(alice, bob)
		stake, err := c.eng.Stake(c.ctx, teg.StakeParams{By: alice, Amount: teg.AVT("1")})
		require.NoError(t, err)
		for _, bad := range []struct {
			params teg.SignalParams
			want   error
		}{
			{teg.SignalParams{By: alice, TransactionID: r.TransactionID, Value: 1}, teg.ErrSignalApplied},
			{teg.SignalParams{By: alice, TransactionID: r.TransactionID, Value: -1}, teg.ErrSignalApplied},
			{teg.SignalParams{By: bob, TransactionID: fresh, Value: 1}, teg.ErrForbidden},
			{teg.SignalParams{By: carol, TransactionID: fresh, Value: 1}, teg.ErrNotFound},
			{teg.SignalParams{By: alice, TransactionID: teg.TransactionID{1}, Value: 1}, teg.ErrNotFound},
			{teg.SignalParams{By: alice, TransactionID: stake.TransactionID, Value: 1}, teg.ErrInvalidState},
			{teg.SignalParams{By: alice, TransactionID: fresh, Value: 0}, teg.ErrInvalidInput},
			{teg.SignalParams{By: alice, TransactionID: fresh, Value: 2}, teg.ErrInvalidInput},
			{teg.SignalParams{TransactionID: fresh, Value: 1}, teg.ErrInvalidInput},
			{teg.SignalParams{By: alice, TransactionID: fresh, Value: 1, Given: c.clock.Now().Add(time.Second)}, teg.ErrInvalidInput},
			{teg.SignalParams{By: alice, TransactionID: fresh, Value: 1, Given: time.Unix(-1, 0)}, teg.ErrInvalidInput},
		} {
			_, err := c.eng.Signal(c.ctx, bad.params)
			require.ErrorIs(t, err, bad.want, "%+v", bad.params)
		}
		_, err = c.eng.SuspendAgent(c.ctx, teg.StandingParams{Agent: alice, By: tegtest.Admin, Reason: "x"})
		require.NoError(t, err)
		_, err = c.eng.Signal(c.ctx, teg.SignalParams{By: alice, TransactionID: fresh, Value: 1})
		require.ErrorIs(t, err, teg.ErrSuspended)
		require.Equal(t, 2, c.score(bob))

		page, err := c.eng.Transactions(c.ctx, teg.TransactionsQuery{Agent: carol, Types: []teg.TransactionType{teg.TypeTransfer}})
		require.NoError(t, err)
		require.Equal(t, -1, page.Transactions[0].Signal)
		shown, err := c.eng.Transaction(c.ctx, alice, r.TransactionID)
		require.NoError(t, err)
		require.Equal(t, 1, shown.Signal)
		unsaid, err := c.eng.Transaction(c.ctx, alice, fresh)
		require.NoError(t, err)
		require.Zero(t, unsaid.Signal)
	})
}

// One payment that a hundred callers signal at once, on two engines, has one signal.
func TestSignalOnce(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		st := open(t)
		c := newConduct(t, st)
		second := tegtest.Over(t, st, tegtest.WithClock(c.clock))
		agents := tegtest.FundMany(t, c.eng, 2, "100")
		paid := c.pay(agents[0], agents[1])
		var given, known, others []int
		answers := make([]error, 100)
		together(len(answers), func(i int) {
			_, answers[i] = []*teg.Engine{c.eng, second}[i%2].Signal(c.ctx, teg.SignalParams{By: agents[0], TransactionID: paid, Value: 1 - i%4/2*2})
		})
		for i, err := range answers {
			switch {
			case err == nil:
				given = append(given, i)
			case teg.CodeOf(err) == "BIZ_SIGNAL_ALREADY_APPLIED":
				known = append(known, i)
			default:
				others = append(others, i)
			}
		}
		require.Len(t, given, 1)
		require.Len(t, known, 99)
		require.Empty(t, others)
		require.Equal(t, 1-given[0]%4/2*2, c.score(agents[1]))
	})
}

// Many who signal one agent at once add up, and stop at the bounds.
func TestScoreStopsAtItsBounds(t *testing.T) {
	t.Parallel()
	onEach(t, func(c *conduct) {
		t, agents := c.t, tegtest.FundMany(c.t, c.eng, 2, "100")
		for _, value := range []int{1, -1} {
			paid := make([]teg.TransactionID, 8)
			for i := range paid {
				paid[i] = c.pay(agents[0], agents[1])
			}
			receipts := make([]teg.SignalReceipt, len(paid))
			together(len(paid), func(i int) {
				var err error
				receipts[i], err = c.eng.Signal(c.ctx, teg.SignalParams{By: agents[0], TransactionID: paid[i], Value: value})
				require.NoError(t, err)
			})
			sum := 0
			for _, r := range receipts {
				sum += r.Applied
			}
			require.Equal(t, map[int]int{1: 1000, -1: -2000}[value], sum)
			require.Equal(t, value*1000, c.score(agents[1]))
		}
		page, err := c.eng.ReputationHistory(c.ctx, teg.ReputationHistoryQuery{Agent: agents[1]})
		require.NoError(t, err)
		require.Len(t, page.Events, 16)
		require.EqualValues(t, 16, page.Total)
		for i, e := range page.Events {
			require.Equal(t, []int{-300, 300}[i/8], e.Requested)
		}
		r, err := c.eng.Reputation(c.ctx, agents[1])
		require.NoError(t, err)
		require.Equal(t, []int64{8, 8}, []int64{r.Positive, r.Negative})
		require.Equal(t, "untrusted", r.Tier)
	}, withReputation(func(terms *teg.ReputationTerms) { terms.Signal = 300 }))
}

// Beyond the limit of a pair signals are kept, and change nothing until a month has
// passed.
func TestSignalPairLimit(t *testing.T) {
	t.Parallel()
	onEach(t, func(c *conduct) {
		t, agents := c.t, tegtest.FundMany(c.t, c.eng, 3, "100")
		alice, bob, carol := agents[0], agents[1], agents[2]
		paid := make([]teg.TransactionID, 5)
		for i := range paid {
			paid[i] = c.pay(alice, bob)
		}
		together(len(paid), func(i int) {
			_, err := c.eng.Signal(c.ctx, teg.SignalParams{By: alice, TransactionID: paid[i], Value: 1})
			require.NoError(t, err)
		})
		require.Equal(t, 2, c.score(bob))
		require.Equal(t, 3, c.say(carol, bob, 1).Score, "another pair")
		require.Equal(t, 1, c.say(bob, alice, 1).Score, "and the other way round")
		late := c.say(alice, bob, -1)
		require.Zero(t, late.Applied)
		require.Equal(t, 3, late.Score)
		r, err := c.eng.Reputation(c.ctx, bob)
		require.NoError(t, err)
		require.Equal(t, []int64{6, 1}, []int64{r.Positive, r.Negative}, "those that did not count are told")
		c.clock.Advance(30*24*time.Hour + time.Second)
		require.Equal(t, 1, c.say(alice, bob, 1).Applied)
	}, withReputation(func(terms *teg.ReputationTerms) { terms.SignalPairLimit = 2 }))
}

// Strangers see what became of a score and when, and not whom or what it was about.
func TestReputationHistoryIsPublicInPart(t *testing.T) {
	t.Parallel()
	onEach(t, func(c *conduct) {
		t, agents := c.t, tegtest.FundMany(c.t, c.eng, 4, "100")
		alice, bob, carol, stranger := agents[0], agents[1], agents[2], agents[3]
		said := c.say(alice, bob, 1)
		c.clock.Advance(time.Hour)
		reported, err := c.eng.ReportOutcome(c.ctx, teg.OutcomeParams{By: tegtest.Admin, Final: true, AVTP: "a", Initiator: carol, Responder: bob, Outcome: teg.OutcomeFailureProvider})
		require.NoError(t, err)
		for who, want := range map[teg.DID][2]bool{stranger: {}, {}: {}, alice: {false, true}, carol: {true, false}, bob: {true, true}} {
			page, err := c.eng.ReputationHistory(c.ctx, teg.ReputationHistoryQuery{Agent: bob, Public: true, Viewer: who})
			require.NoError(t, err)
			require.Len(t, page.Events, 2)
			outcome, signal := page.Events[0], page.Events[1]
			require.Equal(t, []int{-5, -4}, []int{outcome.Change, outcome.Score})
			require.Equal(t, []int{1, 1}, []int{signal.Change, signal.Score})
			require.Equal(t, []string{"avtp_failure_provider", "signal"}, []string{outcome.Reason, signal.Reason})
			require.Equal(t, want, [2]bool{outcome.RelatedID == reported.ID.String(), signal.TransactionID == said.TransactionID}, "%s", who)
			require.Equal(t, want[1], signal.Giver == alice)
			require.Equal(t, want[0], outcome.RelatedID != "")
		}
		page, err := c.eng.ReputationHistory(c.ctx, teg.ReputationHistoryQuery{Agent: bob, Limit: 1})
		require.NoError(t, err)
		require.Equal(t, reported.ID.String(), page.Events[0].RelatedID, "an embedding program sees all")
		page, err = c.eng.ReputationHistory(c.ctx, teg.ReputationHistoryQuery{Agent: bob, Limit: 1, Cursor: page.NextCursor})
		require.NoError(t, err)
		require.Equal(t, said.TransactionID, page.Events[0].TransactionID)
		require.Empty(t, page.NextCursor)
		page, err = c.eng.ReputationHistory(c.ctx, teg.ReputationHistoryQuery{Agent: bob, Since: c.clock.Now().Add(-time.Minute)})
		require.NoError(t, err)
		require.Len(t, page.Events, 1)
		for _, ask := range []func(teg.DID) error{
			func(id teg.DID) error {
				_, err := c.eng.ReputationHistory(c.ctx, teg.ReputationHistoryQuery{Agent: id})
				return err
			},
			func(id teg.DID) error { _, err := c.eng.Reputation(c.ctx, id); return err },
			func(id teg.DID) error { _, err := c.eng.Trust(c.ctx, teg.TrustQuery{Agent: id}); return err },
		} {
			require.ErrorIs(t, ask(teg.Agent("did:example:nobody")), teg.ErrNotFound)
			require.ErrorIs(t, ask(c.eng.TreasuryDID()), teg.ErrNotFound, "a system account has none")
		}
	})
}

// A cursor into the last month leads on as time passes, and belongs to who asked.
func TestReputationHistoryWithin(t *testing.T) {
	t.Parallel()
	onEach(t, func(c *conduct) {
		t, agents := c.t, tegtest.FundMany(c.t, c.eng, 3, "100")
		alice, bob, carol := agents[0], agents[1], agents[2]
		const day = 24 * time.Hour
		for range 4 {
			c.say(alice, bob, 1)
			c.clock.Advance(10 * day)
		}
		month := teg.ReputationHistoryQuery{Agent: bob, Within: 30 * day, Public: true, Viewer: alice, Limit: 1}
		page, err := c.eng.ReputationHistory(c.ctx, month)
		require.NoError(t, err)
		require.EqualValues(t, 3, page.Total, "what was said 40 days ago is left out")
		require.Equal(t, 4, page.Events[0].Score)
		c.clock.Advance(time.Hour)
		month.Cursor = page.NextCursor
		page, err = c.eng.ReputationHistory(c.ctx, month)
		require.NoError(t, err)
		require.Equal(t, 3, page.Events[0].Score)
		require.Empty(t, page.NextCursor, "the third became too old meanwhile")
		for _, change := range []func(q *teg.ReputationHistoryQuery){
			func(q *teg.ReputationHistoryQuery) { q.Viewer = carol }, func(q *teg.ReputationHistoryQuery) { q.Public = false },
			func(q *teg.ReputationHistoryQuery) { q.Within = day }, func(q *teg.ReputationHistoryQuery) { q.Agent = carol },
			func(q *teg.ReputationHistoryQuery) { q.Within = -day },
		} {
			other := month
			change(&other)
			_, err := c.eng.ReputationHistory(c.ctx, other)
			require.ErrorIs(t, err, teg.ErrInvalidInput)
		}
		page, err = c.eng.ReputationHistory(c.ctx, teg.ReputationHistoryQuery{Agent: bob, Within: 30 * day, Since: c.clock.Now().Add(-15 * day)})
		require.NoError(t, err)
		require.Len(t, page.Events, 1, "the later of two beginnings holds")
	})
}

// Every page, however it is reached, is a part of one order; equal agents share a
// rank, and the percentile counts those below.
func TestRankings(t *testing.T) {
	t.Parallel()
	onEach(t, func(c *conduct) {
		t := c.t
		var agents []teg.DID // of an age each
		for i := range 7 {
			agents = append(agents, tegtest.Fund(t, c.eng, fmt.Sprint("did:example:r", i), "100"))
		}
		for i, signals := range []int{0, 2, -1, 1, 2, 0, 0} {
			for range max(signals, -signals) {
				c.say(agents[(i+1)%len(agents)], agents[i], map[bool]int{true: 1, false: -1}[signals > 0])
			}
		}
		want := []int{1, 4, 3, 0, 5, 6, 2}
		ranks := []int64{1, 1, 3, 4, 4, 4, 7}
		var all []teg.Ranking
		for q := (teg.RankingsQuery{Limit: 2}); ; {
			page, err := c.eng.Rankings(c.ctx, q)
			require.NoError(t, err)
			require.EqualValues(t, 7, page.Agents)
			all = append(all, page.Rankings...)
			if q.Cursor = page.NextCursor; q.Cursor == "" {
				break
			}
		}
		require.Len(t, all, 7)
		for i, r := range all {
			require.Equal(t, agents[want[i]], r.Agent, i)
			require.Equal(t, ranks[i], r.Rank, i)
			page, err := c.eng.Rankings(c.ctx, teg.RankingsQuery{Offset: int64(i), Limit: 1})
			require.NoError(t, err)
			require.Equal(t, []teg.Ranking{r}, page.Rankings)
		}
		r, err := c.eng.Reputation(c.ctx, agents[3])
		require.NoError(t, err)
		require.InDelta(t, 57.1, r.Percentile, 0, "four of seven are below")
		page, err := c.eng.Rankings(c.ctx, teg.RankingsQuery{Offset: 7})
		require.NoError(t, err)
		require.Empty(t, page.Rankings)
		for _, q := range []teg.RankingsQuery{{Limit: -1}, {Limit: 1001}, {Offset: -1}, {Cursor: "x"}, {Cursor: "x", Offset: 1}} {
			_, err := c.eng.Rankings(c.ctx, q)
			require.ErrorIs(t, err, teg.ErrInvalidInput)
		}
	})
}

// What is said stands with the payment: a host that rolls back said nothing.
func TestSignalWithinHostTransaction(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		st := open(t)
		c := newConduct(t, st)
		agents := tegtest.FundMany(t, c.eng, 2, "100")
		for _, commits := range []bool{false, true} {
			tx, host := hostOf(t, st, nil)
			within := c.eng.Using(host)
			r, err := within.Transfer(c.ctx, teg.TransferParams{From: agents[0], To: agents[1], Amount: teg.AVT("1")})
			require.NoError(t, err)
			said, err := within.Signal(c.ctx, teg.SignalParams{By: agents[0], TransactionID: r.TransactionID, Value: 1})
			require.NoError(t, err)
			require.Equal(t, 1, said.Score)
			_, err = within.ReportOutcome(c.ctx, teg.OutcomeParams{By: agents[0], AVTP: "a", Initiator: agents[0], Responder: agents[1], Outcome: teg.OutcomeSuccess, TransactionID: r.TransactionID})
			require.NoError(t, err)
			seen, err := within.Reputation(c.ctx, agents[1])
			require.NoError(t, err)
			require.Equal(t, 3, seen.Score, "the host sees what it did")
			if commits {
				require.NoError(t, tx.Commit())
			} else {
				require.NoError(t, tx.Rollback())
			}
			require.Equal(t, map[bool]int{false: 0, true: 3}[commits], c.score(agents[1]), fmt.Sprint(commits))
		}
		require.NoError(t, c.eng.Tick(c.ctx))
	})
}
