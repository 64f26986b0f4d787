package console

import (
	"errors"

	"github.com/agentvault/teg-layer/server/client"
)

// flagPage is one flag, with what it is about.
type flagPage struct {
	*client.FlagInFull
	Graph        *graph // of its transactions; nil without any
	Transactions []client.Transaction
	Left         int // transactions that are not shown
	Others       []client.TrustedFlag
	Open         bool
	Next         []client.FlagStatus // where it can go
	Rule         string              // page of the rule that raised it; empty where a person did
}

// mostRelated is how many transactions of a flag are looked up: each is a call.
const mostRelated = 40

func flag(v *visit) (any, error) {
	found, err := v.api.GetFlag(v.r.Context(), client.FlagID(v.r.PathValue("id")))
	if err != nil {
		return nil, err
	}
	page := flagPage{FlagInFull: found}
	switch found.Status {
	case client.FlagStatusNew:
		page.Open, page.Next = true, []client.FlagStatus{client.FlagStatusUnderReview}
	case client.FlagStatusUnderReview:
		page.Open, page.Next = true, []client.FlagStatus{client.FlagStatusResolved, client.FlagStatusFalsePositive}
	}
	if found.FlaggedBy == nil {
		page.Rule = v.console.href("rules", string(found.RuleViolatedCode))
	}
	if page.Transactions, err = v.related(found.RelatedTransactionIDs); err != nil {
		return nil, err
	}
	page.Left = len(found.RelatedTransactionIDs) - len(page.Transactions)
	page.Graph = drawn(v.console, page.Transactions, found.FlaggedAgentDID)
	others, err := v.api.ListFlags(v.r.Context(), client.ListFlagsQuery{AgentID: found.FlaggedAgentDID, Limit: 10})
	if err != nil {
		return nil, err
	}
	for _, other := range others.Flags {
		if other.FlagID != found.FlagID {
			page.Others = append(page.Others, other)
		}
	}
	return page, nil
}

// related are the first transactions of a list, as far as there are any.
func (v *visit) related(ids []client.TransactionID) ([]client.Transaction, error) {
	var list []client.Transaction
	for _, id := range ids[:min(len(ids), mostRelated)] {
		found, err := v.api.GetTransaction(v.r.Context(), id)
		if errors.Is(err, client.ErrEntityNotFound) { // a person can have named anything
			continue
		}
		if err != nil {
			return nil, err
		}
		list = append(list, *found)
	}
	return list, nil
}
