package telemetry

import (
	"context"
	"log/slog"
	"slices"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// discreet keeps from the collector what the client sent, and from the program that the
// collector is away.
type discreet struct {
	sdk.SpanExporter
	logger *slog.Logger
}

// ExportSpans sends spans, and drops those that cannot be sent.
func (d discreet) ExportSpans(ctx context.Context, spans []sdk.ReadOnlySpan) error {
	discreet := make([]sdk.ReadOnlySpan, len(spans))
	for i := range spans {
		discreet[i] = discreetSpan{spans[i]}
	}
	if err := d.SpanExporter.ExportSpans(ctx, discreet); err != nil {
		d.logger.WarnContext(ctx, "traces could not be sent, and are dropped; see that the collector of OTEL_EXPORTER_OTLP_ENDPOINT runs", "spans", len(spans), "error", err)
	}
	return nil
}

// told are the attributes of requests that a collector gets: words of the program, and
// numbers. All others of otelhttp are what the client sent (path, query, user agent,
// method, Host) or where it is (its address, and X-Forwarded-For), and are left out, as
// is what a later version may add.
var told = []attribute.Key{
	"http.request.method", "http.route", "http.response.status_code", "http.request.body.size", "http.response.body.size",
	"url.scheme", "network.protocol.name", "network.protocol.version", "teg.verb", "teg.code",
}

type discreetSpan struct{ sdk.ReadOnlySpan }

func (s discreetSpan) Attributes() []attribute.KeyValue {
	return slices.DeleteFunc(slices.Clone(s.ReadOnlySpan.Attributes()), func(a attribute.KeyValue) bool {
		return !slices.Contains(told, a.Key)
	})
}

// parents takes the ids of a client's trace, and whether it is followed, from a request,
// and nothing else: what the client says in tracestate would be sent on with each span.
type parents struct{ propagation.TraceContext }

// Extract implements [propagation.TextMapPropagator].
func (p parents) Extract(ctx context.Context, from propagation.TextMapCarrier) context.Context {
	ctx = p.TraceContext.Extract(ctx, from)
	at := trace.SpanContextFromContext(ctx)
	if at.TraceState().Len() == 0 {
		return ctx
	}
	return trace.ContextWithRemoteSpanContext(ctx, at.WithTraceState(trace.TraceState{}))
}
