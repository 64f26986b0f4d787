package server

import (
	"encoding/hex"

	"github.com/agentvault/teg-layer/teg"
)

type debtBody struct {
	ID          teg.DebtID `json:"debt_id"`
	Debtor      teg.DID    `json:"debtor_agent_id"`
	Creditor    teg.DID    `json:"creditor_agent_id"`
	Amount      teg.Amount `json:"amount"`
	Collected   teg.Amount `json:"collected_amount"`
	Outstanding teg.Amount `json:"outstanding_amount"`
	Dispute     string     `json:"dispute_id"`
	CreatedAt   string     `json:"created_at"`
	ClosedAt    *string    `json:"closed_at"`
	Open        bool       `json:"is_open"`
}

func debtOf(d *teg.Debt) debtBody {
	return debtBody{
		ID: d.ID, Debtor: d.Debtor, Creditor: d.Creditor, Amount: d.Amount, Collected: d.Collected, Outstanding: d.Left,
		Dispute: "disp_" + hex.EncodeToString(d.Cause[:]), CreatedAt: stamp(d.CreatedAt), ClosedAt: stampOrNull(d.ClosedAt), Open: d.Open(),
	}
}

type debtsBody struct {
	Agent       teg.DID    `json:"agent_id"`
	Debts       []debtBody `json:"debts"`
	Outstanding teg.Amount `json:"total_outstanding"`
	pageInfo
}

// getDebts lists what the caller owes or, in the role of a creditor, what is owed to
// it, newest first. The sum is over all that is open, whichever page was asked for.
func getDebts(c *call) (func() (answer, error), error) {
	q := teg.DebtsQuery{Debtor: c.caller.Agent}
	switch role := c.query.text("role"); {
	case !c.query.given("role") || role == "debtor":
	case role == "creditor":
		q.Debtor, q.Creditor = teg.DID{}, c.caller.Agent
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
		body := debtsBody{
			Agent: c.caller.Agent, Debts: make([]debtBody, len(found.Debts)), Outstanding: found.Left,
			pageInfo: p.info(found.Total, false, found.NextCursor),
		}
		for i := range found.Debts {
			body.Debts[i] = debtOf(&found.Debts[i])
		}
		return answer{body: body}, nil
	}, nil
}
