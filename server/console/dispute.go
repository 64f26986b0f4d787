package console

import (
	"errors"

	"github.com/agentvault/teg-layer/server/client"
)

// disputePage is where one dispute is worked on.
type disputePage struct {
	*client.DisputeInFull
	Filter    *filter
	Subject   *client.Transaction // that it is about; nil without
	Panel     *client.Panel       // nil without
	Ballot    *ballot             // nil where the visitor is no juror of a round that goes on
	Claimant  bool                // whether the visitor is it
	Defendant bool
	Arbiter   bool                   // whether the visitor may decide it
	Open      bool                   // whether it has not ended
	Next      []client.DisputeStatus // to where an arbiter can move it
	Rulings   []ruling
	Resolve   bool // whether it can be decided now
}

func oneDispute(v *visit) (any, error) {
	found, err := v.api.GetDispute(v.r.Context(), client.DisputeID(v.r.PathValue("id")))
	if err != nil {
		return nil, err
	}
	page := disputePage{DisputeInFull: found, Filter: v.filter("penalty", "hold", "reputation"), Open: found.Deadline != nil}
	page.Claimant, page.Defendant = found.ClaimantAgentID == v.who.Agent, found.DefendantAgentID == v.who.Agent
	page.Arbiter = v.who.may(arbitrators) && !page.Claimant && !page.Defendant
	if page.Subject, err = v.subject(found.TransactionID); err != nil {
		return nil, err
	}
	page.Panel, err = v.api.GetPanel(v.r.Context(), found.DisputeID)
	if err != nil && !errors.Is(err, client.ErrEntityNotFound) {
		return nil, err
	}
	page.Ballot = ballotOf(page.Panel, v.who.Agent)
	switch found.Status {
	case client.DisputeStatusOpen:
		page.Next = []client.DisputeStatus{client.DisputeStatusUnderReview, client.DisputeStatusRejected}
	case client.DisputeStatusUnderReview:
		page.Next = []client.DisputeStatus{client.DisputeStatusAwaitingArbitration, client.DisputeStatusRejected}
	case client.DisputeStatusAwaitingArbitration:
		page.Resolve = true
	}
	if page.Open {
		page.Rulings, err = v.rulings(&page)
	}
	return page, err
}

// subject is the transaction that a dispute is about, where the visitor may see it.
func (v *visit) subject(id *client.TransactionID) (*client.Transaction, error) {
	if id == nil {
		return nil, nil
	}
	found, err := v.api.GetTransaction(v.r.Context(), *id)
	if errors.Is(err, client.ErrEntityNotFound) {
		return nil, nil
	}
	return found, err
}
