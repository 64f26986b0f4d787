package reputation

import (
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
)

// ReportID names a report of an outcome; its text form is "avtp_" and 32 hex digits.
type ReportID ledger.ID

const reportPrefix = "avtp_"

// String returns the text form, empty for the zero value.
func (id ReportID) String() string { return ledger.FormatID(reportPrefix, ledger.ID(id)) }

// IsZero reports whether the id names no report.
func (id ReportID) IsZero() bool { return ledger.ID(id).IsZero() }

// MarshalText returns the text form.
func (id ReportID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// ReportStatus is where an AVTP transaction stood once a report of it was taken in.
// The zero value is invalid. The numbers are stored.
type ReportStatus uint8

// The states.
const (
	ReportPending  ReportStatus = iota + 1 // nothing that is reported takes effect yet
	ReportApplied                          // an outcome has taken effect
	ReportDisputed                         // the parties contradict each other, or say so
)

var reportStatusNames = [...]string{ReportPending: "pending", ReportApplied: "applied", ReportDisputed: "disputed"}

// String is the stable text form, such as "applied".
func (s ReportStatus) String() string {
	if s < ReportPending || s > ReportDisputed {
		return "invalid"
	}
	return reportStatusNames[s]
}

// Report is what somebody said of the outcome of an AVTP transaction, and what it
// did. It never changes.
type Report struct {
	ID        ReportID
	Scope     ledger.ID // names the AVTP transaction and its two agents
	Own       ledger.ID // names the reporter, as whom it speaks, and the AVTP transaction: one report each
	Reporter  did.DID
	AVTP      string // the transaction's id as AVTP gives it
	Initiator ledger.AccountID
	Responder ledger.AccountID
	Service   string
	Price     amount.Amount        // zero: not told
	SLA       string               // that was referred to
	Transfer  ledger.TransactionID // that paid for it; zero: none was named
	Outcome   Outcome
	Final     bool // said by the platform itself
	Status    ReportStatus
	At        time.Time

	// What it changed: the events, and by how much; a Seq of 0 is no event.
	InitiatorSeq, ResponderSeq       int64
	InitiatorChange, ResponderChange int
}

// Same reports whether two reports that have the same Own say the same.
func (r *Report) Same(other *Report) bool {
	return r.Service == other.Service && r.Price == other.Price && r.SLA == other.SLA && r.Transfer == other.Transfer &&
		r.Outcome == other.Outcome
}

// Spends reports whether the payment that the report names counts for its AVTP
// transaction and for no other: it does by the word of who paid, the initiator, and
// by the platform's. Who was paid cannot spend it.
func (r *Report) Spends(initiator did.DID) bool {
	return !r.Transfer.IsZero() && (r.Final || r.Reporter == initiator)
}

// Changed reports whether the report made an event.
func (r *Report) Changed(e *Event) bool {
	return r.Initiator == e.Agent && r.InitiatorSeq == e.Seq && r.InitiatorChange == e.Applied ||
		r.Responder == e.Agent && r.ResponderSeq == e.Seq && r.ResponderChange == e.Applied
}

// Settle says where an AVTP transaction of the initiator stands by all that was
// reported of it, whatever the order: what the platform says is final. Otherwise
// parties that contradict each other make it disputed; an outcome takes effect when
// both report it, or when the initiator names its payment for it. The outcome is 0
// while nothing takes effect.
func Settle(initiator did.DID, reports []Report) (ReportStatus, Outcome) {
	var said Outcome
	voices, paid := 0, false
	for i := range reports {
		r := &reports[i]
		if r.Final {
			return statusOf(r.Outcome), r.Outcome
		}
		if voices > 0 && r.Outcome != said {
			said = Disputed
		}
		if voices == 0 {
			said = r.Outcome
		}
		voices++
		paid = paid || r.Spends(initiator)
	}
	if voices >= 2 || paid {
		return statusOf(said), said
	}
	return ReportPending, 0
}

func statusOf(o Outcome) ReportStatus {
	if o == Disputed {
		return ReportDisputed
	}
	return ReportApplied
}

// Settled reports whether the platform has said how it ended.
func Settled(reports []Report) bool {
	for i := range reports {
		if reports[i].Final {
			return true
		}
	}
	return false
}

// Change is what an outcome asks for.
type Change struct{ Initiator, Responder int }

// Changes are what a report asks for that moves an AVTP transaction from one outcome
// to another: what the new one is worth, and what was applied before taken back.
func (t Terms) Changes(before []Report, now Outcome) Change {
	change := map[Outcome]Change{
		Success: {Responder: t.Success}, FailureProvider: {Responder: t.FailureProvider}, FailureConsumer: {Initiator: t.FailureConsumer},
	}[now]
	for i := range before {
		change.Initiator -= before[i].InitiatorChange
		change.Responder -= before[i].ResponderChange
	}
	return change
}

// Reason is under which reason the outcome changes scores.
func (o Outcome) Reason() Reason {
	return map[Outcome]Reason{
		Success: Succeeded, FailureProvider: ProviderFailed, FailureConsumer: ConsumerFailed, Disputed: OutcomeDisputed,
	}[o]
}
