package metrics

import "github.com/prometheus/client_golang/prometheus"

// streams are the metrics of streams of events.
type streams struct {
	open prometheus.Gauge
	sent prometheus.Counter
	cut  prometheus.Counter
}

func newStreams() streams {
	return streams{
		open: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "teg_event_streams_open", Help: "Streams of events that are open.",
		}),
		sent: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "teg_event_stream_events_total", Help: "Events sent on streams, once for each stream.",
		}),
		cut: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "teg_event_streams_cut_total", Help: "Streams of events that were cut because their clients took nothing.",
		}),
	}
}

func (s *streams) register(to prometheus.Registerer) { to.MustRegister(s.open, s.sent, s.cut) }

// StreamBegan implements [server.StreamMetrics].
func (s *streams) StreamBegan() { s.open.Inc() }

// EventsSent implements [server.StreamMetrics].
func (s *streams) EventsSent(events int) { s.sent.Add(float64(events)) }

// StreamEnded implements [server.StreamMetrics].
func (s *streams) StreamEnded(slow bool) {
	s.open.Dec()
	if slow {
		s.cut.Inc()
	}
}
