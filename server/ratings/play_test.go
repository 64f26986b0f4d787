package ratings

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

var grant = Config{Grant: teg.AVT("10000")}

func mustPlay(t *testing.T, eng *teg.Engine, file *File) Summary {
	t.Helper()
	s, err := Play(context.Background(), eng, file, grant)
	require.NoError(t, err)
	return s
}

// The market of TEG_TEST_RATINGS where that is set: everyone's balance and scores
// are those of playing it line by line, and everyone's history is in order.
func TestPlaysMarket(t *testing.T) {
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		file := realMarket(t)
		st := open(t)
		s := mustPlay(t, tegtest.Over(t, st), file)
		t.Logf("%d agents, %d transfers, %d signals, %.0f/s", s.Agents, s.Transfers, s.Signals, s.PerSecond())
		require.Equal(t, len(file.Ratings), s.Transfers)
		require.Equal(t, len(file.Ratings), s.Signals)
		require.Zero(t, s.AgentsThere+s.TransfersThere+s.SignalsThere)
		eng := tegtest.Over(t, st) // another one, which has seen nothing of it
		requirePlayed(t, eng, file, "10000")
		seen := map[string]int{}
		for _, r := range file.Ratings {
			seen[r.Rater]++
			seen[r.Ratee]++
		}
		for trader, ratings := range seen {
			if ratings > len(file.Ratings)/100 {
				requireInOrder(t, eng, trader)
				requireHeardInOrder(t, eng, trader)
			}
		}
	})
}

func TestPlayedTwiceChangesNothing(t *testing.T) {
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		file := read(t, market(2, 80, 400))
		eng := tegtest.Over(t, open(t))
		first := mustPlay(t, eng, file)
		before, err := eng.AuditLog(context.Background(), teg.AuditLogQuery{Limit: 1})
		require.NoError(t, err)

		second := mustPlay(t, eng, file)
		require.Equal(t, first.Agents, second.AgentsThere)
		require.Equal(t, first.Transfers, second.TransfersThere)
		require.Equal(t, first.Signals, second.SignalsThere)
		require.Zero(t, second.Agents+second.Transfers+second.Signals)
		require.True(t, second.Moved.IsZero() && second.Fees.IsZero() && second.Granted.IsZero())
		requirePlayed(t, eng, file, "10000")
		after, err := eng.AuditLog(context.Background(), teg.AuditLogQuery{Limit: 1})
		require.NoError(t, err)
		require.Equal(t, before, after, "no act was added")
	})
}

// A rating that stands in a file twice, in two notations, is one.
func TestSameRatingTwiceInAFile(t *testing.T) {
	eng := tegtest.New(t)
	s := mustPlay(t, eng, read(t, "1,2,3,4.5\n1,2,3,4.50\n"))
	require.Equal(t, 1, s.Transfers)
	require.Equal(t, 1, s.TransfersThere)
	require.Equal(t, 1, s.Signals)
	require.Equal(t, 1, s.SignalsThere)
	require.Equal(t, "9996.999", tegtest.Available(t, eng, teg.Agent("did:otc:1")))
}

// Slices that overlap bring in each what is new in them, and the books in the
// end are those of the whole.
func TestPlayedInSlices(t *testing.T) {
	lines := strings.SplitAfter(market(3, 300, 900), "\n")
	eng := tegtest.New(t)
	for from := 0; from < len(lines); from += 200 {
		mustPlay(t, eng, read(t, strings.Join(lines[max(from-50, 0):min(from+200, len(lines))], "")))
	}
	requirePlayed(t, eng, read(t, strings.Join(lines, "")), "10000")
}

// Cut off anywhere, again and again, and then played to the end by another
// engine, the market is played once.
func TestPlayedAfterCuts(t *testing.T) {
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		file := read(t, market(4, 60, 300))
		st := open(t)
		for range 8 {
			cutOff(t, st, file, 1+rand.IntN(650))
		}
		eng := tegtest.Over(t, st)
		mustPlay(t, eng, file)
		requirePlayed(t, eng, file, "10000")
	})
}

// cutOff plays until so many steps are done.
func cutOff(t *testing.T, st store.Store, file *File, steps int) {
	t.Helper()
	eng, err := teg.New(context.Background(), st, teg.Config{})
	require.NoError(t, err)
	ctx, cut := context.WithCancel(context.Background())
	defer cut()
	config := grant
	config.Progress = func(done, _ int) {
		if done == steps {
			cut()
		}
	}
	if _, err = Play(ctx, eng, file, config); err != nil {
		require.ErrorIs(t, err, context.Canceled)
	}
	require.NoError(t, eng.Close())
}

// Two that play the same at once, on an engine each, play it once.
func TestPlayedByTwoAtOnce(t *testing.T) {
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		file := read(t, market(5, 60, 300))
		st := open(t)
		engines := []*teg.Engine{tegtest.Over(t, st), tegtest.Over(t, st)}
		errs := make(chan error, 2)
		for _, eng := range engines {
			go func() {
				_, err := Play(context.Background(), eng, file, grant)
				errs <- err
			}()
		}
		require.NoError(t, errors.Join(<-errs, <-errs))
		for _, eng := range engines {
			requirePlayed(t, eng, file, "10000")
		}
	})
}

func TestTraderThatCannotPay(t *testing.T) {
	ctx := context.Background()
	eng := tegtest.New(t)
	file := read(t, "1,2,5,10\n1,3,4,20\n1,4,3,30\n4,1,1,40\n")
	small := Config{Grant: teg.AVT("9.5")}
	s, err := Play(ctx, eng, file, small)
	var at *LineError
	require.ErrorAs(t, err, &at)
	require.ErrorIs(t, err, teg.ErrInsufficientBalance)
	require.Equal(t, 3, at.Line)
	require.Equal(t, 2, s.Transfers, "what can be played before it has been, and nothing after it")
	tegtest.Fund(t, eng, "did:otc:1", "3")
	s, err = Play(ctx, eng, file, small)
	require.NoError(t, err)
	require.Equal(t, 2, s.Transfers)
	require.Equal(t, 2, s.TransfersThere)
}

// What was played stays played, also where it would be refused today.
func TestPlayedAgainByThoseWhoCannotPayNow(t *testing.T) {
	ctx := context.Background()
	eng := tegtest.New(t)
	file := read(t, "1,2,5,10\n2,3,1,20\n")
	small := Config{Grant: teg.AVT("6")}
	_, err := Play(ctx, eng, file, small)
	require.NoError(t, err)
	_, err = eng.SuspendAgent(ctx, teg.StandingParams{Agent: teg.Agent("did:otc:2"), By: tegtest.Admin, Reason: "a test"})
	require.NoError(t, err)
	s, err := Play(ctx, eng, file, small)
	require.NoError(t, err)
	require.Equal(t, 2, s.TransfersThere)
	require.Equal(t, 2, s.SignalsThere)
	_, err = Play(ctx, eng, read(t, "2,3,1,30\n"), small)
	require.ErrorIs(t, err, teg.ErrSuspended)
}

func TestAgentsThatAreThereGetNoGrant(t *testing.T) {
	eng := tegtest.New(t)
	tegtest.Fund(t, eng, "did:otc:1", "50")
	s := mustPlay(t, eng, read(t, "1,2,5,10\n"))
	require.Equal(t, 1, s.Agents)
	require.Equal(t, 1, s.AgentsThere)
	require.Equal(t, "10000", s.Granted.String())
	require.Equal(t, "44.999", tegtest.Available(t, eng, teg.Agent("did:otc:1")))
}

func TestWithoutGrants(t *testing.T) {
	eng := tegtest.New(t)
	tegtest.Fund(t, eng, "did:market:a", "50")
	s, err := Play(context.Background(), eng, read(t, "a,b,5,10\n"), Config{Prefix: "did:market:"})
	require.NoError(t, err)
	require.Equal(t, 1, s.Transfers)
	require.True(t, s.Granted.IsZero())
	require.Equal(t, "5", tegtest.Available(t, eng, teg.Agent("did:market:b")))
}

func TestRefusesPrefixes(t *testing.T) {
	for _, prefix := range []string{"otc:", "did:", "did:OTC:", "did:otc:" + strings.Repeat("x", 250)} {
		_, err := Play(context.Background(), tegtest.New(t), read(t, "1,2,3,4\n"), Config{Prefix: prefix})
		require.ErrorContains(t, err, "line 1", prefix)
	}
}

// Nothing to play is played at once.
func TestEmptyFile(t *testing.T) {
	s := mustPlay(t, tegtest.New(t), read(t, "rater,ratee,rating,time\n"))
	require.Zero(t, s.Agents+s.Transfers)
}

// Progress counts every step once.
func TestProgress(t *testing.T) {
	config, last := grant, 0
	config.Progress = func(done, of int) {
		require.Equal(t, last+1, done)
		require.Equal(t, 3+2*2, of)
		last = done
	}
	_, err := Play(context.Background(), tegtest.New(t), read(t, "1,2,3,4\n1,3,3,5\n"), config)
	require.NoError(t, err)
	require.Equal(t, 3+2*2, last)
}
