// Package telemetry follows requests through server and engine with OpenTelemetry, and
// sends what it sees to a collector over OTLP/HTTP.
//
//	t, err := telemetry.New(ctx, telemetry.Config{Endpoint: "http://127.0.0.1:4318"})
//	logger := slog.New(t.LogHandler(handler))
//	engine, err := teg.New(ctx, st, teg.Config{Tracer: t, Logger: logger})
//	api := t.Handler(server.New(engine, server.Config{Logger: logger}))
//	defer t.Shutdown(ctx)
//
// A request has a span named by its method and its route's template, and each operation
// that the engine is asked for on its behalf has one under it. Neither holds a path, a
// query, a body, a DID or an amount. A trace that the client began (header traceparent)
// is continued.
//
// The other variables of OpenTelemetry are read from the process's environment by its
// own libraries: OTEL_EXPORTER_OTLP_HEADERS, _TIMEOUT, _COMPRESSION and _CERTIFICATE,
// OTEL_TRACES_SAMPLER, OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES, OTEL_BSP_*.
//
// Nothing global is set: a host keeps its own tracing beside this.
package telemetry
