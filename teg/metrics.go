package teg

import (
	"context"
	"time"

	"github.com/agentvault/teg-layer/store"
)

// Metrics is told what the engine does. Its methods are called from the
// committing goroutine: they must be quick, safe for concurrent use, and not
// panic. What is also a [CommitMetrics] or a [PolicyMetrics] is told more.
type Metrics interface {
	// Committed reports a group: how many operations, and how long it took.
	Committed(operations int, took time.Duration)
	// Refused reports an operation that was refused or failed, by its code. An answer
	// that is given again under an idempotency key is not reported again.
	Refused(verb Verb, code string)
}

// CommitMetrics is what a [Metrics] may be besides. It is told of what is durable: not
// of dry runs, not of refusals, not of what is answered again under a key, and not of
// what is done in a host's transaction, of which the engine does not learn whether it
// was committed. Its methods are called as those of Metrics are.
type CommitMetrics interface {
	// Acted reports acts that were committed, by the action of their events in the
	// audit log, such as "transfer" or "hold_expired". A batch has one for each payment.
	Acted(action string, times int)
	// Moved reports a transaction that was committed, and its amount without the fee.
	Moved(reason TransactionType, sum Amount)
}

// PolicyMetrics is what a [Metrics] may be besides: it is told of each question to the
// [Decider], from the goroutine of who asked.
type PolicyMetrics interface {
	// Decided reports a question that was answered: how many acts were allowed, how many
	// denied, and how long that took.
	Decided(allowed, denied int, took time.Duration)
	// Undecided reports a question about so many acts that got no answer in time, or none
	// that is one. One that its caller gave up is not reported.
	Undecided(acts int, took time.Duration)
}

// Tracer is told of each operation that the engine is asked for, in a host's
// transaction too. Its methods are called from the caller's goroutine: they must be
// safe for concurrent use and not panic.
type Tracer interface {
	// Began reports an operation that begins to wait. What it returns is called once,
	// when the caller gets its answer: with an empty code for success, or why not.
	Began(ctx context.Context, verb Verb) (ended func(code string))
}

// silence is told of everything and says nothing.
type silence struct{}

func (silence) Committed(int, time.Duration)                  {}
func (silence) Refused(Verb, string)                          {}
func (silence) Acted(string, int)                             {}
func (silence) Moved(TransactionType, Amount)                 {}
func (silence) Began(context.Context, Verb) func(code string) { return func(string) {} }

// defaultMetrics has somebody be told.
func (c *Config) defaultMetrics() {
	if c.Metrics == nil {
		c.Metrics = silence{}
	}
	if c.Tracer == nil {
		c.Tracer = silence{}
	}
}

// report tells of a group that was committed, how many operations it had and when it
// began.
func (c *core) report(g *group, operations int, began time.Time) {
	c.stats.commit(operations)
	c.config.Metrics.Committed(operations, time.Since(began))
	if told, ok := c.config.Metrics.(CommitMetrics); ok {
		reportActs(told, g.changes.Events)
		for i := range g.changes.Transactions {
			told.Moved(g.changes.Transactions[i].Type, g.changes.Transactions[i].Amount)
		}
	}
}

// reportActs tells of runs of the same action at once: most groups are one run.
func reportActs(told CommitMetrics, events []store.Event) {
	for from := 0; from < len(events); {
		to := from + 1
		for to < len(events) && events[to].Action == events[from].Action {
			to++
		}
		told.Acted(events[from].Action, to-from)
		from = to
	}
}

// traced carries an operation out under the eyes of the tracer.
func (e *Engine) traced(op *operation) error {
	ended := e.config.Tracer.Began(op.ctx, op.verb)
	err := e.permit(op)
	if err == nil {
		err = e.submit(op)
	}
	if err == nil {
		ended("")
		return nil
	}
	err = e.explainSuspension(op.ctx, op.by, outward(err))
	code := CodeOf(err)
	ended(code)
	e.config.Metrics.Refused(op.verb, code)
	return err
}

// permitBefore asks the decider about an operation of which something is done before it
// is carried out, and tells of a refusal as traced does.
func (e *Engine) permitBefore(op *operation) error {
	err := e.permit(op)
	if err == nil {
		return nil
	}
	err = outward(err)
	e.config.Tracer.Began(op.ctx, op.verb)(CodeOf(err))
	e.config.Metrics.Refused(op.verb, CodeOf(err))
	return err
}

// reportPolicy tells of a question to the decider that began then.
func (e *Engine) reportPolicy(verdicts []Verdict, acts int, err error, began time.Time) {
	told, ok := e.config.Metrics.(PolicyMetrics)
	if !ok {
		return
	}
	if err != nil {
		told.Undecided(acts, time.Since(began))
		return
	}
	allowed := 0
	for _, v := range verdicts {
		if v.Allow {
			allowed++
		}
	}
	told.Decided(allowed, acts-allowed, time.Since(began))
}
