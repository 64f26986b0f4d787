package console

import "github.com/agentvault/teg-layer/server/client"

// reputationPage is who stands where.
type reputationPage struct {
	Filter   *filter
	ByTrust  bool
	Rankings []client.Ranking
	Agents   int64
	Pager    pager
	Ranges   []client.ReputationRange
}

func reputation(v *visit) (any, error) {
	f := v.filter("sort")
	page := reputationPage{Filter: f, ByTrust: f.Given["sort"] == string(client.RankingOrderTrust)}
	query := client.ListRankingsQuery{Limit: listed, Cursor: f.Cursor}
	if page.ByTrust {
		query.Sort = client.RankingOrderTrust
	}
	found, err := v.api.ListRankings(v.r.Context(), query)
	if err != nil {
		return nil, err
	}
	page.Rankings, page.Agents, page.Pager = found.Rankings, found.TotalAgents, f.pager(found.Page)
	spread, err := v.api.GetReputationDistribution(v.r.Context())
	if err != nil {
		return nil, err
	}
	page.Ranges = spread.Ranges
	return page, nil
}
