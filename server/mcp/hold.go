package mcp

import (
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/server/client"
)

type holdIn struct {
	To      string `json:"to" jsonschema:"the DID of the agent that is to be paid later"`
	Amount  string `json:"amount" jsonschema:"how much is set aside for it, in AVT, as a decimal string; the fee comes on top"`
	Seconds int64  `json:"expires_in_seconds,omitempty" jsonschema:"after which it comes back by itself; the server's default without"`
	Purpose string `json:"purpose,omitempty" jsonschema:"what it is for, at most 256 characters"`
	Key     string `json:"idempotency_key,omitempty" jsonschema:"names this hold: with the same key it is made once. Leave it out, unless the same hold is meant a second time"`
}

type settleIn struct {
	HoldID  string `json:"hold_id"`
	Outcome string `json:"outcome" jsonschema:"capture pays the receiver, and only who made the hold can; void gives it back, which the receiver can"`
	Amount  string `json:"amount,omitempty" jsonschema:"to capture a part, in AVT; the rest comes back. All of it without"`
	Key     string `json:"idempotency_key,omitempty"`
}

type held struct {
	HoldID    string `json:"hold_id"`
	Payer     string `json:"payer"`
	Receiver  string `json:"receiver"`
	Amount    string `json:"amount"`
	Fee       string `json:"fee"`
	Captured  string `json:"captured"`
	Status    string `json:"status"`
	ExpiresAt string `json:"expires_at"`
	Key       string `json:"idempotency_key"`
	Replayed  bool   `json:"replayed" jsonschema:"whether it was done before, and not again"`
}

// addHolds adds the tools that set value aside.
func (w *wallet) addHolds() {
	add(w, tool{name: "hold", title: "Set aside for an agent", acts: true,
		description: "Sets value aside for another agent, which is sure of it then and is paid by \"settle\"."}, hold)
	add(w, tool{name: "settle", title: "Settle what was set aside", acts: true,
		description: "Ends a hold: pays its receiver (capture), or gives it back to its payer (void)."}, settle)
}

func hold(c *calling, in holdIn) (held, error) {
	to, err := agentIn("to", in.To)
	if err != nil {
		return held{}, err
	}
	sum, err := amountIn("amount", in.Amount)
	if err != nil {
		return held{}, err
	}
	fee, err := c.feeWithin(in.Amount)
	if err != nil {
		return held{}, err
	}
	request := client.HoldRequest{ReceiverAgentID: to, Amount: sum, Purpose: in.Purpose}
	if in.Seconds != 0 {
		request.ExpiresInSeconds = &in.Seconds
	}
	return c.hold("hold", in, in.Key, func(key string, came *client.Answer) (h *client.Hold, err error) {
		err = c.wallet.spending.pay(c, "hold", key, sum, fee, func() (bool, error) {
			h, err = c.CreateHold(c.ctx, request, append(c.options(key), client.Record(came))...)
			return repeated(came), err
		})
		return h, err
	})
}

func settle(c *calling, in settleIn) (held, error) {
	id := client.HoldID(in.HoldID)
	switch {
	case in.HoldID == "":
		return held{}, &inputError{"hold_id", "must name a hold"}
	case in.Outcome == "void" && in.Amount == "":
		return c.hold("settle", in, in.Key, func(key string, came *client.Answer) (*client.Hold, error) {
			return c.VoidHold(c.ctx, id, append(c.options(key), client.Record(came))...)
		})
	case in.Outcome != "capture":
		return held{}, &inputError{"outcome", "must be capture, or void without an amount"}
	}
	var part *amount.Amount
	if in.Amount != "" {
		sum, err := amountIn("amount", in.Amount)
		if err != nil {
			return held{}, err
		}
		part = &sum
	}
	return c.hold("settle", in, in.Key, func(key string, came *client.Answer) (*client.Hold, error) {
		return c.CaptureHold(c.ctx, id, client.CaptureRequest{Amount: part}, append(c.options(key), client.Record(came))...)
	})
}

// hold does something with a hold, once.
func (c *calling) hold(tool string, in any, given string, do func(key string, came *client.Answer) (*client.Hold, error)) (held, error) {
	var out held
	key, err := c.once(tool, in, given, func(key string) error {
		var came client.Answer
		h, err := do(key, &came)
		if err == nil {
			out = held{
				HoldID: string(h.HoldID), Payer: h.PayerAgentID.String(), Receiver: h.ReceiverAgentID.String(), Amount: h.Amount.String(), Fee: h.FeeAmount.String(),
				Captured: h.CapturedAmount.String(), Status: string(h.Status), ExpiresAt: stamp(h.ExpiresAt), Replayed: repeated(&came),
			}
		}
		return err
	})
	out.Key = key
	return out, err
}
