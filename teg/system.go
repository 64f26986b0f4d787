package teg

import (
	"context"
	"fmt"

	"github.com/agentvault/teg-layer/ledger"
)

// systemAccounts are the rows of the system accounts by kind and stripe; they
// never change once they are made.
type systemAccounts struct {
	rows   map[ledger.Kind][ledger.Stripes]ledger.AccountID
	owners map[ledger.Kind]DID
}

// setUpSystem makes the system's rows where they are missing and learns their
// ids.
func (c *core) setUpSystem(ctx context.Context) error {
	c.system.owners = map[ledger.Kind]DID{
		ledger.Treasury: c.config.Treasury, ledger.Issuance: IssuanceDID, ledger.Rewards: RewardsDID,
	}
	if err := c.store.SetUp(ctx, c.system.owners); err != nil {
		return fmt.Errorf("teg: set up the system accounts: %w", err)
	}
	accounts, err := c.store.Reader().SystemAccounts(ctx)
	if err != nil {
		return fmt.Errorf("teg: read the system accounts: %w", err)
	}
	if want := len(c.system.owners) * ledger.Stripes; len(accounts) != want {
		return fmt.Errorf("teg: the database has %d rows of system accounts instead of %d", len(accounts), want)
	}
	c.system.rows = map[ledger.Kind][ledger.Stripes]ledger.AccountID{}
	for _, a := range accounts {
		rows := c.system.rows[a.Kind]
		rows[a.Stripe] = a.ID
		c.system.rows[a.Kind] = rows
	}
	return nil
}

// is reports whether the DID belongs to a system account, and which.
func (s *systemAccounts) is(id DID) (ledger.Kind, bool) {
	for _, kind := range ledger.SystemKinds() {
		if s.owners[kind] == id {
			return kind, true
		}
	}
	return 0, false
}

// all are the rows of a system account.
func (s *systemAccounts) all(kind ledger.Kind) []ledger.AccountID {
	rows := s.rows[kind]
	return rows[:]
}

// collectors are the rows at which a writer of the stripe collects.
func (s *systemAccounts) collectors(stripe uint8) ledger.Collectors {
	return ledger.Collectors{
		Treasury: s.rows[ledger.Treasury][stripe],
		Rewards:  s.rows[ledger.Rewards][stripe],
		Issuance: s.rows[ledger.Issuance][stripe],
	}
}

// IsSystem reports whether the DID belongs to a system account: the treasury,
// the issuance account or the rewards pool; or to [DefaultArbitrator], in whose name
// the engine acts and nobody else.
func (e *Engine) IsSystem(id DID) bool { return e.reserved(id) }

// reserved reports whether no agent can have a DID.
func (c *core) reserved(id DID) bool {
	_, yes := c.system.is(id)
	return yes || id == DefaultArbitrator
}
