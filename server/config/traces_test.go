package config_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/config"
)

func TestTraces(t *testing.T) {
	const endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4318"
	for _, c := range []struct {
		environ []string
		want    config.TracesExporter
	}{
		{nil, config.TracesNone},
		{[]string{endpoint}, config.TracesOTLP},
		{[]string{endpoint, "OTEL_TRACES_EXPORTER=none"}, config.TracesNone},
		{[]string{"OTEL_TRACES_EXPORTER=otlp"}, config.TracesOTLP},
		{[]string{"OTEL_TRACES_EXPORTER=console"}, config.TracesConsole},
	} {
		got, err := load(c.environ...)
		require.NoError(t, err)
		require.Equal(t, c.want, got.Traces(), c.environ)
	}
}

func TestObservabilityFaults(t *testing.T) {
	for environ, want := range map[string]string{
		"METRICS_ADDR=9090":                                  "METRICS_ADDR (environment): must be host:port",
		"METRICS_ADDR=:8000":                                 "must not be LISTEN_ADDR",
		"OTEL_TRACES_EXPORTER=zipkin":                        "must be otlp, console or none",
		"OTEL_EXPORTER_OTLP_ENDPOINT=collector:4318":         "must be the address of a collector",
		"OTEL_EXPORTER_OTLP_ENDPOINT=http://u:hunter2@c":     "without a user",
		"OTEL_EXPORTER_OTLP_ENDPOINT=http://c?key=hunter2":   "must be the address of a collector",
		"OTEL_EXPORTER_OTLP_ENDPOINT=ftp://collector/traces": "must be the address of a collector",
	} {
		_, err := load(environ)
		require.ErrorContains(t, err, want, environ)
	}
}
