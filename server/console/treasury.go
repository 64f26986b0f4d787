package console

import (
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/server/client"
)

// treasuryPage is what the economy itself has, how it gets it, and where it goes.
type treasuryPage struct {
	*client.Treasury
	Metrics *client.Metrics
	Fees    *client.FeeConfig
	Supply  []part
	Filter  *filter
	Moved   []client.Transaction // newest first
	Read    int                  // among how many of the whole economy
	Pager   pager
	Types   []client.TransactionType // by which others are looked for
}

// treasuryTypes are those of transactions in which the treasury itself takes part, as far as
// somebody looks for one of them.
var treasuryTypes = []client.TransactionType{
	client.TransactionTypeIssuance, client.TransactionTypeBurn, client.TransactionTypeGrant, client.TransactionTypeSystemTransfer,
	client.TransactionTypeAdjustment, client.TransactionTypeRewardFunding,
}

func treasury(v *visit) (any, error) {
	page := treasuryPage{Filter: v.filter("fees"), Types: treasuryTypes}
	var err error
	if page.Treasury, err = v.api.GetTreasury(v.r.Context()); err != nil {
		return nil, err
	}
	if page.Metrics, err = v.api.GetMetrics(v.r.Context()); err != nil {
		return nil, err
	}
	page.Supply = supply(page.Metrics)
	if page.Fees, err = v.api.GetFeeConfig(v.r.Context()); err != nil {
		return nil, err
	}
	return page, page.move(v)
}

// move reads what the treasury took part in, among the last transactions of the economy: those of
// it alone would be looked for among all, for which there may be too many.
func (p *treasuryPage) move(v *visit) error {
	last, err := v.api.ListAllTransactions(v.r.Context(), client.ListAllTransactionsQuery{Limit: lookedThrough, Cursor: p.Filter.Cursor})
	if err != nil {
		return err
	}
	p.Read, p.Pager = len(last.Transactions), p.Filter.pager(client.Page{NextCursor: last.NextCursor})
	for _, t := range last.Transactions {
		if is(t.SenderAgentID, p.AgentID) || is(t.ReceiverAgentID, p.AgentID) || p.Filter.Given["fees"] == "" && !t.FeeAmount.IsZero() {
			p.Moved = append(p.Moved, t)
		}
	}
	return nil
}

// is reports whether somebody is an agent.
func is(who *did.DID, agent did.DID) bool { return who != nil && *who == agent }
