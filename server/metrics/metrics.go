package metrics

import (
	"net/http"
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/agentvault/teg-layer/server"
	"github.com/agentvault/teg-layer/server/cache"
	"github.com/agentvault/teg-layer/teg"
)

// Config says what is told, and where. Its zero value works.
type Config struct {
	// Version of the program, a label of teg_build_info. Default: "dev".
	Version string
	// Registry takes the metrics. Default: a new one, with those of the Go runtime and of
	// the process. One that is given must not have metrics whose names begin with teg_.
	Registry *prometheus.Registry
	// Every is how long what was read from the database is told before it is read again.
	// Where reading takes long it is read less often, so that it never takes more than a
	// twentieth of the time. Default: 15 seconds.
	Every time.Duration
	// Patience is how long a scrape waits for what is being read. Then it gets what was
	// read before. Default: 2 seconds.
	Patience time.Duration
}

func (c Config) withDefaults() Config {
	if c.Version == "" {
		c.Version = "dev"
	}
	if c.Registry == nil {
		c.Registry = prometheus.NewRegistry()
		c.Registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	}
	if c.Every == 0 {
		c.Every = 15 * time.Second
	}
	if c.Patience == 0 {
		c.Patience = 2 * time.Second
	}
	return c
}

// Metrics is told by an engine and a server what happens, and shows it to Prometheus. It
// is safe for concurrent use.
type Metrics struct {
	requests
	groups
	checks
	policies
	answers
	streams
	registry *prometheus.Registry
	watched  *watched
}

var (
	_ teg.Metrics       = (*Metrics)(nil)
	_ teg.CommitMetrics = (*Metrics)(nil)
	_ teg.PolicyMetrics = (*Metrics)(nil)
	_ server.Metrics    = (*Metrics)(nil)
	_ cache.Metrics     = (*Metrics)(nil)

	_ server.StreamMetrics = (*Metrics)(nil)
)

// New makes metrics that nothing has been told yet.
func New(config Config) *Metrics {
	config = config.withDefaults()
	m := &Metrics{requests: newRequests(), groups: newGroups(), checks: newChecks(), policies: newPolicies(), answers: newAnswers(), streams: newStreams(), registry: config.Registry, watched: newWatched(config)}
	build := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "teg_build_info", Help: "1, for the version of the program and of Go.",
	}, []string{"version", "goversion"})
	build.WithLabelValues(config.Version, runtime.Version()).Set(1)
	m.registry.MustRegister(build, m.watched)
	m.requests.register(m.registry)
	m.groups.register(m.registry)
	m.checks.register(m.registry)
	m.policies.register(m.registry)
	m.answers.register(m.registry)
	m.streams.register(m.registry)
	return m
}

// Watch tells the metrics of the engine from which they read what is. Before that
// scrapes go without.
func (m *Metrics) Watch(engine *teg.Engine) { m.watched.engine.Store(engine) }

// Close ends what is being read, and waits for it. Call it before the engine's store is
// closed; scrapes after it get what was read before.
func (m *Metrics) Close() error { return m.watched.close() }

// Page shows the metrics in the form of Prometheus, or of OpenMetrics for who asks for
// that.
func (m *Metrics) Page() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError, EnableOpenMetrics: true})
}

// avt is an amount as Prometheus has it: a float of 53 bits, so that of large amounts
// the digits after the fifteenth are lost. The database has them all.
func avt(a teg.Amount) float64 {
	hi, lo := a.Parts()
	return (float64(hi)*(1<<64) + float64(lo)) / 1e18
}
