package teg

import (
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/reputation"
	"github.com/agentvault/teg-layer/store"
)

// signals checks that each signal is by who paid, about who was paid, and the one that
// the payment will ever have.
func (v *verification) signals(page []reputation.Event) error {
	var causes []TransactionID
	for i := range page {
		if page[i].Reason == reputation.Signalled {
			causes = append(causes, page[i].Cause)
		}
	}
	payments, err := v.payments(causes, signalKey)
	if err != nil {
		return err
	}
	for i := range page {
		if page[i].Reason == reputation.Signalled {
			v.signal(&page[i], payments)
		}
	}
	return nil
}

func (v *verification) signal(e *reputation.Event, of payments) {
	if !of.between(e.Cause, e.Giver, e.Agent) {
		v.find("scores", accountName(e.Agent), "event %d is for %s, which is no payment to it by account %d", e.Seq, e.Cause, e.Giver)
	}
	if of.used[e.Cause] != ledger.ID(e.Cause) {
		v.find("scores", accountName(e.Agent), "event %d does not keep %s from another signal", e.Seq, e.Cause)
	}
}

// reported checks that changes by outcomes are those that the reports ask for.
func (v *verification) reported(page []reputation.Event) error {
	var ids []ReportID
	for i := range page {
		if id := ReportID(page[i].Related); page[i].Reason.ByReport() {
			ids = append(ids, id)
		}
	}
	found, err := v.engine.reader().Reports(v.ctx, distinctBy(ids, compareIDs[ReportID])...)
	if err != nil {
		return err
	}
	outcomes, err := v.outcomesOf(found)
	if err != nil {
		return err
	}
	reports := make(map[ReportID]*reputation.Report, len(found))
	for i := range found {
		reports[found[i].ID] = &found[i]
	}
	for i := range page {
		if e := &page[i]; e.Reason.ByReport() {
			v.outcome(e, reports[ReportID(e.Related)], outcomes)
		}
	}
	return nil
}

// outcome counts a change by an outcome, and checks it against the report that it is
// by, which is nil where there is none.
func (v *verification) outcome(e *reputation.Event, r *reputation.Report, all map[ledger.ID][]reputation.Report) {
	v.outcomes++
	if r == nil || !r.Made(e, all[r.Scope]) {
		v.find("scores", accountName(e.Agent), "event %d is by %s, which does not say so", e.Seq, ReportID(e.Related))
	}
}

// outcomesOf are all reports of the AVTP transactions that some are about.
func (v *verification) outcomesOf(some []reputation.Report) (map[ledger.ID][]reputation.Report, error) {
	scopes := make([]ledger.ID, len(some))
	for i := range some {
		scopes[i] = some[i].Scope
	}
	all, err := v.engine.reader().AuditOutcomes(v.ctx, distinctBy(scopes, ledger.ID.Compare)...)
	outcomes := make(map[ledger.ID][]reputation.Report, len(scopes))
	for _, r := range all {
		outcomes[r.Scope] = append(outcomes[r.Scope], r)
	}
	return outcomes, err
}

// reports looks at every report, and counts the changes that they name.
func (v *verification) reports() error {
	var named int64
	err := walk(func(after ReportID) ([]reputation.Report, error) {
		page, err := v.engine.reader().AuditReports(v.ctx, after, auditPage)
		return page, check(err, v.reportPage(page))
	}, func(r *reputation.Report) ReportID {
		v.keepReport(r)
		named += min(1, r.InitiatorSeq) + min(1, r.ResponderSeq)
		return r.ID
	})
	if err != nil {
		return err
	}
	if quiet, err := v.quiet(); err != nil || !quiet {
		return err
	}
	if named != v.outcomes {
		v.find("scores", "reports", "name %d changes of %d", named, v.outcomes)
	}
	return nil
}

func (v *verification) reportPage(page []reputation.Report) error {
	var named []TransactionID
	for i := range page {
		if !page[i].Transfer.IsZero() {
			named = append(named, page[i].Transfer)
		}
	}
	payments, err := v.payments(named, paymentKey)
	if err != nil {
		return err
	}
	outcomes, err := v.outcomesOf(page)
	if err != nil {
		return err
	}
	for i := range page {
		if r := &page[i]; v.agents[r.Initiator] != (DID{}) && v.agents[r.Responder] != (DID{}) { // else they were made since
			v.outcomeReport(r, payments, outcomes[r.Scope])
		}
	}
	return nil
}

// outcomeReport checks that a report is named after what it is about, by somebody who
// could make it, that what it names is a payment of the one to the other, which only
// its AVTP transaction spends, and that it stands where all reports lead.
func (v *verification) outcomeReport(r *reputation.Report, payments payments, all []reputation.Report) {
	p := OutcomeParams{By: r.Reporter, Final: r.Final, AVTP: r.AVTP, Initiator: v.agents[r.Initiator], Responder: v.agents[r.Responder]}
	if p.scope() != r.Scope || p.own() != r.Own || !p.mayReport() {
		v.find("scores", r.ID.String(), "is named after another AVTP transaction, or %s cannot report it", r.Reporter)
	}
	if !r.Transfer.IsZero() && !payments.between(r.Transfer, r.Initiator, r.Responder) {
		v.find("scores", r.ID.String(), "names %s, which is no payment of the initiator to the responder", r.Transfer)
	}
	if r.Spends(p.Initiator) && payments.used[r.Transfer] != r.Scope {
		v.find("scores", r.ID.String(), "does not keep %s from another AVTP transaction", r.Transfer)
	}
	if !reputation.Consistent(p.Initiator, all) {
		v.find("scores", r.ID.String(), "is one of %d reports that lead to other states", len(all))
	}
}

// payments are transactions that conduct is about.
type payments struct {
	found map[TransactionID]*ledger.Recorded
	used  map[TransactionID]ledger.ID // for what, by the lasting reference
}

func (v *verification) payments(ids []TransactionID, key func(TransactionID) store.Key) (payments, error) {
	ids = distinctBy(ids, compareIDs[TransactionID])
	p := payments{make(map[TransactionID]*ledger.Recorded, len(ids)), make(map[TransactionID]ledger.ID, len(ids))}
	found, err := v.engine.reader().Transactions(v.ctx, ids...)
	if err != nil {
		return p, err
	}
	for i := range found {
		p.found[found[i].ID] = &found[i]
	}
	of, keys := make(map[store.Key]TransactionID, len(ids)), make([]store.Key, len(ids))
	for i, id := range ids {
		keys[i] = key(id)
		of[keys[i]] = id
	}
	taken, err := v.engine.reader().References(v.ctx, keys...)
	for _, reference := range taken {
		p.used[of[reference.Key]] = reference.Subject
	}
	return p, err
}

// between reports whether a transaction is a payment of the one row to the other.
func (p *payments) between(id TransactionID, payer, paid ledger.AccountID) bool {
	tx := p.found[id]
	return tx != nil && tx.Type.Refundable() && tx.Sender == payer && tx.Receiver == paid
}
