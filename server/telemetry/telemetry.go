package telemetry

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/exporters/stdout/stdouttrace"
	"go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/agentvault/teg-layer/teg"
)

// Config says where to send what is seen. Its zero value sends to where the variables of
// OpenTelemetry say, or else to http://localhost:4318.
type Config struct {
	// Endpoint is the address of the collector, without /v1/traces. Default: by
	// OTEL_EXPORTER_OTLP_TRACES_ENDPOINT or OTEL_EXPORTER_OTLP_ENDPOINT.
	Endpoint string
	// Console writes spans there as JSON instead, for a look on one's own machine.
	Console io.Writer
	// Version of the program. Default: left out.
	Version string
	// Logger takes what could not be sent. Default: discarded.
	Logger *slog.Logger
}

// Telemetry follows requests and operations. It is safe for concurrent use.
type Telemetry struct {
	provider *sdk.TracerProvider
	tracer   trace.Tracer
}

var _ teg.Tracer = (*Telemetry)(nil)

// New makes what follows requests. Nobody is asked yet: a server starts without its
// collector, and what cannot be sent is dropped.
func New(ctx context.Context, config Config) (*Telemetry, error) {
	if config.Logger == nil {
		config.Logger = slog.New(slog.DiscardHandler)
	}
	exporter, err := newExporter(ctx, config)
	if err != nil {
		return nil, err
	}
	attributes := []attribute.KeyValue{attribute.String("service.name", "teg")}
	if config.Version != "" {
		attributes = append(attributes, attribute.String("service.version", config.Version))
	}
	about, err := resource.New(ctx, resource.WithTelemetrySDK(), resource.WithAttributes(attributes...), resource.WithFromEnv())
	if err != nil {
		return nil, errors.Join(fmt.Errorf("telemetry: OTEL_RESOURCE_ATTRIBUTES cannot be read; write name=value,name=value: %w", err), exporter.Shutdown(ctx))
	}
	provider := sdk.NewTracerProvider(sdk.WithBatcher(discreet{exporter, config.Logger}), sdk.WithResource(about))
	return &Telemetry{provider: provider, tracer: provider.Tracer("github.com/agentvault/teg-layer/teg")}, nil
}

func newExporter(ctx context.Context, config Config) (sdk.SpanExporter, error) {
	if config.Console != nil {
		return stdouttrace.New(stdouttrace.WithWriter(config.Console))
	}
	if config.Endpoint == "" {
		return otlptracehttp.New(ctx)
	}
	at, err := url.Parse(config.Endpoint)
	if err != nil || at.Host == "" || at.Scheme != "http" && at.Scheme != "https" {
		return nil, errors.New("telemetry: the endpoint must be the address of a collector, such as http://127.0.0.1:4318")
	}
	return otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(at.JoinPath("v1", "traces").String()))
}

// Shutdown sends what is left, and ends. Requests are not followed any more.
func (t *Telemetry) Shutdown(ctx context.Context) error { return t.provider.Shutdown(ctx) }

// Handler follows the requests that pass through it, to a [server.Server] best.
func (t *Telemetry) Handler(next http.Handler) http.Handler {
	inner := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r)
		if r.Pattern != "" { // which the server sets
			trace.SpanFromContext(r.Context()).SetAttributes(attribute.String("http.route", r.Pattern))
		}
	})
	return otelhttp.NewHandler(inner, "request",
		otelhttp.WithTracerProvider(t.provider), otelhttp.WithMeterProvider(noop.NewMeterProvider()),
		otelhttp.WithPropagators(parents{}), otelhttp.WithSpanNameFormatter(spanName))
}

// methods are those that are told apart in the names of spans.
var methods = map[string]bool{
	http.MethodGet: true, http.MethodHead: true, http.MethodPost: true, http.MethodPut: true, http.MethodPatch: true, http.MethodDelete: true, http.MethodOptions: true,
}

// spanName is the method and, once it is known, the template of the route.
func spanName(_ string, r *http.Request) string {
	name := r.Method
	if !methods[name] {
		name = "HTTP"
	}
	if r.Pattern != "" {
		name += " " + r.Pattern
	}
	return name
}
