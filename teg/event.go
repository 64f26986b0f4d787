package teg

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

// act is what an event says about an act, before it has an id and a time. Empty
// fields are left out.
type act struct {
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
}

// record writes the one event of an act.
func (d *decision) record(a act) {
	a.transactions = d.posted
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
	id := store.EventID(g.core.newID())
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
	hash := sha256.New()
	hash.Write(p.Salt[:])
	hash.Write(p.Body)
	return hex.EncodeToString(hash.Sum(nil))
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
	w.text("cycle", a.cycle.String())
	w.text("delegation", a.delegation.String())
	w.amount("fee", a.fee)
	w.text("hold", a.hold.String())
	w.text("id", id.String())
	w.text("private", a.private)
	if a.rate != nil {
		w.text("rate", a.rate.FractionString())
	}
	w.text("reason", a.reason)
	w.text("receiver", a.receiver.String())
	w.text("reference", a.reference)
	w.text("reference_id", a.referenceID)
	w.text("request", request)
	w.text("sender", a.sender.String())
	w.text("stake", a.stake.String())
	w.ids("transactions", a.transactions)
	w.time("until", a.until)
	w.name("v")
	w.b = append(w.b, '1', '}')
	return w.b
}

// canonical appends members to a JSON object. Callers name them in order.
type canonical struct{ b []byte }

func (w *canonical) name(name string) {
	if len(w.b) == 0 {
		w.b = append(w.b, '{')
	} else {
		w.b = append(w.b, ',')
	}
	w.b = append(w.b, '"')
	w.b = append(w.b, name...)
	w.b = append(w.b, '"', ':')
}

func (w *canonical) text(name, text string) {
	if text != "" {
		w.name(name)
		w.b = appendCanonicalText(w.b, text)
	}
}

func (w *canonical) amount(name string, a Amount) {
	if a.IsZero() {
		return
	}
	w.name(name)
	w.b = append(w.b, '"')
	w.b, _ = a.AppendText(w.b) // never fails
	w.b = append(w.b, '"')
}

func (w *canonical) time(name string, t time.Time) {
	if t.IsZero() {
		return
	}
	w.name(name)
	w.b = append(w.b, '"')
	w.b = t.UTC().AppendFormat(w.b, TimeFormat)
	w.b = append(w.b, '"')
}

func (w *canonical) ids(name string, ids []TransactionID) {
	if len(ids) == 0 {
		return
	}
	w.name(name)
	w.b = append(w.b, '[')
	for i, id := range ids {
		if i > 0 {
			w.b = append(w.b, ',')
		}
		w.b = append(w.b, `"tx_`...)
		w.b = hex.AppendEncode(w.b, id[:])
		w.b = append(w.b, '"')
	}
	w.b = append(w.b, ']')
}

// appendCanonicalText writes a JSON string with the fewest escapes, as RFC 8785
// wants it.
func appendCanonicalText(b []byte, text string) []byte {
	b = append(b, '"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r >= ' ':
			b = utf8.AppendRune(b, r)
		default:
			b = appendControl(b, r)
		}
	}
	return append(b, '"')
}

func appendControl(b []byte, r rune) []byte {
	const short = "\b\t\n\f\r"
	if i := slices.Index([]rune(short), r); i >= 0 {
		return append(b, '\\', "btnfr"[i])
	}
	b = append(b, `\u00`...)
	if r < 0x10 {
		b = append(b, '0')
	}
	return strconv.AppendInt(b, int64(r), 16)
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
