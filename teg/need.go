package teg

import (
	"cmp"
	"slices"

	"github.com/agentvault/teg-layer/governance/attestation"
	"github.com/agentvault/teg-layer/governance/auditor"
	"github.com/agentvault/teg-layer/governance/dispute"
	"github.com/agentvault/teg-layer/governance/policy"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/reputation"
	"github.com/agentvault/teg-layer/staking"
	"github.com/agentvault/teg-layer/store"
)

// union is what the operations need, without duplicates, with the rows at which
// a writer of the stripe collects by the terms.
func (c *core) union(in *snapshot, ops []*operation, stripe uint8) store.Need {
	need := store.Need{Accounts: make([]ledger.AccountID, 0, 2*len(ops)+3), Keys: make([]store.Key, 0, len(ops))}
	collect := c.system.collectors(stripe)
	split := in.terms.Ledger.Fees.Split
	rewards, issuance := !split.Rewards.IsZero(), !split.Burn.IsZero()
	for _, op := range ops {
		rewards, issuance = rewards || op.need.system, issuance || op.need.system
		if op.caller.known() {
			need.Accounts = c.indebted.appendRows(need.Accounts, op.caller.available)
		}
		if op.mark.set {
			need.Keys = append(need.Keys, op.mark.key)
		}
		for _, p := range op.parties {
			if p.known() {
				need.Accounts = c.indebted.appendRows(need.Accounts, p.available)
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
	distinctConduct(&need.Reputation)
	need.Flags = distinctBy(need.Flags, compareIDs[auditor.FlagID])
	distinctDisputes(&need.Disputes)
	need.DebtsOf = distinct(need.DebtsOf)
	distinctAttestation(&need.Attestation)
	need.Panels = distinctBy(need.Panels, compareIDs[DisputeID])
	need.Bootstraps = distinctBy(need.Bootstraps, compareIDs[BootstrapID])
	need.Webhooks.IDs = distinctBy(need.Webhooks.IDs, compareIDs[WebhookID])
	need.Webhooks.Owners = distinctBy(need.Webhooks.Owners, DID.Compare)
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
	mergeConduct(&need.Reputation, n.reputation)
	need.Flags = append(need.Flags, n.flags...)
	mergeDisputes(&need.Disputes, n.disputes)
	need.DebtsOf = append(need.DebtsOf, n.debtsOf...)
	mergeAttestation(&need.Attestation, n.attestation)
	need.Panels = append(need.Panels, n.panels...)
	need.Bootstraps = append(need.Bootstraps, n.bootstraps...)
	need.Webhooks.IDs = append(need.Webhooks.IDs, n.webhooks.IDs...)
	need.Webhooks.Owners = append(need.Webhooks.Owners, n.webhooks.Owners...)
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
	n.owners = append(n.owners, more.owners...)
	n.activeHolds = append(n.activeHolds, more.activeHolds...)
	n.treasury, n.rewards, n.system = n.treasury || more.treasury, n.rewards || more.rewards, n.system || more.system
	n.fresh += more.fresh
	mergeNeed(&n.staking, more.staking)
	mergeConduct(&n.reputation, more.reputation)
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

// mergeConduct adds what one operation needs of conduct to what a group does. The
// windows in which signals are counted differ by how long operations waited.
func mergeConduct(to *reputation.Need, n reputation.Need) {
	to.Agents = append(to.Agents, n.Agents...)
	to.Scopes = append(to.Scopes, n.Scopes...)
	to.Own = append(to.Own, n.Own...)
	to.Pairs = append(to.Pairs, n.Pairs...)
	if to.Since.Before(n.Since) {
		to.Since = n.Since
	}
}

func distinctConduct(n *reputation.Need) {
	n.Agents = distinct(n.Agents)
	n.Scopes = distinctBy(n.Scopes, compareIDs[ledger.ID])
	n.Own = distinctBy(n.Own, compareIDs[ledger.ID])
	n.Pairs = distinctBy(n.Pairs, func(a, b reputation.Pair) int {
		return cmp.Or(cmp.Compare(a.Giver, b.Giver), cmp.Compare(a.Agent, b.Agent))
	})
}

// mergeDisputes adds what one operation needs of disputes to what a group does.
func mergeDisputes(to *dispute.Need, n dispute.Need) {
	to.IDs = append(to.IDs, n.IDs...)
	to.About = append(to.About, n.About...)
	to.OpenOf = append(to.OpenOf, n.OpenOf...)
}

func distinctDisputes(n *dispute.Need) {
	n.IDs = distinctBy(n.IDs, compareIDs[DisputeID])
	n.About = distinctBy(n.About, compareIDs[ledger.ID])
	n.OpenOf = distinctBy(n.OpenOf, DID.Compare)
}

// mergeAttestation adds what one operation needs of attestations to what a group does.
// The times since which they are counted differ by how long operations waited.
func mergeAttestation(to *attestation.Need, n attestation.Need) {
	to.Submissions = append(to.Submissions, n.Submissions...)
	to.Scopes = append(to.Scopes, n.Scopes...)
	to.Turns = append(to.Turns, n.Turns...)
	to.Budgets = append(to.Budgets, n.Budgets...)
	if to.Since.Before(n.Since) {
		to.Since = n.Since
	}
}

func distinctAttestation(n *attestation.Need) {
	n.Submissions = distinctBy(n.Submissions, compareIDs[attestation.SubmissionID])
	n.Scopes = distinctBy(n.Scopes, compareIDs[ledger.ID])
	n.Budgets = distinctBy(n.Budgets, compareIDs[policy.ID])
	n.Turns = distinctBy(n.Turns, func(a, b attestation.Pair) int {
		return cmp.Or(a.Agent.Compare(b.Agent), compareIDs(a.Policy, b.Policy))
	})
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
