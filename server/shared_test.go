package server_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server"
	"github.com/agentvault/teg-layer/server/cache"
	"github.com/agentvault/teg-layer/server/cache/rediscache"
	"github.com/agentvault/teg-layer/server/limit/redislimit/redistest"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// tally counts what became of questions to caches.
type tally struct{ hits, misses, faults atomic.Int64 }

func (n *tally) Cached(r cache.Result) {
	map[cache.Result]*atomic.Int64{cache.Hit: &n.hits, cache.Miss: &n.misses, cache.Fault: &n.faults}[r].Add(1)
}

// sharing has a server share its answers with those of the same name. Nothing is
// forgotten meanwhile, so that what is seen is seen by its epoch.
func sharing(t testing.TB, name string, n *tally) func(*server.Config) {
	s, err := rediscache.Open(redistest.URL(t), "teg:test:"+name+":")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return func(c *server.Config) {
		c.Cache = cache.New(cache.Config{Store: s, TTL: time.Hour, Patience: time.Minute, Metrics: n})
	}
}

// twoServers are two over the same books that share their answers.
func twoServers(t *testing.T, st store.Store, n *tally) (m *market, other *api) {
	name := uuid.NewString()
	m = newMarketOn(t, st, sharing(t, name, n))
	other = over(t, m.engine, sharing(t, name, n))
	return m, other
}

// publicReads are those of which the answers are shared.
var publicReads = []string{"/reputation/did:example:bob", "/reputation/rankings", "/reputation/rankings?limit=1", "/reputation/rankings?limit=1&offset=1",
	"/reputation/rankings?sort=trust", "/reputation/rankings?sort=reputation&include_total=true"}

// What the cache answers is byte for byte what the engine did, whoever asks, with the same
// headers; and what is refused is refused again.
func TestSharedAnswersAreTheSame(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		var n tally
		m, other := twoServers(t, open(t), &n)
		m.say(m.aliceToken, m.bob, 1)
		for i, path := range publicReads {
			known := m.get(path, "").is(200, "")
			require.EqualValues(t, i, n.hits.Load(), path)
			again := other.get(path, "").is(200, "")
			require.EqualValues(t, i+1, n.hits.Load(), path)
			require.Equal(t, known.text, again.text)
			known.header.Del("X-Request-ID")
			again.header.Del("X-Request-ID")
			require.Equal(t, known.header, again.header)
		}
		hits := n.hits.Load()
		require.Equal(t, "no-store", other.get(publicReads[0], m.bobToken).is(200, "").header.Get("Cache-Control"))
		other.get(publicReads[0], "x.y.z").is(401, "AUTH_INVALID_TOKEN")
		for range 2 {
			other.get("/reputation/did:example:nobody", "").is(404, "BIZ_ENTITY_NOT_FOUND")
			other.get("/reputation/rankings?cursor=x", "").is(422, "VALIDATION_INVALID_INPUT")
			other.get("/reputation/rankings?limit=0", "").is(422, "VALIDATION_INVALID_INPUT")
		}
		require.EqualValues(t, hits+1, n.hits.Load())
		require.Zero(t, n.faults.Load())
	})
}

// Who gave a signal sees it at once, on either server, in the score and in the rankings.
func TestWhoSignalsReadsIt(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		var n tally
		m, other := twoServers(t, open(t), &n)
		for score := 1; score <= 3; score++ {
			for range 2 {
				require.Equal(t, score-1, m.score(m.bob))
				other.get("/reputation/rankings", "").is(200, "")
			}
			m.say(m.aliceToken, m.bob, 1)
			seen := other.get("/reputation/"+m.bob.String(), "").is(200, "")
			require.Equal(t, score, number(t, seen.at("reputation_score")))
			require.Equal(t, score, number(t, seen.at("positive_signals")))
			require.Equal(t, score, m.score(m.bob))
			require.Equal(t, score, number(t, other.get("/reputation/rankings", "").is(200, "").at("rankings", 0, "reputation_score")))
		}
		require.NotZero(t, n.hits.Load())
		require.Zero(t, n.faults.Load())
	})
}

// Signals and reads at once, on two servers: nobody reads a score that is older than one
// that somebody had been told of before it asked.
func TestScoresNeverGoBack(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		var n tally
		m, other := twoServers(t, open(t), &n)
		var told atomic.Int64
		var ended atomic.Bool
		var reading sync.WaitGroup
		for _, a := range []*api{m.api, other, other} {
			reading.Go(func() {
				for !ended.Load() && !t.Failed() {
					before := told.Load()
					if seen := a.plainly("GET", "/reputation/did:example:bob", "", ""); scoreIn(seen) < before {
						t.Errorf("%d had been told, and then was read: %s", before, seen)
					}
				}
			})
		}
		for score := range int64(12) {
			paid, hits := m.pay(m.aliceToken, m.bob), n.hits.Load()
			by := []*api{m.api, other}[score%2]
			if answer := by.plainly("POST", "/token/"+paid+"/reputation-signal", m.aliceToken, `{"signal_value":1}`); !strings.Contains(answer, "applied") {
				t.Error(answer)
				break
			}
			told.Store(score + 1)
			require.Eventually(t, func() bool { return n.hits.Load() > hits || t.Failed() }, time.Minute, time.Millisecond)
		}
		ended.Store(true)
		reading.Wait()
		require.Zero(t, n.faults.Load())
	})
}

// plainly asks from a goroutine of its own, where no test may end.
func (a *api) plainly(method, path, token, body string) string {
	return a.send(method, prefix+path, token, body).text
}

func scoreIn(text string) (score int64) {
	_, after, _ := strings.Cut(text, `"reputation_score":`)
	_, _ = fmt.Sscan(strings.SplitN(after, ",", 2)[0], &score)
	return score
}

// What hosts and others change is seen when the log was read, though nothing is forgotten.
func TestOthersAreReadInTheLog(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		var n tally
		m, _ := twoServers(t, open(t), &n)
		within, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { _ = m.server.Run(within) })
		defer running.Wait()
		defer stop()
		for score := 1; score <= 2; score++ {
			paid, err := m.engine.Transfer(ctx(), teg.TransferParams{From: m.alice, To: m.bob, Amount: teg.AVT("1")})
			require.NoError(t, err)
			require.Equal(t, score-1, m.score(m.bob))
			_, err = m.engine.Signal(ctx(), teg.SignalParams{By: m.alice, TransactionID: paid.TransactionID, Value: 1})
			require.NoError(t, err)
			require.Eventually(t, func() bool { return m.score(m.bob) == score }, time.Minute, time.Millisecond)
		}
	})
}

// Two economies on one Redis each have their own answers.
func TestEconomiesDoNotMix(t *testing.T) {
	t.Parallel()
	var n tally
	name := uuid.NewString()
	one, another := newMarket(t, sharing(t, name, &n)), newMarket(t, sharing(t, name, &n))
	one.say(one.aliceToken, one.bob, 1)
	require.Equal(t, []int{1, 0, 1, 0}, []int{one.score(one.bob), another.score(another.bob), one.score(one.bob), another.score(another.bob)})
	require.EqualValues(t, 2, n.hits.Load())
}

// A server whose Redis is away answers as one without.
func TestSharedCacheIsAway(t *testing.T) {
	t.Parallel()
	var n tally
	s, err := rediscache.Open("redis://127.0.0.1:1/0", "")
	require.NoError(t, err)
	defer s.Close()
	m := newMarket(t, func(c *server.Config) { c.Cache = cache.New(cache.Config{Store: s, Metrics: &n}) })
	for score := 1; score <= 2; score++ {
		m.say(m.aliceToken, m.bob, 1)
		require.Equal(t, score, m.score(m.bob))
	}
	require.NotZero(t, n.faults.Load())
	require.Zero(t, n.hits.Load())
}

// Every verb is known to change no score, or is looked for in the log; every route that
// writes is known to change none, or moves the epoch.
func TestWhatChangesScores(t *testing.T) {
	t.Parallel()
	without := []store.Verb{
		store.VerbTransfer, store.VerbTransferToSystem, store.VerbTransferBatch, store.VerbRefund, store.VerbHold, store.VerbCapture, store.VerbVoid, store.VerbExpireHolds,
		store.VerbIssue, store.VerbBurn, store.VerbAdjust, store.VerbRegisterAgent, store.VerbSuspendAgent, store.VerbReactivateAgent, store.VerbDeactivateAgent, store.VerbSetRoles,
		store.VerbStake, store.VerbUnstake, store.VerbDelegate, store.VerbUndelegate, store.VerbClaimRewards, store.VerbRunRewardCycle, store.VerbSlash, store.VerbReleaseUnbonding, store.VerbCompound,
		store.VerbRaiseFlag, store.VerbSetRules, store.VerbPutPolicy, store.VerbDeactivatePolicy, store.VerbRegisterCircuit, store.VerbPayDebt, store.VerbIssueBootstrapToken,
		store.VerbCreateWebhook, store.VerbUpdateWebhook, store.VerbPauseWebhook, store.VerbResumeWebhook, store.VerbRotateWebhook, store.VerbEndWebhook,
	}
	names := slices.Clone(server.ScoreActions)
	for _, verb := range without {
		require.NotContains(t, names, verb.String())
		names = append(names, verb.String())
	}
	for verb := store.VerbTransfer; verb.Valid(); verb++ {
		require.Contains(t, names, verb.String())
	}
	for _, row := range newMarket(t).server.Rows() {
		if row.Method == "GET" {
			require.False(t, row.Scores, row.Path)
		}
	}
	for _, path := range []string{"/token/tx_1/reputation-signal", "/avtp/report-transaction", "/attestation/submit", "/dispute/file", "/admin/auditor/flags/flag_1", "/new"} {
		require.True(t, server.MayScore(prefix, "POST", prefix+path), path)
	}
	require.False(t, server.MayScore(prefix, "POST", prefix+"/token/transfer"))
}

// files are an archive in memory.
type files map[string][]byte

func (f files) Write(_ context.Context, name string, write func(io.Writer) error) error {
	var content bytes.Buffer
	err := write(&content)
	f[name] = content.Bytes()
	return err
}

func (f files) Open(_ context.Context, name string) (io.ReadCloser, error) {
	return io.NopCloser(bytes.NewReader(f[name])), nil
}

// forget lets time pass until the first events are archived and forgotten, and says where the
// log begins then.
func (m *market) forget() int64 {
	m.t.Helper()
	p := teg.BatchParams{From: m.alice, Transfers: make([]teg.BatchTransfer, 300)}
	for i := range p.Transfers {
		p.Transfers[i] = teg.BatchTransfer{To: m.bob, Amount: teg.AVT("0.01")}
	}
	for range 2 {
		_, err := m.engine.TransferBatch(ctx(), p)
		require.NoError(m.t, err)
		m.clock.Advance(2 * teg.MinEventRetention)
	}
	require.NoError(m.t, m.engine.Tick(ctx()))
	_, err := m.engine.ArchiveEvents(ctx(), teg.ArchiveEventsParams{To: files{}, Events: 256})
	require.NoError(m.t, err)
	for range 3 {
		m.clock.Advance(2 * time.Minute)
		require.NoError(m.t, m.engine.Tick(ctx()))
	}
	status, err := m.engine.LogStatus(ctx())
	require.NoError(m.t, err)
	require.Positive(m.t, status.Tail)
	return status.Tail
}

// Answers are shared also where the log's first events were archived and forgotten, under
// the name that the economy had before.
func TestSharedOverAnArchivedLog(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		var n tally
		name := uuid.NewString()
		m := newMarketWith(t, open(t), func(c *teg.Config) { c.EventRetention = teg.MinEventRetention }, sharing(t, name, &n))
		require.Zero(t, m.score(m.bob))
		m.forget()
		later := &market{clock: m.clock, api: over(t, m.engine, sharing(t, name, &n)), alice: m.alice, bob: m.bob}
		require.Zero(t, later.score(m.bob))
		require.EqualValues(t, 1, n.hits.Load(), "what the other server had asked")
		tegtest.Verify(t, m.engine)
	})
}
