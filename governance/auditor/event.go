package auditor

import (
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
)

// Kind says what an [Event] tells. The zero value is invalid, and ignored.
type Kind uint8

// The kinds of events. From is always who acted.
const (
	// Payment: From paid To the Amount, by a transfer or the capture of a hold.
	// What goes to or comes from a system account, and refunds, which only take
	// back, are no payments.
	Payment Kind = iota + 1
	// Signal: From rated To for a transaction; Value is [Praise] or [Complaint].
	Signal
	// Outcome: a service that From asked of To ended; Value says how.
	Outcome
	// Proof: From handed in a proof; Value is [Verified] or [Unverified].
	Proof
	// Registered: From is a new agent.
	Registered
	// Funded: To got the Amount from the system, by issuance, grant or reward. An
	// agent that an issuance made is told of by this and not by Registered.
	Funded
	// Acted: From did something else, such as a stake or a refund. It is awake.
	Acted
)

// The values of events.
const (
	Praise    = 1 // of a Signal
	Complaint = -1

	Success       = 1 // of an Outcome
	Disputed      = 0
	ProviderFault = -1 // To failed
	ConsumerFault = -2 // From failed

	Verified   = 1 // of a Proof
	Unverified = -1
)

// Event is what rules read of one act. One that lacks a party its kind has, or
// whose two are the same, is ignored.
type Event struct {
	Position    int64     // in the log, from 0 and rising
	At          time.Time // when it was committed, to the microsecond
	Kind        Kind
	From, To    did.DID              // zero where the kind has none
	Amount      amount.Amount        // of a Payment or Funded
	Transaction ledger.TransactionID // the transaction that it made or is about, zero where there is none
	Value       int                  // of a Signal, Outcome or Proof

	from, to known // of the parties, while a pack looks at it
}

// complete reports whether the event has the parties of its kind.
func (e *Event) complete() bool {
	switch e.Kind {
	case Payment, Signal, Outcome:
		return !e.From.IsZero() && !e.To.IsZero() && e.From != e.To
	case Proof, Registered, Acted:
		return !e.From.IsZero()
	case Funded:
		return !e.To.IsZero()
	default:
		return false
	}
}
