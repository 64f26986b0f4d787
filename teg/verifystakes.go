package teg

import (
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/staking"
)

// stakes checks that pools hold what their accounts do, that the positions in
// them have all of their shares, that nothing is delegated twice, and that what
// was distributed is paid, due or the remainder of rounding. All rows are
// compared with each other, so where somebody acted upon a stake meanwhile, which
// the total tells, this is left for a quieter moment.
func (v *verification) stakes() error {
	reader := v.engine.reader()
	rows, err := reader.StakingRows(v.ctx, staking.Need{Total: true})
	if err != nil {
		return err
	}
	cycles, err := v.cycles()
	if err != nil {
		return err
	}
	pools, err := every(func(after staking.PoolID) ([]staking.Pool, error) { return reader.AuditPools(v.ctx, after, auditPage) },
		func(p *staking.Pool) staking.PoolID { return p.ID })
	if err != nil {
		return err
	}
	var findings []Finding
	audit := staking.NewAudit(rows.Total, cycles, pools, func(where, problem string) {
		if len(findings) <= MaxFindings {
			findings = append(findings, Finding{"stakes", where, problem})
		}
	})
	for i := range pools {
		if p := &pools[i]; !p.Pinned.IsZero() || !p.Closed && p.Kind == staking.SelfPool {
			v.pins[p.ID] = p.Pinned
		}
	}
	if err := v.positions(audit); err != nil {
		return err
	}
	accounts := make(map[ledger.AccountID]ledger.Account, len(v.rows))
	for _, row := range v.rows {
		accounts[row.ID] = row
	}
	audit.Close(accounts)
	after, err := reader.StakingRows(v.ctx, staking.Need{Total: true})
	if err != nil {
		return err
	}
	if !v.staked.Same(after.Total) {
		v.report.Busy = true
		return nil
	}
	v.owed(&rows.Total)
	for _, f := range findings {
		v.find(f.Invariant, f.Where, "%s", f.Problem)
	}
	return nil
}

// positions hands every stake, delegation and unbonding to the audit.
func (v *verification) positions(audit *staking.Audit) error {
	reader := v.engine.reader()
	err := walk(func(after StakeID) ([]staking.Stake, error) { return reader.AuditStakes(v.ctx, after, auditPage) },
		func(s *staking.Stake) StakeID { audit.Stake(*s); v.report.Stakes++; return s.ID })
	if err != nil {
		return err
	}
	err = walk(func(after DelegationID) ([]staking.Delegation, error) {
		return reader.AuditDelegations(v.ctx, after, auditPage)
	},
		func(d *staking.Delegation) DelegationID { audit.Delegation(*d); return d.ID })
	if err != nil {
		return err
	}
	return walk(func(after staking.UnbondingID) ([]staking.Unbonding, error) {
		return reader.AuditUnbondings(v.ctx, after, auditPage)
	},
		func(u *staking.Unbonding) staking.UnbondingID { audit.Unbonding(*u); return u.ID })
}

// walk reads all pages of a list and visits each row, which tells its id.
func walk[ID, Row any](read func(after ID) ([]Row, error), visit func(*Row) ID) error {
	var after ID
	for {
		page, err := read(after)
		if err != nil {
			return err
		}
		for i := range page {
			after = visit(&page[i])
		}
		if len(page) < auditPage {
			return nil
		}
	}
}

// every reads all pages of a list.
func every[ID, Row any](read func(after ID) ([]Row, error), id func(*Row) ID) (all []Row, err error) {
	err = walk(read, func(row *Row) ID {
		all = append(all, *row)
		return id(row)
	})
	return all, err
}

// cycles reads every closed cycle, the newest first.
func (v *verification) cycles() (all []staking.Cycle, err error) {
	query := staking.CycleQuery{Limit: auditPage}
	for {
		page, err := v.engine.reader().RewardCycles(v.ctx, query)
		if err != nil {
			return nil, err
		}
		all = append(all, page...)
		if len(page) < query.Limit {
			return all, nil
		}
		query.Below = page[len(page)-1].Number
	}
}

// owed checks that the rewards pool holds what was distributed and not paid.
func (v *verification) owed(t *staking.Total) {
	owed, err := t.Owed()
	if err != nil {
		v.find("rewards", "staking total", "%s AVT paid of %s", t.Paid, t.Distributed)
		return
	}
	held := sumSystem(v.rows).balance[ledger.Rewards]
	if held.Cmp(owed.Signed()) < 0 {
		v.find("rewards", "rewards pool", "holds %s AVT of %s that are owed", held, owed)
	}
}
