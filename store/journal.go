package store

import (
	"context"
	"slices"
	"time"

	"github.com/agentvault/teg-layer/ledger"
)

// Key names an idempotency key or a lasting reference within its scope: the
// first 16 bytes of a SHA-256 over caller, verb and text.
type Key [16]byte

// Fingerprint tells requests under one key apart: the first 16 bytes of a
// SHA-256 over the canonical request.
type Fingerprint [16]byte

// Verb is what an operation does. The zero value is invalid. The numbers are
// stored and part of keys: they are never reused and only appended to.
type Verb uint8

// The verbs that move value or change an agent.
const (
	VerbTransfer Verb = iota + 1
	VerbTransferToSystem
	VerbTransferBatch
	VerbRefund
	VerbHold
	VerbCapture
	VerbVoid
	VerbIssue
	VerbBurn
	VerbAdjust
	VerbRegisterAgent
	VerbSuspendAgent
	VerbReactivateAgent
	VerbDeactivateAgent
	VerbExpireHolds
	VerbStake
	VerbUnstake
	VerbDelegate
	VerbUndelegate
	VerbClaimRewards
	VerbRunRewardCycle
	VerbSlash
	VerbReleaseUnbonding
	VerbCompound
	VerbSignal
	VerbReportOutcome
	VerbRaiseFlag
	VerbUpdateFlag
	VerbEscalateFlag
	VerbSetRules
	VerbUpdateFlags
	VerbPutPolicy
	VerbDeactivatePolicy
	VerbAttest
	VerbReviewAttestation
	VerbPayAttestation
	VerbSeeEvidence
	VerbRegisterCircuit
	VerbRaiseDispute
	VerbAddEvidence
	VerbRespondToDispute
	VerbWithdrawDispute
	VerbAdvanceDispute
	VerbResolveDispute
	VerbStoreEvidence
	VerbPayDebt
	VerbDrawPanel
	VerbAdvancePanel
	VerbCommitVote
	VerbRevealVote
	VerbIssueBootstrapToken
	VerbSetRoles
	VerbCreateWebhook
	VerbUpdateWebhook
	VerbPauseWebhook
	VerbResumeWebhook
	VerbRotateWebhook
	VerbEndWebhook
)

var verbNames = [...]string{
	VerbTransfer: "transfer", VerbTransferToSystem: "transfer_to_system", VerbTransferBatch: "transfer_batch",
	VerbRefund: "refund", VerbHold: "hold", VerbCapture: "capture", VerbVoid: "void", VerbIssue: "issue",
	VerbBurn: "burn", VerbAdjust: "adjust", VerbRegisterAgent: "register_agent", VerbSuspendAgent: "suspend_agent",
	VerbReactivateAgent: "reactivate_agent", VerbDeactivateAgent: "deactivate_agent", VerbExpireHolds: "expire_holds",
	VerbStake: "stake", VerbUnstake: "unstake", VerbDelegate: "delegate", VerbUndelegate: "undelegate",
	VerbClaimRewards: "claim_rewards", VerbRunRewardCycle: "run_reward_cycle", VerbSlash: "slash",
	VerbReleaseUnbonding: "release_unbonding", VerbCompound: "compound",
	VerbSignal: "signal", VerbReportOutcome: "report_outcome",
	VerbRaiseFlag: "raise_flag", VerbUpdateFlag: "update_flag", VerbEscalateFlag: "escalate_flag", VerbSetRules: "set_rules",
	VerbUpdateFlags: "update_flags", VerbPutPolicy: "put_policy", VerbDeactivatePolicy: "deactivate_policy",
	VerbAttest: "attest", VerbReviewAttestation: "review_attestation", VerbPayAttestation: "pay_attestation",
	VerbSeeEvidence: "see_evidence", VerbRegisterCircuit: "register_circuit",
	VerbRaiseDispute: "raise_dispute", VerbAddEvidence: "add_evidence", VerbRespondToDispute: "respond_to_dispute",
	VerbWithdrawDispute: "withdraw_dispute", VerbAdvanceDispute: "advance_dispute", VerbResolveDispute: "resolve_dispute",
	VerbStoreEvidence: "store_evidence", VerbPayDebt: "pay_debt",
	VerbDrawPanel: "draw_panel", VerbAdvancePanel: "advance_panel", VerbCommitVote: "commit_vote", VerbRevealVote: "reveal_vote",
	VerbIssueBootstrapToken: "issue_bootstrap_token", VerbSetRoles: "set_roles",
	VerbCreateWebhook: "create_webhook", VerbUpdateWebhook: "update_webhook", VerbPauseWebhook: "pause_webhook",
	VerbResumeWebhook: "resume_webhook", VerbRotateWebhook: "rotate_webhook", VerbEndWebhook: "end_webhook",
}

// Valid reports whether the verb is one of those above.
func (v Verb) Valid() bool { return v >= VerbTransfer && v <= VerbEndWebhook }

// String is the stable text form, such as "transfer_to_system".
func (v Verb) String() string {
	if !v.Valid() {
		return "invalid"
	}
	return verbNames[v]
}

// Record is what the journal remembers of an operation under a key. The answer
// itself is not stored: it is rebuilt from immutable rows.
type Record struct {
	Key         Key
	Fingerprint Fingerprint
	Caller      ledger.AccountID // zero for a caller without a profile
	Verb        Verb
	Items       int         // elements of a batch
	Subjects    []ledger.ID // what came of it: transactions, or a hold and its transactions
	Refusal     []byte      // why it was refused, as the engine encodes it; nil when it was done
	At          time.Time
}

// Refused reports whether the operation was refused.
func (r *Record) Refused() bool { return r.Refusal != nil }

// AppendSubjects appends the subjects' bytes, one after the other, which is how
// they are kept.
func (r *Record) AppendSubjects(b []byte) []byte {
	for i := range r.Subjects {
		b = append(b, r.Subjects[i][:]...)
	}
	return b
}

// ReadSubjects sets the subjects from their bytes.
func (r *Record) ReadSubjects(b []byte) {
	for id := range slices.Chunk(b, len(ledger.ID{})) {
		if len(id) == len(ledger.ID{}) {
			r.Subjects = append(r.Subjects, ledger.ID(id))
		}
	}
}

// Reference makes a client's reference unique for ever within its scope.
type Reference struct {
	Key     Key
	Subject ledger.ID
}

// JournalReader tells what became of keys.
type JournalReader interface {
	// Records returns those of the keys that are remembered, in no particular
	// order.
	Records(ctx context.Context, keys ...Key) ([]Record, error)
	// References returns those of the keys that are taken, in no particular order.
	References(ctx context.Context, keys ...Key) ([]Reference, error)
}
