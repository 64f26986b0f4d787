package teg

import (
	"context"
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/reputation"
)

// ListedAgent is an agent in a list of all.
type ListedAgent struct {
	ID         DID
	Status     Status
	Available  Amount // as it is written: without what has expired and was not released yet
	Reputation int
	Tier       string
	CreatedAt  time.Time
}

// AgentsQuery selects agents, the last that came first.
type AgentsQuery struct {
	Containing string // only those whose DID has this in it; at most 255 characters

	Limit  int    // 1 to [MaxLimit]; zero means [DefaultLimit]
	Offset int64  // not together with Cursor
	Cursor string // NextCursor of the page before
	Total  bool   // count also with a cursor
}

// AgentsPage is a page of agents.
type AgentsPage struct {
	Agents      []ListedAgent
	Total       int64 // −1 where it was not counted
	TotalCapped bool  // there are more matches than Total, which is [CountLimit]
	NextCursor  string
}

// Agents returns a page of all agents. A page without a filter costs the same at any depth
// where it is reached by cursor; with one, agents who do not match are walked past.
func (e *Engine) Agents(ctx context.Context, q AgentsQuery) (AgentsPage, error) {
	scope := newCursorScope("agents", q.Containing)
	page := pageRequest{limit: q.Limit, offset: q.Offset, cursor: q.Cursor, total: q.Total}
	at, err := page.resolve(scope)
	if err := check(err, validText("search", q.Containing, did.MaxLength)); err != nil {
		return AgentsPage{}, err
	}
	list, counted, err := e.reader().ListAgents(ctx, ledger.AgentQuery{
		Containing: q.Containing, Below: ledger.AccountID(at.seq), Offset: q.Offset, Limit: page.limit + 1, Count: page.count(),
	})
	if err != nil {
		return AgentsPage{}, outward(err)
	}
	var result AgentsPage
	result.Total, result.TotalCapped = page.shown(counted, true)
	list, more := cut(&page, list)
	if more {
		result.NextCursor = scope.cursor(place{seq: int64(list[len(list)-1].Account)})
	}
	for i := range list {
		shown, err := e.listed(&list[i])
		if err != nil {
			return AgentsPage{}, err
		}
		result.Agents = append(result.Agents, shown)
	}
	return result, nil
}

func (e *Engine) listed(a *ledger.ListedAgent) (ListedAgent, error) {
	available, err := a.Available.Balance.Amount()
	return ListedAgent{
		ID: a.ID, Status: a.Available.StatusAt(e.clock.now()), Available: available,
		Reputation: a.Reputation, Tier: reputation.Tier(a.Reputation), CreatedAt: a.CreatedAt,
	}, outward(err)
}
