package teg

import (
	"slices"

	"github.com/agentvault/teg-layer/governance/dispute"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/reputation"
	"github.com/agentvault/teg-layer/staking"
	"github.com/agentvault/teg-layer/store"
)

// lapse brings a dispute to the present: what its deadlines have done since it was
// last touched is done now, as acts of the system, before anything else happens to
// it.
func (d *decision) lapse(id DisputeID, who disputants) error {
	for {
		of, found := d.disputes.Dispute(id)
		if !found || !of.Due(d.now) {
			return nil
		}
		changed, step := of.Lapse(d.disputeTerms())
		earlier := d.posted
		d.posted = nil
		err := d.enter(&changed, step, dispute.Verdict{End: changed.Status}, who)
		posted := d.posted
		d.posted = earlier
		if err != nil {
			return err
		}
		a := disputeAct(store.VerbAdvanceDispute, &changed)
		a.given, a.until, a.transactions, a.outcome = step.At, changed.Deadline, posted, changed.HoldEnd.String()
		d.emit(d.core.config.Treasury, d.op.request, a)
	}
}

// enter does what goes with the state that a dispute has come to, and keeps the
// dispute as it is then.
func (d *decision) enter(of *Dispute, step DisputeStep, v dispute.Verdict, who disputants) error {
	var err error
	switch {
	case of.Status == DisputeUnderReview:
		err = d.pin(of, who)
	case !of.Status.Open():
		err = d.settleDispute(of, step, v, who)
	}
	if err == nil {
		d.disputes.Change(*of, step)
	}
	return err
}

// withStakes asks for the pools of an agent, or readies them where they are loaded.
func (d *decision) withStakes(agent ledger.AccountID) error {
	if need := &d.op.need.staking; !need.Total || !slices.Contains(need.PoolsOf, agent) {
		return errMore{needs{staking: staking.Need{Total: true, PoolsOf: []ledger.AccountID{agent}}}}
	}
	return d.beginStaking()
}

// pin keeps stake of the defendant where it is, up to the value in dispute.
func (d *decision) pin(of *Dispute, who disputants) error {
	if of.Value.IsZero() {
		return nil
	}
	defendant := who.of(of.Defendant).available
	if err := d.withStakes(defendant); err != nil {
		return err
	}
	pool, pinned, err := d.stakes.Pin(defendant, of.Value)
	if err == nil && !pinned.IsZero() {
		of.Pool, of.Pinned = ledger.ID(pool), pinned
	}
	return err
}

// settleDispute gives everybody what the end of a dispute gives them, in one commit:
// what was pinned is free, the hold goes where the ruling sends it, the penalty is
// collected, fee and bond go to whom they belong, and scores change.
func (d *decision) settleDispute(of *Dispute, step DisputeStep, v dispute.Verdict, who disputants) error {
	s := of.Settle(v, d.disputePoints())
	if !of.Pinned.IsZero() {
		if err := d.withStakes(who.of(of.Defendant).available); err != nil {
			return err
		}
		d.stakes.Unpin(staking.PoolID(of.Pool), of.Pinned)
		of.Pool, of.Pinned = ledger.ID{}, Amount{}
	}
	of.Frivolous, of.HoldEnd, of.Penalty = v.Frivolous, s.Hold, s.Penalty
	if s.Hold.Valid() {
		if err := d.thaw(of, s.Hold, step); err != nil {
			return err
		}
	}
	parts := partsOfLock(&s)
	if err := d.collect(of, &s, parts, who); err != nil {
		return err
	}
	if err := d.unlock(of, parts, who); err != nil {
		return err
	}
	d.judge(of, &s, who)
	return nil
}

// thaw ends the freezing of the hold that a dispute was about.
func (d *decision) thaw(of *Dispute, end HoldEnd, step DisputeStep) error {
	loaded := d.holds[of.Hold]
	if loaded == nil {
		return ErrInternal // a hold is never deleted
	}
	hold := *loaded
	var postings []ledger.Posting
	next := HoldActive
	switch end {
	case HoldEndCaptured:
		captured, both, err := ledger.PlanCapture(hold, hold.Amount, d.book.Collectors())
		if err != nil {
			return err
		}
		hold.Captured, postings, next = captured, both, HoldCaptured
	case HoldEndVoided:
		postings, next = []ledger.Posting{ledger.PlanRelease(hold)}, HoldVoided
	}
	if err := hold.Thaw(next, of.FiledAt, step.At); err != nil {
		return err
	}
	if err := d.present(postings...); err != nil {
		return err
	}
	for _, p := range postings {
		if _, err := d.postAs(p); err != nil {
			return err
		}
	}
	if next != HoldActive {
		d.closeHold(hold)
		return nil
	}
	d.changeHold(hold)
	d.book.Change(hold.Payer, func(payer *ledger.Account) {
		if payer.NextHoldExpiry.IsZero() || hold.ExpiresAt.Before(payer.NextHoldExpiry) {
			payer.NextHoldExpiry = hold.ExpiresAt
		}
	})
	return nil
}

// partsOfLock is how much of what a dispute was filed with goes to each side.
func partsOfLock(s *dispute.Settlement) map[dispute.Side]Amount {
	parts := map[dispute.Side]Amount{}
	for _, share := range slices.Concat(s.Fee, s.Bond) {
		parts[share.To], _ = parts[share.To].Add(share.Sum) // parts of what was on an account
	}
	return parts
}

// side is the row that one side is paid on.
func (d *decision) side(of *Dispute, side dispute.Side, who disputants) ledger.AccountID {
	switch side {
	case dispute.Claimant:
		return who.of(of.Claimant).available
	case dispute.Defendant:
		return who.of(of.Defendant).available
	}
	return d.book.Collectors().Treasury
}

// collect takes a penalty from who lost for who won: from what it can spend, then
// from what it locked for this dispute, then from its own stake. What is left is owed.
func (d *decision) collect(of *Dispute, s *dispute.Settlement, parts map[dispute.Side]Amount, who disputants) error {
	if s.Penalty.IsZero() {
		return nil
	}
	loser, winner := d.side(of, s.Loser, who), d.side(of, s.Loser.Other(), who)
	if err := check(d.releaseDue(loser, winner), d.garnish()); err != nil { // those it owes already come before
		return err
	}
	spendable, err := d.book.Account(loser).Balance.Amount()
	if err != nil {
		return ErrInternal // an agent's balance is never negative
	}
	if err := d.take(of, loser, winner, spendable); err != nil {
		return err
	}
	if s.Loser == dispute.Claimant {
		before := of.Collected
		if err := d.take(of, who.of(of.Claimant).locked, winner, parts[dispute.Claimant]); err != nil {
			return err
		}
		used, _ := of.Collected.Sub(before)
		parts[dispute.Claimant], _ = parts[dispute.Claimant].Sub(used)
	}
	if of.Outstanding().IsZero() {
		return nil
	}
	if err := d.seize(of, loser, winner); err != nil || of.Outstanding().IsZero() {
		return err
	}
	parties := map[dispute.Side]party{dispute.Claimant: who.of(of.Claimant), dispute.Defendant: who.of(of.Defendant)}
	return d.owe(parties[s.Loser], parties[s.Loser.Other()], of.Outstanding(), ledger.ID(of.ID))
}

// take pays as much of what is outstanding as a row has for it.
func (d *decision) take(of *Dispute, from, to ledger.AccountID, has Amount) error {
	sum := amount.Smaller(of.Outstanding(), has)
	if sum.IsZero() {
		return nil
	}
	posting := ledger.Move(ledger.TypeDisputePenalty, from, to, sum, disputeNotes(of))
	if err := d.present(posting); err != nil {
		return err
	}
	if _, err := d.postAs(posting); err != nil {
		return err
	}
	var err error
	of.Collected, err = of.Collected.Add(sum)
	return err
}

// seize takes what is outstanding out of the stake of who lost.
func (d *decision) seize(of *Dispute, loser, winner ledger.AccountID) error {
	if err := d.withStakes(loser); err != nil {
		return err
	}
	taken, postings, err := d.stakes.Seize(staking.SeizeRule{
		Agent: loser, Sum: of.Outstanding(), To: winner, Type: ledger.TypeDisputePenalty, Notes: disputeNotes(of),
	})
	if err != nil {
		return err
	}
	if err := d.present(postings...); err != nil {
		return err
	}
	for _, p := range postings {
		if _, err := d.postAs(p); err != nil {
			return err
		}
	}
	of.Collected, err = of.Collected.Add(taken)
	return err
}

// unlock gives what a dispute was filed with to whom it belongs now.
func (d *decision) unlock(of *Dispute, parts map[dispute.Side]Amount, who disputants) error {
	for _, side := range []dispute.Side{dispute.Claimant, dispute.Defendant, dispute.Treasury} {
		sum := parts[side]
		if sum.IsZero() {
			continue
		}
		kind := ledger.TypeBondForfeit
		if side == dispute.Claimant {
			kind = ledger.TypeBondReturn
		}
		posting := ledger.Move(kind, who.of(of.Claimant).locked, d.side(of, side, who), sum, disputeNotes(of))
		if err := d.present(posting); err != nil {
			return err
		}
		if _, err := d.postAs(posting); err != nil {
			return err
		}
	}
	return nil
}

// judge changes the scores of the two.
func (d *decision) judge(of *Dispute, s *dispute.Settlement, who disputants) {
	for _, side := range []dispute.Side{dispute.Claimant, dispute.Defendant} {
		points, any := s.Reputation[side]
		if !any {
			continue
		}
		agent := of.Claimant
		if side == dispute.Defendant {
			agent = of.Defendant
		}
		reason := reputation.DisputeLost
		if s.Loser != 0 && side == s.Loser.Other() {
			reason = reputation.DisputeWon
		}
		d.changeScore(agent, who.of(agent).available, reputation.Event{Requested: points, Reason: reason, Related: ledger.ID(of.ID), At: d.now})
	}
}
