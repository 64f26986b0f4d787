package teg

import (
	"context"
	"fmt"
	"time"

	"github.com/agentvault/teg-layer/reputation"
)

// TrustQuery asks how far an agent is to be trusted, and why.
type TrustQuery struct {
	Agent DID

	// Public leaves out what the agent said of others, for that is about them, and who
	// gave it the signals that it received, unless Viewer is the agent or the other one
	// of the two; and when, for the histories of scores, which are public, would tell
	// who by that.
	Public bool
	Viewer DID // zero: a stranger

	Limit int // of the contributions, 1 to [MaxLimit]; zero means [DefaultLimit]
}

// TrustScore is how far an agent is to be trusted.
type TrustScore struct {
	Agent DID
	Score *float64  // from 0 to 1; nil while nothing is known
	At    time.Time // as of when: the newest signal of all; zero: there is none
	Why   []TrustContribution
}

// TrustContribution is one signal that made an agent's trust.
type TrustContribution struct {
	From   DID // zero where it is not to be seen
	To     DID
	Weight float64   // from -1 to 1: below 0 it is a complaint
	Given  time.Time // zero where From is
	Effect float64   // the trust less what it would be without this signal
}

// Trust returns how far an agent is to be trusted, with the signals that did most to
// make it so, those with the largest effect first; [ErrNotFound] for one that is not
// registered.
func (e *Engine) Trust(ctx context.Context, q TrustQuery) (TrustScore, error) {
	page := pageRequest{limit: q.Limit}
	if _, err := page.resolve(cursorScope{}); err != nil {
		return TrustScore{}, err
	}
	found, err := e.parties(ctx, q.Agent)
	if err != nil {
		return TrustScore{}, err
	}
	if !found[0].known() {
		return TrustScore{}, unregistered(q.Agent)
	}
	view, err := e.trusted(ctx)
	if err != nil {
		return TrustScore{}, err
	}
	result := TrustScore{Agent: q.Agent, Score: view.of(q.Agent), At: view.at}
	for _, c := range view.WhyAmong(q.Agent.String(), page.limit, q.sees) {
		shown, err := q.show(c)
		if err != nil {
			return TrustScore{}, err
		}
		result.Why = append(result.Why, shown)
	}
	return result, nil
}

// party says whether the viewer may see everything of a signal.
func (q *TrustQuery) party(s reputation.Signal) bool {
	viewer := q.Viewer.String()
	return !q.Public || !q.Viewer.IsZero() && (q.Viewer == q.Agent || viewer == s.Rater || viewer == s.Ratee)
}

// sees says whether the viewer may see that there is a signal. Strangers who saw one at
// both of its ends could tell by its weight that it is the same.
func (q *TrustQuery) sees(s reputation.Signal) bool {
	return s.Ratee == q.Agent.String() || q.party(s)
}

func (q *TrustQuery) show(c reputation.Contribution) (shown TrustContribution, err error) {
	shown = TrustContribution{Weight: c.Weight, Effect: c.Effect}
	if shown.To, err = ParseDID(c.Ratee); err != nil {
		return shown, fmt.Errorf("%w: %w", ErrInternal, err)
	}
	if !q.party(c.Signal) {
		return shown, nil
	}
	if shown.From, err = ParseDID(c.Rater); err != nil {
		return shown, fmt.Errorf("%w: %w", ErrInternal, err)
	}
	shown.Given = time.UnixMicro(c.Time).UTC()
	return shown, nil
}
