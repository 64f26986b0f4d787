package server

import (
	"strconv"

	"github.com/agentvault/teg-layer/teg"
)

type signalRequest struct {
	Value int `json:"signal_value"`
}

func (in *signalRequest) check(f *faults) {
	if in.Value != 1 && in.Value != -1 {
		shown := strconv.Itoa(in.Value)
		f.add("signal_value", "must be 1 or -1", &shown)
	}
}

type signalBody struct {
	TransactionID teg.TransactionID `json:"transaction_id"`
	Sender        teg.DID           `json:"sender_agent_id"`
	Receiver      teg.DID           `json:"receiver_agent_id"`
	Value         int               `json:"signal_value"`
	Reputation    int               `json:"new_receiver_reputation"`
	Status        string            `json:"status"`
}

// postSignal praises, or complains of, who was paid. It takes no key: the payment is
// one, for it has one signal.
func postSignal(c *call, in *signalRequest) (answer, error) {
	r, err := c.engine().Signal(c.ctx, teg.SignalParams{By: c.caller.Agent, TransactionID: c.transactionID(), Value: in.Value})
	return answer{body: signalBody{r.TransactionID, r.From, r.To, r.Value, r.Score, "applied"}}, err
}
