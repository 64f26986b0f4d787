package client_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/server/client"
	"github.com/agentvault/teg-layer/teg"
)

// patient bounds what a test waits for.
func patient(t *testing.T) context.Context {
	within, cancel := context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(cancel)
	return within
}

// impatient does not wait before it tries again.
var impatient = client.WithWait(func(ctx context.Context, _ time.Duration) error { return ctx.Err() })

// breaking drops the connection after some bytes.
type breaking struct {
	http.ResponseWriter
	left int
}

func (b *breaking) Write(text []byte) (int, error) {
	if b.left -= len(text); b.left > 0 {
		return b.ResponseWriter.Write(text)
	}
	_, _ = b.ResponseWriter.Write(text[:len(text)+b.left])
	_ = http.NewResponseController(b.ResponseWriter).Flush()
	panic(http.ErrAbortHandler)
}

func (b *breaking) Unwrap() http.ResponseWriter { return b.ResponseWriter }

var fromTheBeginning = int64(-1)

// Events come once each, in order, over connections that break all the time.
func TestEvents(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		m.behind(func(inner http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if strings.HasSuffix(r.URL.Path, "/events") {
					w = &breaking{w, 1000 + rand.N(3000)} // an event or some, of some hundred bytes each
				}
				inner.ServeHTTP(w, r)
			})
		})
		const payments = 60
		paying := make(chan error, 1)
		go func() {
			for range payments {
				if _, err := m.engine.Transfer(ctx, teg.TransferParams{From: alice, To: bob, Amount: teg.AVT("1")}); err != nil {
					paying <- err
					return
				}
			}
			paying <- nil
		}()
		c, err := client.New(m.url, client.WithToken(m.tokenOf(t, bob)), impatient)
		require.NoError(t, err)
		var seen []int64
		for event, err := range c.Events(patient(t), client.EventsQuery{After: &fromTheBeginning, Types: []string{"transfer"}}) {
			require.NoError(t, err)
			require.Equal(t, "transfer", event.Action)
			require.Contains(t, string(event.Body), `"receiver":"did:example:bob"`)
			if seen = append(seen, event.Position); len(seen) == payments {
				break
			}
		}
		require.NoError(t, <-paying)
		require.Len(t, seen, payments)
		require.Greater(t, m.times("/events"), 3)
		m.behind(func(inner http.Handler) http.Handler { return inner })
		var all []int64
		for event, err := range c.Events(patient(t), client.EventsQuery{Types: []string{"transfer"}, AgentID: bob, ToEnd: true}) {
			require.NoError(t, err)
			all = append(all, event.Position)
		}
		require.Equal(t, all, seen)
		after := all[payments-2]
		for event, err := range c.Events(patient(t), client.EventsQuery{After: &after}) {
			require.NoError(t, err)
			require.Equal(t, all[payments-1], event.Position)
			break
		}
	})
}

func (m *market) tokenOf(t *testing.T, agent teg.DID) string {
	t.Helper()
	token, err := auth.Mint(m.keys, nil, auth.Identity{Agent: agent, Roles: auth.RolesOf(auth.Agent)}, time.Hour)
	require.NoError(t, err)
	return token
}

// What will not go better ends the events, and a context does so without an error.
func TestEventsThatEnd(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		c := m.caller(bob)
		_, err := firstEvent(c.Events(patient(t), client.EventsQuery{AgentID: alice}))
		require.ErrorIs(t, err, client.ErrForbidden)
		_, err = firstEvent(c.Events(patient(t), client.EventsQuery{Types: []string{"nonsense"}}))
		require.ErrorIs(t, err, client.ErrInvalidInput)
		far := int64(1 << 40)
		_, err = firstEvent(c.Events(patient(t), client.EventsQuery{After: &far}))
		require.ErrorIs(t, err, client.ErrInvalidState)
		ended, cancel := context.WithCancel(ctx)
		cancel()
		for range c.Events(ended, client.EventsQuery{}) {
			t.Fatal("the context has ended")
		}
	})
}

func firstEvent(events func(func(client.Event, error) bool)) (first client.Event, err error) {
	for event, failed := range events {
		return event, failed
	}
	return first, nil
}

const someEvent = `{"entry_id":"evt_019ae1f2c37a7b3f9d2c5e8a1b4f6077","position":%d,"actor":null,"action":"transfer","timestamp":"2026-11-01T00:00:00.000000Z","request_id":null,"ids":[],"body":{}}`

// A server that falls silent, repeats itself, or says nonsense.
func TestEventsOfOddServers(t *testing.T) {
	asked := 0
	odd := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked++
		w.Header().Set("Content-Type", "text/event-stream")
		for _, position := range []int{7, 8, 7, asked + 7} {
			_, _ = fmt.Fprintf(w, "id: %d\r\nevent: transfer\ndata: "+someEvent+"\n\n", position, position)
		}
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done() // and then nothing
	}, impatient)
	var seen []int64
	require.NoError(t, client.FollowEvents(patient(t), odd, 20*time.Millisecond, client.EventsQuery{}, func(event client.Event, err error) bool {
		require.NoError(t, err)
		seen = append(seen, event.Position)
		return len(seen) < 5
	}))
	require.Equal(t, []int64{7, 8, 9, 10, 11}, seen)

	asked = 0
	cut := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		if asked++; asked == 1 { // ends within the second event, after its id
			_, _ = fmt.Fprintf(w, "id: 1\ndata: "+someEvent+"\n\nid: 2\nevent: transfer\ndata: {\"entry_id\"", 1)
			return
		}
		require.Equal(t, "1", r.Header.Get("Last-Event-ID"))
		_, _ = fmt.Fprintf(w, "id: 2\ndata: "+someEvent+"\n\nid: 3", 2)
	}, impatient)
	seen = nil
	for event, err := range cut.Events(patient(t), client.EventsQuery{}) {
		require.NoError(t, err)
		if seen = append(seen, event.Position); len(seen) == 2 {
			break
		}
	}
	require.Equal(t, []int64{1, 2}, seen)

	for said, why := range map[string]string{
		"data: {}\n\n": "cannot be read",
		"data: " + strings.Repeat("x", 2000) + "\n": "longer than 1024 bytes",
	} {
		bad := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			_, _ = io.WriteString(w, said)
		}, client.WithMaxAnswer(1024), impatient)
		_, err := firstEvent(bad.Events(patient(t), client.EventsQuery{}))
		require.ErrorContains(t, err, why)
	}
	page := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") }, impatient)
	_, err := firstEvent(page.Events(patient(t), client.EventsQuery{}))
	var unexpected *client.UnexpectedAnswerError
	require.ErrorAs(t, err, &unexpected)
}
