package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/agentvault/teg-layer/server"
)

// requests are the metrics of the HTTP face.
type requests struct {
	took     *prometheus.HistogramVec
	inFlight prometheus.Gauge
	errors   *prometheus.CounterVec
}

func newRequests() requests {
	return requests{
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "teg_http_request_duration_seconds", Help: "Time from the arrival of a request to the end of its answer.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
		}, []string{"route", "method", "status"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "teg_http_requests_in_flight", Help: "Requests that are being answered.",
		}),
		errors: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "teg_http_errors_total", Help: "Answers that are errors, by their error_code.",
		}, []string{"code"}),
	}
}

func (r *requests) register(to prometheus.Registerer) { to.MustRegister(r.took, r.inFlight, r.errors) }

// Began implements [server.Metrics].
func (r *requests) Began() { r.inFlight.Inc() }

// Answered implements [server.Metrics].
func (r *requests) Answered(x server.Exchange) {
	r.inFlight.Dec()
	r.took.WithLabelValues(x.Route, x.Method, class(x.Status)).Observe(x.Took.Seconds())
	if x.Code != "" {
		r.errors.WithLabelValues(x.Code).Inc()
	}
}

var classes = [...]string{"none", "1xx", "2xx", "3xx", "4xx", "5xx"}

// class is that of a status, "none" for a connection that was dropped without one.
func class(status int) string {
	if i := status / 100; 0 < i && i < len(classes) {
		return classes[i]
	}
	return classes[0]
}
