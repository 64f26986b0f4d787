package teg

import (
	"time"

	"github.com/agentvault/teg-layer/governance/attestation"
)

// chargedDays are the last on which a policy's budget was charged with a reward that is
// still its agent's, and with one that was given back.
type chargedDays struct{ last, released int64 }

// fit reports whether a budget is of the day on which it was charged last. What was given
// back may have counted as of the day after, see [attestation.Book.Charge].
func (d *chargedDays) fit(day int64) bool {
	return day == d.last || day > d.last && (day == d.released || day == d.released+1)
}

// attestedReward takes in what an attestation got.
func (v *verification) attestedReward(s *Attestation) {
	if !s.Transaction.IsZero() {
		v.attest.paid.kept.add(sumOf(s.Transaction.String(), s.ID.String(), s.Agent.String(), s.Reward.String()))
	}
	if s.Status.Taken() {
		v.attest.scored.kept.add(sumOf(s.ID.String(), s.Agent.String()))
	}
	if s.ChargedAt.IsZero() {
		return
	}
	of := v.attest.charged[s.Policy]
	if of == nil {
		of = &attestation.Budget{Policy: s.Policy}
		v.attest.charged[s.Policy] = of
	}
	var faults [2]error
	of.Total, faults[0] = of.Total.Add(s.Reward)
	if attestation.DayOf(s.ChargedAt) == of.Day {
		of.Today, faults[1] = of.Today.Add(s.Reward)
	}
	if faults != [2]error{} {
		v.find("attestations", s.ID.String(), "brings the rewards of %s over all there can be", s.Code)
	}
}

// chargedOn takes in when a reward was first promised, which is when the budget was
// charged with it: then, or at the beginning of the next day.
func (v *verification) chargedOn(s *Attestation, charged time.Time) {
	if charged.IsZero() {
		return
	}
	of := v.attest.days[s.Policy]
	if of == nil {
		of = new(chargedDays)
		v.attest.days[s.Policy] = of
	}
	if s.ChargedAt.IsZero() {
		of.released = max(of.released, attestation.DayOf(charged))
		return
	}
	of.last = max(of.last, attestation.DayOf(s.ChargedAt))
	if !s.ChargedAt.Equal(charged) && (s.ChargedAt.Before(charged) || !s.ChargedAt.Equal(s.ChargedAt.Truncate(attestationDay))) {
		v.find("attestations", s.ID.String(), "was charged to the budget at another time than its history says")
	}
}

// budgets compares what was charged with what attestations say, unless others went on.
func (v *verification) budgets(kept []attestation.Budget) error {
	quiet, err := v.quiet()
	if err != nil || !quiet {
		return err
	}
	for i := range kept {
		if found := *v.attest.charged[kept[i].Policy]; found != kept[i] {
			v.find("attestations", kept[i].Policy.String(), "counts %s AVT of rewards, %s of them on one day; its attestations say %s and %s",
				kept[i].Total, kept[i].Today, found.Total, found.Today)
		}
		if days := v.attest.days[kept[i].Policy]; days == nil || !days.fit(kept[i].Day) {
			v.find("attestations", kept[i].Policy.String(), "counts the rewards of day %d, on which none was the last to be charged", kept[i].Day)
		}
		delete(v.attest.charged, kept[i].Policy)
	}
	for id := range v.attest.charged {
		v.find("attestations", id.String(), "has rewards and no budget")
	}
	return nil
}
