package console

import (
	"slices"

	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/server/client"
)

// disputeStatuses are where disputes can stand, in their order.
var disputeStatuses = append(slices.Clone(openDisputes),
	client.DisputeStatusResolvedFavorClaimant, client.DisputeStatusResolvedFavorDefendant, client.DisputeStatusResolvedSplit,
	client.DisputeStatusRejected, client.DisputeStatusWithdrawn,
)

// openDisputes are the states that end by a deadline.
var openDisputes = []client.DisputeStatus{
	client.DisputeStatusOpen, client.DisputeStatusUnderReview, client.DisputeStatusAwaitingArbitration,
}

// disputesPage is the queue of arbitrators, and what the visitor is a party to.
type disputesPage struct {
	Filter   *filter
	Statuses []client.DisputeStatus
	Arbiter  bool
	Queue    []client.Dispute // open ones, the next deadline first
	Queued   int64
	List     []client.Dispute // of all agents, where they are filtered
	Pager    pager
	Mine     []client.Dispute
	MyPager  pager
	Seats    []client.TakenSeat
}

func disputes(v *visit) (any, error) {
	f := v.filter("status", "agent_id", "role", "mine")
	page := disputesPage{Filter: f, Statuses: disputeStatuses, Arbiter: v.who.may(arbitrators)}
	who, status := f.agent("agent_id"), client.DisputeStatus(f.Given["status"])
	if len(f.Faults) > 0 {
		return page, nil
	}
	var err error
	switch mine := !page.Arbiter || f.Given["mine"] != ""; {
	case mine:
		err = page.loadMine(v, status)
	case status == "" && who.IsZero():
		err = page.loadQueue(v)
	default:
		err = page.loadList(v, status, who)
	}
	if err != nil {
		return nil, err
	}
	seats, err := v.api.ListPanels(v.r.Context(), client.ListPanelsQuery{Limit: 10})
	if err != nil {
		return nil, err
	}
	page.Seats = seats.Panels
	return page, nil
}

// loadMine reads what the visitor is a party to.
func (p *disputesPage) loadMine(v *visit, status client.DisputeStatus) error {
	found, err := v.api.ListMyDisputes(v.r.Context(), client.ListMyDisputesQuery{
		Role: client.DisputeRole(p.Filter.Given["role"]), Status: status, Limit: listed, Cursor: p.Filter.Cursor,
	})
	if err != nil {
		return err
	}
	p.Mine, p.MyPager = found.Disputes, p.Filter.pager(found.Page)
	return nil
}

// loadQueue reads what is open. Of many in a state those that have been in it longest are read.
func (p *disputesPage) loadQueue(v *visit) error {
	for _, status := range openDisputes {
		query := client.ListDisputesQuery{Status: status, Limit: listed}
		found, err := v.api.ListDisputes(v.r.Context(), query)
		if err == nil && found.Total != nil && *found.Total > listed { // newest come first
			query.Offset = *found.Total - listed
			found, err = v.api.ListDisputes(v.r.Context(), query)
		}
		if err != nil {
			return err
		}
		if p.Queue = append(p.Queue, found.Disputes...); found.Total != nil {
			p.Queued += *found.Total
		}
	}
	slices.SortStableFunc(p.Queue, func(a, b client.Dispute) int {
		if a.Deadline == nil || b.Deadline == nil { // an open one has a deadline
			return 0
		}
		return a.Deadline.Compare(*b.Deadline)
	})
	return nil
}

// loadList reads those of a state, or of an agent.
func (p *disputesPage) loadList(v *visit, status client.DisputeStatus, who did.DID) error {
	found, err := v.api.ListDisputes(v.r.Context(), client.ListDisputesQuery{Status: status, AgentID: who, Limit: listed, Cursor: p.Filter.Cursor})
	if err != nil {
		return err
	}
	p.List, p.Pager = found.Disputes, p.Filter.pager(found.Page)
	return nil
}
