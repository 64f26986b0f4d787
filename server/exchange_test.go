package server_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"golang.org/x/mod/sumdb/note"

	"github.com/agentvault/teg-layer/server"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
)

// exchanges are metrics that remember what they were told of requests.
type exchanges struct {
	toldOf
	mu  sync.Mutex
	all []server.Exchange
}

func (m *exchanges) Answered(x server.Exchange) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.all = append(m.all, x)
}

func (m *exchanges) last() server.Exchange {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.all[len(m.all)-1]
}

// Whatever form an answer has, its bytes are counted as they were sent, in the log as in
// the metrics.
func TestBytesOfEveryAnswer(t *testing.T) {
	eachLog(t, func(t *testing.T, m *market, _ note.Verifier) {
		var lines strings.Builder
		told := new(exchanges)
		a := over(t, m.engine, func(c *server.Config) {
			c.Metrics, c.Logger = told, slog.New(slog.NewTextHandler(&lines, &slog.HandlerOptions{Level: slog.LevelDebug}))
			c.MetricsPage = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("up 1\n")) })
		})
		tag := a.send("GET", "/openapi.json", "", "").header.Get("ETag")
		for _, each := range []struct {
			method, path, token string
			headers             []string
			status              int
			empty               bool
		}{
			{"GET", "/openapi.json", "", nil, 200, false},
			{"GET", "/openapi.json", "", []string{"If-None-Match", tag}, 304, true},
			{"HEAD", "/openapi.json", "", nil, 200, true},
			{"GET", "/docs", "", []string{"Accept-Encoding", "gzip"}, 200, false},
			{"GET", prefix + "/log/checkpoint", "", nil, 200, false},
			{"GET", prefix + "/log/tile/entries/000.p/1", m.admins, nil, 200, false},
			{"GET", "/metrics", "", nil, 200, false},
			{"HEAD", "/metrics", "", nil, 200, true},
			{"GET", prefix + "/token/balance", m.aliceToken, nil, 200, false},
			{"HEAD", prefix + "/token/balance", m.aliceToken, nil, 200, true},
			{"GET", prefix + "/token/balance", "", nil, 401, false},
			{"OPTIONS", prefix + "/token/balance", "", nil, 204, true},
		} {
			lines.Reset()
			r := a.send(each.method, each.path, each.token, "", each.headers...)
			what := fmt.Sprint(each.method, " ", each.path, ": ", r.text)
			size := len(r.text)
			if each.method == "HEAD" { // whose body the recorder keeps, and a connection does not
				size = 0
			}
			require.Equal(t, each.status, r.status, what)
			require.Equal(t, []int{each.status, size}, []int{told.last().Status, told.last().Bytes}, what)
			require.Equal(t, each.empty, size == 0, what)
			require.Contains(t, lines.String(), fmt.Sprintf("status=%d", each.status), what)
			require.Contains(t, lines.String(), fmt.Sprintf("bytes=%d ", size), what)
		}
		require.Equal(t, "no-store", a.send("GET", "/openapi.json", m.aliceToken, "").header.Get("Cache-Control"), "who sent a token")
	})
}

// Who has sent too many requests is told of by the class of the limit, with how long it
// was told to wait; nobody else is.
func TestLimitsAreTold(t *testing.T) {
	t.Parallel()
	told := new(exchanges)
	m := newMarket(t, limitedTo(server.Limits{Standard: 2, Transfer: 3, Admin: 1, Identity: 1}), func(c *server.Config) {
		c.Metrics, c.MetricsPage = told, http.NotFoundHandler()
	})
	told.all = nil
	item := `{"receiver_agent_id":"did:example:bob","amount":"1"}`
	for range 3 {
		m.get("/token/balance", m.aliceToken)
		m.get("/admin/treasury", m.admins)
		m.get("/token/balance", "")
		m.post("/auth/challenge", "", `{"agent_did":"did:key:z6Mk"}`)
		m.post("/token/transfer/bulk", m.aliceToken, `{"transfers":[`+item+`,`+item+`]}`)
		m.get("/token/balance", "x.y.z")
		m.send("GET", "/health/live", "x.y.z", "")
	}
	refused := map[string]int{}
	for _, x := range told.all {
		require.Equal(t, x.Limit != "", x.Wait > 0, "%+v", x)
		require.Equal(t, x.Code == "RATE_LIMITED", x.Limit != "" && x.Route != "/health/live", "%+v", x)
		require.LessOrEqual(t, x.Wait, time.Hour)
		refused[x.Limit]++
	}
	require.Equal(t, 1, refused["standard"]-1, "alice's third, and the third without a token")
	require.Equal(t, []int{1, 2, 2}, []int{refused["admin"], refused["identity"], refused["transfer"]}, "the administrator counted for its address, at first")
	require.Equal(t, 4, refused["failure"], "two tokens were looked at, and four of the others were not")
}

// Of sessions it is told that they begin, go on and end, and how.
func TestSessionsAreTold(t *testing.T) {
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		told, st := new(exchanges), open(t)
		m := newMarketOn(t, st, lettingIn(t, st, nil), func(c *server.Config) { c.Metrics = told })
		h := newHolder(t)
		_, first := m.enter(h)
		require.Equal(t, server.SessionOpened, told.last().Session)
		m.post("/auth/refresh", "", bearing(first)).is(200, "")
		require.Equal(t, server.SessionRefreshed, told.last().Session)
		m.post("/auth/refresh", "", bearing(first)).is(401, "AUTH_TOKEN_REVOKED")
		require.Equal(t, server.SessionReused, told.last().Session)
		m.post("/auth/refresh", "", bearing("tegr_x")).is(401, "AUTH_INVALID_TOKEN")
		require.Empty(t, told.last().Session)
		_, second := m.enter(h)
		require.Equal(t, 204, m.post("/auth/revoke", "", bearing(second)).status)
		require.Equal(t, server.SessionEnded, told.last().Session)
		m.post("/auth/token", "", proof(h.id, "x", "x")).is(401, "AUTH_INVALID_TOKEN")
		require.Empty(t, told.last().Session)
	})
}
