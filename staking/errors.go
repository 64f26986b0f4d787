package staking

import "github.com/agentvault/teg-layer/ledger"

// The reasons for which the rules of this package refuse, beside those of
// package ledger.
var (
	ErrStakeDelegated = ledger.NewReason("BIZ_STAKE_DELEGATED", "the value is delegated; undelegate it first")
	ErrStakeInactive  = ledger.NewReason("BIZ_STAKE_INACTIVE", "the stake is not active")
)
