package teg

import (
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/staking"
	"github.com/agentvault/teg-layer/store"
)

// The values of the lower layers under the names by which callers of the engine
// know them, so that they import only this package.
type (
	// Amount is an exact, non-negative sum in AVT, with 18 decimals.
	Amount = amount.Amount
	// Rate is a fraction from 0 to 1 in parts per million.
	Rate = amount.Rate
	// DID names an agent or a system account.
	DID = did.DID
	// TransactionID names a transaction: "tx_" and 32 hex digits.
	TransactionID = ledger.TransactionID
	// HoldID names a hold: "hold_" and 32 hex digits.
	HoldID = ledger.HoldID
	// EventID names an event of the log: "evt_" and 32 hex digits.
	EventID = store.EventID
	// StakeID names a stake: "stake_" and 32 hex digits.
	StakeID = staking.StakeID
	// DelegationID names a delegation: "del_" and 32 hex digits.
	DelegationID = staking.DelegationID
	// CycleID names a reward cycle: "cycle_" and 32 hex digits.
	CycleID = staking.CycleID
	// SlashID names a slash: "slash_" and 32 hex digits.
	SlashID = staking.SlashID
	// StakingTerms are the economic parameters of staking.
	StakingTerms = staking.Terms
	// TransactionType says why value moved.
	TransactionType = ledger.TransactionType
	// HoldState is where a hold stands.
	HoldState = ledger.HoldState
	// Voider says who may give a hold back.
	Voider = ledger.Voider
	// Origin says how an agent came here.
	Origin = ledger.Origin
	// Status says what an agent may do.
	Status = ledger.Status
	// Terms are the economic parameters of the ledger.
	Terms = ledger.Terms
	// Fees are the terms under which transfers are charged.
	Fees = ledger.Fees
	// FeeSplit sends parts of each fee elsewhere than to the treasury.
	FeeSplit = ledger.Split
	// Verb is what an operation does.
	Verb = store.Verb
	// Host is a transaction that the host of the engine brought; see
	// postgres.Tx and sqlite.Tx.
	Host = store.Host
)

// States, origins and types, under the names of this package.
const (
	StatusActive      = ledger.Active
	StatusSuspended   = ledger.Suspended
	StatusDeactivated = ledger.Deactivated

	FromBootstrap = ledger.FromBootstrap
	FromRegistry  = ledger.FromRegistry
	FromSelf      = ledger.FromSelf

	HoldActive   = ledger.HoldActive
	HoldFrozen   = ledger.HoldFrozen
	HoldCaptured = ledger.HoldCaptured
	HoldVoided   = ledger.HoldVoided
	HoldExpired  = ledger.HoldExpired

	VoidByEither   = ledger.VoidByEither
	VoidByReceiver = ledger.VoidByReceiver

	DefaultHoldTerm = ledger.DefaultHoldTerm
	MaxHoldTerm     = ledger.MaxHoldTerm
)

// AVT is an amount written in the source, such as AVT("1000.5"). It panics when
// the text is no amount; for input use [ParseAmount].
func AVT(text string) Amount { return amount.MustParse(text) }

// ParseAmount reads an amount in AVT: up to 18 digits, and up to 18 after a
// point. Everything else is an error; nothing is rounded.
func ParseAmount(text string) (Amount, error) { return amount.Parse(text) }

// Agent is a DID written in the source. It panics when the text is no DID; for
// input use [ParseDID].
func Agent(text string) DID { return did.MustParse(text) }

// ParseDID reads a W3C DID of at most 255 bytes.
func ParseDID(text string) (DID, error) { return did.Parse(text) }

// Percent is a rate in whole percent, 0 to 100.
func Percent(whole uint) Rate { return amount.Percent(whole) }

// Fraction is a rate written in the source as a fraction, such as
// Fraction("0.05"). It panics when the text is none.
func Fraction(text string) Rate { return amount.Fraction(text) }

// ParseTransactionID reads the text form of a transaction's id.
func ParseTransactionID(text string) (TransactionID, error) { return ledger.ParseTransactionID(text) }

// ParseHoldID reads the text form of a hold's id.
func ParseHoldID(text string) (HoldID, error) { return ledger.ParseHoldID(text) }

// ParseStakeID reads the text form of a stake's id.
func ParseStakeID(text string) (StakeID, error) { return staking.ParseStakeID(text) }

// ParseDelegationID reads the text form of a delegation's id.
func ParseDelegationID(text string) (DelegationID, error) { return staking.ParseDelegationID(text) }

// ParseTransactionType reads the text form of a type, such as "transfer".
func ParseTransactionType(text string) (TransactionType, error) {
	return ledger.ParseTransactionType(text)
}

// Limits of texts that callers give, in characters.
const (
	MaxMessage   = 256
	MaxReference = 128
	MaxPurpose   = 256
	MaxReason    = 500
	MaxAction    = 64
	MaxKey       = 255
	MaxMetadata  = 16 << 10 // bytes of JSON
	MaxBatch     = 1000     // elements
)

// stamp is the precision of every time that is kept: microseconds, UTC.
func stamp(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// ParseVoider reads the text form of who may void a hold: "either", which the
// empty text means too, or "receiver".
func ParseVoider(text string) (Voider, error) { return ledger.ParseVoider(text) }

// The types of transactions that this version makes.
const (
	TypeTransfer       = ledger.TypeTransfer
	TypeSystemTransfer = ledger.TypeSystemTransfer
	TypeIssuance       = ledger.TypeIssuance
	TypeBurn           = ledger.TypeBurn
	TypeRefund         = ledger.TypeRefund
	TypeAdjustment     = ledger.TypeAdjustment
	TypeGrant          = ledger.TypeGrant
	TypeHold           = ledger.TypeHold
	TypeHoldRelease    = ledger.TypeHoldRelease
	TypeHoldCapture    = ledger.TypeHoldCapture

	TypeStake               = ledger.TypeStake
	TypeUnstake             = ledger.TypeUnstake
	TypeUnbondingRelease    = ledger.TypeUnbondingRelease
	TypeDelegationMove      = ledger.TypeDelegationMove
	TypeRewardFunding       = ledger.TypeRewardFunding
	TypeStakingReward       = ledger.TypeStakingReward
	TypeDelegationReward    = ledger.TypeDelegationReward
	TypeValidatorCommission = ledger.TypeValidatorCommission
	TypeSlash               = ledger.TypeSlash
)
