package server

import (
	"net/http"

	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/teg"
)

type reportRequest struct {
	AVTP        string             `json:"avtp_transaction_id"`
	Initiator   teg.DID            `json:"initiating_agent_did"`
	Responder   teg.DID            `json:"responding_agent_did"`
	Service     *string            `json:"service_identifier"`
	Price       *teg.Amount        `json:"price_avt"`
	Outcome     teg.ServiceOutcome `json:"outcome_status"`
	SLA         *string            `json:"sla_identifier_referenced"`
	Transaction *string            `json:"transaction_id"`
}

func (in *reportRequest) check(f *faults) {
	f.filled("avtp_transaction_id", in.AVTP, teg.MaxReference)
	f.text("service_identifier", in.Service, teg.MaxMessage)
	f.text("sla_identifier_referenced", in.SLA, teg.MaxReference)
	checkID(f, "transaction_id", "transaction", in.Transaction, teg.ParseTransactionID)
	if in.Initiator == in.Responder {
		given := in.Responder.String()
		f.add("responding_agent_did", "must be another than the initiator", &given)
	}
}

type reportBody struct {
	ID      teg.ReportID      `json:"log_id"`
	Status  string            `json:"status"`
	Changes []scoreChangeBody `json:"reputation_changes"`
}

type scoreChangeBody struct {
	Agent  teg.DID `json:"agent_id"`
	Change int     `json:"score_change"`
	Score  int     `json:"new_score"`
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
		By: c.caller.Agent, Final: final, AVTP: in.AVTP, Initiator: in.Initiator, Responder: in.Responder,
		Outcome: in.Outcome, Service: orZero(in.Service), SLA: orZero(in.SLA), Price: orZero(in.Price),
		TransactionID: readID(in.Transaction, teg.ParseTransactionID),
	})
	body := reportBody{r.ID, r.Status.String(), make([]scoreChangeBody, len(r.Changes))}
	for i, change := range r.Changes {
		body.Changes[i] = scoreChangeBody{change.Agent, change.Change, change.Score}
	}
	if r.Replayed {
		return answer{body: body}, err
	}
	return answer{status: http.StatusCreated, body: body}, err
}
