package server

import (
	"github.com/agentvault/teg-layer/server/api"
	"github.com/agentvault/teg-layer/teg"
)

func getBalance(c *call) (answer, error) {
	b, err := c.engine().Balance(c.ctx, c.caller.Agent)
	return answer{body: api.Balance{AgentID: b.Agent, Balance: b.Available, LockedBalance: b.Locked, StakedBalance: b.Staked, TotalBalance: b.Total}}, err
}

type transferRequest api.TransferRequest

func (in *transferRequest) check(f *faults) {
	f.sum("amount", &in.Amount)
	f.text("message", in.Message, teg.MaxMessage)
	f.text("reference", in.Reference, teg.MaxReference)
}

func transferAnswer(r teg.TransferReceipt) api.Transfer {
	return api.Transfer{
		TransactionID: r.TransactionID, Status: "completed", SenderAgentID: r.From, ReceiverAgentID: r.To, Amount: r.Amount, FeeAmount: r.Fee,
		NewSenderBalance: r.SenderBalance, Timestamp: stamp(r.At), AttachedMessage: orNull(r.Message),
	}
}

func postTransfer(c *call, in *transferRequest) (answer, error) {
	r, err := c.engine().Transfer(c.ctx, teg.TransferParams{
		From: c.caller.Agent, To: in.ReceiverAgentID, Amount: in.Amount,
		Message: orZero(in.Message), Reference: orZero(in.Reference), Key: c.key,
	})
	return answer{body: transferAnswer(r), replayed: r.Replayed}, err
}

type systemTransferRequest api.SystemTransferRequest

func (in *systemTransferRequest) check(f *faults) {
	if in.SystemAccountType != "treasury" {
		f.add("system_account_type", "must be treasury", &in.SystemAccountType)
	}
	f.sum("amount", &in.Amount)
	f.text("purpose", in.Purpose, teg.MaxPurpose)
}

func postSystemTransfer(c *call, in *systemTransferRequest) (answer, error) {
	r, err := c.engine().TransferToSystem(c.ctx, teg.SystemTransferParams{
		From: c.caller.Agent, Amount: in.Amount, Purpose: orZero(in.Purpose), Key: c.key,
	})
	return answer{body: api.SystemTransfer{
		TransactionID: r.TransactionID, Status: "completed", SenderAgentID: r.From, SystemReceiverID: r.To, SystemAccountType: in.SystemAccountType,
		Amount: r.Amount, Purpose: orNull(r.Message), NewSenderBalance: r.SenderBalance, Timestamp: stamp(r.At),
	}, replayed: r.Replayed}, err
}

type refundRequest api.RefundRequest

func (in *refundRequest) check(f *faults) {
	f.sum("amount", in.Amount)
	f.text("message", in.Message, teg.MaxMessage)
}

func postRefund(c *call, in *refundRequest) (answer, error) {
	r, err := c.engine().Refund(c.ctx, teg.RefundParams{
		By: c.caller.Agent, TransactionID: c.transactionID(), Amount: orZero(in.Amount), Message: orZero(in.Message), Key: c.key,
	})
	original, _ := teg.ParseTransactionID(r.ReferenceID) // of a refund it is one
	body := api.Refund{Transfer: transferAnswer(r), TransactionType: r.Type.String(), ReferenceID: original}
	return answer{body: body, replayed: r.Replayed}, valued(err, "amount", orZero(in.Amount).String())
}

// transactionID is the transaction that the path names. What is no id becomes
// the zero one: it names nothing either, and the engine says so in its turn,
// after suspension and replay.
func (c *call) transactionID() teg.TransactionID {
	id, _ := teg.ParseTransactionID(c.vars["transaction_id"])
	return id
}
