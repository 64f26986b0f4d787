package decider

import (
	"strconv"

	"github.com/agentvault/teg-layer/teg"
)

// Input is the document that a policy looks at.
type Input struct {
	Acts []Act `json:"acts"`
}

// Act is an act as a policy sees it. What an act has not is not there. Amounts are texts,
// as everywhere: to_number of Rego reads them.
type Act struct {
	Verb      string   `json:"verb"` // as the audit log has it, such as transfer or raise_dispute
	By        string   `json:"by"`   // the DID of who asks
	Roles     []string `json:"roles"`
	RequestID string   `json:"request_id,omitempty"`
	DryRun    bool     `json:"dry_run"`
	Batch     bool     `json:"batch"` // one of several that are carried out together

	Sender   string `json:"sender,omitempty"`
	Receiver string `json:"receiver,omitempty"`
	Agent    string `json:"agent,omitempty"`
	Amount   string `json:"amount,omitempty"` // in AVT, such as "10.5"
	All      bool   `json:"all"`              // no amount was named: all that there is; amount is the most that it can be, where that is known
	Rate     string `json:"rate,omitempty"`   // a fraction, such as "0.05"

	Reference   string `json:"reference,omitempty"`
	Transaction string `json:"transaction_id,omitempty"`
	Hold        string `json:"hold_id,omitempty"`
	Stake       string `json:"stake_id,omitempty"`
	Delegation  string `json:"delegation_id,omitempty"`
	Dispute     string `json:"dispute_id,omitempty"`
	Flag        string `json:"flag_id,omitempty"`
	Policy      string `json:"policy_id,omitempty"`
	Attestation string `json:"attestation_id,omitempty"`
	Name        string `json:"name,omitempty"`
	Value       string `json:"value,omitempty"`
}

// NewInput is the document about acts.
func NewInput(intents []teg.Intent) Input {
	in := Input{Acts: make([]Act, len(intents))}
	for i := range intents {
		in.Acts[i] = newAct(&intents[i])
	}
	return in
}

func newAct(i *teg.Intent) Act {
	a := Act{
		Verb: i.Verb.String(), By: i.By.String(), Roles: append([]string{}, i.Roles...), RequestID: i.RequestID, DryRun: i.DryRun, Batch: i.Batch,
		Sender: i.Sender.String(), Receiver: i.Receiver.String(), Agent: i.Agent.String(), All: i.All,
		Reference: i.Reference, Transaction: i.Transaction.String(), Hold: i.Hold.String(), Stake: i.Stake.String(),
		Delegation: i.Delegation.String(), Dispute: i.Dispute.String(), Flag: i.Flag.String(), Policy: i.Policy.String(),
		Attestation: i.Attestation.String(), Name: i.Name, Value: i.Value,
	}
	if !i.Amount.IsZero() {
		a.Amount = i.Amount.String()
	}
	if i.Rate != nil {
		a.Rate = i.Rate.FractionString()
	}
	return a
}

// place names an act in an error.
func place(i int) string { return "acts[" + strconv.Itoa(i) + "]" }
