package sqlite

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/store"
)

const accountColumns = "id, owner, kind, stripe, balance, seq, status, suspended_until, owes, open_holds, next_hold_expiry, positions, next_unbonding, debited, fees, transactions"

var (
	accountsByID    = lookupBy("SELECT " + accountColumns + " FROM accounts WHERE id IN (%s)")
	accountsByOwner = lookupBy("SELECT " + accountColumns + " FROM accounts WHERE owner IN (%s)")
	lastAccount     = one("SELECT coalesce(max(id), 0) FROM accounts")

	insertAccounts = insertInto("accounts", "id", "owner", "kind", "stripe", "balance", "seq", "status", "suspended_until",
		"owes", "open_holds", "next_hold_expiry", "positions", "next_unbonding", "debited", "fees", "transactions")
	moveAccount  = one("UPDATE accounts SET balance = ?, seq = ? WHERE id = ?")
	alterAccount = one("UPDATE accounts SET balance = ?, seq = ?, status = ?, suspended_until = ?, owes = ?, open_holds = ?, next_hold_expiry = ?, " +
		"positions = ?, next_unbonding = ?, debited = ?, fees = ?, transactions = ? WHERE id = ?")

	insertAgents = insertInto("agent_teg_profiles", "did", "account_id", "locked_id", "origin", "metadata",
		"suspension_reason", "reputation_score", "created_at")
	changeProfile = one("UPDATE agent_teg_profiles SET suspension_reason = ? WHERE did = ?")
	changeRoles   = one("UPDATE agent_teg_profiles SET revoked_roles = ? WHERE did = ?")
)

// loadAccounts reads the rows asked for by id and by owner, each once, in the
// order of their ids.
func loadAccounts(ctx context.Context, e executor, need *store.Need, rows *store.Rows) error {
	rows.Accounts = make([]ledger.Account, 0, len(need.Accounts)+2*len(need.Owners))
	visit := func(r *row) { rows.Accounts = append(rows.Accounts, readAccount(r)) }
	ids := slices.Sorted(slices.Values(need.Accounts)) // neighbours share pages
	byID := func(a *arguments, i int) { a.int(int64(ids[i])) }
	if err := find(ctx, e, accountsByID, len(ids), byID, visit); err != nil {
		return err
	}
	byOwner := func(a *arguments, i int) { a.text(need.Owners[i].String()) }
	if err := find(ctx, e, accountsByOwner, len(need.Owners), byOwner, visit); err != nil {
		return err
	}
	slices.SortFunc(rows.Accounts, func(a, b ledger.Account) int { return cmp.Compare(a.ID, b.ID) })
	rows.Accounts = slices.CompactFunc(rows.Accounts, func(a, b ledger.Account) bool { return a.ID == b.ID })
	return nil
}

// reserve gives out two ids for each owner, and those that are asked for besides.
// They are free because no one else can write before this transaction ends.
func reserve(ctx context.Context, e executor, need *store.Need, rows *store.Rows) error {
	if len(need.Owners)+need.Fresh == 0 {
		return nil
	}
	var last ledger.AccountID
	if err := e.query(ctx, lastAccount, nil, func(r *row) { last = r.account() }); err != nil {
		return err
	}
	reserved := make([]ledger.AccountID, 2*len(need.Owners)+need.Fresh)
	for i := range reserved {
		reserved[i] = last + ledger.AccountID(i+1)
	}
	rows.NewAccounts, rows.Fresh = reserved[:2*len(need.Owners):2*len(need.Owners)], reserved[2*len(need.Owners):]
	return nil
}

func readAccount(r *row) ledger.Account {
	return ledger.Account{
		ID: r.account(), Owner: r.did(), Kind: ledger.Kind(r.int()), Stripe: uint8(r.int()),
		Balance: r.signed(), Seq: r.int(), Status: ledger.Status(r.int()), SuspendedUntil: r.time(),
		Owes: r.amount(), OpenHolds: int(r.int()), NextHoldExpiry: r.time(), Positions: int(r.int()), NextUnbonding: r.time(),
		Tally: ledger.Tally{Debited: r.amount(), Fees: r.amount(), Transactions: r.int()},
	}
}

// writeAccounts opens new rows and changes those that were loaded.
func writeAccounts(ctx context.Context, e executor, c *store.Changes) error {
	err := insert(ctx, e, insertAccounts, len(c.Opened), func(a *arguments, i int) {
		row := c.Opened[i]
		a.int(int64(row.ID))
		a.text(row.Owner.String())
		a.int(int64(row.Kind))
		a.int(int64(row.Stripe))
		bindBalance(a, row)
		bindStanding(a, row)
	})
	if err != nil {
		return err
	}
	if err := changeRows(ctx, e, moveAccount, c.Moved, bindBalance); err != nil {
		return err
	}
	return changeRows(ctx, e, alterAccount, c.Altered, func(a *arguments, row *ledger.Account) {
		bindBalance(a, row)
		bindStanding(a, row)
	})
}

// changeRows updates account rows, all of which must be there.
func changeRows(ctx context.Context, e executor, st *statement, rows []*ledger.Account, bind func(*arguments, *ledger.Account)) error {
	for _, row := range rows {
		changed, err := run(ctx, e, st, func(a *arguments) {
			bind(a, row)
			a.int(int64(row.ID))
		})
		if err != nil {
			return err
		}
		if changed != 1 {
			return fmt.Errorf("sqlite: account row %d is not there to be changed", row.ID)
		}
	}
	return nil
}

func bindBalance(a *arguments, row *ledger.Account) {
	a.signed(row.Balance)
	a.int(row.Seq)
}

// bindStanding adds everything that is neither balance nor seq.
func bindStanding(a *arguments, row *ledger.Account) {
	a.int(int64(row.Status))
	a.time(row.SuspendedUntil)
	a.amount(row.Owes)
	a.int(int64(row.OpenHolds))
	a.time(row.NextHoldExpiry)
	a.int(int64(row.Positions))
	a.time(row.NextUnbonding)
	a.amount(row.Tally.Debited)
	a.amount(row.Tally.Fees)
	a.int(row.Tally.Transactions)
}

// writeAgents makes new profiles and changes others.
func writeAgents(ctx context.Context, e executor, c *store.Changes) error {
	err := insert(ctx, e, insertAgents, len(c.Agents), func(a *arguments, i int) {
		agent := &c.Agents[i]
		a.text(agent.ID.String())
		a.int(int64(agent.Account))
		a.int(int64(agent.Locked))
		a.int(int64(agent.Origin))
		a.optional(string(agent.Metadata))
		a.text(agent.SuspensionReason)
		a.int(int64(agent.Reputation))
		a.time(agent.CreatedAt)
	})
	if err != nil {
		return err
	}
	for i := range c.Profiles {
		p := &c.Profiles[i]
		if err := changeAgent(ctx, e, changeProfile, p.Agent, func(a *arguments) { a.text(p.SuspensionReason) }); err != nil {
			return err
		}
	}
	for i := range c.Roles {
		r := &c.Roles[i]
		if err := changeAgent(ctx, e, changeRoles, r.Agent, func(a *arguments) { a.int(int64(r.Revoked)) }); err != nil {
			return err
		}
	}
	return nil
}

// changeAgent changes what one column of a profile says, which must be there.
func changeAgent(ctx context.Context, e executor, st *statement, agent did.DID, bind func(*arguments)) error {
	changed, err := run(ctx, e, st, func(a *arguments) {
		bind(a)
		a.text(agent.String())
	})
	if err != nil {
		return err
	}
	if changed != 1 {
		return fmt.Errorf("sqlite: the profile of %s is not there to be changed", agent)
	}
	return nil
}
