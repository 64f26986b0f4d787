package metrics

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/agentvault/teg-layer/teg"
)

// watched are the metrics of what is, taken when somebody scrapes: from the engine at
// once, and from what was read of the database.
type watched struct{ readings }

func newWatched(c Config) *watched {
	w := &watched{}
	w.every, w.patience = c.Every, c.Patience
	w.ctx, w.stop = context.WithCancel(context.Background())
	return w
}

// desc describes a metric of the ones that are taken. all lists them.
func desc(name, help string, labels ...string) *prometheus.Desc {
	d := prometheus.NewDesc(name, help, labels, nil)
	all = append(all, d)
	return d
}

var all []*prometheus.Desc

var (
	waiting     = desc("teg_operations_waiting", "Operations that wait to be committed.")
	failures    = desc("teg_operations_failed_total", "Operations that failed for a technical reason.")
	delivered   = desc("teg_webhook_attempts_total", "Attempts to deliver messages to webhooks, by whether the receiver took them.", "result")
	subscribed  = desc("teg_webhooks", "Webhooks that this server sends messages to, by whether their receivers take them.", "state")
	undelivered = desc("teg_webhook_oldest_undelivered_seconds", "Age of the oldest event that a webhook has not been told of; 0 where there is none.")
	connections = desc("teg_database_connections", "Connections to the database, by pool and by whether somebody has them.", "pool", "state")
	poolLimit   = desc("teg_database_connections_limit", "How many connections a pool may have; 0: any number.", "pool")
	waits       = desc("teg_database_waits_total", "How often somebody waited for a connection.", "pool")
	waited      = desc("teg_database_wait_seconds_total", "How long all of them together waited for connections.", "pool")

	readTime     = desc("teg_reading_timestamp_seconds", "When the metrics below were read from the database, in seconds since 1970.")
	readTook     = desc("teg_reading_duration_seconds", "How long the last reading took.")
	readFailures = desc("teg_reading_failures_total", "Readings that failed; what was read before is told on.")

	behind      = desc("teg_log_reader_behind_events", "Events of the audit log that a reader has not read.", "reader")
	lag         = desc("teg_log_reader_lag_seconds", "Age of the oldest event that a reader has not read; 0 where it has read all.", "reader")
	supply      = desc("teg_supply_avt", "AVT that exists: total is what was issued and not burned; the others are parts of it.", "part")
	issued      = desc("teg_issued_avt_total", "AVT that was ever issued.")
	burned      = desc("teg_burned_avt_total", "AVT that was ever burned.")
	fees        = desc("teg_fees_avt_total", "Fees that were ever paid, in AVT.")
	agents      = desc("teg_agents", "Agents that have a profile.")
	stakes      = desc("teg_stakes", "Stakes that are active.")
	delegations = desc("teg_delegations", "Delegations that are active.")
	flags       = desc("teg_flags_open", "Flags that nobody has ended, by status.", "status")
	disputes    = desc("teg_disputes_open", "Disputes that are not ended, by status; 10000 stands for that many or more.", "status")
)

// Describe implements [prometheus.Collector].
func (w *watched) Describe(to chan<- *prometheus.Desc) {
	for _, d := range all {
		to <- d
	}
}

// sink takes what is told.
type sink chan<- prometheus.Metric

func (s sink) gauge(d *prometheus.Desc, value float64, labels ...string) {
	s.tell(d, prometheus.GaugeValue, value, labels)
}

func (s sink) counter(d *prometheus.Desc, value float64, labels ...string) {
	s.tell(d, prometheus.CounterValue, value, labels)
}

// tell leaves out what cannot be told, and that alone: a panic would end the page there.
func (s sink) tell(d *prometheus.Desc, kind prometheus.ValueType, value float64, labels []string) {
	m, err := prometheus.NewConstMetric(d, kind, value, labels...)
	if err != nil {
		m = prometheus.NewInvalidMetric(d, err)
	}
	s <- m
}

// Collect implements [prometheus.Collector].
func (w *watched) Collect(ch chan<- prometheus.Metric) {
	to := sink(ch)
	if engine := w.engine.Load(); engine != nil {
		collectEngine(to, engine)
	}
	last, took, failed := w.latest()
	to.counter(readFailures, float64(failed))
	if last == nil {
		return
	}
	to.gauge(readTime, float64(last.at.UnixMilli())/1000)
	to.gauge(readTook, took.Seconds())
	last.collectEconomy(to)
	last.collectWork(to)
}

// collectEngine takes what the engine knows without asking anybody.
func collectEngine(to sink, engine *teg.Engine) {
	stats := engine.Stats()
	to.gauge(waiting, float64(stats.Waiting))
	to.counter(failures, float64(stats.Failures))
	collectWebhooks(to, engine, &stats)
	for _, p := range engine.Pools() {
		to.gauge(connections, float64(p.InUse), p.Name, "in_use")
		to.gauge(connections, float64(p.Open-p.InUse), p.Name, "idle")
		to.gauge(poolLimit, float64(p.Limit), p.Name)
		to.counter(waits, float64(p.Waits), p.Name)
		to.counter(waited, p.Waited.Seconds(), p.Name)
	}
}

// collectWebhooks takes how webhooks get on, where there are any.
func collectWebhooks(to sink, engine *teg.Engine, stats *teg.Stats) {
	health := engine.WebhookHealth()
	if !health.Configured {
		return
	}
	to.counter(delivered, float64(stats.Delivered), "taken")
	to.counter(delivered, float64(stats.Undelivered), "failed")
	to.gauge(subscribed, float64(health.Active-health.Failing), "well")
	to.gauge(subscribed, float64(health.Failing), "failing")
	age := 0.0
	if !health.Oldest.IsZero() {
		age = max(0, time.Since(health.Oldest).Seconds())
	}
	to.gauge(undelivered, age)
}

// collectEconomy takes what there is of value, and of those who have it.
func (r *reading) collectEconomy(to sink) {
	s := &r.supply
	for part, sum := range map[string]teg.Amount{
		"total": s.Total, "circulating": s.Circulating, "treasury": s.Treasury, "rewards_pool": s.RewardsPool, "locked": s.Locked, "staked": s.Staked,
	} {
		to.gauge(supply, avt(sum), part)
	}
	to.counter(issued, avt(s.Issued))
	to.counter(burned, avt(s.Burned))
	to.counter(fees, avt(s.Fees))
	to.gauge(agents, float64(s.Agents))
	to.gauge(stakes, float64(s.Stakes))
	to.gauge(delegations, float64(s.Delegations))
}

// mostReaders is how many readers of the log are told apart.
const mostReaders = 50

// collectWork takes what waits for somebody.
func (r *reading) collectWork(to sink) {
	for i := range r.readers[:min(len(r.readers), mostReaders)] {
		reader := &r.readers[i]
		to.gauge(behind, float64(reader.Behind), reader.Name)
		to.gauge(lag, reader.Lag.Round(time.Microsecond).Seconds(), reader.Name)
	}
	to.gauge(flags, float64(r.flags.New), teg.FlagNew.String())
	to.gauge(flags, float64(r.flags.UnderReview), teg.FlagUnderReview.String())
	for status, count := range r.disputes {
		to.gauge(disputes, float64(count), status.String())
	}
}
