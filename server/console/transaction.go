package console

import (
	"errors"

	"github.com/agentvault/teg-layer/server/client"
)

// transactionPage is one transaction, with the proof that it is in the log.
type transactionPage struct {
	*client.Transaction
	Proof      *client.InclusionProof // nil where there is none yet
	Own        bool                   // whether the visitor was paid by it
	Refundable bool
}

func transaction(v *visit) (any, error) {
	id := client.TransactionID(v.r.PathValue("id"))
	found, err := v.api.GetTransaction(v.r.Context(), id)
	if err != nil {
		return nil, err
	}
	page := transactionPage{Transaction: found, Own: found.ReceiverAgentID != nil && *found.ReceiverAgentID == v.who.Agent}
	page.Refundable = page.Own && (found.TransactionType == client.TransactionTypeTransfer || found.TransactionType == client.TransactionTypeHoldCapture)
	page.Proof, err = v.api.GetTransactionProof(v.r.Context(), id, client.GetTransactionProofQuery{})
	var refused *client.Error
	if errors.As(err, &refused) && refused.Status != 401 { // no checkpoint, or none yet that has it
		err = nil
	}
	return page, err
}
