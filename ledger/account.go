package ledger

import (
	"time"

	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
)

// AccountID names one account row. Rows are locked in the order of their ids.
// Zero names none.
type AccountID int64

// Kind says what an account row is for. The zero value is invalid.
type Kind uint8

// The kinds of account rows. Agents own one row of each of the first two, and of
// the pools' and the last where they have one; system accounts have several rows, called
// stripes, so that payments to them do not queue for each other.
const (
	Available          Kind = iota + 1 // what an agent can spend
	Locked                             // what an agent's open holds have set aside
	Treasury                           // where fees go and from where grants come
	Issuance                           // the counterpart of all supply; the only account below zero
	Rewards                            // what reward cycles pay from
	Staked                             // the pool of an agent's own stakes
	Delegated                          // the pool of what others delegated to an agent
	Unbonding                          // what is on its way out of an agent's own stakes
	UnbondingDelegated                 // what is on its way out of what others delegated to an agent
	Garnished                          // what came in to an agent that owes, set aside for its creditors
)

// Stripes is how many rows a system account has. Stripe 0 pays; the others
// collect: those below [HostStripes] for the engine's own writers, the rest for
// transactions that a host brought.
const (
	Stripes     = 32
	HostStripes = 16
)

var kindNames = [...]string{
	Available: "available", Locked: "locked", Treasury: "treasury", Issuance: "issuance", Rewards: "rewards",
	Staked: "staked", Delegated: "delegated", Unbonding: "unbonding", UnbondingDelegated: "unbonding_delegated",
	Garnished: "garnished",
}

// Valid reports whether the kind is one of those above.
func (k Kind) Valid() bool { return k >= Available && k <= Garnished }

// String names the kind.
func (k Kind) String() string {
	if !k.Valid() {
		return "invalid"
	}
	return kindNames[k]
}

// System reports whether rows of this kind belong to the system and not to an
// agent.
func (k Kind) System() bool { return k >= Treasury && k <= Rewards }

// SystemKinds lists the kinds of system accounts.
func SystemKinds() []Kind { return []Kind{Treasury, Issuance, Rewards} }

// Status says what the owner of an account may do. The zero value is invalid.
type Status uint8

// The states of an agent.
const (
	Active      Status = iota + 1
	Suspended          // cannot start anything, can be paid
	Deactivated        // takes part in nothing any more
)

var statusNames = [...]string{Active: "active", Suspended: "suspended", Deactivated: "deactivated"}

// Valid reports whether the status is one of those above.
func (s Status) Valid() bool { return s >= Active && s <= Deactivated }

// String is the form that the HTTP API shows.
func (s Status) String() string {
	if !s.Valid() {
		return "invalid"
	}
	return statusNames[s]
}

// Account is one row: a balance, the length of its chain of entries, and what a
// rule must know about the owner before value moves.
type Account struct {
	ID      AccountID
	Owner   did.DID
	Kind    Kind
	Stripe  uint8
	Balance amount.Signed // negative for issuance only
	Seq     int64         // number of entries so far

	// Kept on agents' available rows; zero elsewhere, but for the status.
	Status         Status
	SuspendedUntil time.Time     // end of a timed suspension, zero when it has none
	Owes           amount.Amount // what is left of its open debts, that which is set aside for them included
	OpenHolds      int           // active and frozen holds that this account pays for
	NextHoldExpiry time.Time     // earliest expiry among the active ones, zero when there is none
	Positions      int           // active stakes and delegations
	NextUnbonding  time.Time     // when the first of what left its stakes has waited long enough, zero when nothing waits

	Tally Tally // kept on rows of system accounts
}

// Tally counts what has passed a row of a system account, so that no sum over
// the whole economy has to visit it.
type Tally struct {
	Debited      amount.Amount // what the account lost by transactions, as far as it is counted on this row
	Fees         amount.Amount // on treasury rows: all fees charged by the writer that collects here
	Transactions int64         // on treasury rows: all transactions posted by that writer
}

// StatusAt is the status in force: a timed suspension ends by itself.
func (a *Account) StatusAt(now time.Time) Status {
	if a.Status == Suspended && !a.SuspendedUntil.IsZero() && !now.Before(a.SuspendedUntil) {
		return Active
	}
	return a.Status
}

// HoldsDue reports whether a hold of this account has expired by now and still
// has to be released.
func (a *Account) HoldsDue(now time.Time) bool {
	return !a.NextHoldExpiry.IsZero() && !now.Before(a.NextHoldExpiry)
}

// UnbondingDue reports whether something that left a stake of this account's owner
// has waited long enough by now and still has to be given to it.
func (a *Account) UnbondingDue(now time.Time) bool {
	return !a.NextUnbonding.IsZero() && !now.Before(a.NextUnbonding)
}
