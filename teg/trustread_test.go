package teg_test

import (
	"context"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// Whoever waits for the first view of all waits no longer than it wants to.
func TestTrustKeepsDeadlines(t *testing.T) {
	t.Parallel()
	w := newTrusting(t)
	inside, open := w.store.block()
	first := w.askMeanwhile(0)
	<-inside
	ended, end := context.WithCancel(w.ctx)
	end()
	_, err := w.eng.Rankings(ended, teg.RankingsQuery{ByTrust: true})
	require.ErrorIs(t, err, teg.ErrUnavailable)
	require.Empty(t, first, "which is before the one that reads has its answer")
	second := w.askMeanwhile(0)
	open()
	require.NoError(t, <-first)
	require.NoError(t, <-second)
}

// While one looks for what is new, the others get the last view, as long as it is not
// too old.
func TestTrustWhileItIsRead(t *testing.T) {
	t.Parallel()
	w := newTrusting(t)
	w.say(w.agents[0], w.agents[1], 1)
	require.NotNil(t, w.of(1))
	w.say(w.agents[0], w.agents[2], 1)
	inside, open := w.store.block()
	w.eng.AgeTrust(0)
	require.Nil(t, w.of(2), "nobody looks within a pause")
	w.eng.AgeTrust(2)
	first := w.askMeanwhile(2)
	<-inside
	for range 3 {
		require.Nil(t, w.of(2))
		require.NotNil(t, w.of(1))
	}
	w.eng.AgeTrust(100)
	ended, end := context.WithCancel(w.ctx)
	end()
	_, err := w.eng.Rankings(ended, teg.RankingsQuery{ByTrust: true})
	require.ErrorIs(t, err, teg.ErrUnavailable, "this old it is no answer")
	open()
	require.NoError(t, <-first)
	require.NotNil(t, w.of(2))
}

// What was read before a fault is part of trust at the next question, though no signal
// has come in since.
func TestTrustAfterAFaultHalfWay(t *testing.T) {
	t.Parallel()
	w := newTrusting(t)
	require.Nil(t, w.of(1))
	w.say(w.agents[0], w.agents[1], 1)
	pages := 0
	w.store.by(func(ctx context.Context, ask following) ([]store.Event, int64, error) {
		if pages++; pages > 1 {
			return nil, 0, store.ErrUnavailable
		}
		events, next, err := ask(ctx)
		return slices.Repeat(events, teg.SignalPage), next, err // a full page, and so not the last
	})
	w.eng.AgeTrust(2)
	_, err := w.eng.Reputation(w.ctx, w.agents[1])
	require.ErrorIs(t, err, teg.ErrUnavailable)
	require.Equal(t, 2, pages)
	w.store.by(nil)
	require.NotNil(t, w.of(1))
}

// A damaged signal is left out, and takes nobody else's trust away; its operator hears
// of it once.
func TestTrustLeavesDamageOut(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]func(body string) string{
		"no JSON":       func(string) string { return "{" },
		"nothing in it": func(string) string { return "{}" },
		"no weight":     func(body string) string { return strings.Replace(body, `"weight":"1"`, `"weight":"much"`, 1) },
		"weight of 0":   func(body string) string { return strings.Replace(body, `"weight":"1"`, `"weight":"0"`, 1) },
		"no value":      func(body string) string { return strings.Replace(body, `"value":"1"`, `"value":"2"`, 1) },
		"no agent": func(body string) string {
			return strings.Replace(body, `"sender":"did:example:0"`, `"sender":"somebody"`, 1)
		},
		"itself": func(body string) string { return strings.Replace(body, `"did:example:1"`, `"did:example:0"`, 1) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newTrusting(t)
			w.say(w.agents[0], w.agents[1], 1)
			w.say(w.agents[0], w.agents[2], 1)
			w.store.by(func(ctx context.Context, ask following) ([]store.Event, int64, error) {
				events, next, err := ask(ctx)
				for i := range events {
					if body := string(events[i].Body); strings.Contains(body, `"did:example:1"`) {
						events[i].Body = []byte(damage(body))
						require.NotEqual(t, body, string(events[i].Body))
					}
				}
				return events, next, err
			})
			require.Nil(t, w.of(1))
			w.eng.AgeTrust(2)
			require.NotNil(t, w.of(2))
			page, err := w.eng.Rankings(w.ctx, teg.RankingsQuery{ByTrust: true})
			require.NoError(t, err)
			require.Len(t, page.Rankings, 2)
			_, err = w.eng.Flags(w.ctx, teg.FlagsQuery{})
			require.NoError(t, err)
			require.Equal(t, 1, strings.Count(w.log.String(), "cannot be read"), w.log.String())
		})
	}
}

// A database that took over without the last signals takes them out of trust, whether
// others have come in since or not.
func TestTrustForgetsWhatTheLogLost(t *testing.T) {
	t.Parallel()
	for _, since := range []bool{false, true} {
		w := newTrusting(t)
		w.say(w.agents[0], w.agents[2], 1)
		w.say(w.agents[0], w.agents[1], 1)
		require.NotNil(t, w.of(1))
		w.store.by(func(ctx context.Context, ask following) ([]store.Event, int64, error) {
			events, next, err := ask(ctx)
			events = slices.DeleteFunc(events, func(e store.Event) bool { return strings.Contains(string(e.Body), `"did:example:1"`) })
			return events, next, err
		})
		known := 1
		if since {
			w.say(w.agents[2], w.agents[0], 1)
			known = 2
		}
		w.eng.AgeTrust(2)
		require.Nil(t, w.of(1))
		found, err := w.eng.Trust(w.ctx, teg.TrustQuery{Agent: w.agents[2]})
		require.NoError(t, err)
		require.Len(t, found.Why, known, "what is left counts once")
		require.Contains(t, w.log.String(), "has lost signals")
	}
}

// The same of a log that is shorter than what was read of it.
func TestTrustOfAShorterLog(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		st, clock := open(t), tegtest.NewClock()
		eng, err := teg.New(limited(t), st, teg.Config{Clock: clock.Now}) // whose books are not proven in the end
		require.NoError(t, err)
		defer eng.Close()
		c := &conduct{t: t, ctx: limited(t), eng: eng, clock: clock}
		agents := tegtest.FundMany(t, eng, 3, "100")
		c.say(agents[0], agents[2], 1)
		c.say(agents[0], agents[1], 1)
		require.NotNil(t, c.trust(agents[1]))
		storetest.Damage(t, st, `DELETE FROM events WHERE position >= (SELECT size FROM log_head) - 2`)
		storetest.Damage(t, st, `UPDATE log_head SET size = size - 2`)
		eng.AgeTrust(2)
		require.Nil(t, c.trust(agents[1]))
		require.NotNil(t, c.trust(agents[2]))
	})
}

// Many ask while others speak, and all of it is part of trust in the end.
func TestTrustAskedByMany(t *testing.T) {
	t.Parallel()
	w := newTrusting(t)
	require.Nil(t, w.of(1))
	var told sync.WaitGroup
	for range 4 {
		told.Go(func() {
			for range 25 {
				_, err := w.eng.Rankings(w.ctx, teg.RankingsQuery{ByTrust: true})
				if err != nil {
					t.Errorf("%v", err)
				}
				w.eng.AgeTrust(2)
			}
		})
	}
	for range 25 {
		w.say(w.agents[0], w.agents[1], 1)
	}
	told.Wait()
	require.Eventually(t, func() bool {
		w.eng.AgeTrust(2)
		found, err := w.eng.Trust(w.ctx, teg.TrustQuery{Agent: w.agents[1]})
		require.NoError(t, err)
		return len(found.Why) == 25
	}, patience, time.Millisecond)
}

// What is no trust in an agent is nobody's to see.
func TestTrustIsANumber(t *testing.T) {
	t.Parallel()
	for _, score := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), -0.001, 1.001} {
		require.True(t, teg.RefusesTrust("did:example:a", score), "%v", score)
	}
	require.True(t, teg.RefusesTrust("nobody", 0.5))
	for _, score := range []float64{0, 5e-324, 0.5, 1} {
		require.False(t, teg.RefusesTrust("did:example:a", score), "%v", score)
	}
}
