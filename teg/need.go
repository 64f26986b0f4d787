package teg

import (
	"cmp"
	"slices"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/staking"
	"github.com/agentvault/teg-layer/store"
)

// union is what the operations need, without duplicates, with the rows at which
// a writer of the stripe collects.
func (c *core) union(ops []*operation, stripe uint8) store.Need {
	need := store.Need{Accounts: make([]ledger.AccountID, 0, 2*len(ops)+3), Keys: make([]store.Key, 0, len(ops))}
	collect := c.system.collectors(stripe)
	split := c.terms.Load().Fees.Split
	rewards, issuance := !split.Rewards.IsZero(), !split.Burn.IsZero()
	for _, op := range ops {
		rewards, issuance = rewards || op.need.system, issuance || op.need.system
		if op.caller.known() {
			need.Accounts = append(need.Accounts, op.caller.available)
		}
		if op.mark.set {
			need.Keys = append(need.Keys, op.mark.key)
		}
		for _, p := range op.parties {
			if p.known() {
				need.Accounts = append(need.Accounts, p.available)
			}
		}
		c.include(&need, &op.need)
	}
	need.Accounts = append(need.Accounts, collect.Treasury)
	if rewards {
		need.Accounts = append(need.Accounts, collect.Rewards)
	}
	if issuance {
		need.Accounts = append(need.Accounts, collect.Issuance)
	}
	distinctNeed(&need.Staking)
	need.Accounts = distinct(need.Accounts)
	need.ActiveHoldsOf = distinct(need.ActiveHoldsOf)
	need.Owners = distinctBy(need.Owners, DID.Compare)
	need.Holds = distinctBy(need.Holds, compareIDs[HoldID])
	need.Keys = distinctBy(need.Keys, compareIDs[store.Key])
	need.References = distinctBy(need.References, compareIDs[store.Key])
	need.Refunded = distinctBy(need.Refunded, compareIDs[TransactionID])
	return need
}

func (c *core) include(need *store.Need, n *needs) {
	need.Accounts = append(need.Accounts, n.accounts...)
	need.Owners = append(need.Owners, n.owners...)
	need.Holds = append(need.Holds, n.holds...)
	need.ActiveHoldsOf = append(need.ActiveHoldsOf, n.activeHolds...)
	need.Keys = append(need.Keys, n.keys...)
	need.References = append(need.References, n.references...)
	need.Refunded = append(need.Refunded, n.refunded...)
	mergeNeed(&need.Staking, n.staking)
	need.Fresh += n.fresh
	if n.treasury {
		need.Accounts = append(need.Accounts, c.system.all(ledger.Treasury)...)
	}
	if n.rewards {
		need.Accounts = append(need.Accounts, c.system.all(ledger.Rewards)...)
	}
}

// add extends what an operation needs by what its decision found missing.
func (n *needs) add(more needs) {
	n.accounts = append(n.accounts, more.accounts...)
	n.activeHolds = append(n.activeHolds, more.activeHolds...)
	n.treasury, n.rewards, n.system = n.treasury || more.treasury, n.rewards || more.rewards, n.system || more.system
	n.fresh += more.fresh
	mergeNeed(&n.staking, more.staking)
}

// mergeNeed adds what one operation needs of stakes to what a group does.
func mergeNeed(to *staking.Need, n staking.Need) {
	to.Total = to.Total || n.Total
	to.Stakes = append(to.Stakes, n.Stakes...)
	to.Delegations = append(to.Delegations, n.Delegations...)
	to.Unbondings = append(to.Unbondings, n.Unbondings...)
	to.LiveOf = append(to.LiveOf, n.LiveOf...)
	to.WaitingOf = append(to.WaitingOf, n.WaitingOf...)
	to.PoolsOf = append(to.PoolsOf, n.PoolsOf...)
}

// distinctNeed takes duplicates out.
func distinctNeed(n *staking.Need) {
	n.Stakes = distinctBy(n.Stakes, compareIDs[staking.StakeID])
	n.Delegations = distinctBy(n.Delegations, compareIDs[staking.DelegationID])
	n.Unbondings = distinctBy(n.Unbondings, compareIDs[staking.UnbondingID])
	n.LiveOf = distinct(n.LiveOf)
	n.WaitingOf = distinct(n.WaitingOf)
	n.PoolsOf = distinct(n.PoolsOf)
}

func compareIDs[T ~[16]byte](a, b T) int { return ledger.ID(a).Compare(ledger.ID(b)) }

func distinct[T cmp.Ordered](s []T) []T {
	slices.Sort(s)
	return slices.Compact(s)
}

func distinctBy[T comparable](s []T, compare func(a, b T) int) []T {
	slices.SortFunc(s, compare)
	return slices.Compact(s)
}
