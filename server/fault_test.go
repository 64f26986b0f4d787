package server_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/server"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// halfBlind is a store that cannot read profiles while it is told so.
type halfBlind struct {
	store.Store
	blind atomic.Bool
}

func (s *halfBlind) Reader() store.Reader { return halfBlindReader{s.Store.Reader(), s} }

type halfBlindReader struct {
	store.Reader
	of *halfBlind
}

func (r halfBlindReader) Agents(ctx context.Context, ids ...did.DID) ([]ledger.Agent, error) {
	if r.of.blind.Load() {
		return nil, errors.New("a strange error")
	}
	return r.Reader.Agents(ctx, ids...)
}

// An error says that nothing happened only where that is so: what deactivation
// reads, it reads before.
func TestDeactivationFailsBeforeItActs(t *testing.T) {
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		st := &halfBlind{Store: open(t)}
		a := over(t, tegtest.Over(t, st))
		token := a.token(tegtest.Fund(t, a.engine, "did:example:alice", "0"))
		st.blind.Store(true)
		a.post("/agent/deactivate", token, `{}`).is(500, "SYS_INTERNAL_ERROR")
		st.blind.Store(false)
		require.Equal(t, "active", a.get("/agent/profile", token).is(200, "").at("account_status"))
		done := a.post("/agent/deactivate", token, `{}`).is(200, "")
		require.Equal(t, done.text, a.get("/agent/profile", token).is(200, "").text)
	})
}

// logged is a market whose log is kept.
func logged(t *testing.T) (*market, *bytes.Buffer) {
	lines := &bytes.Buffer{}
	return newMarket(t, func(c *server.Config) { c.Logger = slog.New(slog.NewTextHandler(lines, nil)) }), lines
}

// Each request has one line, whatever became of it.
func TestOneLinePerRequest(t *testing.T) {
	m, lines := logged(t)
	line := func() string {
		defer lines.Reset()
		require.Equal(t, 1, strings.Count(lines.String(), "\n"), lines.String())
		return lines.String()
	}
	m.get("/token/balance", m.aliceToken).is(200, "")
	require.Contains(t, line(), "level=INFO")
	m.get("/token/balance", "").is(401, "AUTH_MISSING_TOKEN")
	require.Contains(t, line(), "level=WARN")

	m.do(m.panicking()).is(500, "SYS_INTERNAL_ERROR")
	panicked := line()
	for _, part := range []string{"level=ERROR", "status=500", "on purpose", "stack=", "code=SYS_INTERNAL_ERROR", "agent=did:example:alice"} {
		require.Contains(t, panicked, part)
	}
	tegtest.Verify(t, m.engine)
	require.NoError(t, m.engine.Close())
	m.post("/token/transfer", m.aliceToken, `{"receiver_agent_id":"did:example:bob","amount":"1"}`).is(503, "SYS_UNAVAILABLE")
	failed := line()
	for _, part := range []string{"level=ERROR", "status=503", "code=SYS_UNAVAILABLE", `error="the engine is closed"`} {
		require.Contains(t, failed, part)
	}
}

// A client that hung up is nobody's fault.
func TestClientThatHungUpIsNoError(t *testing.T) {
	m, lines := logged(t)
	gone, cancel := context.WithCancel(ctx())
	cancel()
	m.sendIn(gone, prefix+"/token/balance", m.aliceToken).is(503, "SYS_UNAVAILABLE")
	require.Contains(t, lines.String(), "level=INFO")
	require.Contains(t, lines.String(), "client_gone=true")
	require.NotContains(t, lines.String(), "level=ERROR")
}

// What the client made up is no label.
func TestLogNamesKnownMethodsOnly(t *testing.T) {
	m, lines := logged(t)
	for given, label := range map[string]string{"BREW": "other", "get": "other", strings.Repeat("X", 1000): "other", "PATCH": "PATCH", "HEAD": "HEAD"} {
		m.do(httptest.NewRequest(given, "http://teg.example/", nil))
		require.Contains(t, lines.String(), " method="+label+" ")
		require.Equal(t, label == given, strings.Contains(lines.String(), given))
		lines.Reset()
	}
}

// panicking is a request of alice's whose body panics when it is read.
func (m *market) panicking() *http.Request {
	request := httptest.NewRequest("POST", "http://teg.example"+prefix+"/token/transfer", panicking{})
	request.Header.Set("Authorization", "Bearer "+m.aliceToken)
	request.Header.Set("Content-Type", "application/json")
	return request
}

type panicking struct{}

func (panicking) Read([]byte) (int, error) { panic("on purpose") }

// A panic answers 500, tells nobody why, and claims nothing of what it left.
func TestPanic(t *testing.T) {
	m := newMarket(t)
	r := m.do(m.panicking()).is(500, "SYS_INTERNAL_ERROR")
	require.NotContains(t, r.text, "on purpose")
	require.NotContains(t, r.text, "nothing was changed")
}

// In debug mode an error has its whole text, otherwise nothing of it.
func TestDebugDetail(t *testing.T) {
	for debug, detail := range map[bool]string{true: "on purpose", false: ""} {
		m := newMarket(t, func(c *server.Config) { c.Debug = debug })
		r := m.do(m.panicking())
		require.Equal(t, debug, r.body["detail"] != nil, r.text)
		require.Contains(t, r.text, detail)
		require.Equal(t, 500, r.status)
	}
}

// The first two requests of an agent, at once, make it one profile.
func TestFirstRequestsAtOnce(t *testing.T) {
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		a := over(t, tegtest.Over(t, open(t)))
		for _, name := range []string{"a", "b", "c", "d", "e"} {
			agent := teg.Agent("did:example:" + name)
			token := a.token(agent)
			answers := make([]reply, 2)
			var wait sync.WaitGroup
			for i := range answers {
				wait.Go(func() { answers[i] = a.get("/agent/profile", token) })
			}
			wait.Wait()
			require.Equal(t, 200, answers[0].status, answers[0].text)
			require.Equal(t, answers[0].text, answers[1].text)
			log, err := a.engine.AuditLog(ctx(), teg.AuditLogQuery{Actor: agent, Limit: 10})
			require.NoError(t, err)
			require.Len(t, log.Entries, 1)
		}
	})
}
