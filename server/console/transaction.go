package console

import (
	"errors"
	"net/http"

	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/server/client"
)

// transactionPage is one transaction, with the proof that it is in the log.
type transactionPage struct {
	*client.Transaction
	Legs       *client.Legs           // nil where they are not for the visitor
	Proof      *client.InclusionProof // nil where there is none yet
	Refundable bool
	Judgeable  bool // whether the visitor may praise it, or complain
	Disputable bool
	Other      *did.DID // the other party, where the visitor is one
}

func transaction(v *visit) (any, error) {
	id := client.TransactionID(v.r.PathValue("id"))
	found, err := v.api.GetTransaction(v.r.Context(), id)
	if err != nil {
		return nil, err
	}
	page := transactionPage{Transaction: found}
	payment := found.TransactionType == client.TransactionTypeTransfer || found.TransactionType == client.TransactionTypeHoldCapture
	paid, pays := is(found.ReceiverAgentID, v.who.Agent), is(found.SenderAgentID, v.who.Agent)
	if page.Other = found.SenderAgentID; pays {
		page.Other = found.ReceiverAgentID
	}
	page.Refundable, page.Judgeable, page.Disputable = payment && paid, payment && pays && !found.ReputationSignalApplied, payment && (paid || pays)
	if v.may(auth.Auditor, auth.Admin) {
		if page.Legs, err = v.api.ListLegs(v.r.Context(), id); err != nil {
			return nil, err
		}
	}
	page.Proof, err = v.api.GetTransactionProof(v.r.Context(), id, client.GetTransactionProofQuery{})
	var refused *client.Error
	if errors.As(err, &refused) && refused.Status != http.StatusUnauthorized { // no checkpoint, or none yet that has it
		err = nil
	}
	return page, err
}
