package server

import (
	"net/http"

	"github.com/agentvault/teg-layer/server/api"
	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/teg"
)

type reportRequest api.ReportRequest

func (in *reportRequest) check(f *faults) {
	f.filled("avtp_transaction_id", in.AVTPTransactionID, teg.MaxReference)
	f.text("service_identifier", in.ServiceIdentifier, teg.MaxMessage)
	f.text("sla_identifier_referenced", in.SLAIdentifierReferenced, teg.MaxReference)
	checkID(f, "transaction_id", "transaction", in.TransactionID, teg.ParseTransactionID)
	if in.InitiatingAgentDID == in.RespondingAgentDID {
		given := in.RespondingAgentDID.String()
		f.add("responding_agent_did", "must be another than the initiator", &given)
	}
}

// postReport takes in how a service over AVTP ended. What another program of the
// operator says is final. It takes no key: who reports the same again is answered as
// the first time, with 200.
func postReport(c *call, in *reportRequest) (answer, error) {
	final, err := c.actsAs(auth.System)
	if err != nil {
		return answer{}, err
	}
	r, err := c.engine().ReportOutcome(c.ctx, teg.OutcomeParams{
		By: c.caller.Agent, Final: final, AVTP: in.AVTPTransactionID, Initiator: in.InitiatingAgentDID, Responder: in.RespondingAgentDID,
		Outcome: in.OutcomeStatus, Service: orZero(in.ServiceIdentifier), SLA: orZero(in.SLAIdentifierReferenced), Price: orZero(in.PriceAVT),
		TransactionID: readID(in.TransactionID, teg.ParseTransactionID),
	})
	body := api.Report{LogID: r.ID, Status: api.ReportStatus(r.Status.String()), ReputationChanges: make([]api.ReportedChange, len(r.Changes))}
	for i, change := range r.Changes {
		body.ReputationChanges[i] = api.ReportedChange{AgentID: change.Agent, ScoreChange: change.Change, NewScore: change.Score}
	}
	if r.Replayed {
		return answer{body: body}, err
	}
	return answer{status: http.StatusCreated, body: body}, err
}
