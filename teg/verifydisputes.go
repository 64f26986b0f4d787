package teg

import (
	"slices"
	"strconv"
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/staking"
	"github.com/agentvault/teg-layer/store"
)

// disputeAudit is what all disputes together hold.
type disputeAudit struct {
	*verification
	fault  error
	locked map[DID]amount.Signed   // with what open disputes were filed, by who filed them
	frozen map[HoldID]bool         // by open disputes
	ahead  []DisputeID             // those with more evidence than they counted
	about  map[ledger.ID]DisputeID // the open dispute of each cause
	acts   []time.Time             // when something was done or said in the dispute at hand
}

// disputes checks that each dispute stands where its timeline ends, which has only
// steps that there are, that what open disputes hold is what is frozen, set aside and
// pinned, no less and no more, and that ended ones hold nothing. What timelines and
// evidence say is compared with the log, where a dispute that is missing shows too.
func (v *verification) disputes() error {
	a := disputeAudit{
		verification: v, locked: map[DID]amount.Signed{}, frozen: map[HoldID]bool{},
		about: map[ledger.ID]DisputeID{},
	}
	err := walk(func(after DisputeID) ([]store.AuditedDispute, error) {
		if a.fault != nil {
			return nil, a.fault
		}
		return v.engine.reader().AuditDisputes(v.ctx, after, auditPage)
	}, func(d *store.AuditedDispute) DisputeID {
		v.report.Disputes++
		if a.fault == nil {
			a.fault = a.dispute(d)
		}
		return d.ID
	})
	if err := check(err, a.fault); err != nil {
		return err
	}
	return a.finish()
}

func (a *disputeAudit) dispute(d *store.AuditedDispute) error {
	a.money(d)
	a.acts = []time.Time{d.RespondedAt}
	a.keepWords(d.Description, "claim", d.ID.String())
	a.keepWords(d.Response, "response", d.ID.String())
	if d.Status.Open() {
		a.holds(&d.Dispute)
	} else if !d.Pinned.IsZero() || !d.Pool.IsZero() || d.Hold.IsZero() == d.HoldEnd.Valid() {
		a.find("disputes", d.ID.String(), "has ended with %s AVT pinned and its hold %q", d.Pinned, d.HoldEnd)
	}
	if err := check(a.timeline(&d.Dispute), a.pieces(&d.Dispute)); err != nil {
		return err
	}
	if !slices.ContainsFunc(a.acts, d.UpdatedAt.Equal) {
		a.find("disputes", d.ID.String(), "was changed at %s, when nothing happened", d.UpdatedAt)
	}
	if (d.Response == "") != d.RespondedAt.IsZero() {
		a.find("disputes", d.ID.String(), "has a response of %d bytes of %s", len(d.Response), d.RespondedAt)
	}
	return nil
}

// money checks that fee and bond are set aside while a dispute is open, and are given
// away whole at its end, and that what was collected was paid.
func (a *disputeAudit) money(d *store.AuditedDispute) {
	if want := d.Locked().Signed(); d.SetAside != want {
		a.find("disputes", d.ID.String(), "is %s with %s AVT set aside of %s", d.Status, d.SetAside, want)
	}
	if d.Paid != d.Collected || d.Penalty.Less(d.Collected) {
		a.find("disputes", d.ID.String(), "has collected %s AVT of a penalty of %s, paid were %s", d.Collected, d.Penalty, d.Paid)
	}
}

// holds adds up what an open dispute holds.
func (a *disputeAudit) holds(d *Dispute) {
	if other, twice := a.about[d.Cause.ID]; twice {
		a.find("disputes", d.ID.String(), "is about the same as %s, which is open too", other)
	}
	a.about[d.Cause.ID] = d.ID
	a.locked[d.Claimant], _ = a.locked[d.Claimant].Add(d.Locked().Signed())
	if !d.Hold.IsZero() {
		a.frozen[d.Hold] = true
	}
	if !d.Pinned.IsZero() {
		pool := staking.PoolID(d.Pool)
		a.pinned[pool], _ = a.pinned[pool].Add(d.Pinned)
	}
	if d.Deadline.IsZero() || d.Status == DisputeOpen && !d.Pinned.IsZero() {
		a.find("disputes", d.ID.String(), "is %s without a deadline, or with stake pinned already", d.Status)
	}
	if !d.Penalty.IsZero() || d.Frivolous || d.HoldEnd != 0 || d.Notes != "" {
		a.find("disputes", d.ID.String(), "is %s and says of its end already", d.Status)
	}
}

// timeline compares a dispute with its steps, which are read after it and may have
// grown since.
func (a *disputeAudit) timeline(d *Dispute) error {
	steps, err := a.engine.reader().DisputeSteps(a.ctx, d.ID)
	if err != nil {
		return err
	}
	var at DisputeStatus
	for i := range steps {
		s := &steps[i]
		if s.Seq != int64(i+1) || s.From != at || !at.Follows(s.To) || s.By.IsZero() && at.AtDeadline() != s.To {
			a.find("disputes", d.ID.String(), "step %d goes from %s to %s behind %s", s.Seq, s.From, s.To, at)
		}
		at, a.acts = s.To, append(a.acts, s.At)
		a.keepWords(s.Note, "step", s.Dispute.String(), s.To.String(), s.At.UTC().Format(TimeFormat))
		a.argued.kept.add(a.disputeStep(d, s))
	}
	if !among(d.Steps, steps) {
		a.find("disputes", d.ID.String(), "counts %d steps of %d", d.Steps, len(steps))
		return nil
	}
	if last := &steps[d.Steps-1]; d.Status != last.To || !d.Deadline.Equal(last.Until) {
		a.find("disputes", d.ID.String(), "is %s until %s, its timeline says %s until %s", d.Status, d.Deadline, last.To, last.Until)
	} else if d.Notes != "" && d.Notes != last.Note {
		a.find("disputes", d.ID.String(), "gives other reasons for its end than its last step")
	}
	if !d.Status.Open() {
		a.argued.kept.add(disputeEndSum(d.ID.String(), textOf(d.Penalty), textOf(d.Collected), d.HoldEnd.String(), d.Frivolous))
	}
	if !d.RespondedAt.IsZero() {
		a.argued.kept.add(sumOf("response", d.ID.String(), d.Defendant.String(), d.RespondedAt.UTC().Format(TimeFormat)))
	}
	return nil
}

// disputeStep stands for a step of a dispute, as the log tells it too.
func (v *verification) disputeStep(d *Dispute, s *DisputeStep) ledger.ID {
	by := s.By
	if by.IsZero() {
		by = v.engine.config.Treasury // in whose name the system acts
	}
	return disputeStepSum(s.Dispute.String(), s.To.String(), by.String(), termsOfDispute(d), s.At.UTC().Format(TimeFormat), untilText(s.Until))
}

func disputeEndSum(id, penalty, collected, hold string, frivolous bool) ledger.ID {
	return sumOf("end", id, penalty, collected, hold, strconv.FormatBool(frivolous))
}

func disputeStepSum(id, status, by, terms, at, until string) ledger.ID {
	return sumOf("step", id, status, by, terms, at, until)
}

// untilText is a deadline as events write it, which leave none out.
func untilText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(TimeFormat)
}

// pieces checks that evidence is counted.
func (a *disputeAudit) pieces(d *Dispute) error {
	evidence, err := a.engine.reader().DisputeEvidence(a.ctx, d.ID)
	if err != nil {
		return err
	}
	var claims, defences int64
	for i := range evidence {
		e := &evidence[i]
		a.acts = append(a.acts, e.At)
		a.keepWords(e.Description, "evidence", e.ID.String())
		if e.Seq != int64(i+1) || !d.Party(e.By) {
			a.find("disputes", d.ID.String(), "has evidence %d by %s in place %d", e.Seq, e.By, i+1)
		}
		if e.By == d.Claimant {
			claims++
		} else {
			defences++
		}
		a.argued.kept.add(evidenceSum(e.ID.String(), d.ID.String(), e.By.String(), e.Pointer, e.Evidence.At.UTC().Format(TimeFormat)))
		if !e.Storage.At.IsZero() {
			a.argued.kept.add(sumOf("storage", e.ID.String(), soundness(e.Storage.Sound), e.Storage.At.UTC().Format(TimeFormat)))
		}
	}
	if int64(len(evidence)) > d.Claims+d.Defences { // perhaps since
		a.ahead = append(a.ahead, d.ID)
	} else if claims != d.Claims || defences != d.Defences {
		a.find("disputes", d.ID.String(), "counts %d and %d pieces of evidence, there are %d and %d", d.Claims, d.Defences, claims, defences)
	}
	return nil
}

func evidenceSum(id, of, by, pointer, at string) ledger.ID {
	return sumOf("evidence", id, of, by, pointer, at)
}

// finish compares what open disputes hold with what is held, unless somebody acted
// meanwhile.
func (a *disputeAudit) finish() error {
	quiet, err := a.quiet()
	if err != nil || !quiet {
		return err
	}
	for _, id := range a.ahead {
		a.find("disputes", id.String(), "leaves out the last of its evidence")
	}
	for id := range a.frozenHolds {
		if !a.frozen[id] {
			a.find("disputes", id.String(), "is frozen, and no open dispute is about it")
		}
		delete(a.frozen, id)
	}
	for id := range a.frozen {
		a.find("disputes", id.String(), "is not frozen, and an open dispute is about it")
	}
	for pool, sum := range a.pins {
		if a.pinned[pool] != sum {
			a.find("disputes", ledger.FormatID("pool_", ledger.ID(pool)), "has %s AVT pinned, for open disputes and seats in panels %s", sum, a.pinned[pool])
		}
	}
	return a.lockedRows()
}

// lockedRows checks that agents have locked what their open holds and their open
// disputes have set aside, and nothing else.
func (a *disputeAudit) lockedRows() error {
	for i := range a.rows {
		row := &a.rows[i]
		if row.Kind != ledger.Locked {
			continue
		}
		want, err := a.heldAside[row.ID].Add(a.locked[row.Owner])
		if err != nil || row.Balance != want {
			a.find("hold", accountName(row.ID), "has %s AVT locked, its open holds and disputes have set aside %s", row.Balance, want)
		}
	}
	return nil
}
