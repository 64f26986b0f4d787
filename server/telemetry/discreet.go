package telemetry

import (
	"context"
	"log/slog"
	"slices"

	"go.opentelemetry.io/otel/attribute"
	sdk "go.opentelemetry.io/otel/sdk/trace"
)

// discreet keeps from the collector what the client sent, and from the program that the
// collector is away.
type discreet struct {
	sdk.SpanExporter
	logger *slog.Logger
}

// ExportSpans sends spans, and drops those that cannot be sent.
func (d discreet) ExportSpans(ctx context.Context, spans []sdk.ReadOnlySpan) error {
	told := make([]sdk.ReadOnlySpan, len(spans))
	for i := range spans {
		told[i] = discreetSpan{spans[i]}
	}
	if err := d.SpanExporter.ExportSpans(ctx, told); err != nil {
		d.logger.WarnContext(ctx, "traces could not be sent, and are dropped; see that the collector of OTEL_EXPORTER_OTLP_ENDPOINT runs", "spans", len(spans), "error", err)
	}
	return nil
}

// private are the attributes that otelhttp takes from what the client made up. A path
// may hold the DID of somebody.
var private = []attribute.Key{"url.path", "url.query", "user_agent.original", "http.request.method_original"}

type discreetSpan struct{ sdk.ReadOnlySpan }

func (s discreetSpan) Attributes() []attribute.KeyValue {
	return slices.DeleteFunc(slices.Clone(s.ReadOnlySpan.Attributes()), func(a attribute.KeyValue) bool {
		return slices.Contains(private, a.Key)
	})
}
