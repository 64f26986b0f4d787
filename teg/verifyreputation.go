package teg

import (
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/reputation"
)

// scores checks that every score is the sum of the applied changes, none of which
// passed a bound, that a payment has one signal, by who paid about who was paid, that
// outcomes are those that were reported, and that agents are counted where they stand.
func (v *verification) scores() error {
	seen, err := v.histogram()
	if err != nil {
		return err
	}
	chain := scoreChain{verification: v, seen: seen, signalled: map[TransactionID]bool{}}
	var last reputation.Event
	for {
		page, err := v.engine.reader().AuditScoreEvents(v.ctx, last.Agent, last.Seq, auditPage)
		if err != nil {
			return err
		}
		for i := range page {
			chain.next(&page[i])
			last = page[i]
		}
		if err := check(v.signals(page), v.reported(page)); err != nil {
			return err
		}
		if len(page) < auditPage {
			return check(chain.finish(), v.reports())
		}
	}
}

// histogram takes one view of all scores, and compares it with the counts.
func (v *verification) histogram() (map[ledger.AccountID]reputation.Score, error) {
	seen, counted := map[ledger.AccountID]reputation.Score{}, map[int]int64{}
	histogram, err := v.engine.reader().AuditScores(v.ctx, func(s reputation.Score) error {
		seen[s.Agent] = s
		counted[s.Value]++
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, bucket := range histogram {
		if counted[bucket.Value] != bucket.Agents {
			v.find("scores", "histogram", "counts %d agents with a score of %d, there are %d", bucket.Agents, bucket.Value, counted[bucket.Value])
		}
		delete(counted, bucket.Value)
	}
	for value, agents := range counted {
		v.find("scores", "histogram", "leaves out %d agents with a score of %d", agents, value)
	}
	return seen, nil
}

// scoreChain walks the events of one agent after the other.
type scoreChain struct {
	*verification
	seen      map[ledger.AccountID]reputation.Score // in the view
	now       reputation.Score                      // what the events add up to
	ahead     []reputation.Score                    // those that have more events than the view counted
	signalled map[TransactionID]bool                // by events of the present agent, which is who was paid
}

func (c *scoreChain) next(e *reputation.Event) {
	c.report.ScoreEvents++
	if e.Agent != c.now.Agent {
		c.end()
		c.now = reputation.Score{Agent: e.Agent}
		clear(c.signalled)
	}
	if e.Reason == reputation.Signalled {
		if c.signalled[e.Cause] {
			c.find("scores", accountName(e.Agent), "has two signals for %s", e.Cause)
		}
		c.signalled[e.Cause] = true
	}
	c.keepChange(e)
	want := *e
	want.Void = e.Reason == reputation.Signalled && e.Applied == 0 // beyond the limit of a pair, or at a bound
	c.now.Add(&want)
	if want.Seq != e.Seq || want.Applied != e.Applied || want.Value != e.Value {
		c.find("scores", accountName(e.Agent), "event %d changes the score by %d to %d instead of event %d by %d to %d",
			e.Seq, e.Applied, e.Value, want.Seq, want.Applied, want.Value)
		c.now.Value, c.now.Events = e.Value, e.Seq
	}
	if seen, known := c.seen[e.Agent]; known && seen.Events == e.Seq {
		c.compare(seen)
	}
}

// compare holds a score against its events up to where the view saw it.
func (c *scoreChain) compare(seen reputation.Score) {
	if seen.Value != c.now.Value || seen.Positive != c.now.Positive || seen.Negative != c.now.Negative || !seen.At.Equal(c.now.At) {
		c.find("scores", accountName(seen.Agent), "is %d with %d and %d signals, its %d events say %d with %d and %d",
			seen.Value, seen.Positive, seen.Negative, seen.Events, c.now.Value, c.now.Positive, c.now.Negative)
	}
}

// end looks whether an agent has all the events that the view counted, and forgets
// the agent.
func (c *scoreChain) end() {
	seen, known := c.seen[c.now.Agent]
	_, row := c.agents[c.now.Agent]
	switch {
	case known && seen.Events > c.now.Events:
		c.find("scores", accountName(seen.Agent), "counts %d events of %d", seen.Events, c.now.Events)
	case !known && row:
		c.find("scores", accountName(c.now.Agent), "has events and no profile")
	case c.now.Events > seen.Events:
		c.ahead = append(c.ahead, reputation.Score{Agent: c.now.Agent, Events: c.now.Events - seen.Events})
	}
	delete(c.seen, c.now.Agent)
}

// finish looks at those without any event, and at those with more than they count:
// they may have been written since the view was taken, unless nothing was.
func (c *scoreChain) finish() error {
	c.end()
	for agent, seen := range c.seen {
		if seen != (reputation.Score{Agent: agent}) {
			c.find("scores", accountName(agent), "is %d by %d events, and has none", seen.Value, seen.Events)
		}
	}
	quiet, err := c.quiet()
	for i := range c.ahead {
		if quiet {
			c.find("scores", accountName(c.ahead[i].Agent), "leaves out its last %d events", c.ahead[i].Events)
		}
	}
	return err
}
