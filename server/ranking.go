package server

import (
	"github.com/agentvault/teg-layer/server/api"
	"github.com/agentvault/teg-layer/teg"
)

// getRankings lists agents, the best first. How many there are costs nothing to know,
// so that total_agents is told on every page.
func getRankings(c *call) (func() (answer, error), error) {
	sort, p := c.query.text("sort"), c.query.page()
	if c.query.given("sort") && sort != "reputation" && sort != "trust" {
		c.query.fault("sort", "must be reputation or trust")
	}
	return func() (answer, error) {
		order := "reputation"
		if sort == "trust" {
			order = sort
		}
		return c.sharedly(append([]string{"rankings", order}, p.question()...), func() (answer, error) { return rankings(c, order, p) })
	}, nil
}

// rankings asks the engine.
func rankings(c *call, sort string, p page) (answer, error) {
	found, err := c.engine().Rankings(c.ctx, teg.RankingsQuery{
		ByTrust: sort == "trust", Limit: p.limit, Offset: p.offset, Cursor: p.cursor,
	})
	if err != nil {
		return answer{}, valued(err, "cursor", p.cursor)
	}
	total := found.Agents
	if p.cursor != "" && !p.total {
		total = -1
	}
	body := api.RankingsPage{
		Rankings: make([]api.Ranking, len(found.Rankings)), TotalAgents: found.Agents, Page: p.info(total, false, found.NextCursor),
	}
	for i, r := range found.Rankings {
		body.Rankings[i] = api.Ranking{
			Rank: r.Rank, AgentID: r.Agent, ReputationScore: r.Score, ReputationTier: api.Tier(r.Tier), TrustScore: r.Trust, TotalTransactions: r.Transactions,
		}
	}
	return answer{body: body}, nil
}
