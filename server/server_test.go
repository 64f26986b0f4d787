package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server"
	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/sqlite"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// api is a server over an engine in memory, and those who call it.
type api struct {
	t      testing.TB
	engine *teg.Engine
	server *server.Server
	keys   auth.Config

	foreseeing bool // every write is explained before, and is what was said then
}

const prefix = "/api/v1"

func newAPI(t testing.TB, options ...func(*server.Config)) *api {
	return over(t, tegtest.New(t), options...)
}

func over(t testing.TB, engine *teg.Engine, options ...func(*server.Config)) *api {
	keys := auth.Config{Algorithm: auth.HS256, Secret: []byte("0123456789abcdef0123456789abcdef")}
	verifier, err := auth.New(keys)
	require.NoError(t, err)
	config := server.Config{Verifier: verifier, ProvisionRegistry: true}
	for _, option := range options {
		option(&config)
	}
	return &api{t: t, engine: engine, server: server.New(engine, config), keys: keys}
}

// token mints a token for an agent with more roles.
func (a *api) token(id teg.DID, roles ...auth.Role) string {
	a.t.Helper()
	token, err := auth.Mint(a.keys, nil, auth.Identity{Agent: id, Roles: auth.RolesOf(append(roles, auth.Agent)...)}, time.Hour)
	require.NoError(a.t, err)
	return token
}

// reply is an answer, read.
type reply struct {
	t      testing.TB
	status int
	header http.Header
	text   string
	body   map[string]any
}

// send sends a request; headers are name, value, name, value …
func (a *api) send(method, target, token, body string, headers ...string) reply {
	a.t.Helper()
	foreseen := a.foreseen(method, target, token, body, headers)
	came := a.do(a.request(method, target, token, body, headers...))
	if foreseen != nil {
		foreseen(came)
	}
	return came
}

func (a *api) request(method, target, token, body string, headers ...string) *http.Request {
	a.t.Helper()
	request := httptest.NewRequest(method, "http://teg.example"+target, strings.NewReader(body))
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Add(headers[i], headers[i+1])
	}
	if body != "" && request.Header.Get("Content-Type") == "" {
		request.Header.Set("Content-Type", "application/json")
	}
	return request
}

// sendIn asks within a context.
func (a *api) sendIn(within context.Context, target, token string) reply {
	a.t.Helper()
	request := httptest.NewRequest("GET", "http://teg.example"+target, nil).WithContext(within)
	request.Header.Set("Authorization", "Bearer "+token)
	return a.do(request)
}

func (a *api) do(request *http.Request) reply {
	a.t.Helper()
	var sent bytes.Buffer
	if request.Body != nil {
		request.Body = io.NopCloser(io.TeeReader(request.Body, &sent))
	}
	recorder := httptest.NewRecorder()
	a.server.ServeHTTP(recorder, request)
	theContract().hold(a.t, request, sent.Bytes(), recorder)
	result := recorder.Result()
	text, err := io.ReadAll(result.Body)
	require.NoError(a.t, err)
	r := reply{t: a.t, status: result.StatusCode, header: result.Header, text: string(text)}
	if len(text) > 0 && result.Header.Get("Content-Type") == "application/json" {
		decoder := json.NewDecoder(bytes.NewReader(text))
		decoder.UseNumber()
		require.NoError(a.t, decoder.Decode(&r.body), r.text)
	}
	return r
}

func (a *api) get(target, token string) reply { return a.send("GET", prefix+target, token, "") }

func (a *api) post(target, token, body string, headers ...string) reply {
	return a.send("POST", prefix+target, token, body, headers...)
}

func (a *api) put(target, token, body string, headers ...string) reply {
	return a.send("PUT", prefix+target, token, body, headers...)
}

// is checks the status and, of an error, the code and the form.
func (r reply) is(status int, code string) reply {
	r.t.Helper()
	require.Equal(r.t, status, r.status, r.text)
	if code == "" {
		require.NotContains(r.t, r.body, "error_code", r.text)
		return r
	}
	require.Equal(r.t, code, r.body["error_code"], r.text)
	require.NotEmpty(r.t, r.body["message"])
	for name := range r.body {
		require.Contains(r.t, []string{"error_code", "message", "validation_errors"}, name)
	}
	return r
}

// at walks into the body: names and indexes.
func (r reply) at(path ...any) any {
	r.t.Helper()
	var v any = r.body
	for _, step := range path {
		switch step := step.(type) {
		case string:
			v = v.(map[string]any)[step]
		case int:
			v = v.([]any)[step]
		}
	}
	return v
}

// faults lists the fields of a validation error.
func (r reply) faults() []string {
	r.t.Helper()
	var fields []string
	for _, each := range r.at("validation_errors").([]any) {
		fields = append(fields, each.(map[string]any)["field"].(string))
	}
	return fields
}

// market is an API with two agents who have something and an admin, at a time
// that stands still.
type market struct {
	*api
	clock                        *tegtest.Clock
	alice, bob                   teg.DID
	aliceToken, bobToken, admins string
}

func newMarket(t testing.TB, options ...func(*server.Config)) *market {
	return newMarketOn(t, memory(t), options...)
}

// memory is a database that lasts as long as the test.
func memory(t testing.TB) store.Store {
	st, err := sqlite.OpenMemory(ctx())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, st.Close()) })
	return st
}

// eachMarket runs a test on a market of its own on each database, where every write is
// explained before.
func eachMarket(t *testing.T, test func(t *testing.T, m *market)) {
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		m := newMarketOn(t, open(t))
		m.foreseeing = true
		test(t, m)
	})
}

func newMarketOn(t testing.TB, st store.Store, options ...func(*server.Config)) *market {
	return newMarketUnder(t, st, nil, options...)
}

// newMarketUnder has terms of staking of its own.
func newMarketUnder(t testing.TB, st store.Store, terms *teg.StakingTerms, options ...func(*server.Config)) *market {
	return newMarketWith(t, st, func(c *teg.Config) { c.Staking = terms }, options...)
}

// newMarketWith has an engine that is set up in a way of its own.
func newMarketWith(t testing.TB, st store.Store, set func(*teg.Config), options ...func(*server.Config)) *market {
	m := &market{clock: tegtest.NewClock()}
	m.api = over(t, tegtest.Over(t, st, tegtest.WithClock(m.clock), set), options...)
	m.alice, m.bob = tegtest.Fund(t, m.engine, "did:example:alice", "1000"), tegtest.Fund(t, m.engine, "did:example:bob", "0")
	m.aliceToken, m.bobToken = m.token(m.alice), m.token(m.bob)
	m.admins = m.token(teg.Agent("did:example:root"), auth.Admin)
	return m
}

func ctx() context.Context { return context.Background() }
