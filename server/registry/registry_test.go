package registry_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/server/registry"
	"github.com/agentvault/teg-layer/teg/outside"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// standIn stands in for a registry: it answers what a test tells it to, and counts.
type standIn struct {
	mu     sync.Mutex
	answer http.HandlerFunc
	asked  []string // paths, as they came
	tags   []string // If-None-Match of each
}

func (s *standIn) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.asked, s.tags = append(s.asked, r.RequestURI), append(s.tags, r.Header.Get("If-None-Match"))
	answer := s.answer
	s.mu.Unlock()
	answer(w, r)
}

func (s *standIn) set(answer http.HandlerFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = answer
}

func (s *standIn) questions() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.asked)
}

func says(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("ETag", `"1"`)
		_, _ = io.WriteString(w, text)
	}
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

// about says that agent's name is this.
func about(agent did.DID, name string) http.HandlerFunc {
	return says(fmt.Sprintf(`{"agent_did":%q,"metadata":{"name":%q},"public_keys":[{"kty":"OKP"}],"more":1}`, agent, name))
}

const issuer = "https://registry.example"

var alice = did.MustParse("did:web:alice.example")

// world is a federation of one registry, at a time that the test moves.
type world struct {
	*registry.Federation
	stub *standIn
	mu   sync.Mutex
	time time.Time
}

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.time
}

func (w *world) later(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.time = w.time.Add(d)
}

func newWorld(t *testing.T, answer http.HandlerFunc) *world {
	t.Helper()
	w := &world{stub: &standIn{answer: answer}, time: time.Date(2026, 11, 29, 0, 0, 0, 0, time.UTC)}
	server := httptest.NewServer(w.stub)
	t.Cleanup(server.Close)
	list, err := registry.Parse([]byte(fmt.Sprintf(`[{"issuer":%q,"jwks_url":"%s/jwks","did_methods":["web"],"metadata_url":"%s/agents/{did}/x"}]`, issuer, server.URL, server.URL)))
	require.NoError(t, err)
	w.Federation, err = registry.New(registry.Config{Registries: list, Now: w.now, Timeout: time.Minute, Remembered: 2})
	require.NoError(t, err)
	t.Cleanup(w.Close)
	return w
}

func (w *world) metadata(agent did.DID) string {
	return string(w.Metadata(context.Background(), issuer, agent))
}

// What a registry says is remembered, asked for again with its tag when that is old,
// and counts for a day while the registry does not answer.
func TestMetadata(t *testing.T) {
	t.Parallel()
	w := newWorld(t, about(alice, "Alice"))
	for range 3 {
		require.JSONEq(t, `{"name":"Alice"}`, w.metadata(alice))
	}
	require.Equal(t, []string{"/agents/did:web:alice.example/x"}, w.stub.asked)
	keys, err := w.Keys(context.Background(), alice)
	require.NoError(t, err)
	require.Len(t, keys, 1)
	require.Equal(t, 1, w.stub.questions())
	require.Equal(t, []string{"web"}, w.Methods())

	w.later(11 * time.Minute)
	w.stub.set(status(http.StatusNotModified))
	require.JSONEq(t, `{"name":"Alice"}`, w.metadata(alice))
	require.Equal(t, []string{"", `"1"`}, w.stub.tags)
	require.JSONEq(t, `{"name":"Alice"}`, w.metadata(alice))
	require.Equal(t, 2, w.stub.questions(), "it counts anew")

	w.later(11 * time.Minute)
	w.stub.set(about(alice, "Alicia"))
	require.JSONEq(t, `{"name":"Alicia"}`, w.metadata(alice))

	w.later(11 * time.Minute)
	w.stub.set(status(http.StatusBadGateway))
	require.JSONEq(t, `{"name":"Alicia"}`, w.metadata(alice), "it is away")
	require.Equal(t, 4, w.stub.questions())
	require.JSONEq(t, `{"name":"Alicia"}`, w.metadata(alice))
	require.Equal(t, 4, w.stub.questions(), "it is left alone")
	require.ErrorIs(t, w.Health()[issuer](context.Background()), outside.ErrAway)
	w.later(24 * time.Hour)
	require.Empty(t, w.metadata(alice), "that was long ago")
	_, err = w.Keys(context.Background(), alice)
	require.ErrorIs(t, err, outside.ErrAway)
	w.later(time.Minute)
	w.stub.set(about(alice, "Alice"))
	require.JSONEq(t, `{"name":"Alice"}`, w.metadata(alice))
	require.NoError(t, w.Health()[issuer](context.Background()))
}

// Whom a registry does not know is asked about again after a minute, and whom it may not
// speak for is not asked about.
func TestUnknown(t *testing.T) {
	t.Parallel()
	w := newWorld(t, status(http.StatusNotFound))
	for range 3 {
		require.Empty(t, w.metadata(alice))
		_, err := w.Keys(context.Background(), alice)
		require.ErrorIs(t, err, registry.ErrUnknown)
	}
	require.Equal(t, 1, w.stub.questions())
	w.stub.set(about(alice, "Alice"))
	w.later(2 * time.Minute)
	require.NotEmpty(t, w.metadata(alice))
	w.later(2 * time.Hour)
	w.stub.set(status(http.StatusGone))
	require.Empty(t, w.metadata(alice), "an agent that is gone is not remembered")

	asked := w.stub.questions()
	require.Empty(t, w.metadata(did.MustParse("did:key:z6Mk")))
	require.Nil(t, w.Metadata(context.Background(), "https://other.example", alice))
	_, err := w.Keys(context.Background(), did.MustParse("did:key:z6Mk"))
	require.ErrorIs(t, err, registry.ErrUnknown)
	require.Equal(t, asked, w.stub.questions())
	require.NoError(t, w.Health()[issuer](context.Background()))
}

// A registry is bounded in what it can say, and says nothing of another agent; that it
// answers badly of one keeps it from being asked about no other.
func TestHostileAnswers(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]http.HandlerFunc{
		"nothing":           says(""),
		"a list":            says(`[]`),
		"another agent":     about(did.MustParse("did:web:mallory.example"), "x"),
		"no agent":          says(`{"metadata":{}}`),
		"two of a name":     says(`{"agent_did":"did:web:alice.example","metadata":{},"metadata":{"a":1}}`),
		"metadata of lists": says(`{"agent_did":"did:web:alice.example","metadata":[1]}`),
		"much metadata":     says(`{"agent_did":"did:web:alice.example","metadata":{"x":"` + strings.Repeat("x", registry.MaxMetadata) + `"}}`),
		"too much":          says(`{"agent_did":"did:web:alice.example","x":"` + strings.Repeat("x", 64<<10) + `"}`),
		"many keys":         says(`{"agent_did":"did:web:alice.example","public_keys":[` + strings.Repeat(`{},`, 20) + `{}]}`),
		"no JSON":           func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") },
		"elsewhere": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://169.254.169.254/latest", http.StatusFound)
		},
		"nothing has changed": status(http.StatusNotModified),
		"forbidden":           status(http.StatusForbidden),
		"no content":          status(http.StatusNoContent),
	} {
		w := newWorld(t, answer)
		require.Empty(t, w.metadata(alice), name)
		_, err := w.Keys(context.Background(), alice)
		require.Error(t, err, name)
		require.Equal(t, 1, w.stub.questions(), "%s: it is remembered for a while", name)
		bob := did.MustParse("did:web:bob.example")
		w.stub.set(about(bob, "Bob"))
		require.NotEmpty(t, w.metadata(bob), name)
	}
}

// However many want to know of an agent at once, the registry is asked once; and none of
// them waits longer than it wants to.
func TestAllAtOnce(t *testing.T) {
	t.Parallel()
	began, goOn := make(chan struct{}, 100), make(chan struct{})
	w := newWorld(t, func(rw http.ResponseWriter, r *http.Request) {
		began <- struct{}{}
		<-goOn
		about(alice, "Alice")(rw, r)
	})
	var wait sync.WaitGroup
	found := make([]string, 50)
	for i := range found {
		wait.Go(func() { found[i] = w.metadata(alice) })
	}
	<-began
	hasty, cancel := context.WithCancel(context.Background())
	cancel()
	require.Nil(t, w.Metadata(hasty, issuer, alice))
	close(goOn)
	wait.Wait()
	for _, text := range found {
		require.JSONEq(t, `{"name":"Alice"}`, text)
	}
	require.Equal(t, 1, w.stub.questions())
}

// Of two registries that speak for a method, the first that knows an agent has the word:
// the second does not get it while the first is away.
func TestSecondRegistryDoesNotStepIn(t *testing.T) {
	t.Parallel()
	one, two := &standIn{answer: about(alice, "Alice")}, &standIn{answer: about(alice, "Mallory")}
	var parts []string
	for i, stub := range []*standIn{one, two} {
		server := httptest.NewServer(stub)
		t.Cleanup(server.Close)
		parts = append(parts, fmt.Sprintf(`{"issuer":"%d","jwks_url":"%s/jwks","did_methods":["web"],"metadata_url":"%s/{did}"}`, i, server.URL, server.URL))
	}
	list, err := registry.Parse([]byte("[" + strings.Join(parts, ",") + "]"))
	require.NoError(t, err)
	f, err := registry.New(registry.Config{Registries: list, Timeout: time.Minute, Rest: time.Nanosecond})
	require.NoError(t, err)
	t.Cleanup(f.Close)
	for _, fault := range []int{http.StatusBadGateway, http.StatusForbidden} {
		one.set(status(fault))
		agent := did.MustParse(fmt.Sprintf("did:web:%d.example", fault))
		two.set(about(agent, "Mallory"))
		for range 2 { // the second time it is remembered, or left alone
			_, err = f.Keys(context.Background(), agent)
			require.Error(t, err)
			require.NotErrorIs(t, err, registry.ErrUnknown)
		}
		require.Zero(t, two.questions())
	}
	one.set(status(http.StatusNotFound))
	two.set(about(alice, "Alice"))
	keys, err := f.Keys(context.Background(), alice)
	require.NoError(t, err, "the first does not know it")
	require.Len(t, keys, 1)
}

// Addresses may be written in any case, and names of members may not.
func TestCase(t *testing.T) {
	t.Parallel()
	w := newWorld(t, says(`{"agent_did":"did:web:alice.example","Metadata":{"name":"Mallory"},"metadata":{"name":"Alice"},"METADATA":{"name":"Mallory"},"PUBLIC_KEYS":[{"kty":"OKP"}]}`))
	require.JSONEq(t, `{"name":"Alice"}`, w.metadata(alice))
	keys, _ := w.Keys(context.Background(), alice)
	require.Empty(t, keys)

	stub := &standIn{answer: about(alice, "Alice")}
	server := httptest.NewServer(stub)
	t.Cleanup(server.Close)
	list, err := registry.Parse([]byte(fmt.Sprintf(`[{"issuer":"a","jwks_url":"%s/jwks","metadata_url":"%s/Agents/{did}"}]`, server.URL, strings.Replace(server.URL, "http", "HTTP", 1))))
	require.NoError(t, err)
	f, err := registry.New(registry.Config{Registries: list, Timeout: time.Minute})
	require.NoError(t, err)
	t.Cleanup(f.Close)
	require.JSONEq(t, `{"name":"Alice"}`, string(f.Metadata(context.Background(), "a", alice)))
	require.Equal(t, []string{"/Agents/did:web:alice.example"}, stub.asked)
}

// What an agent calls itself is one part of the path, whatever is in it.
func TestDIDsStayInThePath(t *testing.T) {
	t.Parallel()
	w := newWorld(t, status(http.StatusNotFound))
	for _, agent := range []string{"did:web:a.example%2F..%2Fadmin", "did:web:a%3Fx%3D1", "did:web:..:.."} {
		w.metadata(did.MustParse(agent))
	}
	require.Len(t, w.stub.asked, 3)
	for _, path := range w.stub.asked {
		require.Equal(t, 3, strings.Count(path, "/"), path)
		require.True(t, strings.HasPrefix(path, "/agents/did:web:") && strings.HasSuffix(path, "/x") && !strings.Contains(path, "?"), path)
	}
}

// A registry that is away keeps nobody waiting: it is asked once in a while.
func TestUnreachable(t *testing.T) {
	t.Parallel()
	list, err := registry.Parse([]byte(`[{"issuer":"a","jwks_url":"http://127.0.0.1:1/jwks","metadata_url":"http://127.0.0.1:1/{did}"}]`))
	require.NoError(t, err)
	f, err := registry.New(registry.Config{Registries: list, Timeout: time.Minute})
	require.NoError(t, err)
	require.Nil(t, f.Metadata(context.Background(), "a", alice))
	require.ErrorIs(t, f.Health()["a"](context.Background()), outside.ErrAway)
}

func TestParse(t *testing.T) {
	t.Parallel()
	list, err := registry.Parse([]byte(`[{"issuer":"https://r.example","jwks_url":"https://r.example/jwks"},
		{"issuer":"b","jwks_url":"https://b.example/jwks","algorithm":"EdDSA","did_methods":["web","key"],"roles":["agent","auditor"],"metadata_url":"https://b.example:8443/a/{did}"}]`))
	require.NoError(t, err)
	require.Equal(t, registry.Registry{Issuer: "https://r.example", JWKSURL: "https://r.example/jwks", Algorithm: "ES256", Roles: []string{"agent"}}, list[0])
	require.True(t, list[0].SpeaksFor("key"))
	require.False(t, list[1].SpeaksFor("jwk"))
	for text, what := range map[string]string{
		`{}`: "must be a JSON list", `[1]`: "must be a JSON list", ``: "must be a JSON list", `[]}, "x":[`: "must be a JSON list",
		`[{"issuer":"a","jwks_url":"https://r.example","colour":"red"}]`: "must be a JSON list",
		`[{"issuer":"a","issuer":"b","jwks_url":"https://r.example"}]`:   "must be a JSON list",
		`[{"jwks_url":"https://r.example/jwks"}]`:                        "issuer",
		`[{"issuer":"a"}]`: "jwks_url",
		`[{"issuer":"a","jwks_url":"http://r.example/jwks"}]`:                                                     "must be https",
		`[{"issuer":"a","jwks_url":"https://u:secret@r.example/jwks"}]`:                                           "user",
		`[{"issuer":"a","jwks_url":"https://r.example/jwks","algorithm":"HS256"}]`:                                "algorithm",
		`[{"issuer":"a","jwks_url":"https://r.example/jwks","roles":["king"]}]`:                                   "roles",
		`[{"issuer":"a","jwks_url":"https://r.example/jwks","did_methods":["Web"]}]`:                              "did_methods",
		`[{"issuer":"a","jwks_url":"https://r.example/jwks","metadata_url":"https://r.example/a"}]`:               "{did}",
		`[{"issuer":"a","jwks_url":"https://r.example/jwks","metadata_url":"https://{did}.example/a"}]`:           "{did}",
		`[{"issuer":"a","jwks_url":"https://r.example/jwks","metadata_url":"https://r.example/a?x={did}"}]`:       "{did}",
		`[{"issuer":"a","jwks_url":"https://r.example/jwks","metadata_url":"http://r.example/{did}"}]`:            "must be https",
		`[{"issuer":"a","jwks_url":"https://r.example/jwks"},{"issuer":"a","jwks_url":"https://r.example/jwks"}]`: "same issuer",
	} {
		_, err := registry.Parse([]byte(text))
		require.ErrorContains(t, err, what, text)
		require.NotContains(t, err.Error(), "secret")
	}
}
