package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// policies are the metrics of what the decider of policies says.
type policies struct {
	asked                   prometheus.Histogram
	allowed, denied, failed prometheus.Counter
	decisions               *prometheus.CounterVec
}

func newPolicies() policies {
	p := policies{
		asked: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "teg_policy_decision_duration_seconds", Help: "Time for a question to the decider of policies, whether it was answered or not.",
			Buckets: []float64{.0001, .0005, .001, .005, .01, .05, .1, .5, 1, 2, 10},
		}),
		decisions: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "teg_policy_decisions_total", Help: "Acts that the decider of policies allowed, denied, or failed to decide about, which are refused.",
		}, []string{"verdict"}),
	}
	p.allowed, p.denied, p.failed = p.decisions.WithLabelValues("allowed"), p.decisions.WithLabelValues("denied"), p.decisions.WithLabelValues("failed")
	return p
}

func (p *policies) register(to prometheus.Registerer) { to.MustRegister(p.asked, p.decisions) }

// Decided implements [teg.PolicyMetrics].
func (p *policies) Decided(allowed, denied int, took time.Duration) {
	p.asked.Observe(took.Seconds())
	p.allowed.Add(float64(allowed))
	p.denied.Add(float64(denied))
}

// Undecided implements [teg.PolicyMetrics].
func (p *policies) Undecided(acts int, took time.Duration) {
	p.asked.Observe(took.Seconds())
	p.failed.Add(float64(acts))
}
