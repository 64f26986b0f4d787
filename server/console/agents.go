package console

import "github.com/agentvault/teg-layer/server/client"

// agentsPage is a list of agents, with what was searched for.
type agentsPage struct {
	Filter *filter
	List   []client.ListedAgent
	Pager  pager
}

func agents(v *visit) (any, error) {
	f := v.filter("search")
	found, err := v.api.ListAgents(v.r.Context(), client.ListAgentsQuery{Search: f.Given["search"], Limit: listed, Cursor: f.Cursor})
	if err != nil {
		return nil, err
	}
	return agentsPage{f, found.Agents, f.pager(found.Page)}, nil
}
