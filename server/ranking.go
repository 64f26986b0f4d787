package server

import (
	"github.com/agentvault/teg-layer/teg"
)

type rankingsBody struct {
	Rankings []rankingBody `json:"rankings"`
	Agents   int64         `json:"total_agents"`
	pageInfo
}

type rankingBody struct {
	Rank         int64    `json:"rank"`
	Agent        teg.DID  `json:"agent_id"`
	Score        int      `json:"reputation_score"`
	Tier         string   `json:"reputation_tier"`
	Trust        *float64 `json:"trust_score"`
	Transactions int64    `json:"total_transactions"`
}

// getRankings lists agents, the best first. How many there are costs nothing to know,
// so that total_agents is told on every page.
func getRankings(c *call) (func() (answer, error), error) {
	sort, p := c.query.text("sort"), c.query.page()
	if c.query.given("sort") && sort != "reputation" && sort != "trust" {
		c.query.fault("sort", "must be reputation or trust")
	}
	return func() (answer, error) {
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
		body := rankingsBody{
			Rankings: make([]rankingBody, len(found.Rankings)), Agents: found.Agents, pageInfo: p.info(total, false, found.NextCursor),
		}
		for i, r := range found.Rankings {
			body.Rankings[i] = rankingBody{r.Rank, r.Agent, r.Score, r.Tier, r.Trust, r.Transactions}
		}
		return answer{body: body}, nil
	}, nil
}
