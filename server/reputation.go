package server

import (
	"time"

	"github.com/agentvault/teg-layer/server/api"
	"github.com/agentvault/teg-layer/teg"
)

func getReputation(c *call) (answer, error) {
	id, err := c.agentID()
	if err != nil {
		return answer{}, err
	}
	return c.sharedly([]string{"reputation", id.String()}, func() (answer, error) {
		r, err := c.engine().Reputation(c.ctx, id)
		return answer{body: api.Reputation{
			AgentID: r.Agent, ReputationScore: r.Score, ReputationTier: api.Tier(r.Tier), LastUpdate: stampOrNull(r.UpdatedAt),
			TotalTransactions: r.Transactions, PositiveSignals: r.Positive, NegativeSignals: r.Negative, Percentile: r.Percentile, TrustScore: r.Trust,
		}}, err
	})
}

// How far a history reaches back, in days.
const (
	historyDays    = 30
	maxHistoryDays = 3660
)

// getReputationHistory lists the changes of a score, newest first. What each is about
// is null to those who were not party to it.
func getReputationHistory(c *call) (func() (answer, error), error) {
	days, p := c.query.number("days", 1, maxHistoryDays, historyDays), c.query.page()
	return func() (answer, error) {
		id, err := c.agentID()
		if err != nil {
			return answer{}, err
		}
		oversees, err := c.may(auditors.roles)
		if err != nil {
			return answer{}, err
		}
		found, err := c.engine().ReputationHistory(c.ctx, teg.ReputationHistoryQuery{
			Agent: id, Within: time.Duration(days) * day, Public: !oversees, Viewer: c.caller.Agent,
			Limit: p.limit, Offset: p.offset, Cursor: p.cursor, Total: p.total,
		})
		if err != nil {
			return answer{}, valued(err, "cursor", p.cursor)
		}
		body := api.ReputationHistoryPage{
			AgentID: id, History: make([]api.ReputationChange, len(found.Events)), Page: p.info(found.Total, found.TotalCapped, found.NextCursor),
		}
		for i, e := range found.Events {
			body.History[i] = api.ReputationChange{
				Timestamp: stamp(e.At), ScoreChange: e.Change, NewScore: e.Score, Reason: e.Reason,
				RelatedTransactionID: known(e.TransactionID), RelatedID: orNull(e.RelatedID),
			}
		}
		return answer{body: body}, nil
	}, nil
}
