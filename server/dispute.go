package server

import (
	"net/http"

	"github.com/agentvault/teg-layer/teg"
)

type disputeRequest struct {
	Defendant   teg.DID `json:"defendant_agent_id"`
	Transaction *string `json:"transaction_id"`
	AVTP        *string `json:"avtp_transaction_id"`
	Reason      string  `json:"reason_code"`
	Description string  `json:"brief_description"`
	Pointer     *string `json:"evidence_pointer"`
	Category    *string `json:"dispute_reason_category"`
}

func (in *disputeRequest) check(f *faults) {
	f.filled("reason_code", in.Reason, teg.MaxDisputeReason)
	f.filled("brief_description", in.Description, teg.MaxDisputeDescription)
	f.text("dispute_reason_category", in.Category, teg.MaxDisputeReason)
	if in.AVTP != nil {
		f.filled("avtp_transaction_id", *in.AVTP, teg.MaxReference)
	}
	checkID(f, "transaction_id", "transaction", in.Transaction, teg.ParseTransactionID)
	if (in.Transaction == nil) == (in.AVTP == nil) {
		f.add("transaction_id", "either this or avtp_transaction_id is required, and not both", in.Transaction)
	}
}

func postDispute(c *call, in *disputeRequest) (answer, error) {
	d, err := c.engine().RaiseDispute(c.ctx, teg.RaiseDisputeParams{
		By: c.caller.Agent, Defendant: in.Defendant, TransactionID: readID(in.Transaction, teg.ParseTransactionID), AVTP: orZero(in.AVTP),
		Reason: in.Reason, Description: in.Description, Pointer: orZero(in.Pointer), Category: orZero(in.Category), Key: c.key,
	})
	if err != nil {
		return answer{}, valued(err, "evidence_pointer", orZero(in.Pointer))
	}
	return answer{status: http.StatusCreated, body: viewOf(&d.Dispute, d.Evidence, d.Timeline), replayed: d.Replayed}, nil
}

type evidenceRequest struct {
	Pointer     string  `json:"evidence_pointer"`
	Description *string `json:"description"`
}

func (in *evidenceRequest) check(f *faults) {
	f.text("description", in.Description, teg.MaxDisputeNotes)
}

func postEvidence(c *call, in *evidenceRequest) (answer, error) {
	d, err := c.engine().AddEvidence(c.ctx, teg.EvidenceParams{
		By: c.caller.Agent, DisputeID: c.disputeID(), Pointer: in.Pointer, Description: orZero(in.Description),
	})
	return c.disputeAnswer(&d, valued(err, "evidence_pointer", in.Pointer))
}

type responseRequest struct {
	Response string `json:"response"`
}

func (in *responseRequest) check(f *faults) {
	f.filled("response", in.Response, teg.MaxDisputeResponse)
}

func postResponse(c *call, in *responseRequest) (answer, error) {
	d, err := c.engine().RespondToDispute(c.ctx, teg.ResponseParams{By: c.caller.Agent, DisputeID: c.disputeID(), Response: in.Response})
	return c.disputeAnswer(&d, err)
}

type withdrawRequest struct{}

func postWithdraw(c *call, _ *withdrawRequest) (answer, error) {
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

type disputesBody struct {
	Disputes []disputeBody `json:"disputes"`
	pageInfo
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
		body := disputesBody{Disputes: make([]disputeBody, len(found.Disputes)), pageInfo: p.info(found.Total, found.TotalCapped, found.NextCursor)}
		for i := range found.Disputes {
			body.Disputes[i] = disputeOf(&found.Disputes[i])
		}
		return answer{body: body}, nil
	}, nil
}
