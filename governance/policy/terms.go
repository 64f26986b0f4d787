package policy

import (
	"time"

	"github.com/agentvault/teg-layer/governance/dispute"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/reputation"
	"github.com/agentvault/teg-layer/staking"
)

// Terms are what decisions go by: what the configuration says, and over it what active
// mandatory policies set.
type Terms struct {
	Version    int64     // of the policies; 0 before the first
	Since      time.Time // when that version came in force; zero before the first
	Ledger     ledger.Terms
	Staking    staking.Terms
	Reputation reputation.Terms
	Dispute    dispute.Terms
}

// Check says what is contradictory in the terms, taken together, or nil.
func (t *Terms) Check() error {
	for _, check := range []func() error{t.Ledger.Check, t.Staking.Check, t.Reputation.Check, t.Dispute.Check} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}
