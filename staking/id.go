package staking

import "github.com/agentvault/teg-layer/ledger"

// StakeID names a stake; its text form is "stake_" and 32 hex digits.
type StakeID ledger.ID

// DelegationID names a delegation; its text form is "del_" and 32 hex digits.
type DelegationID ledger.ID

// CycleID names a reward cycle; its text form is "cycle_" and 32 hex digits.
type CycleID ledger.ID

// PoolID names a pool. It is not shown outside.
type PoolID ledger.ID

// SlashID names a slash; its text form is "slash_" and 32 hex digits.
type SlashID ledger.ID

// UnbondingID names value that is on its way out of a pool. It is not shown
// outside.
type UnbondingID ledger.ID

const (
	stakePrefix      = "stake_"
	delegationPrefix = "del_"
	cyclePrefix      = "cycle_"
	slashPrefix      = "slash_"
)

// String returns the text form, empty for the zero value.
func (id StakeID) String() string { return ledger.FormatID(stakePrefix, ledger.ID(id)) }

// IsZero reports whether the id names no stake.
func (id StakeID) IsZero() bool { return ledger.ID(id).IsZero() }

// MarshalText returns the text form.
func (id StakeID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// ParseStakeID reads the text form; anything else is [ledger.ErrNotFound].
func ParseStakeID(text string) (StakeID, error) {
	id, err := ledger.ParseID(stakePrefix, text)
	return StakeID(id), err
}

// String returns the text form, empty for the zero value.
func (id DelegationID) String() string { return ledger.FormatID(delegationPrefix, ledger.ID(id)) }

// IsZero reports whether the id names no delegation.
func (id DelegationID) IsZero() bool { return ledger.ID(id).IsZero() }

// MarshalText returns the text form.
func (id DelegationID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// ParseDelegationID reads the text form; anything else is [ledger.ErrNotFound].
func ParseDelegationID(text string) (DelegationID, error) {
	id, err := ledger.ParseID(delegationPrefix, text)
	return DelegationID(id), err
}

// String returns the text form, empty for the zero value.
func (id CycleID) String() string { return ledger.FormatID(cyclePrefix, ledger.ID(id)) }

// MarshalText returns the text form.
func (id CycleID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// String returns the text form, empty for the zero value.
func (id SlashID) String() string { return ledger.FormatID(slashPrefix, ledger.ID(id)) }

// IsZero reports whether the id names no slash.
func (id SlashID) IsZero() bool { return ledger.ID(id).IsZero() }

// MarshalText returns the text form.
func (id SlashID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }
