package reputation

import (
	"slices"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/did"
)

// Consistent reports whether all that was reported of an AVTP transaction can have
// come in some order: in which each report has the status that it has, and changed
// scores at most where the outcome changed.
func Consistent(initiator did.DID, reports []Report) bool {
	voices := 0
	for i := range reports {
		if !reports[i].Final {
			voices++
		}
	}
	return voices <= 2 && follow(initiator, nil, reports)
}

// follow reports whether the rest can have come after the reports before.
func follow(initiator did.DID, before, rest []Report) bool {
	_, was := Settle(initiator, before)
	if len(rest) == 0 || Settled(before) {
		return !slices.ContainsFunc(rest, func(r Report) bool { return !r.heeds(was) })
	}
	for i := range rest {
		now := append(slices.Clone(before), rest[i])
		status, outcome := Settle(initiator, now)
		fits := rest[i].Status == status && (outcome != was || !rest[i].changed())
		if fits && follow(initiator, now, slices.Delete(slices.Clone(rest), i, i+1)) {
			return true
		}
	}
	return false
}

// heeds reports whether the report can have come once the platform had decided.
func (r *Report) heeds(decided Outcome) bool {
	return r.Status == statusOf(decided) && !r.changed() && (!r.Final || r.Outcome == decided)
}

func (r *Report) changed() bool {
	return r.InitiatorSeq != 0 || r.ResponderSeq != 0 || r.InitiatorChange != 0 || r.ResponderChange != 0
}

// Made reports whether the report, one of all of its AVTP transaction, made an event:
// one for the reason that is the outcome it led to, which takes back what was applied
// before, and beyond that asks only something of whom the outcome is about.
func (r *Report) Made(e *Event, all []Report) bool {
	outcome, about := r.Outcome, r.Responder
	if r.Status == ReportDisputed {
		outcome = Disputed
	}
	if outcome == FailureConsumer {
		about = r.Initiator
	}
	worth := e.Requested
	for i := range all {
		worth += all[i].applied(e.Agent, e.Seq)
	}
	return r.Changed(e) && e.Reason == outcome.Reason() && (worth == 0 || outcome != Disputed && e.Agent == about)
}

// applied is what the report changed the score of an agent by, before an event of it.
func (r *Report) applied(agent ledger.AccountID, before int64) int {
	switch {
	case r.Initiator == agent && 0 < r.InitiatorSeq && r.InitiatorSeq < before:
		return r.InitiatorChange
	case r.Responder == agent && 0 < r.ResponderSeq && r.ResponderSeq < before:
		return r.ResponderChange
	}
	return 0
}
