package teg

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/agentvault/teg-layer/store"
)

// places are where an event names agents.
type places uint8

const (
	asActor places = 1 << iota
	asSender
	asReceiver
	asAgent
	asJuror
)

// audience says which of those that an event names may see it, and what of it. What is
// not listed is for auditors alone.
type audience struct {
	who   places
	shown []string // fields for all of them, beside those of everyShown
	own   []string // and for the one who acted
}

// everyShown are the fields that all see who see an event at all. The actor is one of
// them only where the event names it in another place, too: who decided for the platform
// is not told.
var everyShown = []string{"action", "at", "id", "v"}

const parties = asSender | asReceiver

// audiences has each action that the log knows. What an agent gets to see is what the
// routes tell it that are for agents; no flag, no rule, no digest, nothing that another
// said in confidence.
var audiences = map[string]audience{
	"transfer":           {who: parties, shown: []string{"amount", "fee", "receiver", "sender", "transactions"}, own: []string{"reference", "request"}},
	"transfer_to_system": {who: asSender, shown: []string{"amount", "receiver", "sender", "transactions"}, own: []string{"reason", "request"}},
	"refund":             {who: parties, shown: []string{"amount", "receiver", "reference_id", "sender", "transactions"}, own: []string{"request"}},
	"hold": {
		who: parties, shown: []string{"amount", "fee", "hold", "reason", "receiver", "sender", "transactions", "until"}, own: []string{"reference", "request"},
	},
	"capture":      {who: parties, shown: []string{"amount", "fee", "hold", "receiver", "sender", "transactions"}, own: []string{"request"}},
	"void":         {who: parties, shown: []string{"amount", "fee", "hold", "receiver", "sender", "transactions"}, own: []string{"request"}},
	"hold_expired": {who: asSender, shown: []string{"amount", "fee", "hold", "sender", "transactions"}},
	"issue":        {who: asReceiver, shown: []string{"amount", "receiver", "transactions"}},
	"burn":         {},
	"adjust":       {who: parties, shown: []string{"amount", "receiver", "reference_id", "sender", "transactions"}},
	actGarnish:     {who: asSender, shown: []string{"amount", "reference_id", "sender", "transactions"}},
	"pay_debt":     {who: parties, shown: []string{"amount", "receiver", "reference_id", "sender", "transactions"}},

	"register_agent":        {who: asAgent, shown: []string{"agent", "amount", "reason", "transactions"}, own: []string{"request"}},
	"suspend_agent":         {who: asAgent, shown: []string{"agent", "reason", "until"}},
	"reactivate_agent":      {who: asAgent, shown: []string{"agent"}},
	"deactivate_agent":      {who: asAgent, shown: []string{"agent"}, own: []string{"reason", "request"}},
	"set_roles":             {},
	"issue_bootstrap_token": {},

	"create_webhook": {}, "update_webhook": {}, "pause_webhook": {}, "resume_webhook": {}, "rotate_webhook": {}, "end_webhook": {},

	"stake":             {who: asSender, shown: []string{"amount", "sender", "stake", "transactions"}, own: []string{"request"}},
	"unstake":           {who: asReceiver, shown: []string{"amount", "receiver", "stake", "transactions", "until"}, own: []string{"request"}},
	"delegate":          {who: parties, shown: []string{"amount", "delegation", "rate", "receiver", "sender", "stake", "transactions"}, own: []string{"request"}},
	"undelegate":        {who: parties, shown: []string{"amount", "delegation", "receiver", "sender", "stake"}, own: []string{"request"}},
	"claim_rewards":     {who: asReceiver, shown: []string{"amount", "receiver", "stake", "transactions"}, own: []string{"request"}},
	"compound":          {who: asReceiver, shown: []string{"amount", "receiver", "stake", "transactions"}},
	"unbonding_release": {who: asReceiver, shown: []string{"amount", "receiver", "stake", "transactions"}},
	"reward_cycle":      {},
	"slash":             {who: asSender, shown: []string{"amount", "rate", "reason", "reference", "sender"}},

	"signal": {who: parties, shown: []string{"given", "receiver", "reference_id", "scores", "sender", "value", "weight"}, own: []string{"request"}},
	"report_outcome": { // what the other side said may decide what one says
		who:   asActor,
		shown: []string{"final", "given", "outcome", "payment", "price", "reason", "receiver", "reference", "reference_id", "request", "scores", "sender", "service", "sla", "status"},
	},

	"raise_flag": {}, "update_flag": {}, "update_flags": {}, "escalate_flag": {}, "set_rules": {},
	"put_policy": {}, "deactivate_policy": {}, "register_circuit": {},

	"attest":             {who: asAgent, shown: attestationShown, own: []string{"request"}},
	"review_attestation": {who: asAgent, shown: attestationShown},
	"pay_attestation":    {who: asAgent, shown: attestationShown},
	"see_evidence":       {who: asAgent, shown: attestationShown},

	"raise_dispute":      {who: parties, shown: disputeShown, own: []string{"request"}},
	"add_evidence":       {who: parties, shown: disputeShown, own: []string{"request"}},
	"respond_to_dispute": {who: parties, shown: disputeShown, own: []string{"request"}},
	"withdraw_dispute":   {who: parties, shown: disputeShown, own: []string{"request"}},
	"advance_dispute":    {who: parties, shown: disputeShown},
	"resolve_dispute":    {who: parties, shown: disputeShown},
	"store_evidence":     {who: parties, shown: disputeShown},

	"draw_panel":    {who: asJuror, shown: []string{"reference", "reference_id", "status", "until"}},
	"advance_panel": {},
	"commit_vote":   {who: asAgent, shown: []string{"agent", "reference", "reference_id", "value"}, own: []string{"request"}},
	"reveal_vote":   {who: asAgent, shown: []string{"agent", "reference", "reference_id", "status", "value"}, own: []string{"request"}},
}

var (
	attestationShown = []string{"agent", "amount", "reason", "receiver", "reference_id", "scores", "status", "transactions", "value"}
	disputeShown     = []string{
		"amount", "collected", "evidence", "frivolous", "given", "hold", "outcome", "penalty", "pointer", "reason", "receiver", "reference_id", "scores", "sender",
		"status", "transactions", "until", "value",
	}
)

// EventActions are all actions that events of this log have, in alphabetical order.
func EventActions() []string { return slices.Sorted(maps.Keys(audiences)) }

// eventNames is where an event's body names agents.
type eventNames struct {
	Sender   string `json:"sender"`
	Receiver string `json:"receiver"`
	Agent    string `json:"agent"`
	Panel    struct {
		Seats []struct {
			Juror string `json:"juror"`
		} `json:"seats"`
	} `json:"panel"`
}

// mention is an agent that an event names, and in which places.
type mention struct {
	agent string
	in    places
}

// mentionsIn lists the agents that an event names, each once.
func mentionsIn(event *store.Event) []mention {
	list := []mention{{event.Actor.String(), asActor}}
	var body eventNames
	if json.Unmarshal(event.Body, &body) != nil {
		return list
	}
	add := func(agent string, in places) {
		if agent == "" {
			return
		}
		if at := slices.IndexFunc(list, func(m mention) bool { return m.agent == agent }); at >= 0 {
			list[at].in |= in
			return
		}
		list = append(list, mention{agent, in})
	}
	add(body.Sender, asSender)
	add(body.Receiver, asReceiver)
	add(body.Agent, asAgent)
	for _, seat := range body.Panel.Seats {
		add(seat.Juror, asJuror)
	}
	return list
}

// cutTo returns what those see of an event who may see it, in its canonical form, and
// what of them the one who acted does.
func (a *audience) cutTo(event *store.Event, mentions []mention, acted bool) (json.RawMessage, error) {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(event.Body, &all); err != nil {
		return nil, err
	}
	fields := slices.Concat(everyShown, a.shown)
	if acted {
		fields = append(fields, a.own...)
	}
	if a.tellsActor(mentions) {
		fields = append(fields, "actor")
	}
	slices.Sort(fields)
	w := canonical{}
	for _, name := range fields {
		if value, given := all[name]; given {
			w.object(name, value)
		}
	}
	return append(w.b, '}'), nil
}

// tellsActor reports whether the one who acted is one of those that may see the event.
func (a *audience) tellsActor(mentions []mention) bool {
	return slices.ContainsFunc(mentions, func(m mention) bool { return m.in&asActor != 0 && m.in&a.who != 0 })
}
