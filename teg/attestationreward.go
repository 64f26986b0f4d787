package teg

import (
	"errors"
	"time"

	"github.com/agentvault/teg-layer/governance/attestation"
	"github.com/agentvault/teg-layer/governance/policy"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/reputation"
)

// needReward has the rows loaded by which a reward is decided. The treasury's first row
// is locked even where nothing is paid: it guards the budget.
func (c *core) needReward(op *operation, of policy.ID, offer Amount) {
	if !offer.IsZero() {
		op.need.accounts = append(op.need.accounts, c.system.rows[ledger.Treasury][0])
		op.need.attestation.Budgets = append(op.need.attestation.Budgets, of)
	}
}

// reward decides what an attestation that is taken gets, and pays it: the change says
// the status that it is in then.
func (d *decision) reward(s *Attestation, origin Origin, row *ledger.Account, change *attestation.Change) error {
	if charged, earned := d.earns(s, origin, row); earned {
		change.Reward, change.Charged = s.Offer, charged
	}
	return d.pay(s, row, change)
}

// earns reports whether the agent has a right to the reward and the budget covers it,
// from which it is taken then, and as of when.
func (d *decision) earns(s *Attestation, origin Origin, row *ledger.Account) (charged time.Time, earned bool) {
	least := d.terms.Reputation.RewardFrom
	right := origin == FromBootstrap || origin == FromRegistry || least != nil && d.conduct.Score(row.ID) >= *least
	if s.Offer.IsZero() || !right || ledger.CanReceive(row, d.now) != nil {
		return charged, false
	}
	of, known := d.policies.Policy(s.Policy)
	if !known {
		return charged, false // cannot be: policies are never deleted
	}
	terms, err := of.AttestationTerms()
	if err != nil {
		return charged, false // cannot be: a policy keeps its type
	}
	return d.attested.Charge(s.Policy, s.Offer, attestation.Limits{PerDay: terms.BudgetPerDay, Total: terms.BudgetTotal}, d.now)
}

// pay pays what the change grants, where it can be paid now, and ends the attestation;
// else it waits.
func (d *decision) pay(s *Attestation, row *ledger.Account, change *attestation.Change) error {
	if !change.Reward.IsZero() {
		paid, err := d.payReward(s, row, change)
		if err != nil {
			return err
		}
		if !paid {
			change.Status = attestation.PendingReward
			return nil
		}
	}
	change.Status = s.End(change.Reward)
	d.changeScore(s.Agent, row.ID, reputation.Event{
		Requested: d.terms.Reputation.Attested, Reason: reputation.Attested, Related: ledger.ID(s.ID), At: d.now,
	})
	return nil
}

// payReward pays a reward, unless it has to wait for storage or for the treasury.
func (d *decision) payReward(s *Attestation, row *ledger.Account, change *attestation.Change) (bool, error) {
	if !s.Stored() && d.core.config.Evidence != nil {
		return false, nil
	}
	legs, err := d.payFromTreasury(change.Reward)
	if errors.Is(err, ErrInsufficientBalance) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	tx, err := d.post(ledger.Posting{
		Type: ledger.TypeAttestationReward, Sender: d.treasuryRow(0), Receiver: row.ID, Amount: change.Reward,
		Legs:  append(legs, ledger.Leg{Account: row.ID, Amount: change.Reward.Signed()}),
		Notes: ledger.Notes{ReferenceID: s.ID.String(), Reason: s.Code},
	})
	if err == nil {
		change.Transaction = tx.ID
	}
	return err == nil, err
}

// recordAttestation writes the event of a step.
func (d *decision) recordAttestation(verb Verb, s *Attestation, step *AttestationStep) {
	a := act{
		action: verb.String(), agent: s.Agent, amount: s.Reward, reason: s.Code, reference: stepTerms(s, step), referenceID: s.ID.String(),
		status: s.Status.String(), value: s.Storage.String(),
	}
	if s.Status.Taken() && !s.Transaction.IsZero() {
		a.receiver = s.Agent
	}
	d.record(a)
}
