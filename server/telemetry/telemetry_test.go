package telemetry_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/hex"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/agentvault/teg-layer/server"
	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/server/telemetry"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// standInCollector takes the place of a collector: it speaks OTLP/HTTP, and keeps the
// spans that it is sent.
type standInCollector struct {
	*httptest.Server
	mu       sync.Mutex
	spans    []*otlp.Span
	resource string
	raw      bytes.Buffer
	headers  http.Header
}

func newStandIn(t *testing.T) *standInCollector {
	c := &standInCollector{}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/base/v1/traces" {
			http.NotFound(w, r)
			return
		}
		if err := c.take(r); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/x-protobuf")
	}))
	t.Cleanup(c.Close)
	return c
}

func (c *standInCollector) take(r *http.Request) error {
	var body io.Reader = r.Body
	if r.Header.Get("Content-Encoding") == "gzip" {
		unpacked, err := gzip.NewReader(r.Body)
		if err != nil {
			return err
		}
		body = unpacked
	}
	text, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	var request collector.ExportTraceServiceRequest
	if err := proto.Unmarshal(text, &request); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.headers = r.Header
	c.raw.Write(text)
	for _, from := range request.GetResourceSpans() {
		c.resource = from.GetResource().String()
		for _, scope := range from.GetScopeSpans() {
			c.spans = append(c.spans, scope.GetSpans()...)
		}
	}
	return nil
}

// byName are the spans that have come, by name; there is one of each.
func (c *standInCollector) byName() map[string]*otlp.Span {
	c.mu.Lock()
	defer c.mu.Unlock()
	spans := map[string]*otlp.Span{}
	for _, s := range c.spans {
		spans[s.GetName()] = s
	}
	return spans
}

// attributes are those of a span, as text.
func attributes(s *otlp.Span) map[string]string {
	all := map[string]string{}
	for _, a := range s.GetAttributes() {
		all[a.GetKey()] = a.GetValue().GetStringValue()
	}
	return all
}

// site is a server that is followed.
type site struct {
	handler http.Handler
	engine  *teg.Engine
	token   string
	log     *bytes.Buffer
	follow  *telemetry.Telemetry
}

func newSite(t *testing.T, config telemetry.Config) *site {
	follow, err := telemetry.New(t.Context(), config)
	require.NoError(t, err)
	s := &site{log: &bytes.Buffer{}, follow: follow}
	logger := slog.New(follow.LogHandler(slog.NewTextHandler(s.log, nil)))
	s.engine = tegtest.New(t, func(c *teg.Config) { c.Tracer, c.Logger = follow, logger })
	alice := tegtest.Fund(t, s.engine, "did:example:alice", "100")
	tegtest.Fund(t, s.engine, "did:example:bob", "0")
	keys := auth.Config{Algorithm: auth.HS256, Secret: []byte("0123456789abcdef0123456789abcdef")}
	verifier, err := auth.New(keys)
	require.NoError(t, err)
	s.token, err = auth.Mint(keys, nil, auth.Identity{Agent: alice, Roles: auth.RolesOf(auth.Agent)}, time.Hour)
	require.NoError(t, err)
	s.handler = follow.Handler(server.New(s.engine, server.Config{Verifier: verifier, Logger: logger}))
	return s
}

func (s *site) send(t *testing.T, method, path, body, parent string) {
	t.Helper()
	request := httptest.NewRequest(method, "http://teg.example"+path, strings.NewReader(body))
	request.Header.Set("Authorization", "Bearer "+s.token)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "somebody's own")
	request.Header.Set("X-Forwarded-For", "secret-address, 203.0.113.77")
	request.Host, request.RemoteAddr = "secret-host.example", "203.0.113.78:4711"
	if parent != "" {
		request.Header.Set("Traceparent", parent)
		request.Header.Set("Tracestate", "vendor=secret-state")
		request.Header.Set("Baggage", "who=secret-baggage")
	}
	s.handler.ServeHTTP(httptest.NewRecorder(), request)
}

// end sends what is left.
func (s *site) end(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	require.NoError(t, s.follow.Shutdown(ctx))
}

const (
	traceID = "0af7651916cd43dd8448eb211c80319c"
	parent  = "00-" + traceID + "-b7ad6b7169203331-01"
)

// A transfer is followed from the client to the engine, and the log names its trace.
func TestTransferIsFollowed(t *testing.T) {
	c := newStandIn(t)
	s := newSite(t, telemetry.Config{Endpoint: c.URL + "/base", Version: "1.2.3"})
	s.send(t, "POST", "/api/v1/token/transfer", `{"receiver_agent_id":"did:example:bob","amount":"5","message":"private words"}`, parent)
	s.end(t)
	spans := c.byName()
	require.Len(t, spans, 2, "%v", spans)
	request, operation := spans["POST /api/v1/token/transfer"], spans["teg transfer"]
	require.NotNil(t, request)
	require.NotNil(t, operation)
	require.Equal(t, traceID, hex.EncodeToString(request.GetTraceId()))
	require.Equal(t, request.GetTraceId(), operation.GetTraceId())
	require.Equal(t, request.GetSpanId(), operation.GetParentSpanId())
	require.Equal(t, "/api/v1/token/transfer", attributes(request)["http.route"])
	require.Equal(t, "transfer", attributes(operation)["teg.verb"])
	require.Contains(t, c.resource, "teg")
	require.Contains(t, c.resource, "1.2.3")
	require.Contains(t, s.log.String(), "trace_id="+traceID+" span_id="+hex.EncodeToString(request.GetSpanId()))
}

// What a client sends is no part of what is told.
func TestNothingPrivateIsTold(t *testing.T) {
	c := newStandIn(t)
	s := newSite(t, telemetry.Config{Endpoint: c.URL + "/base"})
	s.send(t, "POST", "/api/v1/token/transfer", `{"receiver_agent_id":"did:example:bob","amount":"500.25","message":"private words"}`, parent)
	s.send(t, "GET", "/api/v1/reputation/did:example:bob", "", "")
	s.send(t, "GET", "/api/v1/token/transactions?reference=secret-order", "", "")
	s.send(t, "GET", "/somewhere/else", "", "")
	s.send(t, "BREW", "/", "", "")
	s.end(t)
	spans := c.byName()
	require.Equal(t, "BIZ_INSUFFICIENT_BALANCE", attributes(spans["teg transfer"])["teg.code"])
	require.Equal(t, otlp.Status_STATUS_CODE_UNSET, spans["teg transfer"].GetStatus().GetCode(), "a refusal is no fault")
	for _, name := range []string{"GET /api/v1/reputation/{agent_id}", "GET /api/v1/token/transactions", "GET", "HTTP"} {
		require.Contains(t, spans, name)
	}
	for _, secret := range []string{"did:example", s.token, "private words", "secret-", "somewhere", "BREW", "500.25", "somebody", "203.0.113"} {
		require.NotContains(t, c.raw.String(), secret)
	}
}

// A fault of the server's own is one in its spans.
func TestFaultsAreFaults(t *testing.T) {
	c := newStandIn(t)
	s := newSite(t, telemetry.Config{Endpoint: c.URL + "/base"})
	tegtest.Verify(t, s.engine)
	require.NoError(t, s.engine.Close())
	s.send(t, "POST", "/api/v1/token/transfer", `{"receiver_agent_id":"did:example:bob","amount":"5"}`, "")
	s.end(t)
	require.Len(t, c.byName(), 2)
	for name, span := range c.byName() {
		require.Equal(t, otlp.Status_STATUS_CODE_ERROR, span.GetStatus().GetCode(), name)
	}
}

// What the engine does by itself starts no trace.
func TestTheEnginesOwnWorkHasNoSpans(t *testing.T) {
	c := newStandIn(t)
	s := newSite(t, telemetry.Config{Endpoint: c.URL + "/base"})
	require.NoError(t, s.engine.Tick(t.Context()))
	s.end(t)
	require.Empty(t, c.byName())
}

// A collector that is away takes nothing with it but the spans.
func TestCollectorIsAway(t *testing.T) {
	t.Setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1000") // ms
	c := newStandIn(t)
	c.Close()
	var warned bytes.Buffer
	s := newSite(t, telemetry.Config{Endpoint: c.URL, Logger: slog.New(slog.NewTextHandler(&warned, nil))})
	s.send(t, "GET", "/api/v1/token/balance", "", "")
	require.Contains(t, s.log.String(), "status=200")
	s.end(t)
	require.Contains(t, warned.String(), "traces could not be sent")
}

// The variables of OpenTelemetry are heard.
func TestStandardVariables(t *testing.T) {
	c := newStandIn(t)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", c.URL+"/base")
	t.Setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-tenant=north")
	t.Setenv("OTEL_SERVICE_NAME", "till")
	s := newSite(t, telemetry.Config{})
	s.send(t, "GET", "/api/v1/token/balance", "", "")
	s.end(t)
	require.Contains(t, c.byName(), "GET /api/v1/token/balance")
	require.Contains(t, c.resource, "till")
	require.Equal(t, "north", c.headers.Get("X-Tenant"))

	t.Setenv("OTEL_TRACES_SAMPLER", "always_off")
	quiet := newSite(t, telemetry.Config{})
	quiet.send(t, "GET", "/api/v1/token/holds", "", "")
	quiet.end(t)
	require.NotContains(t, c.byName(), "GET /api/v1/token/holds")
}

func TestConsole(t *testing.T) {
	var out bytes.Buffer
	s := newSite(t, telemetry.Config{Console: &out})
	s.send(t, "GET", "/api/v1/token/balance", "", "")
	s.end(t)
	require.Contains(t, out.String(), `"GET /api/v1/token/balance"`)
	require.NotContains(t, out.String(), "url.path")
}

func TestBadEndpoints(t *testing.T) {
	for _, endpoint := range []string{"collector:4318", "ftp://collector", "http://", "%"} {
		_, err := telemetry.New(t.Context(), telemetry.Config{Endpoint: endpoint})
		require.ErrorContains(t, err, "must be the address of a collector", endpoint)
	}
	t.Setenv("OTEL_RESOURCE_ATTRIBUTES", "no value")
	_, err := telemetry.New(t.Context(), telemetry.Config{})
	require.ErrorContains(t, err, "OTEL_RESOURCE_ATTRIBUTES")
}
