package teg

import (
	"fmt"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

// records checks that what the journal remembers exists.
func (v *verification) records() error {
	var after store.Key
	for {
		page, err := v.engine.reader().AuditRecords(v.ctx, after, auditPage)
		if err != nil {
			return err
		}
		if err := v.remembered(page); err != nil {
			return err
		}
		if len(page) < auditPage {
			return nil
		}
		after = page[len(page)-1].Key
	}
}

func (v *verification) remembered(page []store.Record) error {
	var ids []TransactionID
	var holds []HoldID
	for _, r := range page {
		v.report.Records++
		if r.Refused() {
			continue
		}
		_, transactions := subjects(&r)
		if hold := holdOf(&r); !hold.IsZero() {
			holds = append(holds, hold)
		}
		ids = append(ids, transactions...)
	}
	ids = distinctBy(ids, func(a, b TransactionID) int { return ledger.ID(a).Compare(ledger.ID(b)) })
	holds = distinctBy(holds, func(a, b HoldID) int { return ledger.ID(a).Compare(ledger.ID(b)) })
	found, err := v.engine.reader().Transactions(v.ctx, ids...)
	if err != nil {
		return err
	}
	var kept []ledger.RecordedHold
	if len(holds) > 0 {
		if kept, err = v.engine.reader().Holds(v.ctx, ledger.HoldQuery{IDs: holds, Limit: len(holds)}); err != nil {
			return err
		}
	}
	if len(found) != len(ids) || len(kept) != len(holds) {
		v.find("journal", fmt.Sprintf("%d records", len(page)), "name %d transactions and %d holds, of which %d and %d exist",
			len(ids), len(holds), len(found), len(kept))
	}
	return nil
}
