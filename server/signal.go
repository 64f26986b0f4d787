package server

import (
	"strconv"

	"github.com/agentvault/teg-layer/server/api"
	"github.com/agentvault/teg-layer/teg"
)

type signalRequest api.SignalRequest

func (in *signalRequest) check(f *faults) {
	if in.SignalValue != 1 && in.SignalValue != -1 {
		shown := strconv.Itoa(in.SignalValue)
		f.add("signal_value", "must be 1 or -1", &shown)
	}
}

// postSignal praises, or complains of, who was paid. It takes no key: the payment is
// one, for it has one signal.
func postSignal(c *call, in *signalRequest) (answer, error) {
	r, err := c.engine().Signal(c.ctx, teg.SignalParams{By: c.caller.Agent, TransactionID: c.transactionID(), Value: in.SignalValue})
	return answer{body: api.Signal{
		TransactionID: r.TransactionID, SenderAgentID: r.From, ReceiverAgentID: r.To, SignalValue: r.Value, NewReceiverReputation: r.Score, Status: "applied",
	}}, err
}
