package mcp

import (
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/server/client"
)

type quoteIn struct {
	Amount string `json:"amount" jsonschema:"how much the receiver is to get, in AVT, as a decimal string"`
}

type quote struct {
	Amount string `json:"amount"`
	Fee    string `json:"fee"`
	Total  string `json:"total" jsonschema:"what it would cost: amount and fee"`
}

type payIn struct {
	To        string `json:"to" jsonschema:"the DID of the agent to pay"`
	Amount    string `json:"amount" jsonschema:"how much it gets, in AVT, as a decimal string; the fee comes on top"`
	Message   string `json:"message,omitempty" jsonschema:"words to the receiver, at most 256 characters"`
	Reference string `json:"reference,omitempty" jsonschema:"a name of your own for what is paid, such as an invoice: one payment for ever bears it"`
	Key       string `json:"idempotency_key,omitempty" jsonschema:"names this payment: with the same key it is made once. Leave it out, unless the same payment is meant a second time"`
}

type paid struct {
	TransactionID string `json:"transaction_id"`
	To            string `json:"to"`
	Amount        string `json:"amount"`
	Fee           string `json:"fee"`
	Available     string `json:"available" jsonschema:"what can be spent after it, in AVT"`
	At            string `json:"at"`
	Key           string `json:"idempotency_key" jsonschema:"repeat the call with it where its outcome is in doubt"`
	Replayed      bool   `json:"replayed" jsonschema:"whether it was made before, and not again"`
}

// addPayments adds the tools that pay, and what goes before.
func (w *wallet) addPayments() {
	add(w, tool{name: "quote", title: "What a payment costs", description: "The fee of a payment, and what it costs in all. Pays nothing."},
		func(c *calling, in quoteIn) (quote, error) {
			fee, err := c.fee(in.Amount)
			if err != nil {
				return quote{}, err
			}
			return quote{fee.Amount.String(), fee.FeeAmount.String(), fee.TotalAmount.String()}, nil
		})
	add(w, tool{name: "pay", title: "Pay an agent", acts: true, description: "Pays another agent, at once and for good."}, pay)
}

// fee is what a payment of an amount costs.
func (c *calling) fee(text string) (*client.Fee, error) {
	sum, err := amountIn("amount", text)
	if err != nil {
		return nil, err
	}
	return c.CalculateFee(c.ctx, sum)
}

// feeWithin is the fee, where this wallet has to know it.
func (c *calling) feeWithin(text string) (amount.Amount, error) {
	if c.wallet.spending.all.IsZero() {
		return amount.Amount{}, nil
	}
	fee, err := c.fee(text)
	if err != nil {
		return amount.Amount{}, err
	}
	return fee.FeeAmount, nil
}

func pay(c *calling, in payIn) (paid, error) {
	to, err := agentIn("to", in.To)
	if err != nil {
		return paid{}, err
	}
	sum, err := amountIn("amount", in.Amount)
	if err != nil {
		return paid{}, err
	}
	fee, err := c.feeWithin(in.Amount)
	if err != nil {
		return paid{}, err
	}
	request := client.TransferRequest{ReceiverAgentID: to, Amount: sum, Message: in.Message, Reference: in.Reference}
	var out paid
	key, err := c.once("pay", in, in.Key, func(key string) error {
		return c.wallet.spending.pay(c, "pay", key, sum, fee, func() (bool, error) {
			var came client.Answer
			sent, err := c.Transfer(c.ctx, request, append(c.options(key), client.Record(&came))...)
			if err == nil {
				out = paid{
					TransactionID: string(sent.TransactionID), To: sent.ReceiverAgentID.String(), Amount: sent.Amount.String(), Fee: sent.FeeAmount.String(),
					Available: sent.NewSenderBalance.String(), At: stamp(sent.Timestamp), Replayed: repeated(&came),
				}
			}
			return out.Replayed, err
		})
	})
	out.Key = key
	return out, err
}
