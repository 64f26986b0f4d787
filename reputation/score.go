package reputation

import (
	"time"

	"github.com/agentvault/teg-layer/ledger"
)

// Score is what an agent's conduct has added up to.
type Score struct {
	Agent    ledger.AccountID // its available row
	Value    int              // from MinScore to MaxScore: the sum of the applied changes
	Events   int64            // how many there were
	Positive int64            // signals of praise, also those that were applied as 0
	Negative int64            // signals of complaint, also those that were applied as 0
	At       time.Time        // of the last event; zero before the first
}

// Add changes the score by an event, of which it sets the place, the applied change
// and the new score: what would pass a bound is cut off there.
func (s *Score) Add(e *Event) {
	value := min(max(s.Value+e.Requested, MinScore), MaxScore)
	if e.Void {
		value = s.Value
	}
	s.Events++
	e.Agent, e.Seq, e.Applied, e.Value = s.Agent, s.Events, value-s.Value, value
	s.Value, s.At = value, e.At
	switch {
	case e.Reason != Signalled:
	case e.Requested > 0:
		s.Positive++
	default:
		s.Negative++
	}
}

// Bucket is how many agents have a score.
type Bucket struct {
	Value  int
	Agents int64
}

// Histogram is how many agents have which score, the highest first. One around some
// scores counts those who stand higher than all of these together, just above them,
// and those who stand lower just below: these scores have their places all the same.
type Histogram []Bucket

// Agents is how many there are.
func (h Histogram) Agents() (all int64) {
	for _, b := range h {
		all += b.Agents
	}
	return all
}

// Rank is the place of a score among all agents: one more than how many have a
// higher one. Agents with the same score share it.
func (h Histogram) Rank(value int) int64 {
	rank := int64(1)
	for _, b := range h {
		if b.Value > value {
			rank += b.Agents
		}
	}
	return rank
}

// Percentile is the share of agents with a lower score, in percent with one decimal,
// cut off; 0 where there are none.
func (h Histogram) Percentile(value int) float64 {
	var below int64
	for _, b := range h {
		if b.Value < value {
			below += b.Agents
		}
	}
	all := h.Agents()
	if all == 0 {
		return 0
	}
	return float64(1000*below/all) / 10
}
