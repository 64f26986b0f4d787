package webhook

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/agentvault/teg-layer/ledger"
)

// Place is how far a webhook was told of the log.
type Place struct {
	Webhook ID
	// Position is that of the first event that it has not been told of, where Pending;
	// else it was told of all below, and of those below which all webhooks were.
	Position int64
	Pending  bool
	Failures int64     // in a row, of its first message that is not delivered
	Since    time.Time // of the first of them; zero: there is none
	NextAt   time.Time // before which nothing is sent
}

// DeliveryState is what became of a message. The zero DeliveryState is invalid.
type DeliveryState uint8

// The states of messages.
const (
	Delivered DeliveryState = iota + 1 // the receiver took it
	Failing                            // it is tried again
	Failed                             // it is not, by itself
)

var deliveryNames = [...]string{Delivered: "DELIVERED", Failing: "FAILING", Failed: "FAILED"}

// Valid reports whether the state is one of those above.
func (s DeliveryState) Valid() bool { return s >= Delivered && s <= Failed }

// String returns the text form, such as "DELIVERED".
func (s DeliveryState) String() string {
	if !s.Valid() {
		return "invalid"
	}
	return deliveryNames[s]
}

// MarshalText returns the text form.
func (s DeliveryState) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// ParseDeliveryState reads the text form.
func ParseDeliveryState(text string) (DeliveryState, error) {
	if i := slices.Index(deliveryNames[:], text); text != "" && i > 0 {
		return DeliveryState(i), nil
	}
	return 0, ledger.Invalid("state", "must be DELIVERED, FAILING or FAILED")
}

// Attempt is one try to deliver a message.
type Attempt struct {
	At     time.Time     `json:"at"`
	Took   time.Duration `json:"took"`
	Status int           `json:"status,omitempty"` // of the answer; 0: there was none
	Fault  string        `json:"fault,omitempty"`  // why it failed; empty: it did not
}

// Bounds of what is remembered of deliveries.
const (
	MaxAttempts   = 30   // of one message, the newest
	MaxDeliveries = 1000 // of one webhook, the newest
)

// Delivery is a message with the attempts to deliver it.
type Delivery struct {
	ID        MessageID
	Webhook   ID
	Event     ledger.ID // what it tells of; of a test an event that is in no log
	Position  int64     // of that in the log; −1 of a test
	Action    string
	CreatedAt time.Time // of the first attempt
	State     DeliveryState
	Attempts  []Attempt
	UpdatedAt time.Time
}

// Test reports whether the message was a test, which tells of nothing that happened.
func (d *Delivery) Test() bool { return d.Position < 0 }

// Add is the delivery after one more attempt.
func (d Delivery) Add(a Attempt, state DeliveryState) Delivery {
	if len(d.Attempts) == 0 {
		d.CreatedAt = a.At
	}
	kept := d.Attempts[max(0, len(d.Attempts)+1-MaxAttempts):]
	d.Attempts = append(kept[:len(kept):len(kept)], a)
	d.State, d.UpdatedAt = state, a.At
	return d
}

// EncodeAttempts is how attempts are kept.
func EncodeAttempts(list []Attempt) string {
	text, err := json.Marshal(list)
	if err != nil { // times beyond the year 9999, which no clock tells
		return "[]"
	}
	return string(text)
}

// DecodeAttempts reads what [EncodeAttempts] wrote.
func DecodeAttempts(text string) (list []Attempt, err error) {
	err = json.Unmarshal([]byte(text), &list)
	return list, err
}
