package teg

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/agentvault/teg-layer/governance/attestation"
	"github.com/agentvault/teg-layer/governance/auditor"
	"github.com/agentvault/teg-layer/governance/dispute"
	"github.com/agentvault/teg-layer/governance/panel"
	"github.com/agentvault/teg-layer/governance/policy"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/reputation"
	"github.com/agentvault/teg-layer/staking"
	"github.com/agentvault/teg-layer/store"
)

// group is the operations that are decided in one transaction: what was loaded
// for them, and what they changed so far. Operations are applied in order; each
// sees what those before it did.
type group struct {
	core     *core
	book     *ledger.Book
	now      time.Time
	terms    TermsInForce
	policies *policy.Book
	next     *snapshot // that an operation makes, in force once this group is committed
	changes  store.Changes

	records    map[store.Key]*store.Record
	holds      map[HoldID]*ledger.Hold
	references map[store.Key]bool
	refunded   map[TransactionID]Amount
	agents     map[DID]party             // those that operations may have to make
	reserved   map[DID]party             // the ids for those that do not exist yet
	settled    map[ledger.AccountID]bool // payers all of whose active holds are loaded
	waiting    map[ledger.AccountID]bool // owners all of whose waiting unbondings are loaded
	wanted     map[ledger.AccountID]bool // system rows that were asked for
	conduct    *reputation.Book
	flags      *auditor.Book
	attested   *attestation.Book
	disputes   *dispute.Book
	debts      *ledger.DebtBook
	garnished  map[DID]ledger.AccountID // where what came in to debtors is set aside, as far as it is loaded
	panels     *panel.Book
	bootstraps map[BootstrapID]ledger.BootstrapToken
	webhooks   map[WebhookID]Webhook
	stakes     *staking.Book      // nil where no operation is about stakes, or another holds them
	cyclesLost bool               // of what stakes earned a part cannot be told
	shared     bool               // by several operations
	fresh      []ledger.AccountID // reserved ids of accounts
	undo       []func()
}

// newGroup arranges what was loaded for the operations, which are decided by the terms
// of one version.
func newGroup(c *core, in *snapshot, stripe uint8, need store.Need, rows *store.Rows) *group {
	g := &group{
		core: c, now: c.clock.now(), terms: in.terms, policies: in.policies,
		book:       ledger.NewBook(rows.Accounts, c.system.collectors(stripe)),
		records:    make(map[store.Key]*store.Record, len(rows.Records)),
		holds:      make(map[HoldID]*ledger.Hold, len(rows.Holds)),
		references: make(map[store.Key]bool, len(rows.References)),
		refunded:   make(map[TransactionID]Amount, len(rows.Refunded)),
		settled:    make(map[ledger.AccountID]bool, len(need.ActiveHoldsOf)),
		fresh:      rows.Fresh,
		conduct:    reputation.NewBook(rows.Reputation),
		flags:      auditor.NewBook(rows.Flags),
		attested:   attestation.NewBook(rows.Attestation),
		disputes:   dispute.NewBook(rows.Disputes),
		debts:      ledger.NewDebtBook(rows.Debts),
		garnished:  garnishedRows(rows.Accounts),
		panels:     panel.NewBook(rows.Panels),
		bootstraps: make(map[BootstrapID]ledger.BootstrapToken, len(rows.Bootstraps)),
		webhooks:   make(map[WebhookID]Webhook, len(rows.Webhooks)),
	}
	for _, w := range rows.Webhooks {
		g.webhooks[w.ID] = w
	}
	for _, t := range rows.Bootstraps {
		g.bootstraps[t.ID] = t
	}
	g.learnDebtors(rows.Accounts)
	if rows.Staking.Total.Cycle != 0 {
		g.stakes = staking.NewBook(g.terms.Staking, rows.Staking)
		g.cyclesLost = len(g.stakes.Missing()) > 0
	}
	g.waiting = make(map[ledger.AccountID]bool, len(need.Staking.WaitingOf)+len(need.Staking.LiveOf))
	for _, owner := range slices.Concat(need.Staking.WaitingOf, need.Staking.LiveOf) {
		g.waiting[owner] = true
	}
	g.wanted = map[ledger.AccountID]bool{}
	for _, id := range []ledger.AccountID{g.book.Collectors().Treasury, g.book.Collectors().Rewards, g.book.Collectors().Issuance} {
		_, g.wanted[id] = slices.BinarySearch(need.Accounts, id)
	}
	for _, payer := range need.ActiveHoldsOf {
		g.settled[payer] = true
	}
	for i := range rows.Records {
		g.records[rows.Records[i].Key] = &rows.Records[i]
	}
	for i := range rows.Holds {
		g.holds[rows.Holds[i].ID] = &rows.Holds[i]
	}
	for _, key := range rows.References {
		g.references[key] = true
	}
	maps.Copy(g.refunded, rows.Refunded)
	g.arrangeOwners(need, rows)
	return g
}

// arrangeOwners tells the agents that exist from those for whom ids were
// reserved. Of an agent that was not asked for as an owner only some rows are
// loaded, which do not tell where all of them are.
func (g *group) arrangeOwners(need store.Need, rows *store.Rows) {
	if len(need.Owners) == 0 {
		return
	}
	found := partiesOf(rows.Accounts)
	g.agents, g.reserved = make(map[DID]party, len(need.Owners)), make(map[DID]party, len(need.Owners))
	for i, owner := range need.Owners {
		if p, exists := found[owner]; exists {
			g.agents[owner] = p
		}
		g.reserved[owner] = party{available: rows.NewAccounts[2*i], locked: rows.NewAccounts[2*i+1]}
	}
}

// apply decides one operation. A refusal changes nothing but, where it is to be
// remembered, the journal. An [errMore] leaves no trace at all.
func (g *group) apply(op *operation) (err error) {
	mark := g.mark()
	defer func() {
		if fault := recover(); fault != nil { // a fault in one operation must not take the others down
			g.revert(mark)
			err = fmt.Errorf("%w (panic in %s: %v)", ErrInternal, op.verb, fault)
		}
	}()
	if err := g.recognize(op); err != nil {
		return err
	}
	d := &decision{group: g, op: op}
	err = d.admit()
	if errors.Is(err, ErrSuspended) {
		return err // not even a replay
	}
	if op.mark.set {
		if earlier := g.records[op.mark.key]; earlier != nil {
			return op.recall(earlier)
		}
	}
	var subjects []ledger.ID
	if err == nil {
		subjects, err = op.decide(d)
	}
	if err == nil {
		err = d.garnish()
	}
	if err != nil || op.dryRun {
		g.revert(mark)
	}
	if !op.dryRun && op.mark.set {
		g.remember(op, subjects, err)
	}
	return err
}

// recognize holds the rows that an operation was sent to against the agents whom it is
// about. A database that went back, as by a failover that lost its last commits, may not
// have a row that was looked up before, or have given its id to another agent. Looked up
// again, they are who they are.
func (g *group) recognize(op *operation) error {
	strangers := g.recognizeParty(&op.caller)
	for i := range op.parties {
		if err := g.recognizeParty(&op.parties[i]); err != nil {
			strangers = err
		}
	}
	return strangers
}

func (g *group) recognizeParty(p *party) error {
	if !p.known() || p.owner.IsZero() {
		return nil
	}
	if row := g.book.Account(p.available); row != nil && row.Owner == p.owner {
		return nil
	}
	g.core.directory.forget(p.owner)
	return fmt.Errorf("%w: the database has another agent, or none, where %s was; has it lost commits?", ErrUnavailable, p.owner)
}

// recall answers with what an earlier operation under the same key got.
func (op *operation) recall(earlier *store.Record) error {
	if earlier.Fingerprint != op.mark.fingerprint {
		return ErrKeyReused
	}
	op.record = earlier
	return nil
}

// remember writes the journal's row for an operation that was done or refused
// for good.
func (g *group) remember(op *operation, subjects []ledger.ID, err error) {
	record := store.Record{
		Key: op.mark.key, Fingerprint: op.mark.fingerprint, Caller: op.caller.available,
		Verb: op.verb, Items: op.weight, Subjects: subjects, At: g.now,
	}
	if err != nil {
		if record.Refusal = encodeRefusal(err); record.Refusal == nil {
			return
		}
		record.Subjects = nil
	}
	g.changes.Records = append(g.changes.Records, record)
	g.records[record.Key] = &record
	g.undo = append(g.undo, func() { delete(g.records, record.Key) })
}

// point is a state to which a group can be reverted.
type point struct {
	book                                                               ledger.Mark
	undo, opened, agents, profiles, holds, changed, records, refs, evs int
	private, stakes, slashes, conduct, flags, attested                 int
	disputes, debts, panels, roles, tokensIssued, tokensUsed           int
	hooksCreated, hooksChanged                                         int
}

func (g *group) mark() point {
	c := &g.changes
	stakes := 0
	if g.stakes != nil {
		stakes = g.stakes.Mark()
	}
	return point{
		stakes: stakes, slashes: len(c.Slashes), conduct: g.conduct.Mark(), flags: g.flags.Mark(), attested: g.attested.Mark(),
		disputes: g.disputes.Mark(), debts: g.debts.Mark(), panels: g.panels.Mark(),
		book: g.book.Mark(), undo: len(g.undo), opened: len(c.Opened), agents: len(c.Agents), profiles: len(c.Profiles),
		holds: len(c.NewHolds), changed: len(c.Holds), records: len(c.Records), refs: len(c.References),
		evs: len(c.Events), private: len(c.Private), roles: len(c.Roles),
		tokensIssued: len(c.Bootstraps.Issued), tokensUsed: len(c.Bootstraps.Used),
		hooksCreated: len(c.Webhooks.Created), hooksChanged: len(c.Webhooks.Changed),
	}
}

func (g *group) revert(p point) {
	for i := len(g.undo) - 1; i >= p.undo; i-- {
		g.undo[i]()
	}
	g.undo = g.undo[:p.undo]
	g.book.Revert(p.book)
	g.conduct.Revert(p.conduct)
	g.flags.Revert(p.flags)
	g.attested.Revert(p.attested)
	g.disputes.Revert(p.disputes)
	g.debts.Revert(p.debts)
	g.panels.Revert(p.panels)
	if g.stakes != nil {
		g.stakes.Revert(p.stakes)
	}
	c := &g.changes
	c.Opened, c.Agents, c.Profiles = c.Opened[:p.opened], c.Agents[:p.agents], c.Profiles[:p.profiles]
	c.NewHolds, c.Holds, c.Records = c.NewHolds[:p.holds], c.Holds[:p.changed], c.Records[:p.records]
	c.References, c.Events, c.Private = c.References[:p.refs], c.Events[:p.evs], c.Private[:p.private]
	c.Slashes, c.Roles = c.Slashes[:p.slashes], c.Roles[:p.roles]
	c.Bootstraps.Issued, c.Bootstraps.Used = c.Bootstraps.Issued[:p.tokensIssued], c.Bootstraps.Used[:p.tokensUsed]
	c.Webhooks.Created, c.Webhooks.Changed = c.Webhooks.Created[:p.hooksCreated], c.Webhooks.Changed[:p.hooksChanged]
}

// finish completes the changes of the group, or says that the books would not
// balance: the last check before anything is written.
func (g *group) finish() (*store.Changes, error) {
	g.changes.Moved, g.changes.Altered = g.book.Changed()
	g.changes.Transactions = g.book.Posted()
	if g.stakes != nil {
		g.changes.Staking = g.stakes.Changed()
	}
	g.changes.Reputation = g.conduct.Changed(len(g.changes.Agents))
	g.changes.Flags = g.flags.Changed()
	g.changes.Disputes = g.disputes.Changed()
	g.changes.Debts = g.debts.Changed()
	g.changes.TermsVersion = g.terms.Version
	g.changes.Attestation = g.attested.Changed()
	g.changes.Panels = g.panels.Changed()
	g.settleOpened()
	g.settleHolds()
	return &g.changes, g.book.Balanced()
}

// settleOpened gives new rows the balances that the group left them with, and
// takes them out of those that are updated.
func (g *group) settleOpened() {
	if len(g.changes.Opened) == 0 {
		return
	}
	fresh := make(map[ledger.AccountID]bool, len(g.changes.Opened))
	for i, row := range g.changes.Opened {
		g.changes.Opened[i] = g.book.Account(row.ID)
		fresh[row.ID] = true
	}
	g.changes.Moved = without(g.changes.Moved, fresh)
	g.changes.Altered = without(g.changes.Altered, fresh)
}

func without(rows []*ledger.Account, fresh map[ledger.AccountID]bool) []*ledger.Account {
	kept := rows[:0]
	for _, row := range rows {
		if !fresh[row.ID] {
			kept = append(kept, row)
		}
	}
	return kept
}

// settleHolds leaves each hold once in the changes, as the group left it.
func (g *group) settleHolds() {
	written := make(map[HoldID]bool, len(g.changes.NewHolds)+len(g.changes.Holds))
	for i, h := range g.changes.NewHolds {
		written[h.ID] = true
		g.changes.NewHolds[i] = *g.holds[h.ID]
	}
	kept := g.changes.Holds[:0]
	for _, h := range g.changes.Holds {
		if !written[h.ID] {
			written[h.ID] = true
			kept = append(kept, *g.holds[h.ID])
		}
	}
	g.changes.Holds = kept
}
