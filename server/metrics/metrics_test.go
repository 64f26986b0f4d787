package metrics_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server"
	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/server/metrics"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

const prefix = "/api/v1"

// site is a server with metrics, and those who call it.
type site struct {
	t          testing.TB
	registry   *prometheus.Registry
	metrics    *metrics.Metrics
	engine     *teg.Engine
	api        *server.Server
	keys       auth.Config
	alice, bob teg.DID
}

func newSite(t testing.TB, st store.Store, config metrics.Config) *site {
	s := &site{t: t, registry: prometheus.NewRegistry(), keys: auth.Config{Algorithm: auth.HS256, Secret: []byte("0123456789abcdef0123456789abcdef")}}
	config.Registry = s.registry
	if config.Patience == 0 { // a test waits longer than a scrape does
		config.Patience = 10 * time.Minute
	}
	s.metrics = metrics.New(config)
	s.engine = tegtest.Over(t, st, func(c *teg.Config) { c.Metrics = s.metrics })
	s.alice, s.bob = tegtest.Fund(t, s.engine, "did:example:alice", "100.5"), tegtest.Fund(t, s.engine, "did:example:bob", "0")
	s.metrics.Watch(s.engine)
	t.Cleanup(func() { require.NoError(t, s.metrics.Close()) })
	verifier, err := auth.New(s.keys)
	require.NoError(t, err)
	s.api = server.New(s.engine, server.Config{
		Verifier: verifier, ProvisionRegistry: true, Metrics: s.metrics, MetricsPage: s.metrics.Page(),
		Integrations: []server.Integration{
			{Name: "storage", Check: func(context.Context) error { return nil }},
			{Name: "court", Check: func(context.Context) error { return errors.New("away") }},
		},
	})
	return s
}

func (s *site) token(id teg.DID, roles ...auth.Role) string {
	s.t.Helper()
	token, err := auth.Mint(s.keys, nil, auth.Identity{Agent: id, Roles: auth.RolesOf(append(roles, auth.Agent)...)}, time.Hour)
	require.NoError(s.t, err)
	return token
}

func (s *site) send(method, path, token, body string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(method, "http://teg.example"+path, strings.NewReader(body))
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	w := httptest.NewRecorder()
	s.api.ServeHTTP(w, request)
	return w
}

func (s *site) pay(sum string) *httptest.ResponseRecorder {
	return s.send("POST", prefix+"/token/transfer", s.token(s.alice), `{"receiver_agent_id":"did:example:bob","amount":"`+sum+`"}`)
}

// page is what a scrape gets.
func (s *site) page() string {
	s.t.Helper()
	w := s.send("GET", "/metrics", "", "")
	require.Equal(s.t, http.StatusOK, w.Code, w.Body.String())
	require.Contains(s.t, w.Header().Get("Content-Type"), "text/plain")
	return w.Body.String()
}

// families are all metrics by name.
func (s *site) families() map[string]*dto.MetricFamily {
	s.t.Helper()
	list, err := s.registry.Gather()
	require.NoError(s.t, err)
	byName := map[string]*dto.MetricFamily{}
	for _, f := range list {
		byName[f.GetName()] = f
	}
	return byName
}

// busy does a little of everything that is measured.
func (s *site) busy() {
	t, ctx := s.t, context.Background()
	require.Equal(t, 200, s.pay("10").Code)
	require.Equal(t, 400, s.pay("1000").Code)
	require.Equal(t, 401, s.send("GET", prefix+"/token/balance", "", "").Code)
	require.Equal(t, 404, s.send("GET", "/nowhere/"+s.alice.String(), "", "").Code)
	require.Equal(t, 200, s.send("GET", prefix+"/reputation/"+s.bob.String(), "", "").Code)
	_, err := s.engine.RaiseFlag(ctx, teg.RaiseFlagParams{By: tegtest.Admin, Agent: s.bob, Code: "ODD", Reason: "odd", Severity: teg.SeverityLow})
	require.NoError(t, err)
	paid, err := s.engine.Transfer(ctx, teg.TransferParams{From: s.alice, To: s.bob, Amount: teg.AVT("1")})
	require.NoError(t, err)
	_, err = s.engine.RaiseDispute(ctx, teg.RaiseDisputeParams{
		By: s.alice, Defendant: s.bob, TransactionID: paid.TransactionID, Reason: "NOT_DELIVERED", Description: "nothing came",
	})
	require.NoError(t, err)
	_, err = s.engine.Audit(ctx)
	require.NoError(t, err)
	s.checkBooks()
}

// checkBooks runs the checks of the server until each was made.
func (s *site) checkBooks() {
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = s.api.Run(ctx) })
	require.Eventually(s.t, func() bool {
		page := s.page()
		return strings.Contains(page, `service="storage"`) && strings.Contains(page, `service="court"`) && !strings.Contains(page, "teg_ledger_check_timestamp_seconds 0\n")
	}, time.Minute, 10*time.Millisecond)
	stop()
	running.Wait()
}

// What happens is told, with labels out of the program alone.
func TestPage(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		s := newSite(t, open(t), metrics.Config{Version: "1.2.3", Every: time.Nanosecond})
		s.busy()
		s.metrics.Answered(server.Exchange{Route: "none", Method: "GET", Status: 429, Limit: "standard", Wait: time.Minute})
		s.metrics.Answered(server.Exchange{Route: "none", Method: "POST", Status: 401, Session: server.SessionReused})
		s.metrics.Began()
		s.metrics.Began()
		s.metrics.StreamBegan()
		s.metrics.StreamBegan()
		s.metrics.EventsSent(3)
		s.metrics.StreamEnded(true)
		s.metrics.Decided(2, 1, time.Millisecond)
		s.metrics.Undecided(3, time.Second)
		page := s.page()
		for _, line := range []string{
			`teg_build_info{goversion="go1.`, `version="1.2.3"} 1`,
			`teg_http_request_duration_seconds_count{method="POST",route="/api/v1/token/transfer",status="2xx"} 1`,
			`teg_http_request_duration_seconds_count{method="POST",route="/api/v1/token/transfer",status="4xx"} 1`,
			`teg_http_request_duration_seconds_count{method="GET",route="none",status="4xx"} 2`,
			`teg_http_request_duration_seconds_count{method="GET",route="/api/v1/reputation/{agent_id}",status="2xx"} 1`,
			"teg_http_requests_in_flight 1\n", // this one
			"teg_event_streams_open 1\n", "teg_event_stream_events_total 3\n", "teg_event_streams_cut_total 1\n",
			`teg_http_errors_total{code="AUTH_MISSING_TOKEN"} 1`, `teg_http_errors_total{code="ROUTE_NOT_FOUND"} 1`,
			`teg_refusals_total{code="BIZ_INSUFFICIENT_BALANCE",verb="transfer"} 1`,
			`teg_acts_total{action="transfer"} 2`, `teg_acts_total{action="raise_dispute"} 1`,
			`teg_transactions_total{type="transfer"} 2`, `teg_transactions_total{type="burn"} 0`,
			`teg_moved_avt_total{type="transfer"} 11`, `teg_moved_avt_total{type="issuance"} 100.5`,
			`teg_supply_avt{part="total"} 100.5`, `teg_supply_avt{part="treasury"} 0.002`, "teg_fees_avt_total 0.002\n", "teg_issued_avt_total 100.5\n",
			"teg_agents 2\n", `teg_flags_open{status="NEW"} 1`, `teg_disputes_open{status="OPEN"} 1`,
			`teg_log_reader_behind_events{reader="auditor"}`, `teg_log_reader_lag_seconds{reader="auditor"}`,
			`teg_log_events{part="all"} `, `teg_log_events{part="in_tree"} `, `teg_log_events{part="archived"} 0`, `teg_log_events{part="forgotten"} 0`,
			`teg_database_connections{pool="read",state="idle"}`, `teg_database_connections_limit{pool="read"}`,
			"teg_ledger_difference_avt 0\n", `teg_service_up{service="storage"} 1`, `teg_service_up{service="court"} 0`,
			"teg_reading_failures_total 0\n", "teg_operations_waiting 0\n", "teg_operations_failed_total 0\n",
			`teg_http_response_bytes_total{route="/api/v1/token/transfer"}`,
			`teg_rate_limit_wait_seconds_count{class="standard"} 1`, `teg_rate_limit_wait_seconds_count{class="failure"} 0`,
			`teg_sessions_total{event="reused"} 1`, `teg_sessions_total{event="opened"} 0`,
			`teg_policy_decisions_total{verdict="allowed"} 2`, `teg_policy_decisions_total{verdict="denied"} 1`, `teg_policy_decisions_total{verdict="failed"} 3`,
			"teg_policy_decision_duration_seconds_count 2\n",
		} {
			require.Contains(t, page, line)
		}
		require.NotContains(t, page, "did:")
		require.NotContains(t, page, "nowhere")
	})
}

// However many agents and paths there are, there are no more series.
func TestCardinality(t *testing.T) {
	t.Parallel()
	s := newSite(t, storetest.OpenSQLite(t), metrics.Config{})
	ask := func(i int) {
		agent := teg.Agent(fmt.Sprintf("did:example:agent-%d", i))
		s.send("GET", prefix+"/agent/profile", s.token(agent), "")
		s.send("GET", prefix+"/reputation/"+agent.String(), "", "")
		s.send("GET", fmt.Sprintf("/path-%d", i), "", "")
		s.send(fmt.Sprintf("BREW%d", i), "/", "", "")
		s.send("POST", prefix+"/token/transfer", s.token(agent), fmt.Sprintf(`{"receiver_agent_id":"did:example:agent-%d","amount":"1"}`, i+1))
		s.page()
	}
	series := func() (n int) {
		for _, f := range s.families() {
			n += len(f.GetMetric())
		}
		return n
	}
	ask(0)
	before := series()
	for i := range 50 {
		ask(i + 1)
	}
	require.Equal(t, before, series())
}

// counting is a store of which the questions about system accounts are counted, and
// wait until they are let in.
type counting struct {
	store.Store
	mu    sync.Mutex
	asked int
	fault error
	gate  chan struct{} // nil: open
}

func (c *counting) Reader() store.Reader { return countingReader{c.Store.Reader(), c} }

type countingReader struct {
	store.Reader
	of *counting
}

func (r countingReader) LogReaders(ctx context.Context, limit int) ([]store.LogReader, error) {
	r.of.mu.Lock()
	r.of.asked++
	gate, fault := r.of.gate, r.of.fault
	r.of.mu.Unlock()
	if fault != nil {
		return nil, fault
	}
	if gate != nil {
		select {
		case <-gate:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return r.Reader.LogReaders(ctx, limit)
}

func (c *counting) set(gate chan struct{}, fault error) (asked int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.gate, c.fault, asked, c.asked = gate, fault, c.asked, 0
	return asked
}

// However often somebody scrapes, the database is asked as often as Every says.
func TestScrapesDoNotHammerTheDatabase(t *testing.T) {
	t.Parallel()
	st := &counting{Store: storetest.OpenSQLite(t)}
	s := newSite(t, st, metrics.Config{Every: time.Hour, Patience: time.Hour})
	var scrapers sync.WaitGroup
	for range 8 {
		scrapers.Go(func() {
			for range 10 {
				require.Contains(t, s.page(), "teg_agents 2\n")
			}
		})
	}
	scrapers.Wait()
	require.Equal(t, 1, st.set(nil, nil))
}

// A database that does not answer keeps no scrape waiting, and what was read before is
// told on.
func TestSlowDatabase(t *testing.T) {
	t.Parallel()
	st := &counting{Store: storetest.OpenSQLite(t)}
	s := newSite(t, st, metrics.Config{Every: time.Nanosecond, Patience: time.Millisecond})
	gate := make(chan struct{})
	st.set(gate, nil)
	page := s.page()
	require.NotContains(t, page, "teg_agents")
	require.Contains(t, page, "teg_operations_waiting 0\n")
	close(gate)
	st.set(nil, nil)
	require.Eventually(t, func() bool { return strings.Contains(s.page(), "teg_agents 2\n") }, 10*time.Minute, 10*time.Millisecond)

	st.set(nil, errors.New("away"))
	require.Eventually(t, func() bool { return !strings.Contains(s.page(), "teg_reading_failures_total 0\n") }, 10*time.Minute, 10*time.Millisecond)
	require.Contains(t, s.page(), "teg_agents 2\n")
}

// Every code is there from the start with 0, or Prometheus would see no increase in the
// first error that bears it.
func TestErrorsBeginWithZero(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	metrics.New(metrics.Config{}).Page().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	for _, code := range server.ErrorCodes() {
		require.Contains(t, w.Body.String(), `teg_http_errors_total{code="`+code+`"} 0`+"\n")
	}
}

// misnamed is a store in which a reader's name is no text.
type misnamed struct{ store.Store }

func (m misnamed) Reader() store.Reader { return misnamedReader{m.Store.Reader()} }

type misnamedReader struct{ store.Reader }

func (misnamedReader) LogReaders(context.Context, int) ([]store.LogReader, error) {
	return []store.LogReader{{Name: "\xff", Position: 1}}, nil
}

// What cannot be told is left out, and nothing else.
func TestWhatCannotBeTold(t *testing.T) {
	t.Parallel()
	s := newSite(t, misnamed{storetest.OpenSQLite(t)}, metrics.Config{})
	page := s.page()
	require.Contains(t, page, "teg_agents 2\n")
	require.Contains(t, page, `teg_flags_open{status="NEW"} 0`)
	require.NotContains(t, page, "teg_log_reader")
}

// Close ends what is being read, and nothing is read after it.
func TestClose(t *testing.T) {
	st := &counting{Store: storetest.OpenSQLite(t)}
	s := newSite(t, st, metrics.Config{Every: time.Nanosecond, Patience: time.Nanosecond})
	st.set(make(chan struct{}), nil)
	require.NotContains(t, s.page(), "teg_agents")
	require.NoError(t, s.metrics.Close())
	st.set(nil, nil)
	require.Contains(t, s.page(), "teg_reading_failures_total 0\n", "what was ended did not fail")
	require.Zero(t, st.set(nil, nil))
}

// What being told of a request, and of a group, costs.
func BenchmarkTold(b *testing.B) {
	m := metrics.New(metrics.Config{})
	exchange := server.Exchange{Route: prefix + "/token/transfer", Method: "POST", Status: 200, Took: 3 * time.Millisecond}
	b.Run("request", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			m.Began()
			m.Answered(exchange)
		}
	})
	b.Run("transfer", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			m.Moved(teg.TransactionType(1), teg.AVT("0.01"))
		}
	})
	b.Run("group", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			m.Committed(1, time.Millisecond)
			m.Acted("transfer", 1)
		}
	})
}

// What a transfer over HTTP costs without metrics, and with them.
func BenchmarkTransfer(b *testing.B) {
	for name, told := range map[string]bool{"without": false, "with": true} {
		b.Run(name, func(b *testing.B) {
			s := newSite(b, storetest.OpenSQLite(b), metrics.Config{})
			verifier, err := auth.New(s.keys)
			require.NoError(b, err)
			if !told {
				s.engine = tegtest.Over(b, storetest.OpenSQLite(b))
				tegtest.Fund(b, s.engine, "did:example:alice", "1000000")
				tegtest.Fund(b, s.engine, "did:example:bob", "0")
				s.api = server.New(s.engine, server.Config{Verifier: verifier, ProvisionRegistry: true})
			} else {
				tegtest.Fund(b, s.engine, "did:example:alice", "1000000")
			}
			for b.Loop() {
				if w := s.pay("0.01"); w.Code != http.StatusOK {
					b.Fatal(w.Body.String())
				}
			}
		})
	}
}
