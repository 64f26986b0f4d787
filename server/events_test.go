package server_test

import (
	"bufio"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server"
	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// Events come as they happen, for longer than a request may take, and to each what it may
// see.
func TestEventStream(t *testing.T) {
	t.Parallel()
	m := newMarket(t, withStreams(nil), func(c *server.Config) { c.RequestTimeout = 100 * time.Millisecond })
	url := m.wire(brief)
	auditor := m.token(teg.Agent("did:example:eye"), auth.Auditor)
	own, all := m.listen(url, "", m.bobToken, ""), m.listen(url, "", auditor, "")
	require.Equal(t, 200, own.status)
	require.Equal(t, "text/event-stream", own.header.Get("Content-Type"))
	require.Equal(t, "no-store", own.header.Get("Cache-Control"))
	own.beats(20) // beyond all bounds of a request
	m.payOne(m.alice, m.bob)
	require.Contains(t, own.expect("transfer")[0].Data, `"receiver":"did:example:bob"`)
	m.accuse("bob", "ODD", "LOW")
	m.payOne(m.alice, m.bob)
	own.expect("transfer")
	// the flag stands between them, and who was made a profile of
	for _, want := range []string{"transfer", "raise_flag", "transfer"} {
		for {
			s, more := all.next()
			require.True(t, more)
			if s.Event == want {
				break
			}
			require.Equal(t, "register_agent", s.Event)
		}
	}
	under, _ := m.server.Load()
	require.Zero(t, under, "streams are no requests under way")
}

// Who asks for some sees those, from where it says.
func TestEventsAreFiltered(t *testing.T) {
	t.Parallel()
	m := newMarket(t, withStreams(nil))
	url := m.wire()
	m.payOne(m.alice, m.bob)
	m.payOne(m.alice, m.bob)
	auditor := m.token(teg.Agent("did:example:eye"), auth.Auditor)
	whole := m.listen(url, "?follow=false", auditor, "")
	var last int64
	for s, more := whole.next(); more; s, more = whole.next() {
		last = s.position(t)
	}
	l := m.listen(url, "?follow=false&types=transfer,issue&agent_id=did:example:alice", auditor, "")
	payments := l.expect("issue", "transfer", "transfer")
	l.ends()
	first := payments[1].ID
	number, _, sealed := strings.Cut(first, ".")
	require.True(t, sealed)
	l = m.listen(url, "?follow=false&types=transfer&after="+number, m.aliceToken, "")
	l.expect("transfer")
	l.ends()
	l = m.listen(url, "?follow=false&types=transfer&after=-1", m.aliceToken, first)
	l.expect("transfer")
	l.ends()
	require.GreaterOrEqual(t, last, payments[2].position(t))

	for query, field := range map[string]string{
		"?types=": "types", "?types=transfers": "types", "?types=transfer,": "types", "?after=-2": "after", "?after=x": "after", "?follow=maybe": "follow", "?agent_id=x": "agent_id", "?other=1": "other",
	} {
		r := m.get("/events"+query, m.aliceToken).is(422, "VALIDATION_INVALID_INPUT")
		require.Equal(t, []string{field}, r.faults(), query)
	}
	m.send("GET", prefix+"/events", m.aliceToken, "", "Last-Event-ID", "x").is(422, "VALIDATION_INVALID_INPUT")
	m.send("GET", prefix+"/events", m.aliceToken, "", "Last-Event-ID", number+".5").is(422, "VALIDATION_INVALID_INPUT")
	m.send("GET", prefix+"/events", m.aliceToken, "", "Last-Event-ID", number+".00000000").is(409, "BIZ_INVALID_STATE") // of a log that ended before, and grew again
	m.get("/events?agent_id=did:example:bob", m.aliceToken).is(403, "AUTH_FORBIDDEN")
	m.get("/events?after=100000", m.aliceToken).is(409, "BIZ_INVALID_STATE")
	require.Equal(t, "text/event-stream", m.send("HEAD", prefix+"/events", m.aliceToken, "").header.Get("Content-Type"))
	require.Zero(t, m.server.OpenStreams())
}

// A reader that is killed at random under load, and goes on with Last-Event-ID, misses
// nothing and gets nothing twice.
func TestEventStreamResumes(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		m := newMarketOn(t, open(t), withStreams(nil))
		url := m.wire()
		const payments = 300
		_, err := m.engine.Transfer(ctx(), teg.TransferParams{From: m.alice, To: m.bob, Amount: teg.AVT("400")})
		require.NoError(t, err)
		size := m.listen(url, "?follow=false&types=transfer&after=-1", m.aliceToken, "").expect("transfer")[0]
		var paid atomic.Int64
		var payers sync.WaitGroup
		for range 4 {
			payers.Go(func() {
				for range payments / 4 {
					_, err := m.engine.Transfer(ctx(), teg.TransferParams{From: m.bob, To: m.alice, Amount: teg.AVT("1")})
					if err != nil {
						t.Errorf("pay: %v", err)
					}
					paid.Add(1)
				}
			})
		}
		var seen []int64
		lives := 0
		for last := size.ID; len(seen) < payments; lives++ {
			l := m.listen(url, "", m.aliceToken, last)
			require.Equal(t, 200, l.status)
			for range 1 + rand.N(60) {
				s, more := l.next()
				require.True(t, more)
				seen = append(seen, s.position(t))
				if len(seen) == payments {
					break
				}
			}
			last = strconv.FormatInt(seen[len(seen)-1], 10) // what came after it was lost with the process
			l.cancel()
		}
		payers.Wait()
		require.Greater(t, lives, 3)
		var all []int64
		l := m.listen(url, "?follow=false&types=transfer", m.aliceToken, size.ID)
		for s, more := l.next(); more; s, more = l.next() {
			all = append(all, s.position(t))
		}
		require.Len(t, all, payments)
		require.Equal(t, all, seen)
	})
}

// What only says how far everything was sent is enough to go on.
func TestEventStreamTellsItsPlace(t *testing.T) {
	t.Parallel()
	m := newMarket(t, withStreams(nil))
	url := m.wire()
	l := m.listen(url, "?types=burn", m.aliceToken, "")
	m.payOne(m.alice, m.bob)
	first, err := l.lines.ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "retry: 2000\n", first)
	var places []string
	for len(places) == 0 || places[len(places)-1] == places[0] { // until the payment is behind it
		line, err := l.lines.ReadString('\n')
		require.NoError(t, err)
		if id, is := strings.CutPrefix(line, "id: "); is {
			places = append(places, strings.TrimSpace(id))
		}
	}
	m.payOne(m.alice, m.bob)
	again := m.listen(url, "", m.aliceToken, places[0])
	again.expect("transfer", "transfer")
	m.listen(url, "", m.aliceToken, places[len(places)-1]).expect("transfer")
}

// One more than there may be is refused, and there is room again when one has ended.
func TestEventStreamsAreLimited(t *testing.T) {
	t.Parallel()
	m := newMarket(t, withStreams(func(s *server.Streams) { s.Max, s.PerAgent = 3, 2 }))
	url := m.wire()
	first := m.listen(url, "", m.aliceToken, "")
	m.listen(url, "", m.aliceToken, "")
	third := m.listen(url, "", m.aliceToken, "")
	require.Equal(t, "RATE_LIMITED", third.refused(429))
	require.Equal(t, "5", third.header.Get("Retry-After"))
	m.listen(url, "", m.bobToken, "")
	fourth := m.listen(url, "", m.bobToken, "")
	require.Equal(t, "SYS_UNAVAILABLE", fourth.refused(503))
	require.NotEmpty(t, fourth.header.Get("Retry-After"))
	first.cancel()
	m.open(2)
	l := m.listen(url, "", m.aliceToken, "")
	require.Equal(t, 200, l.status)
	m.payOne(m.alice, m.bob)
	l.expect("transfer")

	none := newMarket(t, withStreams(func(s *server.Streams) { s.Max = -1 }))
	none.get("/events", none.aliceToken).is(404, "ROUTE_NOT_FOUND")
}

// A tenth of the streams is for those who see everything, and no more than that.
func TestEventStreamsAreKeptForAuditors(t *testing.T) {
	t.Parallel()
	m := newMarket(t, withStreams(func(s *server.Streams) { s.Max, s.PerAgent = 10, 10 }))
	url, auditor := m.wire(), m.token(teg.Agent("did:example:eye"), auth.Auditor)
	for range 9 {
		require.Equal(t, 200, m.listen(url, "", m.aliceToken, "").status)
	}
	m.listen(url, "", m.bobToken, "").refused(503)
	last := m.listen(url, "", auditor, "")
	require.Equal(t, 200, last.status)
	m.listen(url, "", auditor, "").refused(503)
	last.cancel()
	m.open(9)
	m.listen(url, "", m.bobToken, "").refused(503)
	require.Equal(t, 200, m.listen(url, "", auditor, "").status)
}

// A stream ends with the role in which it sees everything, and with the server, and not for
// being suspended.
func TestEventStreamEnds(t *testing.T) {
	t.Parallel()
	m := newMarket(t, withStreams(nil))
	url := m.wire()
	eye := teg.Agent("did:example:eye")
	auditor := m.listen(url, "", m.token(eye, auth.Auditor), "")
	own := m.listen(url, "", m.bobToken, "")
	m.open(2)
	_, err := m.engine.SuspendAgent(ctx(), teg.StandingParams{By: tegtest.Admin, Agent: m.bob, Reason: "spam"})
	require.NoError(t, err)
	own.expect("suspend_agent")
	auditor.expect("suspend_agent")
	_, err = m.engine.SetRoles(ctx(), teg.RolesParams{Agent: eye, By: tegtest.Admin, Revoked: auth.RolesOf(auth.Auditor), Reason: "left"})
	require.NoError(t, err)
	for s, more := auditor.next(); more; s, more = auditor.next() {
		require.Equal(t, "set_roles", s.Event)
	}
	m.open(1)
	m.server.Drain()
	own.ends()
	m.open(0)
	require.Equal(t, "SYS_UNAVAILABLE", m.listen(url, "", m.aliceToken, "").refused(503))
}

// A stream ends with its token.
func TestEventStreamEndsWithItsToken(t *testing.T) {
	t.Parallel()
	var ahead atomic.Int64
	m := newMarket(t, withStreams(nil), func(c *server.Config) {
		verifier, err := auth.New(auth.Config{
			Algorithm: auth.HS256, Secret: []byte("0123456789abcdef0123456789abcdef"), Now: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) },
		})
		require.NoError(t, err)
		c.Verifier = verifier
	})
	url := m.wire()
	l := m.listen(url, "", m.aliceToken, "")
	m.payOne(m.alice, m.bob)
	l.expect("transfer")
	ahead.Store(int64(2 * time.Hour))
	l.ends()
	m.open(0)
	require.Equal(t, "AUTH_INVALID_TOKEN", m.listen(url, "", m.aliceToken, "").refused(401))
}

// A client that takes nothing is cut, and holds up nobody until then.
func TestEventStreamOfASlowClient(t *testing.T) {
	t.Parallel()
	told := &streamsTold{toldOf: &toldOf{services: map[string]bool{}}}
	m := newMarket(t, withStreams(func(s *server.Streams) { s.Patience = 100 * time.Millisecond }), func(c *server.Config) { c.Metrics = told })
	url := m.wire()
	slow, quick := m.listen(url, "", m.admins, ""), m.listen(url, "?types=transfer", m.aliceToken, "")
	m.open(2)
	batch := teg.BatchParams{From: m.alice, Transfers: make([]teg.BatchTransfer, 500)}
	for i := range batch.Transfers {
		batch.Transfers[i] = teg.BatchTransfer{To: m.bob, Amount: teg.AVT("0.01")}
	}
	for n := 0; m.server.OpenStreams() == 2; n++ { // until what the connection takes is full
		require.Less(t, n, 200)
		_, err := m.engine.TransferBatch(ctx(), batch)
		require.NoError(t, err)
		for range 500 {
			s, more := quick.next()
			require.True(t, more)
			require.Equal(t, "transfer", s.Event)
		}
	}
	m.open(1)
	require.EqualValues(t, 1, told.slow.Load())
	require.Positive(t, told.sent.Load())
	slow.cancel()
}

// streamsTold is metrics that remember streams, too.
type streamsTold struct {
	*toldOf
	began, ended, slow, sent atomic.Int64
}

func (s *streamsTold) StreamBegan()     { s.began.Add(1) }
func (s *streamsTold) EventsSent(n int) { s.sent.Add(int64(n)) }
func (s *streamsTold) StreamEnded(slow bool) {
	s.ended.Add(1)
	if slow {
		s.slow.Add(1)
	}
}

// The line in the log comes at the end, metrics hear of the beginning.
func TestEventStreamIsLogged(t *testing.T) {
	t.Parallel()
	told := &streamsTold{toldOf: &toldOf{services: map[string]bool{}}}
	var log syncBuffer
	m := newMarket(t, withStreams(nil), func(c *server.Config) { c.Metrics, c.Logger = told, slog.New(slog.NewTextHandler(&log, nil)) })
	url := m.wire()
	l := m.listen(url, "", m.aliceToken, "")
	m.payOne(m.alice, m.bob)
	l.expect("transfer")
	require.EqualValues(t, 1, told.began.Load())
	require.NotContains(t, log.String(), "/events")
	l.cancel()
	m.open(0)
	require.Eventually(t, func() bool { return strings.Contains(log.String(), "route="+prefix+"/events") }, 2*time.Minute, time.Millisecond)
	require.Regexp(t, `status=200 .*bytes=[1-9]`, log.String())
	require.EqualValues(t, 1, told.ended.Load())
}

// What was archived is told, with where to go on.
func TestEventStreamOfWhatIsForgotten(t *testing.T) {
	t.Parallel()
	m := newMarketWith(t, memory(t), func(c *teg.Config) { c.EventRetention = teg.MinEventRetention }, withStreams(nil))
	tail := m.forget()
	r := m.get("/events?after=5", m.aliceToken).is(410, "BIZ_EXPIRED")
	require.Contains(t, r.text, fmt.Sprintf("after=%d", tail-1))
	l := m.listen(m.wire(), fmt.Sprintf("?after=%d", tail-1), m.aliceToken, "")
	require.Equal(t, tail, l.expect("transfer")[0].position(t))
}

// An endless answer is no answer in the sense of what net/http allows for one.
func TestEventStreamOverHTTP2(t *testing.T) {
	t.Parallel()
	m := newMarket(t, withStreams(nil))
	wired := httptest.NewUnstartedServer(m.server)
	wired.EnableHTTP2 = true
	brief(wired.Config)
	wired.StartTLS()
	t.Cleanup(wired.Close)
	request, err := http.NewRequestWithContext(patient(t), http.MethodGet, wired.URL+prefix+"/events", nil)
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer "+m.aliceToken)
	response, err := wired.Client().Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	require.Equal(t, 2, response.ProtoMajor)
	l := &listener{t: t, lines: bufio.NewReader(response.Body)}
	l.beats(20) // longer than a request may take
	m.payOne(m.alice, m.bob)
	l.expect("transfer")
	m.server.Drain()
	l.ends()
}
