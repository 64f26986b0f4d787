package metrics

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/agentvault/teg-layer/ledger/amount"
)

// checks are the metrics of what the server looks after in the background.
type checks struct {
	difference prometheus.Gauge
	checked    prometheus.Gauge
	failures   prometheus.Counter
	services   *prometheus.GaugeVec
}

func newChecks() checks {
	return checks{
		difference: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "teg_ledger_difference_avt", Help: "What all accounts together held beyond the supply at the last check of the books; anything but 0 means that they are broken.",
		}),
		checked: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "teg_ledger_check_timestamp_seconds", Help: "When the books were last checked, in seconds since 1970; 0 before the first check.",
		}),
		failures: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "teg_ledger_check_failures_total", Help: "Checks of the books that could not be made.",
		}),
		services: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "teg_service_up", Help: "1 where a service that the server makes use of answered its last check, else 0.",
		}, []string{"service"}),
	}
}

func (c *checks) register(to prometheus.Registerer) {
	to.MustRegister(c.difference, c.checked, c.failures, c.services)
}

// BooksChecked implements [server.Metrics].
func (c *checks) BooksChecked(difference amount.Signed, err error) {
	if err != nil {
		c.failures.Inc()
		return
	}
	// The nearest float of a decimal is 0 for 0 alone.
	if f, err := strconv.ParseFloat(difference.String(), 64); err == nil {
		c.difference.Set(f)
		c.checked.SetToCurrentTime()
	}
}

// ServiceChecked implements [server.Metrics].
func (c *checks) ServiceChecked(name string, answers bool) {
	up := 0.0
	if answers {
		up = 1
	}
	c.services.WithLabelValues(name).Set(up)
}
