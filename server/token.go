package server

import (
	"github.com/agentvault/teg-layer/teg"
)

type balanceBody struct {
	Agent   teg.DID    `json:"agent_id"`
	Balance teg.Amount `json:"balance"`
	Locked  teg.Amount `json:"locked_balance"`
	Staked  teg.Amount `json:"staked_balance"`
	Total   teg.Amount `json:"total_balance"`
}

func getBalance(c *call) (answer, error) {
	b, err := c.engine().Balance(c.ctx, c.caller.Agent)
	return answer{body: balanceBody{b.Agent, b.Available, b.Locked, b.Staked, b.Total}}, err
}

type transferRequest struct {
	Receiver  teg.DID    `json:"receiver_agent_id"`
	Amount    teg.Amount `json:"amount"`
	Message   *string    `json:"message"`
	Reference *string    `json:"reference"`
}

func (in *transferRequest) check(f *faults) {
	f.sum("amount", &in.Amount)
	f.text("message", in.Message, teg.MaxMessage)
	f.text("reference", in.Reference, teg.MaxReference)
}

type transferBody struct {
	TransactionID teg.TransactionID `json:"transaction_id"`
	Status        string            `json:"status"`
	Sender        teg.DID           `json:"sender_agent_id"`
	Receiver      teg.DID           `json:"receiver_agent_id"`
	Amount        teg.Amount        `json:"amount"`
	Fee           teg.Amount        `json:"fee_amount"`
	SenderBalance teg.Amount        `json:"new_sender_balance"`
	Timestamp     string            `json:"timestamp"`
	Message       *string           `json:"attached_message"`
	Type          string            `json:"transaction_type,omitempty"` // of a refund
	ReferenceID   *string           `json:"reference_id,omitempty"`     // of a refund
}

func transferAnswer(r teg.TransferReceipt) transferBody {
	return transferBody{
		TransactionID: r.TransactionID, Status: "completed", Sender: r.From, Receiver: r.To, Amount: r.Amount, Fee: r.Fee,
		SenderBalance: r.SenderBalance, Timestamp: stamp(r.At), Message: orNull(r.Message), ReferenceID: orNull(r.ReferenceID),
	}
}

func postTransfer(c *call, in *transferRequest) (answer, error) {
	r, err := c.engine().Transfer(c.ctx, teg.TransferParams{
		From: c.caller.Agent, To: in.Receiver, Amount: in.Amount,
		Message: orZero(in.Message), Reference: orZero(in.Reference), Key: c.key,
	})
	return answer{body: transferAnswer(r), replayed: r.Replayed}, err
}

type systemTransferRequest struct {
	Account string     `json:"system_account_type"`
	Amount  teg.Amount `json:"amount"`
	Purpose *string    `json:"purpose"`
}

func (in *systemTransferRequest) check(f *faults) {
	if in.Account != "treasury" {
		f.add("system_account_type", "must be treasury", &in.Account)
	}
	f.sum("amount", &in.Amount)
	f.text("purpose", in.Purpose, teg.MaxPurpose)
}

type systemTransferBody struct {
	TransactionID teg.TransactionID `json:"transaction_id"`
	Status        string            `json:"status"`
	Sender        teg.DID           `json:"sender_agent_id"`
	Receiver      teg.DID           `json:"system_receiver_id"`
	Account       string            `json:"system_account_type"`
	Amount        teg.Amount        `json:"amount"`
	Purpose       *string           `json:"purpose"`
	SenderBalance teg.Amount        `json:"new_sender_balance"`
	Timestamp     string            `json:"timestamp"`
}

func postSystemTransfer(c *call, in *systemTransferRequest) (answer, error) {
	r, err := c.engine().TransferToSystem(c.ctx, teg.SystemTransferParams{
		From: c.caller.Agent, Amount: in.Amount, Purpose: orZero(in.Purpose), Key: c.key,
	})
	return answer{body: systemTransferBody{
		TransactionID: r.TransactionID, Status: "completed", Sender: r.From, Receiver: r.To, Account: in.Account,
		Amount: r.Amount, Purpose: orNull(r.Message), SenderBalance: r.SenderBalance, Timestamp: stamp(r.At),
	}, replayed: r.Replayed}, err
}

type refundRequest struct {
	Amount  *teg.Amount `json:"amount"`
	Message *string     `json:"message"`
}

func (in *refundRequest) check(f *faults) {
	f.sum("amount", in.Amount)
	f.text("message", in.Message, teg.MaxMessage)
}

func postRefund(c *call, in *refundRequest) (answer, error) {
	r, err := c.engine().Refund(c.ctx, teg.RefundParams{
		By: c.caller.Agent, TransactionID: c.transactionID(), Amount: orZero(in.Amount), Message: orZero(in.Message), Key: c.key,
	})
	body := transferAnswer(r)
	body.Type = r.Type.String()
	return answer{body: body, replayed: r.Replayed}, valued(err, "amount", orZero(in.Amount).String())
}

// transactionID is the transaction that the path names. What is no id becomes
// the zero one: it names nothing either, and the engine says so in its turn,
// after suspension and replay.
func (c *call) transactionID() teg.TransactionID {
	id, _ := teg.ParseTransactionID(c.vars["transaction_id"])
	return id
}
