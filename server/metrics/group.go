package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/agentvault/teg-layer/teg"
)

// groups are the metrics of what the engine writes.
type groups struct {
	size, took    prometheus.Histogram
	acts          *prometheus.CounterVec
	refusals      *prometheus.CounterVec
	transactions  *prometheus.CounterVec
	moved         *prometheus.CounterVec
	byTransaction [256]flow // by type
}

// flow is what moved for one reason.
type flow struct{ count, sum prometheus.Counter }

func newGroups() groups {
	g := groups{
		size: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "teg_group_operations", Help: "Operations that one transaction of the database committed.",
			Buckets: []float64{1, 2, 5, 10, 20, 50, 100, 200, 500, 1000},
		}),
		took: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "teg_group_duration_seconds", Help: "Time from the begin of a group's transaction to the end of its commit.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 5},
		}),
		acts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "teg_acts_total", Help: "Acts that were committed, by what the audit log calls them.",
		}, []string{"action"}),
		refusals: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "teg_refusals_total", Help: "Operations that the engine refused or that failed, by verb and error_code.",
		}, []string{"verb", "code"}),
		transactions: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "teg_transactions_total", Help: "Transactions of the ledger that were committed, by type.",
		}, []string{"type"}),
		moved: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "teg_moved_avt_total", Help: "AVT that these transactions moved, without fees, by type.",
		}, []string{"type"}),
	}
	for reason := teg.TransactionType(1); reason.Valid(); reason++ {
		g.byTransaction[reason] = flow{g.transactions.WithLabelValues(reason.String()), g.moved.WithLabelValues(reason.String())}
	}
	return g
}

func (g *groups) register(to prometheus.Registerer) {
	to.MustRegister(g.size, g.took, g.acts, g.refusals, g.transactions, g.moved)
}

// Committed implements [teg.Metrics].
func (g *groups) Committed(operations int, took time.Duration) {
	g.size.Observe(float64(operations))
	g.took.Observe(took.Seconds())
}

// Refused implements [teg.Metrics].
func (g *groups) Refused(verb teg.Verb, code string) {
	g.refusals.WithLabelValues(verb.String(), code).Inc()
}

// Acted implements [teg.CommitMetrics].
func (g *groups) Acted(action string, times int) {
	g.acts.WithLabelValues(action).Add(float64(times))
}

// Moved implements [teg.CommitMetrics].
func (g *groups) Moved(reason teg.TransactionType, sum teg.Amount) {
	if f := g.byTransaction[reason]; f.count != nil {
		f.count.Inc()
		f.sum.Add(avt(sum))
	}
}
