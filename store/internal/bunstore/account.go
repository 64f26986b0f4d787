package bunstore

import (
	"cmp"
	"context"
	"slices"

	"github.com/uptrace/bun"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/did"
)

type accountRow struct {
	ID             int64
	Owner          string
	Kind           uint8
	Stripe         uint8
	Balance        signedColumn
	Seq            int64
	Status         uint8
	SuspendedUntil timeColumn
	Owes           amountColumn
	OpenHolds      int
	NextHoldExpiry timeColumn
	Positions      int
	NextUnbonding  timeColumn
	Debited        amountColumn
	Fees           amountColumn
	Transactions   int64
}

const accountColumns = `id, owner, kind, stripe, balance, seq, status, suspended_until, owes, open_holds,
	next_hold_expiry, positions, next_unbonding, debited, fees, transactions`

func (row *accountRow) account() (ledger.Account, error) {
	owner, err := did.Parse(row.Owner)
	return ledger.Account{
		ID: ledger.AccountID(row.ID), Owner: owner, Kind: ledger.Kind(row.Kind), Stripe: row.Stripe,
		Balance: row.Balance.Signed, Seq: row.Seq, Status: ledger.Status(row.Status),
		SuspendedUntil: row.SuspendedUntil.Time, Owes: row.Owes.Amount, OpenHolds: row.OpenHolds,
		NextHoldExpiry: row.NextHoldExpiry.Time, Positions: row.Positions, NextUnbonding: row.NextUnbonding.Time,
		Tally: ledger.Tally{Debited: row.Debited.Amount, Fees: row.Fees.Amount, Transactions: row.Transactions},
	}, err
}

func (r *Reader) accounts(ctx context.Context, condition string, args ...any) ([]ledger.Account, error) {
	var rows []accountRow
	if err := r.scan(ctx, &rows, `SELECT `+accountColumns+` FROM accounts WHERE `+condition+` ORDER BY id`, args...); err != nil {
		return nil, err
	}
	accounts := make([]ledger.Account, len(rows))
	for i := range rows {
		var err error
		if accounts[i], err = rows[i].account(); err != nil {
			return nil, err
		}
	}
	return accounts, nil
}

// AccountsOf implements [ledger.AccountReader].
func (r *Reader) AccountsOf(ctx context.Context, owners ...did.DID) ([]ledger.Account, error) {
	var accounts []ledger.Account
	err := chunks(ctx, r, owners, func(view *Reader, part []did.DID) error {
		found, err := view.accounts(ctx, `owner IN (?)`, bun.List(texts(part)))
		accounts = append(accounts, found...)
		return err
	})
	return inOrder(accounts), err
}

func inOrder(accounts []ledger.Account) []ledger.Account {
	slices.SortFunc(accounts, func(a, b ledger.Account) int { return cmp.Compare(a.ID, b.ID) })
	return accounts
}

func texts(dids []did.DID) []string {
	list := make([]string, len(dids))
	for i, id := range dids {
		list[i] = id.String()
	}
	return list
}

// SystemAccounts implements [ledger.AccountReader].
func (r *Reader) SystemAccounts(ctx context.Context) ([]ledger.Account, error) {
	return r.accounts(ctx, `kind BETWEEN 3 AND 5`)
}

type agentRow struct {
	DID              string `bun:"did"`
	AccountID        int64
	LockedID         int64
	Origin           uint8
	Metadata         *string
	SuspensionReason string
	RevokedRoles     uint8
	ReputationScore  int
	CreatedAt        timeColumn
}

// Agents implements [ledger.AccountReader].
func (r *Reader) Agents(ctx context.Context, ids ...did.DID) ([]ledger.Agent, error) {
	var agents []ledger.Agent
	err := chunks(ctx, r, ids, func(view *Reader, part []did.DID) error {
		found, err := view.agents(ctx, `did IN (?)`, bun.List(texts(part)))
		agents = append(agents, found...)
		return err
	})
	return agents, err
}

// Stripped implements [ledger.AccountReader].
func (r *Reader) Stripped(ctx context.Context) ([]ledger.Agent, error) {
	return r.agents(ctx, `revoked_roles <> 0 ORDER BY did`)
}

func (r *Reader) agents(ctx context.Context, rest string, args ...any) ([]ledger.Agent, error) {
	var rows []agentRow
	err := r.scan(ctx, &rows, `SELECT did, account_id, locked_id, origin, metadata, suspension_reason, revoked_roles, reputation_score,
		created_at FROM agent_teg_profiles WHERE `+rest, args...)
	agents := make([]ledger.Agent, len(rows))
	for i := 0; err == nil && i < len(rows); i++ {
		agents[i], err = rows[i].agent()
	}
	return agents, err
}

func (row *agentRow) agent() (ledger.Agent, error) {
	id, err := did.Parse(row.DID)
	a := ledger.Agent{
		ID: id, Account: ledger.AccountID(row.AccountID), Locked: ledger.AccountID(row.LockedID),
		Origin: ledger.Origin(row.Origin), SuspensionReason: row.SuspensionReason, Revoked: ledger.Roles(row.RevokedRoles), Reputation: row.ReputationScore,
		CreatedAt: row.CreatedAt.Time,
	}
	if row.Metadata != nil {
		a.Metadata = []byte(*row.Metadata)
	}
	return a, err
}
