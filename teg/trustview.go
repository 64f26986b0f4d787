package teg

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/agentvault/teg-layer/reputation"
)

// trustView is everybody's trust at one time. It does not change.
type trustView struct {
	*reputation.Trust
	at     time.Time // of the newest signal: as of when trust is; zero: there is none
	order  []trustRank
	looked time.Time     // when the log was last looked at
	took   time.Duration // to weigh all signals
}

// trustRank is an agent's place by its trust. Those who are equal stand in an order
// that nobody chooses.
type trustRank struct {
	place // the bits of the score, and of a hash of the agent's DID
	agent DID
	rank  int64
}

// within says whether the log was looked at so few pauses ago.
func (v *trustView) within(pauses time.Duration) bool {
	return v != nil && time.Since(v.looked) < pauses*max(trustPause, trustShare*v.took)
}

// weigh makes everybody's trust as of the newest signal, so that it follows from the
// signals alone.
func (c *core) weigh(log *signalLog, looked time.Time) (*trustView, error) {
	began, newest := time.Now(), log.graph.Newest()
	made, err := log.graph.Trust(*c.config.Trust, newest)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInternal, err)
	}
	view := &trustView{Trust: made, looked: looked}
	if log.graph.Len() > 0 {
		view.at = time.UnixMicro(newest).UTC()
	}
	for name, score := range made.All() {
		rank, err := rankOf(name, score)
		if err != nil {
			c.config.Logger.Error("the trust in an agent is left out", "agent", name, "error", err)
			continue
		}
		view.order = append(view.order, rank)
	}
	view.sort()
	view.took = time.Since(began)
	return view, nil
}

// rankOf refuses what is no trust in an agent.
func rankOf(name string, score float64) (trustRank, error) {
	agent, err := ParseDID(name)
	if err != nil {
		return trustRank{}, fmt.Errorf("%w: %w", ErrInternal, err)
	}
	if !probable(score) {
		return trustRank{}, fmt.Errorf("%w: its score is %v", ErrInternal, score)
	}
	sum := digest("trust", name)
	at := place{seq: int64(math.Float64bits(score))} // of numbers from 0 to 1 the bits have their order
	copy(at.id[:], sum[:])
	return trustRank{place: at, agent: agent}, nil
}

// probable says whether a number is one from 0 to 1. Rules are to see to it, and nobody
// is to be told of another, which no JSON has a word for.
func probable(score float64) bool { return score >= 0 && score <= 1 }

// sort numbers the places, and those who are equal alike.
func (v *trustView) sort() {
	slices.SortFunc(v.order, func(a, b trustRank) int { return a.compare(b.place) })
	for i := range v.order {
		v.order[i].rank = int64(i + 1)
		if i > 0 && v.order[i].seq == v.order[i-1].seq {
			v.order[i].rank = v.order[i-1].rank
		}
	}
}

// compare puts the higher score first.
func (p place) compare(other place) int {
	return cmp.Or(cmp.Compare(other.seq, p.seq), p.id.Compare(other.id))
}

// after is the index of the first that comes after a place.
func (v *trustView) after(at place) int {
	i, found := slices.BinarySearchFunc(v.order, at, func(r trustRank, at place) int { return r.compare(at) })
	if found {
		i++
	}
	return i
}

// of is the trust in an agent, nil where nothing is known.
func (v *trustView) of(agent DID) *float64 {
	score, known := v.Score(agent.String())
	if !known || !probable(score) {
		return nil
	}
	return &score
}
