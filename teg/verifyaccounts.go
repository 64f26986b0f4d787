package teg

import (
	"fmt"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/staking"
)

// accounts takes one view of all rows and checks that they sum to zero and that
// no agent is below it.
func (v *verification) accounts() error {
	var total, issuance amount.Signed
	var err error
	if v.logSize, _, err = v.engine.reader().LogSize(v.ctx); err != nil {
		return err
	}
	stakes, err := v.engine.reader().StakingRows(v.ctx, staking.Need{Total: true})
	if err != nil {
		return err
	}
	v.staked = stakes.Total
	err = v.engine.reader().AuditAccounts(v.ctx, func(a ledger.Account) error {
		v.rows = append(v.rows, a)
		v.newest = max(v.newest, a.ID)
		switch a.Kind {
		case ledger.Available:
			v.agents[a.ID] = a.Owner
		case ledger.Locked:
			v.locked[a.ID] = a.Owner
		}
		v.systemRow(&a)
		if a.Balance.Sign() < 0 && a.Kind != ledger.Issuance {
			v.find("non-negative", accountName(a.ID), "has %s AVT", a.Balance)
		}
		var err error
		if total, err = total.Add(a.Balance); err != nil {
			return fmt.Errorf("%w: the sum of all accounts overflows", ErrBroken)
		}
		if a.Kind == ledger.Issuance {
			issuance, err = issuance.Add(a.Balance)
		}
		return err
	})
	if err == nil {
		v.ownedRows()
	}
	v.report.Accounts = int64(len(v.rows))
	v.report.Supply = issuance.Abs()
	if err == nil && !total.IsZero() {
		v.find("conservation", "all accounts", "sum to %s AVT instead of 0", total)
	}
	return err
}

// ownedRows checks that agents have no two rows of a kind, and one of each that all have.
func (v *verification) ownedRows() {
	const all = 1<<ledger.Available | 1<<ledger.Locked
	kinds := make(map[DID]uint, len(v.agents))
	for i := range v.rows {
		row := &v.rows[i]
		if row.Kind.System() {
			continue
		}
		kind := uint(1) << row.Kind
		if kinds[row.Owner]&kind != 0 || !row.Kind.Valid() || row.Stripe != 0 {
			v.find("accounts", accountName(row.ID), "is a second %s row of %s, or of no kind that agents have", row.Kind, row.Owner)
		}
		kinds[row.Owner] |= kind
	}
	for owner, has := range kinds {
		if has&all != all {
			v.find("accounts", owner.String(), "has no %s row, or no %s one", ledger.Available, ledger.Locked)
		}
	}
}

// systemRow checks that all rows of a system account have one owner, and that only these
// count what passes them.
func (v *verification) systemRow(a *ledger.Account) {
	if !a.Kind.System() {
		if a.Tally != (ledger.Tally{}) {
			v.find("tally", accountName(a.ID), "counts what passed it, which is counted on rows of system accounts alone")
		}
		return
	}
	if v.owners[a.Kind].IsZero() {
		v.owners[a.Kind] = a.Owner
	}
	if a.Owner != v.owners[a.Kind] {
		v.find("system", accountName(a.ID), "is a row of the %s of %s and belongs to %s", a.Kind, v.owners[a.Kind], a.Owner)
	}
}

func accountName(id ledger.AccountID) string { return fmt.Sprintf("account %d", id) }
