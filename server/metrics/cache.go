package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/agentvault/teg-layer/server/cache"
)

// answers are the metrics of the shared cache.
type answers struct{ results *prometheus.CounterVec }

func newAnswers() answers {
	a := answers{prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "teg_cache_results_total", Help: "Questions to the shared cache that it answered (hit) and those that went to the database (miss), and how often it was away (fault).",
	}, []string{"result"})}
	for _, r := range cache.Results() {
		a.results.WithLabelValues(string(r))
	}
	return a
}

func (a *answers) register(to prometheus.Registerer) { to.MustRegister(a.results) }

// Cached implements [cache.Metrics].
func (a *answers) Cached(r cache.Result) { a.results.WithLabelValues(string(r)).Inc() }
