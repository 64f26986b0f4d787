package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/agentvault/teg-layer/server"
	"github.com/agentvault/teg-layer/server/limit"
)

// requests are the metrics of the HTTP face.
type requests struct {
	took     *prometheus.HistogramVec
	inFlight prometheus.Gauge
	errors   *prometheus.CounterVec
	bytes    *prometheus.CounterVec
	limited  *prometheus.HistogramVec
	sessions *prometheus.CounterVec
}

func newRequests() requests {
	r := requests{
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
		bytes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "teg_http_response_bytes_total", Help: "Bytes of the bodies of answers, as they were sent.",
		}, []string{"route"}),
		limited: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "teg_rate_limit_wait_seconds", Help: "How long callers were told to wait who had sent too many requests, by class of limit. Its count are the refusals.",
			Buckets: []float64{.1, 1, 5, 10, 60, 600, 3600},
		}, []string{"class"}),
		sessions: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "teg_sessions_total", Help: "What became of sessions: opened, refreshed, ended by their owners, or ended because a refresh token was used twice.",
		}, []string{"event"}),
	}
	r.begin()
	return r
}

// begin has what is rare there with 0: of a counter that begins with its first event,
// Prometheus sees no increase.
func (r *requests) begin() {
	for _, code := range server.ErrorCodes() {
		r.errors.WithLabelValues(code)
	}
	for class := limit.None + 1; class.String() != ""; class++ {
		r.limited.WithLabelValues(class.String())
	}
	for _, event := range []string{server.SessionOpened, server.SessionRefreshed, server.SessionEnded, server.SessionReused} {
		r.sessions.WithLabelValues(event)
	}
}

func (r *requests) register(to prometheus.Registerer) {
	to.MustRegister(r.took, r.inFlight, r.errors, r.bytes, r.limited, r.sessions)
}

// Began implements [server.Metrics].
func (r *requests) Began() { r.inFlight.Inc() }

// Answered implements [server.Metrics].
func (r *requests) Answered(x server.Exchange) {
	r.inFlight.Dec()
	r.took.WithLabelValues(x.Route, x.Method, class(x.Status)).Observe(x.Took.Seconds())
	r.bytes.WithLabelValues(x.Route).Add(float64(x.Bytes))
	if x.Code != "" {
		r.errors.WithLabelValues(x.Code).Inc()
	}
	if x.Limit != "" {
		r.limited.WithLabelValues(x.Limit).Observe(x.Wait.Seconds())
	}
	if x.Session != "" {
		r.sessions.WithLabelValues(x.Session).Inc()
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
