package server

import (
	"time"

	"github.com/agentvault/teg-layer/teg"
)

type reputationBody struct {
	Agent        teg.DID  `json:"agent_id"`
	Score        int      `json:"reputation_score"`
	Tier         string   `json:"reputation_tier"`
	UpdatedAt    *string  `json:"last_update"`
	Transactions int64    `json:"total_transactions"`
	Positive     int64    `json:"positive_signals"`
	Negative     int64    `json:"negative_signals"`
	Percentile   float64  `json:"percentile"`
	Trust        *float64 `json:"trust_score"`
}

func getReputation(c *call) (answer, error) {
	id, err := c.agentID()
	if err != nil {
		return answer{}, err
	}
	r, err := c.engine().Reputation(c.ctx, id)
	return answer{body: reputationBody{
		r.Agent, r.Score, r.Tier, stampOrNull(r.UpdatedAt), r.Transactions, r.Positive, r.Negative, r.Percentile, r.Trust,
	}}, err
}

type historyBody struct {
	Agent   teg.DID         `json:"agent_id"`
	History []historyChange `json:"history"`
	pageInfo
}

type historyChange struct {
	Timestamp   string  `json:"timestamp"`
	Change      int     `json:"score_change"`
	Score       int     `json:"new_score"`
	Reason      string  `json:"reason"`
	Transaction *string `json:"related_transaction_id"`
	Related     *string `json:"related_id"`
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
		body := historyBody{
			Agent: id, History: make([]historyChange, len(found.Events)), pageInfo: p.info(found.Total, found.TotalCapped, found.NextCursor),
		}
		for i, e := range found.Events {
			body.History[i] = historyChange{
				stamp(e.At), e.Change, e.Score, e.Reason, orNull(e.TransactionID.String()), orNull(e.RelatedID),
			}
		}
		return answer{body: body}, nil
	}, nil
}
