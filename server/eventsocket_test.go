package server_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// connect opens a stream on a WebSocket.
func (a *api) connect(url, query, token, origin string) (*websocket.Conn, *http.Response, error) {
	a.t.Helper()
	header := http.Header{"Authorization": {"Bearer " + token}}
	if origin != "" {
		header.Set("Origin", origin)
	}
	conn, response, err := websocket.Dial(patient(a.t), strings.Replace(url, "http", "ws", 1)+prefix+"/events/ws"+query, &websocket.DialOptions{HTTPHeader: header})
	if err == nil {
		a.t.Cleanup(func() { _ = conn.CloseNow() })
	}
	return conn, response, err
}

// message reads the next event; what only tells the place is told by place.
func message(t *testing.T, conn *websocket.Conn) (action string, position, place int64, err error) {
	t.Helper()
	place = -2
	for {
		_, text, err := conn.Read(patient(t))
		if err != nil {
			return "", 0, place, err
		}
		var m struct {
			EntryID  string `json:"entry_id"`
			Action   string `json:"action"`
			Position int64  `json:"position"`
		}
		require.NoError(t, json.Unmarshal(text, &m))
		if m.EntryID != "" {
			theContract().body(t, "a message", "/components/schemas/Event", text)
			return m.Action, m.Position, place, nil
		}
		place = m.Position
	}
}

// The same events come on a WebSocket, from where its client says.
func TestEventSocket(t *testing.T) {
	t.Parallel()
	m := newMarket(t, withStreams(nil), func(c *server.Config) { c.RequestTimeout = 100 * time.Millisecond })
	url := m.wire(brief)
	conn, response, err := m.connect(url, "?types=transfer", m.bobToken, "")
	require.NoError(t, err)
	require.Equal(t, 101, response.StatusCode)
	require.NotEmpty(t, response.Header.Get("X-Request-ID"))
	for range 20 { // beats, beyond all bounds of a request
		_, text, err := conn.Read(patient(t))
		require.NoError(t, err)
		require.Regexp(t, `^\{"position":\d+\}$`, string(text))
	}
	m.payOne(m.alice, m.bob)
	m.accuse("bob", "ODD", "LOW")
	m.payOne(m.alice, m.bob)
	action, first, place, err := message(t, conn)
	require.NoError(t, err)
	require.Equal(t, "transfer", action)
	require.Less(t, place, first)
	_, second, _, err := message(t, conn)
	require.NoError(t, err)
	require.Greater(t, second, first)
	require.NoError(t, conn.Close(websocket.StatusNormalClosure, ""))
	m.open(0)

	again, _, err := m.connect(url, "?follow=false&after="+strconv.FormatInt(first, 10), m.bobToken, "")
	require.NoError(t, err)
	_, next, _, err := message(t, again)
	require.NoError(t, err)
	require.Equal(t, second, next)
	_, _, _, err = message(t, again)
	require.Equal(t, websocket.StatusNormalClosure, websocket.CloseStatus(err), "%v", err)
	m.open(0)
}

// A WebSocket ends with a reason, and for a client that talks.
func TestEventSocketEnds(t *testing.T) {
	t.Parallel()
	m := newMarket(t, withStreams(nil))
	url := m.wire()
	talking, _, err := m.connect(url, "", m.aliceToken, "")
	require.NoError(t, err)
	require.NoError(t, talking.Write(patient(t), websocket.MessageText, []byte("hello")))
	_, _, _, err = message(t, talking)
	require.Equal(t, websocket.StatusPolicyViolation, websocket.CloseStatus(err), "%v", err)
	eye := teg.Agent("did:example:eye")
	all, _, err := m.connect(url, "", m.token(eye, everyRole...), "")
	require.NoError(t, err)
	own, _, err := m.connect(url, "", m.bobToken, "")
	require.NoError(t, err)
	m.open(2)
	_, err = m.engine.SuspendAgent(ctx(), teg.StandingParams{By: teg.Agent("did:example:root"), Agent: eye, Reason: "it left"})
	require.NoError(t, err)
	for err = nil; err == nil; {
		_, _, _, err = message(t, all)
	}
	require.Equal(t, websocket.StatusPolicyViolation, websocket.CloseStatus(err), "%v", err)
	m.open(1)
	m.server.Drain()
	_, _, _, err = message(t, own)
	require.Equal(t, websocket.StatusGoingAway, websocket.CloseStatus(err), "%v", err)
	require.NoError(t, m.server.WaitForStreams(patient(t)))
}

// Where it cannot be told whether an auditor is one still, its stream ends, and does not
// say that it is none.
func TestEventSocketThatCannotBeLookedAt(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		st := &halfBlind{Store: open(t)}
		a := over(t, tegtest.Over(t, st), withStreams(nil))
		all, _, err := a.connect(a.wire(), "", a.token(teg.Agent("did:example:eye"), everyRole...), "")
		require.NoError(t, err)
		_, _, err = all.Read(patient(t))
		require.NoError(t, err)
		st.blind.Store(true)
		for err == nil {
			_, _, err = all.Read(patient(t))
		}
		require.Equal(t, websocket.StatusInternalError, websocket.CloseStatus(err), "%v", err)
		st.blind.Store(false)
	})
}

// Pages open WebSockets from where they may, and what is none is refused in the contract's
// form.
func TestEventSocketRefuses(t *testing.T) {
	t.Parallel()
	m := newMarket(t, withStreams(func(s *server.Streams) { s.PerAgent = 1 }), func(c *server.Config) { c.Origins = []string{"https://console.example"} })
	url := m.wire()
	_, response, err := m.connect(url, "", m.aliceToken, "https://evil.example")
	require.Error(t, err)
	require.Equal(t, 403, response.StatusCode)
	for _, origin := range []string{"https://console.example", url} {
		conn, _, err := m.connect(url, "", m.aliceToken, origin)
		require.NoError(t, err, origin)
		require.NoError(t, conn.CloseNow())
		m.open(0)
	}
	_, response, err = m.connect(url, "", "x.y.z", "")
	require.Error(t, err)
	require.Equal(t, 401, response.StatusCode)
	_, _, err = m.connect(url, "", m.aliceToken, "")
	require.NoError(t, err)
	_, response, err = m.connect(url, "", m.aliceToken, "")
	require.Error(t, err)
	require.Equal(t, 429, response.StatusCode)

	good := []string{"Connection", "keep-alive, Upgrade", "Upgrade", "websocket", "Sec-WebSocket-Version", "13", "Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA=="}
	m.get("/events/ws", m.bobToken).is(422, "VALIDATION_INVALID_INPUT")
	for i := 0; i < len(good); i += 2 {
		bad := append(append([]string{}, good[:i]...), good[i+2:]...)
		m.send("GET", prefix+"/events/ws", m.bobToken, "", bad...).is(422, "VALIDATION_INVALID_INPUT")
	}
	m.send("GET", prefix+"/events/ws", m.bobToken, "", good...).is(422, "VALIDATION_INVALID_INPUT") // a recorder is no connection
	m.open(1)
	without := newMarket(t)
	without.get("/events/ws", without.aliceToken).is(404, "ROUTE_NOT_FOUND")
}

// A client of a WebSocket that takes nothing is cut.
func TestEventSocketOfASlowClient(t *testing.T) {
	t.Parallel()
	told := &streamsTold{toldOf: &toldOf{services: map[string]bool{}}}
	m := newMarket(t, withStreams(func(s *server.Streams) { s.Patience = 50 * time.Millisecond }), func(c *server.Config) { c.Metrics = told })
	_, _, err := m.connect(m.wire(), "", m.aliceToken, "")
	require.NoError(t, err) // its pings are answered by who reads, and nobody does
	m.open(0)
	require.EqualValues(t, 1, told.slow.Load())
	require.EqualValues(t, 1, told.ended.Load())
	require.NoError(t, context.Cause(patient(t)))
}
