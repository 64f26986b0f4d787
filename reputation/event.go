package reputation

import (
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
)

// ErrSignalApplied refuses a second signal for a payment, whatever it says.
var ErrSignalApplied = ledger.NewReason("BIZ_SIGNAL_ALREADY_APPLIED", "a signal has been given for this transaction")

// Reason says why a score changed. The zero value is invalid. The numbers are
// stored: they are never reused and only appended to.
type Reason uint8

// The reasons. A disputed outcome takes back what an outcome did before.
const (
	Signalled Reason = iota + 1
	Succeeded
	ProviderFailed
	ConsumerFailed
	OutcomeDisputed
	FlagConfirmed
	Attested // an attestation was accepted, or its proof verified
	DisputeLost
	DisputeWon
)

var reasonNames = [...]string{
	Signalled: "signal", Succeeded: "avtp_success", ProviderFailed: "avtp_failure_provider", ConsumerFailed: "avtp_failure_consumer",
	OutcomeDisputed: "avtp_disputed", FlagConfirmed: "flag_confirmed", Attested: "attestation",
	DisputeLost: "dispute_lost", DisputeWon: "dispute_won",
}

// Valid reports whether the reason is one of those above.
func (r Reason) Valid() bool { return r >= Signalled && r <= DisputeWon }

// ByReport reports whether what happened was told by a report.
func (r Reason) ByReport() bool { return r >= Succeeded && r <= OutcomeDisputed }

// String is the stable text form, such as "avtp_success".
func (r Reason) String() string {
	if !r.Valid() {
		return "invalid"
	}
	return reasonNames[r]
}

// Event is one change of one score. It is kept for ever and never changes; the
// score is the sum of the applied changes.
type Event struct {
	Agent     ledger.AccountID
	Seq       int64 // its place in the agent's chain, from 1, without gaps
	Requested int   // what the rules ask for
	Applied   int   // what of it did not pass a bound
	Value     int   // the score after it
	Reason    Reason
	Giver     ledger.AccountID     // of a signal; zero otherwise
	Weight    amount.Rate          // of a signal: how much is meant, in trust; above 0
	Cause     ledger.TransactionID // the transaction that a signal is about; zero: none
	Related   ledger.ID            // the report that an outcome came by, the flag, the attestation, or the dispute; zero: none
	Void      bool                 // asked of [Score.Add]: keep it, and apply it as 0
	At        time.Time
}

// Pair is who gives signals to whom.
type Pair struct{ Giver, Agent ledger.AccountID }

// GivenSignal is what was said of a transaction.
type GivenSignal struct {
	Transaction ledger.TransactionID
	Value       int // 1 or -1
}
