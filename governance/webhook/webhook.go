package webhook

import (
	"slices"
	"strings"
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/did"
)

// Status is where a webhook stands. The zero Status is invalid.
type Status uint8

// The states of webhooks.
const (
	Active Status = iota + 1
	Paused        // nothing is sent; it goes on where it stopped
	Ended         // for good: deleted by its owner, or by its receiver's 410
)

var statusNames = [...]string{Active: "ACTIVE", Paused: "PAUSED", Ended: "ENDED"}

// Valid reports whether the status is one of those above.
func (s Status) Valid() bool { return s >= Active && s <= Ended }

// String returns the text form, such as "ACTIVE".
func (s Status) String() string {
	if !s.Valid() {
		return "invalid"
	}
	return statusNames[s]
}

// MarshalText returns the text form.
func (s Status) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// ParseStatus reads the text form.
func ParseStatus(text string) (Status, error) {
	if i := slices.Index(statusNames[:], text); text != "" && i > 0 {
		return Status(i), nil
	}
	return 0, ledger.Invalid("status", "must be ACTIVE, PAUSED or ENDED")
}

// Bounds of a webhook.
const (
	MaxURL         = 2048 // bytes
	MaxDescription = 255  // characters
	MaxActions     = 64   // kinds of events that one is told of
	MaxLive        = 20   // webhooks that have not ended, of one owner
	MaxReason      = 500  // characters of why it stands where it does
)

// Webhook is an address that is told of events.
type Webhook struct {
	ID        ID
	Owner     did.DID
	All       bool // of all agents' events; else of those that concern its owner
	CreatedAt time.Time

	URL         string
	Actions     string  // kinds of events, in order with a space between; empty: all that its owner may see
	About       did.DID // with All: of those alone that concern this agent; zero: of all
	Description string
	Status      Status
	Reason      string    // why it stands there, where nobody asked for it or somebody said so
	Generation  int64     // of the secret that it is signed with, from 1
	OldUntil    time.Time // until then it is signed with the secret before as well; zero: there is none
	Steps       int64     // events of the log about it, its creation among them
	UpdatedAt   time.Time
}

// Takes reports whether it is told of this kind of events.
func (w *Webhook) Takes(action string) bool {
	return w.Actions == "" || slices.Contains(strings.Fields(w.Actions), action)
}

// Kinds are the kinds of events that it is told of; none: all.
func (w *Webhook) Kinds() []string { return strings.Fields(w.Actions) }

// JoinKinds is how [Webhook.Actions] says a list: each once, in order.
func JoinKinds(actions []string) string {
	sorted := slices.Clone(actions)
	slices.Sort(sorted)
	return strings.Join(slices.Compact(sorted), " ")
}

// Generations are those of the secrets that a message is signed with at an instant, the
// newest first.
func (w *Webhook) Generations(now time.Time) []int64 {
	if w.Generation > 1 && now.Before(w.OldUntil) {
		return []int64{w.Generation, w.Generation - 1}
	}
	return []int64{w.Generation}
}

// Live reports whether it has not ended.
func (w *Webhook) Live() bool { return w.Status != Ended }

// moves are the states that follow one another.
var moves = map[Status][]Status{Active: {Paused, Ended}, Paused: {Active, Ended}}

// Move is the webhook in another state: [ledger.ErrInvalidState] where that does not
// follow its own.
func (w Webhook) Move(to Status, reason string, now time.Time) (Webhook, error) {
	if !slices.Contains(moves[w.Status], to) {
		return w, ledger.Refuse(ledger.ErrInvalidState, "the webhook is %s, from which it does not become %s", w.Status, to)
	}
	w.Status, w.Reason = to, reason
	return w.step(now), nil
}

// Rotate is the webhook with the next secret, and with the one before for a while.
func (w Webhook) Rotate(oldFor time.Duration, now time.Time) (Webhook, error) {
	if !w.Live() {
		return w, ledger.Refuse(ledger.ErrInvalidState, "the webhook has ended")
	}
	w.Generation, w.OldUntil = w.Generation+1, now.Add(oldFor)
	return w.step(now), nil
}

// Change is the webhook with other values for what can change by itself.
func (w Webhook) Change(change func(*Webhook), now time.Time) (Webhook, error) {
	if !w.Live() {
		return w, ledger.Refuse(ledger.ErrInvalidState, "the webhook has ended")
	}
	change(&w)
	return w.step(now), nil
}

func (w Webhook) step(now time.Time) Webhook {
	w.Steps++
	w.UpdatedAt = now
	return w
}

// Changes is what a group decided about webhooks.
type Changes struct {
	Created, Changed []Webhook
}

// Empty reports whether there is nothing to write.
func (c *Changes) Empty() bool { return len(c.Created)+len(c.Changed) == 0 }

// Need is what a group has loaded of webhooks: those named, and those of owners that
// have not ended.
type Need struct {
	IDs    []ID
	Owners []did.DID
}

// Empty reports whether nothing is needed.
func (n *Need) Empty() bool { return len(n.IDs)+len(n.Owners) == 0 }
