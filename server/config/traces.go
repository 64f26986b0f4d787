package config

import "net/url"

// TracesExporter is where traces go. The zero TracesExporter is not said.
type TracesExporter uint8

// The exporters of traces.
const (
	TracesOTLP TracesExporter = iota + 1
	TracesConsole
	TracesNone
)

// UnmarshalText reads the name of an exporter.
func (e *TracesExporter) UnmarshalText(text []byte) error {
	switch string(text) {
	case "otlp":
		*e = TracesOTLP
	case "console":
		*e = TracesConsole
	case "none":
		*e = TracesNone
	default:
		return problem("must be otlp, console or none")
	}
	return nil
}

// Traces is where traces go: what OTEL_TRACES_EXPORTER says, or by what follows from
// OTEL_EXPORTER_OTLP_ENDPOINT.
func (c *Config) Traces() TracesExporter {
	switch {
	case c.TracesExporter != 0:
		return c.TracesExporter
	case c.OTLPEndpoint != "":
		return TracesOTLP
	}
	return TracesNone
}

// checkObservability wants addresses that can be listened on, and spoken to.
func (c *collector) checkObservability(config *Config) {
	c.require(config.MetricsAddr == "" || isListenAddr(config.MetricsAddr), "must be host:port such as 127.0.0.1:9090", "METRICS_ADDR")
	c.require(config.MetricsAddr == "" || config.MetricsAddr != config.ListenAddr,
		"must not be LISTEN_ADDR; leave it out to have /metrics there", "METRICS_ADDR", "LISTEN_ADDR")
	c.require(config.OTLPEndpoint == "" || isCollector(config.OTLPEndpoint),
		"must be the address of a collector such as http://127.0.0.1:4318, without a user; secrets go into OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_ENDPOINT")
}

func isCollector(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.User == nil && u.RawQuery == "" && u.Fragment == ""
}
