package attestation

import (
	"crypto/sha256"
	"time"

	"github.com/agentvault/teg-layer/governance/policy"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
)

// SubmissionID names a submission; its text form is "att_" and 32 hex digits.
type SubmissionID ledger.ID

const idPrefix = "att_"

// String returns the text form, empty for the zero value.
func (id SubmissionID) String() string { return ledger.FormatID(idPrefix, ledger.ID(id)) }

// IsZero reports whether the id names no submission.
func (id SubmissionID) IsZero() bool { return ledger.ID(id).IsZero() }

// MarshalText returns the text form.
func (id SubmissionID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// ParseSubmissionID reads the text form; anything else is [ledger.ErrNotFound].
func ParseSubmissionID(text string) (SubmissionID, error) {
	id, err := ledger.ParseID(idPrefix, text)
	return SubmissionID(id), err
}

// Submission is what an agent has attested, and what became of it. What stands above
// Status never changes.
type Submission struct {
	ID          SubmissionID
	Agent       did.DID
	Scope       ledger.ID // see [Scope]
	Policy      policy.ID
	Version     int64         // of the policy, when it was handed in
	Code        string        // of the policy
	Type        string        // under which it was handed in
	Data        string        // in its canonical form
	Hash        string        // SHA-256 of Data, 64 hex digits
	Pointer     string        // to evidence in storage; empty: there is none
	Waits       bool          // for storage, before a reward is paid
	Circuit     string        // that the proof is for; empty: there is none
	Inputs      string        // public ones of the proof, a JSON list
	Proof       string        // as it was handed in
	Proven      Proven        // what came of it
	Offer       amount.Amount // what the policy promised, when it was handed in
	SubmittedAt time.Time

	Status      Status
	Reward      amount.Amount        // paid, or owed while it is PendingReward
	Transaction ledger.TransactionID // by which it was paid; zero: it was not
	Storage     Storage
	ChargedAt   time.Time // when the reward was taken from the budget; zero: it was not
	Notes       string    // of the reviewer
	Steps       int64     // of its history, its handing in included
	UpdatedAt   time.Time
}

// Scope is what submissions of the same agent for the same policy with the same data
// share. Only one of them may stand.
func Scope(agent did.DID, of policy.ID, hash [sha256.Size]byte) ledger.ID {
	text := append([]byte(agent.String()), 0)
	text = append(append(text, of[:]...), hash[:]...)
	sum := sha256.Sum256(text)
	return ledger.ID(sum[:16])
}

// Step is one change of a submission, its handing in included. It is kept for ever.
type Step struct {
	Submission  SubmissionID
	Seq         int64   // its place in the history, from 1, without gaps
	By          did.DID // zero for the system itself
	Status      Status
	Reward      amount.Amount
	Transaction ledger.TransactionID
	Storage     Storage
	Notes       string
	At          time.Time
}

// Change says what of a submission is different after a step.
type Change struct {
	By          did.DID // zero for the system itself
	Status      Status  // zero: as it is
	Reward      amount.Amount
	Transaction ledger.TransactionID
	Charged     time.Time // as of which the reward is taken from the budget; zero: it is not
	Storage     Storage
	Notes       string // empty leaves those that are there
	At          time.Time
}

// Begin is a submission in its first status, and its handing in.
func (s Submission) Begin(c Change) (Submission, Step, error) {
	s.UpdatedAt, s.SubmittedAt = c.At, c.At
	if s.Pointer != "" && c.Storage == NoStorage {
		c.Storage = StorageUnverified
	}
	return s.Become(c)
}

// Become returns the submission after a change, and the step that this is. What the
// state table does not allow is [ledger.ErrInvalidState].
func (s Submission) Become(c Change) (Submission, Step, error) {
	if c.Status == 0 {
		c.Status, c.Reward, c.Transaction = s.Status, s.Reward, s.Transaction
	} else if !s.Status.CanBecome(c.Status) {
		return s, Step{}, ledger.Refuse(ledger.ErrInvalidState, "an attestation that is %s cannot become %s", s.Status, c.Status).
			By("attestation.state", ledger.Word("state", s.Status.String()), ledger.Word("next", c.Status.String()))
	}
	s.Status, s.Reward, s.Transaction = c.Status, c.Reward, c.Transaction
	s.Storage = max(s.Storage, c.Storage)
	if !c.Charged.IsZero() {
		s.ChargedAt = c.Charged
	}
	if s.Reward.IsZero() {
		s.ChargedAt = time.Time{}
	}
	if c.Notes != "" {
		s.Notes = c.Notes
	}
	s.Steps, s.UpdatedAt = s.Steps+1, c.At
	return s, Step{
		Submission: s.ID, Seq: s.Steps, By: c.By, Status: s.Status, Reward: s.Reward, Transaction: s.Transaction,
		Storage: s.Storage, Notes: c.Notes, At: c.At,
	}, nil
}

// Stored reports whether nothing has to be seen in storage before a reward is paid.
func (s *Submission) Stored() bool { return !s.Waits || s.Storage == StorageVerified }

// End is the status in which a submission that is taken ends: what was proven, and got
// what the policy promised, is Verified.
func (s *Submission) End(reward amount.Amount) Status {
	if s.Proven == ProofHolds && reward == s.Offer {
		return Verified
	}
	return Accepted
}
