package telemetry

import (
	"context"
	"log/slog"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/agentvault/teg-layer/teg"
)

// Began implements [teg.Tracer]: an operation on behalf of somebody who is followed has
// a span named "teg" and its verb. What the engine does by itself has none.
func (t *Telemetry) Began(ctx context.Context, verb teg.Verb) func(code string) {
	if !trace.SpanContextFromContext(ctx).IsValid() {
		return func(string) {}
	}
	_, span := t.tracer.Start(ctx, "teg "+verb.String(), trace.WithAttributes(attribute.String("teg.verb", verb.String())))
	return func(code string) {
		if code != "" {
			span.SetAttributes(attribute.String("teg.code", code))
		}
		if strings.HasPrefix(code, "SYS_") { // refusals are the engine's business
			span.SetStatus(codes.Error, code)
		}
		span.End()
	}
}

// LogHandler adds trace_id and span_id to lines on behalf of somebody who is followed.
func (t *Telemetry) LogHandler(next slog.Handler) slog.Handler { return traceLog{next} }

type traceLog struct{ slog.Handler }

func (l traceLog) Handle(ctx context.Context, line slog.Record) error {
	if at := trace.SpanContextFromContext(ctx); at.IsValid() {
		line = line.Clone()
		line.AddAttrs(slog.String("trace_id", at.TraceID().String()), slog.String("span_id", at.SpanID().String()))
	}
	return l.Handler.Handle(ctx, line)
}

func (l traceLog) WithAttrs(attrs []slog.Attr) slog.Handler {
	return traceLog{l.Handler.WithAttrs(attrs)}
}
func (l traceLog) WithGroup(name string) slog.Handler { return traceLog{l.Handler.WithGroup(name)} }
