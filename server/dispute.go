package server

import (
	"net/http"

	"github.com/agentvault/teg-layer/server/api"
	"github.com/agentvault/teg-layer/teg"
)

type disputeRequest api.DisputeRequest

func (in *disputeRequest) check(f *faults) {
	f.filled("reason_code", in.ReasonCode, teg.MaxDisputeReason)
	f.filled("brief_description", in.BriefDescription, teg.MaxDisputeDescription)
	f.text("dispute_reason_category", in.DisputeReasonCategory, teg.MaxDisputeReason)
	if in.AVTPTransactionID != nil {
		f.filled("avtp_transaction_id", *in.AVTPTransactionID, teg.MaxReference)
	}
	checkID(f, "transaction_id", "transaction", in.TransactionID, teg.ParseTransactionID)
	if (in.TransactionID == nil) == (in.AVTPTransactionID == nil) {
		f.add("transaction_id", "either this or avtp_transaction_id is required, and not both", in.TransactionID)
	}
}

func postDispute(c *call, in *disputeRequest) (answer, error) {
	d, err := c.engine().RaiseDispute(c.ctx, teg.RaiseDisputeParams{
		By: c.caller.Agent, Defendant: in.DefendantAgentID, TransactionID: readID(in.TransactionID, teg.ParseTransactionID), AVTP: orZero(in.AVTPTransactionID),
		Reason: in.ReasonCode, Description: in.BriefDescription, Pointer: orZero(in.EvidencePointer), Category: orZero(in.DisputeReasonCategory), Key: c.key,
	})
	if err != nil {
		return answer{}, valued(err, "evidence_pointer", orZero(in.EvidencePointer))
	}
	return answer{status: http.StatusCreated, body: viewOf(&d.Dispute, d.Evidence, d.Timeline), replayed: d.Replayed}, nil
}

type evidenceRequest api.EvidenceRequest

func (in *evidenceRequest) check(f *faults) {
	f.text("description", in.Description, teg.MaxDisputeNotes)
}

func postEvidence(c *call, in *evidenceRequest) (answer, error) {
	d, err := c.engine().AddEvidence(c.ctx, teg.EvidenceParams{
		By: c.caller.Agent, DisputeID: c.disputeID(), Pointer: in.EvidencePointer, Description: orZero(in.Description),
	})
	return c.disputeAnswer(&d, valued(err, "evidence_pointer", in.EvidencePointer))
}

type responseRequest api.ResponseRequest

func (in *responseRequest) check(f *faults) {
	f.filled("response", in.Response, teg.MaxDisputeResponse)
}

func postResponse(c *call, in *responseRequest) (answer, error) {
	d, err := c.engine().RespondToDispute(c.ctx, teg.ResponseParams{By: c.caller.Agent, DisputeID: c.disputeID(), Response: in.Response})
	return c.disputeAnswer(&d, err)
}

func postWithdraw(c *call, _ *api.WithdrawRequest) (answer, error) {
	d, err := c.engine().WithdrawDispute(c.ctx, teg.WithdrawDisputeParams{By: c.caller.Agent, DisputeID: c.disputeID()})
	return c.disputeAnswer(&d, err)
}

// disputeAnswer is a dispute after an act upon it, with all that was said and done.
func (c *call) disputeAnswer(d *teg.DisputeReceipt, err error) (answer, error) {
	if err != nil {
		return answer{}, err
	}
	view, err := c.engine().Dispute(c.ctx, teg.DID{}, d.ID)
	if err != nil {
		return answer{}, err
	}
	if c.dry { // what the act would add is not there to be read
		view.Dispute, view.Evidence = d.Dispute, append(view.Evidence, d.Evidence...)
		for _, step := range d.Timeline {
			if step.Seq > view.Timeline[len(view.Timeline)-1].Seq { // or a deadline took it, which is read
				view.Timeline = append(view.Timeline, step)
			}
		}
	}
	return answer{body: viewOf(&view.Dispute, view.Evidence, view.Timeline)}, nil
}

// getDispute shows a dispute to its parties, and to those who decide.
func getDispute(c *call) (answer, error) {
	viewer, err := c.viewer(arbitrators.roles)
	if err != nil {
		return answer{}, err
	}
	view, err := c.engine().Dispute(c.ctx, viewer, c.disputeID())
	return answer{body: viewOf(&view.Dispute, view.Evidence, view.Timeline)}, err
}

// disputeID is the dispute that the path names, zero for what is no id; see
// [call.transactionID].
func (c *call) disputeID() teg.DisputeID {
	id, _ := teg.ParseDisputeID(c.vars["dispute_id"])
	return id
}

// getMyDisputes lists those of the caller, in one role or in both.
func getMyDisputes(c *call) (func() (answer, error), error) {
	q := teg.DisputesQuery{Viewer: c.caller.Agent, Status: oneOf(&c.query, "status", teg.ParseDisputeStatus)}
	switch role := c.query.text("role"); {
	case !c.query.given("role"):
		q.Party = c.caller.Agent
	case role == "claimant":
		q.Claimant = c.caller.Agent
	case role == "defendant":
		q.Defendant = c.caller.Agent
	default:
		c.query.fault("role", "must be claimant or defendant")
	}
	return c.listDisputes(q)
}

// getDisputes lists everybody's, for those who decide.
func getDisputes(c *call) (func() (answer, error), error) {
	return c.listDisputes(teg.DisputesQuery{
		Viewer: c.caller.Agent, Status: oneOf(&c.query, "status", teg.ParseDisputeStatus), Party: c.query.agent("agent_id"),
	})
}

func (c *call) listDisputes(q teg.DisputesQuery) (func() (answer, error), error) {
	p := c.query.page()
	q.Limit, q.Offset, q.Cursor, q.Total = p.limit, p.offset, p.cursor, p.total
	return func() (answer, error) {
		found, err := c.engine().Disputes(c.ctx, q)
		if err != nil {
			return answer{}, valued(err, "cursor", p.cursor)
		}
		body := api.DisputesPage{
			Disputes: make([]api.Dispute, len(found.Disputes)), Page: p.info(found.Total, found.TotalCapped, found.NextCursor),
		}
		for i := range found.Disputes {
			body.Disputes[i] = disputeOf(&found.Disputes[i])
		}
		return answer{body: body}, nil
	}, nil
}
