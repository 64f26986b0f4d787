package teg

import (
	"encoding/json"
	"errors"
	"slices"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/store"
)

// quiet reports whether nobody wrote since the view was taken; what was read at
// different times can be compared only then.
func (v *verification) quiet() (bool, error) {
	numbered, waiting, err := v.engine.reader().LogSize(v.ctx)
	quiet := numbered == v.logSize && waiting == 0
	v.report.Busy = v.report.Busy || !quiet
	return quiet, err
}

// sums compares what is counted along with what was posted, unless others went
// on posting meanwhile.
func (v *verification) sums() error {
	rows, err := v.engine.reader().SystemAccounts(v.ctx)
	if err != nil {
		return err
	}
	if quiet, err := v.quiet(); err != nil || !quiet {
		return err
	}
	kept := sumSystem(rows)
	if kept.transactions != v.report.Transactions {
		v.find("tally", "treasury", "counts %d transactions of %d", kept.transactions, v.report.Transactions)
	}
	if kept.fees.Signed() != v.fees {
		v.find("tally", "treasury", "counts %s AVT of fees, the transactions say %s", kept.fees, v.fees)
	}
	for kind := ledger.Treasury; kind.System(); kind++ {
		if kept.debited[kind] != v.debited[kind] {
			v.find("tally", kind.String(), "counts %s AVT that were paid out of it, the transactions say %s", kept.debited[kind], v.debited[kind])
		}
	}
	return kept.err
}

// holds checks that open holds have set aside what they say, and closed ones
// were given back once. Who pays whom and how much is compared with the log.
func (v *verification) holds() error {
	var after HoldID
	open := map[ledger.AccountID]int{}
	for {
		page, err := v.engine.reader().AuditHolds(v.ctx, after, auditPage)
		if err != nil {
			return err
		}
		for i := range page {
			v.hold(&page[i])
			if page[i].State.Open() {
				open[page[i].Payer]++
			}
			after = page[i].ID
		}
		if len(page) < auditPage {
			return v.openHolds(open)
		}
	}
}

func (v *verification) hold(h *store.AuditedHold) {
	v.report.Holds++
	v.reserved.kept.add(sumOf(h.ID.String(), v.agentName(h.Payer), v.agentName(h.Receiver), textOf(h.Amount), textOf(h.Fee), h.Purpose))
	want, releases := amount.Signed{}, 1
	if h.State.Open() {
		want, releases = h.Total().Signed(), 0
		v.heldAside[h.Locked], _ = v.heldAside[h.Locked].Add(want)
	}
	if h.State == HoldFrozen {
		v.frozenHolds[h.ID] = true
	}
	if !v.locks(h) {
		v.find("hold", h.ID.String(), "is set aside on account %d, which is not the %s one of its payer", h.Locked, ledger.Locked)
	}
	if h.SetAside != want || h.Releases != releases {
		v.find("hold", h.ID.String(), "is %s with %s AVT set aside and %d releases", h.State, h.SetAside, h.Releases)
	}
	if h.Amount.Less(h.Captured) || h.State != ledger.HoldCaptured && !h.Captured.IsZero() {
		v.find("hold", h.ID.String(), "is %s with %s AVT captured of %s", h.State, h.Captured, h.Amount)
	}
}

// locks reports whether a hold lies on its payer's row, or on one that is younger than the view.
func (v *verification) locks(h *store.AuditedHold) bool {
	owner, seen := v.locked[h.Locked]
	return owner == v.agents[h.Payer] && seen || h.Locked > v.newest
}

// openHolds compares the counts on the rows. Holds that were opened or closed
// since the view was taken make the two differ, so a difference counts only
// where the row still is as the view saw it.
func (v *verification) openHolds(open map[ledger.AccountID]int) error {
	for i := range v.rows {
		seen := &v.rows[i]
		if seen.Kind != ledger.Available || seen.OpenHolds == open[seen.ID] {
			continue
		}
		now, err := v.engine.reader().AccountsOf(v.ctx, seen.Owner)
		if err != nil {
			return err
		}
		if row, _ := pick(now); row != nil && row.Seq == seen.Seq {
			v.find("hold", accountName(seen.ID), "counts %d open holds of %d", seen.OpenHolds, open[seen.ID])
		}
	}
	return nil
}

// events checks that positions are dense, that the columns say what the
// canonical form says, and that every transaction is named exactly once.
func (v *verification) events() error {
	if err := v.beginTree(); err != nil {
		return err
	}
	position, err := v.archived()
	if err != nil {
		return err
	}
	for {
		page, err := v.engine.reader().AuditEvents(v.ctx, position, auditPage)
		if errors.Is(err, store.ErrForgotten) { // meanwhile
			if position, err = v.archived(); err == nil {
				continue
			}
		}
		if err != nil {
			return err
		}
		for _, event := range page {
			if event.Position != position {
				v.find("log", event.ID.String(), "is at position %d instead of %d", event.Position, position)
				position = event.Position
			}
			v.event(event)
			position++
		}
		if err := errors.Join(v.words(), v.proveTree(page)); err != nil {
			return err
		}
		if len(page) < auditPage {
			return errors.Join(v.endTree(), v.log(position))
		}
	}
}

func (v *verification) event(event store.Event) {
	v.report.Events++
	var body toldAct
	err := json.Unmarshal(event.Body, &body)
	if err != nil || body.ID != event.ID.String() || body.Action != event.Action || body.Actor != event.Actor.String() ||
		body.At != event.At.UTC().Format(TimeFormat) {
		v.find("log", event.ID.String(), "differs from its canonical form")
	}
	v.tell(&body)
	if slices.Contains(store.KeptActions, event.Action) {
		v.kept.add(ledger.ID(event.ID))
	}
	for _, text := range body.Transactions {
		id, err := ledger.ParseTransactionID(text)
		if err != nil {
			v.find("log", event.ID.String(), "names %q, which is no transaction", text)
			continue
		}
		if ledger.ID(id).Compare(ledger.ID(v.last)) <= 0 {
			v.posted++
			v.expected.add(ledger.ID(id))
			if body.Action == store.VerbTransfer.String() {
				v.told.add(sumsDigest(id, body.Amount, body.Fee))
			}
		}
	}
}

// log compares the head with the log, and the transactions with what the events
// name. On a system where others wrote meanwhile the two were read at different
// times, and the second comparison is left for a quieter moment.
func (v *verification) log(size int64) error {
	quiet, err := v.quiet()
	if err != nil || !quiet {
		return err
	}
	if size != v.logSize {
		v.find("log", "log_head", "counts %d events of %d", v.logSize, size)
	}
	if v.posted != v.report.Transactions || v.digest != v.expected {
		v.find("log", "events", "name %d transactions of %d, or others", v.posted, v.report.Transactions)
	}
	v.tellIssued()
	for what, both := range map[string]twin{
		"changes of scores": v.changes, "reports": v.said, "flags": v.flagged, "policies": v.governed,
		"attestations": v.attest.told, "rewards of attestations": v.attest.paid, "attestations that changed scores": v.attest.scored, "circuits": v.attest.laws,
		"holds": v.reserved, "disputes": v.argued, "words of disputes": v.uttered, "debts": v.indebted, "payments of debts": v.settled,
		"panels": v.judged, "jurors' money": v.jurors, "bootstrap tokens": v.issued, "uses of bootstrap tokens": v.boarded,
		"webhooks": v.hooked,
	} {
		if both.kept != both.told {
			v.find("log", "events", "tell of other %s than there are", what)
		}
	}
	if v.paid != v.told {
		v.find("log", "events", "tell of transfers of other sums than were posted")
	}
	v.termsVersion()
	v.compareRoles()
	return nil
}
