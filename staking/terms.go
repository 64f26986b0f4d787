package staking

import (
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
)

// MaxPositions is how many active stakes and delegations an agent can have,
// taken together.
const MaxPositions = 1000

// MaxUnstakingPeriod is the longest time that value can be on its way out.
const MaxUnstakingPeriod = 365 * 24 * time.Hour

// Terms are the economic parameters of staking.
type Terms struct {
	MinStake        amount.Amount // of a new stake
	RewardRate      amount.Rate   // of all earning value, per cycle
	TimeWeighted    bool          // a cycle counts how long value lay, not what lies at its end; from the next one on
	IssueRewards    bool          // what the treasury cannot pay of a cycle is issued
	ValidatorShare  amount.Rate   // of what delegated value earns, unless the delegation says otherwise
	UnstakingPeriod time.Duration // on the way out, within reach of a slash
	Slashing        bool          // whether anybody can be slashed
	SlashDelegated  bool          // whether that takes from what was delegated to the one who is slashed
}

// Check says what is contradictory in the terms, or nil.
func (t Terms) Check() error {
	if t.UnstakingPeriod < 0 || t.UnstakingPeriod > MaxUnstakingPeriod {
		return ledger.Invalid("UNSTAKING_PERIOD", "from 0 to 365 days")
	}
	if t.Slashing && t.UnstakingPeriod == 0 {
		return ledger.Invalid("UNSTAKING_PERIOD", "must be above 0 while SLASHING_ENABLED is on, or nobody need wait for a slash")
	}
	return nil
}
