package teg

import (
	"crypto/rand"
	"time"

	"github.com/agentvault/teg-layer/governance/auditor"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/reputation"
	"github.com/agentvault/teg-layer/store"
)

// act is what an event says about an act, before it has an id and a time. Empty
// fields are left out.
type act struct {
	id           store.EventID // zero: it gets one
	action       string
	sender       DID
	receiver     DID
	agent        DID // whose standing changed
	amount       Amount
	fee          Amount
	hold         HoldID
	transactions []TransactionID
	reason       string
	reference    string
	referenceID  string
	until        time.Time
	stake        StakeID
	delegation   DelegationID
	cycle        CycleID
	rate         *Rate
	private      string // digest of the private part
	value        string // of a signal
	weight       *Rate  // of a signal
	given        time.Time
	outcome      string // that became settled by this act
	status       string
	price        Amount
	service      string        // that a report is about
	sla          string        // that it refers to
	payment      TransactionID // that it names
	final        bool          // it is the platform's
	panel        []byte        // of a round of a panel: see drawObject and closeObject
	rules        []RuleChange
	collected    Amount     // of a penalty
	evidence     EvidenceID // in a dispute
	frivolous    bool
	penalty      Amount
	pointer      string     // of the evidence
	policy       *Policy    // as it is by this act
	scores       []scoreAct // what became of scores by this act
	debts        []debtAct  // that were made by it
	revoked      string     // roles that an agent lacks by it, with commas between them
}

// scoreAct is a change of a score as its event tells it.
type scoreAct struct {
	agent DID
	reputation.Event
}

// record writes the one event of an act.
func (d *decision) record(a act) {
	a.transactions = d.posted
	a.scores, d.act.scores = d.act.scores, nil
	a.debts, d.act.debts = d.act.debts, nil
	if a.private == "" {
		a.private = d.act.private
	}
	actor := d.op.by
	if actor.IsZero() {
		actor = d.core.config.Treasury
	}
	d.emit(actor, d.op.request, a)
}

func (g *group) emit(actor DID, request string, a act) {
	id := a.id
	if id == (store.EventID{}) {
		id = store.EventID(g.core.newID())
	}
	g.changes.Events = append(g.changes.Events, store.Event{
		ID: id, Action: a.action, Actor: actor, At: g.now,
		Body: a.encode(id, actor, request, g.now),
	})
}

// keepPrivate sets a text aside that may have to be erased one day, and returns
// the digest that the event keeps of it.
func (g *group) keepPrivate(id ledger.ID, text string) string {
	p := store.Private{ID: id, Body: []byte(text)}
	rand.Read(p.Salt[:]) // never fails
	g.changes.Private = append(g.changes.Private, p)
	return digestOfWords(&p)
}

// TimeFormat is the text form of times: RFC 3339 in UTC, always with
// microseconds.
const TimeFormat = "2006-01-02T15:04:05.000000Z"

// encode writes the canonical form of an event: a JSON object with its names in
// order and no white space (RFC 8785). It is written here and nowhere else.
func (a *act) encode(id store.EventID, actor DID, request string, at time.Time) []byte {
	w := canonical{b: make([]byte, 0, 512)}
	w.text("action", a.action)
	w.text("actor", actor.String())
	w.text("agent", a.agent.String())
	w.amount("amount", a.amount)
	w.time("at", at)
	w.amount("collected", a.collected)
	w.text("cycle", a.cycle.String())
	w.objects("debts", len(a.debts), func(i int) []byte { return a.debts[i].encode() })
	w.text("delegation", a.delegation.String())
	w.text("evidence", a.evidence.String())
	w.amount("fee", a.fee)
	w.truth("final", a.final)
	w.truth("frivolous", a.frivolous)
	w.time("given", a.given)
	w.text("hold", a.hold.String())
	w.text("id", id.String())
	w.text("outcome", a.outcome)
	w.object("panel", a.panel)
	w.text("payment", a.payment.String())
	w.amount("penalty", a.penalty)
	w.text("pointer", a.pointer)
	if a.policy != nil {
		w.object("policy", encodePolicy(a.policy))
	}
	w.amount("price", a.price)
	w.text("private", a.private)
	if a.rate != nil {
		w.text("rate", a.rate.FractionString())
	}
	w.text("reason", a.reason)
	w.text("receiver", a.receiver.String())
	w.text("reference", a.reference)
	w.text("reference_id", a.referenceID)
	w.text("request", request)
	w.text("revoked", a.revoked)
	w.objects("rules", len(a.rules), func(i int) []byte { return auditor.EncodeChange(&a.rules[i]) })
	w.objects("scores", len(a.scores), func(i int) []byte { return a.scores[i].encode() })
	w.text("sender", a.sender.String())
	w.text("service", a.service)
	w.text("sla", a.sla)
	w.text("stake", a.stake.String())
	w.text("status", a.status)
	w.ids("transactions", a.transactions)
	w.time("until", a.until)
	w.name("v")
	w.b = append(w.b, '1')
	w.text("value", a.value)
	if a.weight != nil {
		w.text("weight", a.weight.FractionString())
	}
	w.b = append(w.b, '}')
	return w.b
}

func (s *scoreAct) encode() []byte {
	w := canonical{}
	w.text("agent", s.agent.String())
	w.number("applied", int64(s.Applied))
	w.text("reason", s.Reason.String())
	w.number("requested", int64(s.Requested))
	w.number("score", int64(s.Value))
	w.number("seq", s.Seq)
	return append(w.b, '}')
}

// eventBody is what of an event is read back.
type eventBody struct {
	Request      string   `json:"request"`
	Agent        string   `json:"agent"`
	Hold         string   `json:"hold"`
	Stake        string   `json:"stake"`
	Delegation   string   `json:"delegation"`
	Cycle        string   `json:"cycle"`
	ReferenceID  string   `json:"reference_id"`
	Transactions []string `json:"transactions"`
}
