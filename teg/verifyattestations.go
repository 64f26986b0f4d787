package teg

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"time"

	"github.com/agentvault/teg-layer/governance/attestation"
	"github.com/agentvault/teg-layer/governance/policy"
	"github.com/agentvault/teg-layer/ledger"
)

// attested is what is added up about attestations while the books are walked.
type attestedSums struct {
	told    twin // steps, as histories and events tell them
	paid    twin // rewards, as attestations and transactions tell them
	scored  twin // changes of scores, as attestations and scores tell them
	laws    twin // circuits, as rows and events tell them
	charged map[policy.ID]*attestation.Budget
	days    map[policy.ID]*chargedDays
}

// attestations checks that each attestation is what its history says, that histories
// follow the state table, that data is what its hash says, and that budgets are the sums
// of what was charged to them. What histories say is compared with the log.
func (v *verification) attestations() error {
	v.attest.charged, v.attest.days = map[policy.ID]*attestation.Budget{}, map[policy.ID]*chargedDays{}
	budgets, err := v.engine.reader().AttestationBudgets(v.ctx)
	if err != nil {
		return err
	}
	for i := range budgets {
		v.attest.charged[budgets[i].Policy] = &attestation.Budget{Policy: budgets[i].Policy, Day: budgets[i].Day}
	}
	var fault error
	err = walk(func(after AttestationID) ([]Attestation, error) {
		if fault != nil {
			return nil, fault
		}
		return v.engine.reader().AuditAttestations(v.ctx, after, auditAttestations)
	}, func(s *Attestation) AttestationID {
		if fault == nil {
			fault = v.attestation(s)
		}
		return s.ID
	})
	if err := check(err, fault); err != nil {
		return err
	}
	return check(v.budgets(budgets), v.circuits())
}

// auditAttestations is a page of attestations, whose rows are long.
const auditAttestations = auditPage

func (v *verification) attestation(s *Attestation) error {
	steps, err := v.engine.reader().AttestationSteps(v.ctx, s.ID)
	if err != nil {
		return err
	}
	before := attestation.Status(0)
	for i := range steps {
		step := &steps[i]
		if step.Seq != int64(i+1) {
			v.find("attestations", s.ID.String(), "lacks step %d of its history", i+1)
		}
		if step.Status != before && !before.CanBecome(step.Status) {
			v.find("attestations", s.ID.String(), "went from %s to %s", before, step.Status)
		}
		before = step.Status
		v.attest.told.kept.add(v.attestationStep(s, step))
	}
	if !among(s.Steps, steps) {
		v.find("attestations", s.ID.String(), "counts %d steps of %d", s.Steps, len(steps))
		return nil
	}
	v.attestedSteps(s, steps[:s.Steps])
	v.attestedData(s)
	v.attestedReward(s)
	return nil
}

// attestedSteps checks that an attestation is what its history leaves of it.
func (v *verification) attestedSteps(s *Attestation, steps []AttestationStep) {
	var notes string
	var charged time.Time
	for i := range steps {
		step := &steps[i]
		if step.Notes != "" {
			notes = step.Notes
		}
		if charged.IsZero() && !step.Reward.IsZero() {
			charged = step.At
		}
		if paid := !step.Reward.IsZero() && step.Status.Taken(); paid && step.Transaction != s.Transaction || !paid && !step.Transaction.IsZero() {
			v.find("attestations", s.ID.String(), "was paid by %q in step %d, and by %q at last", step.Transaction, step.Seq, s.Transaction)
		}
	}
	last := &steps[len(steps)-1]
	if s.Status != last.Status || s.Reward != last.Reward || s.Transaction != last.Transaction || s.Storage != last.Storage || !s.UpdatedAt.Equal(last.At) {
		v.find("attestations", s.ID.String(), "is %s with %s AVT, its history says %s with %s", s.Status, s.Reward, last.Status, last.Reward)
	}
	if s.Notes != notes {
		v.find("attestations", s.ID.String(), "has other notes than its history")
	}
	v.chargedOn(s, charged)
}

// attestedData checks what an attestation says by itself.
func (v *verification) attestedData(s *Attestation) {
	sum := sha256.Sum256([]byte(s.Data))
	if hex.EncodeToString(sum[:]) != s.Hash || attestation.Scope(s.Agent, s.Policy, sum) != s.Scope {
		v.find("attestations", s.ID.String(), "has other data than its hash says")
	}
	if owed := s.Status == attestation.PendingReward; s.Transaction.IsZero() != (s.Reward.IsZero() || owed) || owed && s.Reward.IsZero() ||
		s.Reward.IsZero() != s.ChargedAt.IsZero() {
		v.find("attestations", s.ID.String(), "is %s with %s AVT, paid by %q", s.Status, s.Reward, s.Transaction)
	}
	if s.Offer.Less(s.Reward) {
		v.find("attestations", s.ID.String(), "got %s AVT of %s", s.Reward, s.Offer)
	}
}

// circuits takes in what proofs are verified by.
func (v *verification) circuits() error {
	found, err := v.engine.reader().Circuits(v.ctx)
	for i := range found {
		c := &found[i]
		sum := sha256.Sum256([]byte(c.Key))
		if hex.EncodeToString(sum[:]) != c.Hash || !slices.Contains(c.Inputs(), attestation.BindingInput) {
			v.find("circuits", c.ID, "has another key than its hash says, or other inputs")
		}
		v.attest.laws.kept.add(sumOf(c.ID, circuitTerms(c), c.By.String(), c.At.UTC().Format(TimeFormat)))
	}
	return err
}

// attestationStep stands for a step of an attestation, as the log tells it too.
func (v *verification) attestationStep(s *Attestation, step *AttestationStep) ledger.ID {
	by := step.By
	if by.IsZero() {
		by = v.engine.config.Treasury // in whose name the system acts
	}
	return sumOf(s.ID.String(), step.Status.String(), step.Storage.String(), by.String(), textOf(step.Reward), stepTerms(s, step), step.At.UTC().Format(TimeFormat))
}

// rewardPaid takes in a transaction that pays a reward.
func (v *verification) rewardPaid(tx *ledger.Transaction) {
	if tx.Type == ledger.TypeAttestationReward {
		v.attest.paid.told.add(sumOf(tx.ID.String(), tx.Notes.ReferenceID, v.agentName(tx.Receiver), tx.Amount.String()))
	}
}

// attestationTerms stand in the log for what of an attestation never changes. Its data is
// left out but for the hash.
func attestationTerms(s *Attestation) string {
	return termsDigest(s.Agent.String(), s.Policy.String(), strconv.FormatInt(s.Version, 10), s.Code, s.Type, s.Hash, s.Pointer, s.Circuit, s.Inputs, s.Proof,
		s.Proven.String(), s.Offer.String(), s.SubmittedAt.UTC().Format(TimeFormat), strconv.FormatBool(s.Waits))
}

// stepTerms stand in the log for a step of an attestation, besides what its event says in
// plain words.
func stepTerms(s *Attestation, step *AttestationStep) string {
	if step.Notes == "" {
		return attestationTerms(s)
	}
	return termsDigest(attestationTerms(s), step.Notes)
}

// circuitTerms stand in the log for a circuit.
func circuitTerms(c *Circuit) string { return termsDigest(c.Hash, c.Names) }

func termsDigest(fields ...string) string {
	sum := digest(fields...)
	return hex.EncodeToString(sum[:16])
}
