package ratings

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/reputation"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// said is what is known of an agent's conduct.
type said struct {
	score int
	trust string
}

// conduct counts a market's signals line by line, and weighs them without an
// engine: the oracle.
func conduct(t *testing.T, file *File) map[string]said {
	t.Helper()
	scores, graph := map[string]int{}, reputation.Graph{}
	for i := range file.Ratings {
		r := &file.Ratings[i]
		scores[r.Rater] += 0
		scores[r.Ratee] = max(-1000, min(1000, scores[r.Ratee]+r.Value))
		weight, err := r.weight()
		require.NoError(t, err)
		require.NoError(t, graph.Add(reputation.Signal{
			Rater: DefaultPrefix + r.Rater, Ratee: DefaultPrefix + r.Ratee,
			Weight: float64(r.Value) * float64(weight.PPM()) / 1e6, Time: r.Time / 1000,
		}))
	}
	trust, err := graph.Trust(reputation.DefaultTrustTerms(), graph.Newest())
	require.NoError(t, err)
	all := map[string]said{}
	for name, score := range scores {
		known := said{score: score, trust: "unknown"}
		if value, ok := trust.Score(DefaultPrefix + name); ok {
			known.trust = fmt.Sprint(value)
		}
		all[DefaultPrefix+name] = known
	}
	return all
}

// requireSignalled demands that everyone's scores are those of a market whose
// signals were given once.
func requireSignalled(t *testing.T, eng *teg.Engine, file *File) {
	t.Helper()
	got := map[string]said{}
	q := teg.RankingsQuery{Limit: teg.MaxLimit}
	for {
		page, err := eng.Rankings(context.Background(), q)
		require.NoError(t, err)
		for _, r := range page.Rankings {
			known := said{score: r.Score, trust: "unknown"}
			if r.Trust != nil {
				known.trust = fmt.Sprint(*r.Trust)
			}
			got[r.Agent.String()] = known
		}
		if q.Cursor = page.NextCursor; q.Cursor == "" {
			break
		}
	}
	require.Equal(t, conduct(t, file), got)
}

// requireHeardInOrder demands that a trader's score changed in the order of time.
func requireHeardInOrder(t *testing.T, eng *teg.Engine, trader string) {
	t.Helper()
	var payments []string
	q := teg.ReputationHistoryQuery{Agent: teg.Agent(DefaultPrefix + trader), Limit: teg.MaxLimit}
	for {
		page, err := eng.ReputationHistory(context.Background(), q)
		require.NoError(t, err)
		for _, e := range page.Events {
			payments = append(payments, e.TransactionID.String()) // which sort by their time
		}
		if q.Cursor = page.NextCursor; q.Cursor == "" {
			break
		}
	}
	slices.Reverse(payments) // newest first
	require.True(t, slices.IsSorted(payments), "trader %s", trader)
}

func TestWeights(t *testing.T) {
	for points, want := range map[string]string{
		"1": "0.1", "-3": "0.3", "10": "1", "-10": "1", "2.5": "0.25", "0.01": "0.001",
		"11": "1", "-999999999999999999": "1", // beyond the scale
		"0.0000001": "0.000001", "0.000000000000000001": "0.000001", // never nothing, which would mean all
		"1.23456789": "0.123456",
	} {
		file := read(t, "1,2,"+points+",3\n")
		weight, err := file.Ratings[0].weight()
		require.NoError(t, err)
		require.Equal(t, want, weight.FractionString(), points)
	}
}

// A signal says what the rating said, when it said it.
func TestSignalOfARating(t *testing.T) {
	eng := tegtest.New(t)
	s := mustPlay(t, eng, read(t, "1,2,-3,1289241911.72836\n"))
	require.Equal(t, 1, s.Signals)
	trust, err := eng.Trust(context.Background(), teg.TrustQuery{Agent: teg.Agent("did:otc:2")})
	require.NoError(t, err)
	require.Len(t, trust.Why, 1)
	require.InDelta(t, -0.3, trust.Why[0].Weight, 0)
	require.Equal(t, time.UnixMicro(1289241911728360).UTC(), trust.Why[0].Given)
	known, err := eng.Reputation(context.Background(), teg.Agent("did:otc:2"))
	require.NoError(t, err)
	require.Equal(t, -1, known.Score)
}

// Of a market that was killed between transfers and signals, or that was played
// before there were signals, the missing ones are given, weeks later too.
func TestMissingSignalsAreGiven(t *testing.T) {
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		ctx, clock := context.Background(), tegtest.NewClock()
		file := read(t, market(6, 40, 100))
		eng := tegtest.Over(t, open(t), tegtest.WithClock(clock))
		p, err := newPlay(eng, file, grant)
		require.NoError(t, err)
		require.NoError(t, p.register(ctx))
		for i := range int32(60) { // paid, and every third said
			paid := p.transferOne(ctx, i)
			require.NoError(t, paid.err)
			if p.payments[i] = paid.payment; i%3 == 0 {
				require.NoError(t, p.signalOne(ctx, i).err)
			}
		}
		clock.Advance(60 * 24 * time.Hour)
		require.NoError(t, eng.Tick(ctx))
		s := mustPlay(t, eng, file)
		total := len(file.Ratings)
		require.Equal(t, []int{60, total - 60, 20, total - 20}, []int{s.TransfersThere, s.Transfers, s.SignalsThere, s.Signals})
		requirePlayed(t, eng, file, "10000")
	})
}

// paidUnsaid is a market of one rating, of which the transfer was made and the signal
// was not given.
func paidUnsaid(t *testing.T) (*teg.Engine, *File) {
	eng, file := tegtest.New(t), read(t, "1,2,5,10\n")
	p, err := newPlay(eng, file, grant)
	require.NoError(t, err)
	require.NoError(t, p.register(t.Context()))
	require.NoError(t, p.transferOne(t.Context(), 0).err)
	return eng, file
}

// A signal that cannot be given stops the play, which goes on once it can.
func TestRaterThatCannotSpeak(t *testing.T) {
	ctx := context.Background()
	eng, file := paidUnsaid(t)
	rater := teg.StandingParams{Agent: teg.Agent("did:otc:1"), By: tegtest.Admin, Reason: "a test"}
	_, err := eng.SuspendAgent(ctx, rater)
	require.NoError(t, err)
	_, err = Play(ctx, eng, file, grant)
	var at *LineError
	require.ErrorAs(t, err, &at)
	require.ErrorIs(t, err, teg.ErrSuspended)
	require.Equal(t, 1, at.Line)
	_, err = eng.ReactivateAgent(ctx, rater)
	require.NoError(t, err)
	require.Equal(t, 1, mustPlay(t, eng, file).Signals)
}

// No signal goes to somebody who was not rated.
func TestReferenceThatIsTaken(t *testing.T) {
	ctx := context.Background()
	eng := tegtest.New(t)
	file := read(t, "1,2,5,10\n2,3,1,20\n")
	reference := file.Ratings[0].reference()
	for _, id := range []string{"did:otc:1", "did:otc:2", "did:otc:3"} {
		tegtest.Fund(t, eng, id, "100")
	}
	pay := func(from, to string) {
		_, err := eng.Transfer(ctx, teg.TransferParams{From: teg.Agent(from), To: teg.Agent(to), Amount: teg.AVT("1"), Reference: reference})
		require.NoError(t, err)
	}
	pay("did:otc:2", "did:otc:1") // the ratee has names of its own
	pay("did:otc:1", "did:otc:3")
	_, err := Play(ctx, eng, file, grant)
	require.ErrorIs(t, err, ErrTaken)
	require.ErrorContains(t, err, "line 1")
	known, err := eng.Reputation(ctx, teg.Agent("did:otc:3"))
	require.NoError(t, err)
	require.Zero(t, known.Score)
}

func TestRatingOfTheFuture(t *testing.T) {
	eng := tegtest.New(t)
	_, err := Play(context.Background(), eng, read(t, fmt.Sprintf("1,2,5,10\n2,3,1,%d\n", time.Now().Unix()+3600)), grant)
	require.ErrorIs(t, err, ErrFuture)
	require.ErrorContains(t, err, "line 2")
	supply, err := eng.Supply(context.Background())
	require.NoError(t, err)
	require.Zero(t, supply.Agents, "nothing was begun")
}

// A rating is also found where its trader has paid a lot since.
func TestRatingBehindManyOthers(t *testing.T) {
	ctx := context.Background()
	eng, file := paidUnsaid(t)
	for range recallPerRating {
		_, err := eng.Transfer(ctx, teg.TransferParams{From: teg.Agent("did:otc:1"), To: teg.Agent("did:otc:2"), Amount: teg.AVT("1")})
		require.NoError(t, err)
	}
	s := mustPlay(t, eng, file)
	require.Equal(t, []int{1, 1}, []int{s.TransfersThere, s.Signals})
	require.Equal(t, 1, mustPlay(t, eng, file).SignalsThere)
}
