package teg

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/agentvault/teg-layer/governance/attestation"
	"github.com/agentvault/teg-layer/governance/auditor"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/store"
)

// actBody is what rules read of an event.
type actBody struct {
	Agent        did.DID  `json:"agent"`
	Amount       Amount   `json:"amount"`
	Outcome      string   `json:"outcome"`
	Receiver     did.DID  `json:"receiver"`
	ReferenceID  string   `json:"reference_id"`
	Sender       did.DID  `json:"sender"`
	Status       string   `json:"status"`
	Transactions []string `json:"transactions"`
	Value        string   `json:"value"`
}

// The outcomes of services, as rules read them.
var outcomeValues = map[string]int{
	OutcomeSuccess.String(): auditor.Success, OutcomeFailureProvider.String(): auditor.ProviderFault,
	OutcomeFailureConsumer.String(): auditor.ConsumerFault, OutcomeDisputed.String(): auditor.Disputed,
}

// observed is an event as rules read it; of no kind where it tells them nothing, as
// what an administrator does, or the system by itself.
func (c *core) observed(event *store.Event) (auditor.Event, error) {
	seen := auditor.Event{Position: event.Position, At: c.plausible(event)}
	kind, known := tells[event.Action]
	if !known {
		return seen, nil
	}
	var body actBody
	if err := json.Unmarshal(event.Body, &body); err != nil {
		return seen, err
	}
	if n := len(body.Transactions); n > 0 { // of several the last is the act itself
		seen.Transaction, _ = ledger.ParseTransactionID(body.Transactions[n-1])
	}
	seen.Kind, seen.Amount = kind, body.Amount
	c.observeParties(&seen, event, &body)
	return seen, nil
}

// transactionsAt are those that events at some positions are about, in order of their
// creation. Of events that have been archived meanwhile there are none.
func (c *core) transactionsAt(ctx context.Context, positions []int64) ([]TransactionID, error) {
	events, err := c.store.Reader().EventsAt(ctx, positions...)
	if err != nil {
		return nil, outward(err)
	}
	var list []TransactionID
	for i := range events {
		if seen, err := c.observed(&events[i]); err == nil && !seen.Transaction.IsZero() { // as the rules read it
			list = append(list, seen.Transaction)
		}
	}
	slices.SortFunc(list, func(a, b TransactionID) int { return ledger.ID(a).Compare(ledger.ID(b)) })
	return list, nil
}

// plausible is when an event was committed. One of a clock that is far ahead would stop
// time for the rules until the others have caught up.
func (c *core) plausible(event *store.Event) time.Time {
	latest := c.clock.now().Add(clocksApart)
	if !event.At.After(latest) {
		return event.At
	}
	c.auditing.ahead.Do(func() {
		c.config.Logger.Error("an event of the log lies in the future; set the clocks of all servers", "event", event.ID, "at", event.At)
	})
	return latest
}

// tells are what actions tell rules.
var tells = map[string]auditor.Kind{
	"transfer": auditor.Payment, "capture": auditor.Payment,
	"signal": auditor.Signal, "report_outcome": auditor.Outcome,
	"register_agent": auditor.Registered, "issue": auditor.Funded, "adjust": auditor.Funded, "claim_rewards": auditor.Funded,
	"transfer_to_system": auditor.Acted, "hold": auditor.Acted, "void": auditor.Acted, "refund": auditor.Acted,
	"attest": auditor.Acted, "review_attestation": auditor.Funded, "pay_attestation": auditor.Funded,
	"stake": auditor.Acted, "unstake": auditor.Acted, "delegate": auditor.Acted, "undelegate": auditor.Acted,
}

// observeParties fills in who an event is about.
func (c *core) observeParties(seen *auditor.Event, event *store.Event, body *actBody) {
	seen.From, seen.To = body.Sender, body.Receiver
	switch event.Action {
	case "void":
		seen.From = event.Actor // either party may
	case "register_agent":
		seen.From = body.Agent
	case "adjust":
		if _, system := c.system.is(body.Sender); !system {
			seen.Kind = 0 // an administrator's act between agents, or a taking away
		}
	case "unstake", "undelegate":
		seen.From, seen.To = body.Receiver, DID{}
	case "attest", "review_attestation", "pay_attestation":
		observeAttestation(seen, body)
	case "signal":
		seen.Transaction, _ = ledger.ParseTransactionID(body.ReferenceID)
		if seen.Value = auditor.Praise; body.Value == "-1" {
			seen.Value = auditor.Complaint
		}
	case "report_outcome":
		value, settled := outcomeValues[body.Outcome]
		if seen.Value = value; !settled {
			seen.Kind = 0
		}
	}
	if seen.Kind == auditor.Payment || seen.Kind == auditor.Funded {
		c.observeSystem(seen)
	}
}

// observeAttestation tells proofs that do not hold, and rewards, from what else becomes
// of attestations.
func observeAttestation(seen *auditor.Event, body *actBody) {
	switch {
	case body.Status == attestation.Unverified.String():
		seen.Kind, seen.From, seen.Value = auditor.Proof, body.Agent, auditor.Unverified
	case !body.Receiver.IsZero():
		seen.Kind, seen.To = auditor.Funded, body.Receiver
	case seen.Kind == auditor.Acted:
		seen.From, seen.Amount = body.Agent, Amount{}
	default:
		seen.Kind = 0
	}
}

// observeSystem tells value that the system takes or gives from payments.
func (c *core) observeSystem(seen *auditor.Event) {
	_, from := c.system.is(seen.From)
	_, to := c.system.is(seen.To)
	switch {
	case to:
		seen.Kind, seen.To = auditor.Acted, DID{}
	case from, seen.Kind == auditor.Funded:
		seen.Kind, seen.From = auditor.Funded, DID{}
	}
	if seen.Kind == auditor.Acted && (from || seen.From.IsZero()) {
		seen.Kind = 0
	}
}
