package teg

import (
	"context"
	"errors"
	"slices"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/staking"
)

// treasuryRow is the id of the treasury's row of a stripe.
func (d *decision) treasuryRow(stripe int) ledger.AccountID {
	return d.core.system.rows[ledger.Treasury][stripe]
}

// gatherTreasury returns legs that bring all of the treasury onto its first row
// and change it by the given sum, and what the treasury has after that. All its
// rows must be loaded.
func (d *decision) gatherTreasury(change amount.Signed) ([]ledger.Leg, Amount, error) {
	var legs []ledger.Leg
	total := change
	var err error
	for stripe := range ledger.Stripes {
		row := d.book.Account(d.treasuryRow(stripe))
		if row == nil {
			return nil, Amount{}, errMore{needs{treasury: true}}
		}
		if total, err = total.Add(row.Balance); err != nil {
			return nil, Amount{}, ledger.Refuse(ErrAboveMaximum, "the treasury would pass the largest amount there is")
		}
		if stripe > 0 && !row.Balance.IsZero() {
			legs = append(legs, ledger.Leg{Account: row.ID, Amount: row.Balance.Neg()})
		}
	}
	after, err := total.Amount()
	if err != nil {
		return nil, Amount{}, d.treasuryShort(total, change)
	}
	first := d.book.Account(d.treasuryRow(0))
	onFirst, err := total.Sub(first.Balance)
	if err != nil {
		return nil, Amount{}, ErrAboveMaximum
	}
	if !onFirst.IsZero() {
		legs = append(legs, ledger.Leg{Account: first.ID, Amount: onFirst})
	}
	return legs, after, nil
}

// treasuryShort says what the treasury had and what was asked of it.
func (d *decision) treasuryShort(total, change amount.Signed) error {
	had, err := total.Sub(change)
	if err != nil {
		return ErrInsufficientBalance
	}
	return &InsufficientBalanceError{Available: had.Abs(), Needed: change.Abs(), Highest: had.Abs()}
}

// payFromTreasury returns the legs that take a sum from the treasury: from its
// first row alone where that covers it, else from all.
func (d *decision) payFromTreasury(sum Amount) ([]ledger.Leg, error) {
	first := d.book.Account(d.treasuryRow(0))
	if first == nil {
		return nil, errMore{needs{accounts: []ledger.AccountID{d.treasuryRow(0)}}}
	}
	if first.Balance.Cmp(sum.Signed()) >= 0 {
		return []ledger.Leg{{Account: first.ID, Amount: amount.Neg(sum)}}, nil
	}
	legs, _, err := d.gatherTreasury(amount.Neg(sum))
	return legs, err
}

// balanceAtSeq is the balance of a row of a transaction at a place in its
// chain: the entry of the transaction itself, or, where its legs cancelled out
// on that row, the one before.
func (e *Engine) balanceAtSeq(ctx context.Context, tx *ledger.Transaction, row ledger.AccountID, seq int64) (Amount, error) {
	if slices.ContainsFunc(tx.Entries, func(entry ledger.Entry) bool { return entry.Account == row }) {
		return balanceAfter(tx, row), nil
	}
	entries, err := e.reader().AuditEntries(ctx, row, seq-1, 1)
	if err != nil {
		return Amount{}, outward(err)
	}
	if len(entries) == 0 || entries[0].Account != row || entries[0].Seq != seq {
		return Amount{}, nil // the row had no entry yet
	}
	return entries[0].BalanceAfter.Amount()
}

// Supply is where all value is.
type Supply struct {
	Issued      Amount // ever
	Burned      Amount // ever
	Total       Amount // issued − burned
	Circulating Amount // total − treasury − rewards pool
	Treasury    Amount
	RewardsPool Amount
	Locked      Amount // in open holds, and set aside for creditors
	Staked      Amount // and on its way out of stakes
	Stakes      int64  // active ones
	Delegations int64  // active ones
	Fees        Amount // ever charged
	Agents      int64
	// Transactions is how many there ever were.
	Transactions int64
}

// Supply returns the sums over the whole economy.
func (e *Engine) Supply(ctx context.Context) (Supply, error) {
	rows, err := e.reader().SystemAccounts(ctx)
	if err != nil {
		return Supply{}, outward(err)
	}
	totals, err := e.reader().Totals(ctx, e.clock.now())
	if err != nil {
		return Supply{}, outward(err)
	}
	b, err := e.stakesBook(ctx, staking.Need{Total: true})
	if err != nil {
		return Supply{}, err
	}
	staked := b.Total()
	s := Supply{Locked: totals.Locked, Agents: totals.Agents, Stakes: staked.Stakes, Delegations: staked.Delegations}
	if s.Staked, err = staked.Tokens.Add(staked.Unbonding); err != nil {
		return Supply{}, ErrInternal
	}
	sums := sumSystem(rows)
	s.Issued = sums.debited[ledger.Issuance].Abs()
	var faults [4]error
	var burned, circulating amount.Signed
	burned, faults[0] = sums.balance[ledger.Issuance].Add(sums.debited[ledger.Issuance])
	circulating, faults[1] = sums.balance[ledger.Issuance].Neg().Sub(sums.balance[ledger.Treasury])
	circulating, faults[2] = circulating.Sub(sums.balance[ledger.Rewards])
	s.Burned, s.Total, s.Circulating = burned.Abs(), sums.balance[ledger.Issuance].Abs(), circulating.Abs()
	s.Treasury, s.RewardsPool = sums.balance[ledger.Treasury].Abs(), sums.balance[ledger.Rewards].Abs()
	s.Fees, s.Transactions, faults[3] = sums.fees, sums.transactions, sums.err
	return s, errors.Join(faults[:]...)
}

// TreasuryReport is the treasury's balance and all that ever passed it.
type TreasuryReport struct {
	ID       DID
	Balance  Amount
	TotalIn  Amount
	TotalOut Amount
}

// Treasury returns the treasury's balance and turnover.
func (e *Engine) Treasury(ctx context.Context) (TreasuryReport, error) {
	rows, err := e.reader().SystemAccounts(ctx)
	if err != nil {
		return TreasuryReport{}, outward(err)
	}
	sums := sumSystem(rows)
	in, err := sums.balance[ledger.Treasury].Add(sums.debited[ledger.Treasury])
	return TreasuryReport{
		ID: e.config.Treasury, Balance: sums.balance[ledger.Treasury].Abs(),
		TotalIn: in.Abs(), TotalOut: sums.debited[ledger.Treasury].Abs(),
	}, errors.Join(sums.err, err)
}

// systemSums are the sums over the rows of each system account.
type systemSums struct {
	balance, debited map[ledger.Kind]amount.Signed
	fees             Amount
	transactions     int64
	err              error
}

func sumSystem(rows []ledger.Account) systemSums {
	s := systemSums{balance: map[ledger.Kind]amount.Signed{}, debited: map[ledger.Kind]amount.Signed{}}
	for i := range rows {
		row := &rows[i]
		var faults [3]error
		s.balance[row.Kind], faults[0] = s.balance[row.Kind].Add(row.Balance)
		s.debited[row.Kind], faults[1] = s.debited[row.Kind].Add(row.Tally.Debited.Signed())
		s.fees, faults[2] = s.fees.Add(row.Tally.Fees)
		s.transactions += row.Tally.Transactions
		s.err = errors.Join(append(faults[:], s.err)...)
	}
	return s
}
