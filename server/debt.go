package server

import (
	"github.com/agentvault/teg-layer/server/api"
	"github.com/agentvault/teg-layer/teg"
)

func debtOf(d *teg.Debt) api.Debt {
	return api.Debt{
		DebtID: d.ID, DebtorAgentID: d.Debtor, CreditorAgentID: d.Creditor, Amount: d.Amount, CollectedAmount: d.Collected, OutstandingAmount: d.Left,
		DisputeID: teg.DisputeID(d.Cause), CreatedAt: stamp(d.CreatedAt), ClosedAt: stampOrNull(d.ClosedAt), IsOpen: d.Open(),
	}
}

// getDebts lists what the caller owes or, in the role of a creditor, what is owed to
// it, newest first. The sum is over all that is open, whichever page was asked for.
func getDebts(c *call) (func() (answer, error), error) {
	agent, err := c.subject()
	if err != nil {
		return nil, err
	}
	q := teg.DebtsQuery{Debtor: agent}
	switch role := c.query.text("role"); {
	case !c.query.given("role") || role == "debtor":
	case role == "creditor":
		q.Debtor, q.Creditor = teg.DID{}, agent
	default:
		c.query.fault("role", "must be debtor or creditor")
	}
	q.OpenOnly = c.query.flag("open_only")
	p := c.query.page()
	q.Limit, q.Offset, q.Cursor, q.Total = p.limit, p.offset, p.cursor, p.total
	return func() (answer, error) {
		found, err := c.engine().Debts(c.ctx, q)
		if err != nil {
			return answer{}, valued(err, "cursor", p.cursor)
		}
		body := api.DebtsPage{
			AgentID: agent, Debts: make([]api.Debt, len(found.Debts)), TotalOutstanding: found.Left,
			Page: p.info(found.Total, false, found.NextCursor),
		}
		for i := range found.Debts {
			body.Debts[i] = debtOf(&found.Debts[i])
		}
		return answer{body: body}, nil
	}, nil
}
