package teg

import (
	"time"

	"github.com/agentvault/teg-layer/governance/attestation"
	"github.com/agentvault/teg-layer/governance/auditor"
	"github.com/agentvault/teg-layer/governance/dispute"
	"github.com/agentvault/teg-layer/governance/policy"
	"github.com/agentvault/teg-layer/governance/webhook"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/reputation"
	"github.com/agentvault/teg-layer/staking"
	"github.com/agentvault/teg-layer/store"
)

// The values of the lower layers under the names by which callers of the engine
// know them, so that they import only this package.
type (
	// Amount is an exact, non-negative sum in AVT, with 18 decimals.
	Amount = amount.Amount
	// Rate is a fraction from 0 to 1 in parts per million.
	Rate = amount.Rate
	// DID names an agent or a system account.
	DID = did.DID
	// TransactionID names a transaction: "tx_" and 32 hex digits.
	TransactionID = ledger.TransactionID
	// HoldID names a hold: "hold_" and 32 hex digits.
	HoldID = ledger.HoldID
	// DebtID names a debt: "debt_" and 32 hex digits.
	DebtID = ledger.DebtID
	// BootstrapID names a bootstrap token, and tells nothing of it: "boot_" and 32 hex
	// digits.
	BootstrapID = ledger.BootstrapID
	// EventID names an event of the log: "evt_" and 32 hex digits.
	EventID = store.EventID
	// StakeID names a stake: "stake_" and 32 hex digits.
	StakeID = staking.StakeID
	// DelegationID names a delegation: "del_" and 32 hex digits.
	DelegationID = staking.DelegationID
	// CycleID names a reward cycle: "cycle_" and 32 hex digits.
	CycleID = staking.CycleID
	// SlashID names a slash: "slash_" and 32 hex digits.
	SlashID = staking.SlashID
	// StakingTerms are the economic parameters of staking.
	StakingTerms = staking.Terms
	// ReportID names a report of an AVTP outcome: "avtp_" and 32 hex digits.
	ReportID = reputation.ReportID
	// ReportStatus is where an AVTP transaction stood after a report.
	ReportStatus = reputation.ReportStatus
	// ServiceOutcome is how a service over AVTP ended.
	ServiceOutcome = reputation.Outcome
	// Flag is what a rule has found, or what a person has, on its way through review.
	Flag = auditor.Flag
	// FlagID names a flag: "flag_" and 32 hex digits.
	FlagID = auditor.FlagID
	// FlagStatus is where a flag stands.
	FlagStatus = auditor.FlagStatus
	// FlagStep is one change of a flag.
	FlagStep = auditor.Step
	// Attestation is what an agent has attested, and what became of it.
	Attestation = attestation.Submission
	// AttestationID names an attestation: "att_" and 32 hex digits.
	AttestationID = attestation.SubmissionID
	// AttestationStatus is where an attestation stands.
	AttestationStatus = attestation.Status
	// AttestationStep is one change of an attestation.
	AttestationStep = attestation.Step
	// AttestationProof is what shows that an attestation is true.
	AttestationProof = attestation.Proof
	// ProofVerifier tells whether proofs hold.
	ProofVerifier = attestation.Verifier
	// Circuit is what proofs of one kind are verified by.
	Circuit = attestation.Circuit
	// Severity says how much a flag matters.
	Severity = auditor.Severity
	// RuleCode names a rule of the auditor.
	RuleCode = auditor.Code
	// Rule is a rule of the auditor, as it is set.
	Rule = auditor.Setting
	// RuleChange says what of a rule is to be different.
	RuleChange = auditor.Change
	// RuleChangeError says which of several changes was refused.
	RuleChangeError = auditor.ChangeError
	// Threshold is a number that decides when a rule fires.
	Threshold = auditor.Threshold
	// Policy is a policy in one of its versions.
	Policy = policy.Policy
	// PolicyID names a policy: "pol_" and 32 hex digits.
	PolicyID = policy.ID
	// PolicyType says what a policy is about.
	PolicyType = policy.Type
	// PolicyLevel says whether a policy is enforced.
	PolicyLevel = policy.Level
	// PolicyEdit says what of a policy is to be.
	PolicyEdit = policy.Edit
	// ReputationTerms are the parameters of scores.
	ReputationTerms = reputation.Terms
	// TrustTerms are the parameters of trust.
	TrustTerms = reputation.TrustTerms
	// Dispute is a claim of one agent against another on its way to an end.
	Dispute = dispute.Dispute
	// DisputeID names a dispute: "disp_" and 32 hex digits.
	DisputeID = dispute.ID
	// DisputeStatus is where a dispute stands.
	DisputeStatus = dispute.Status
	// DisputeStep is a transition of a dispute, its filing included.
	DisputeStep = dispute.Step
	// DisputeTerms are the parameters of disputes.
	DisputeTerms = dispute.Terms
	// DisputeCause is what a dispute is about.
	DisputeCause = dispute.Cause
	// EvidenceID names a piece of evidence in a dispute: "ev_" and 32 hex digits.
	EvidenceID = dispute.EvidenceID
	// DisputeEvidence is a piece of evidence in a dispute, with what became of its
	// content.
	DisputeEvidence = dispute.RecordedEvidence
	// HoldEnd is what becomes of a frozen hold at the end of its dispute.
	HoldEnd = dispute.HoldEnd
	// TransactionType says why value moved.
	TransactionType = ledger.TransactionType
	// HoldState is where a hold stands.
	HoldState = ledger.HoldState
	// Voider says who may give a hold back.
	Voider = ledger.Voider
	// Origin says how an agent came here.
	Origin = ledger.Origin
	// Role is a kind of right that a token gives.
	Role = ledger.Role
	// Roles is a set of roles.
	Roles = ledger.Roles
	// Status says what an agent may do.
	Status = ledger.Status
	// Terms are the economic parameters of the ledger.
	Terms = ledger.Terms
	// Fees are the terms under which transfers are charged.
	Fees = ledger.Fees
	// FeeSplit sends parts of each fee elsewhere than to the treasury.
	FeeSplit = ledger.Split
	// WebhookID names a webhook: "wh_" and 32 hex digits.
	WebhookID = webhook.ID
	// Webhook is an address that is told of events.
	Webhook = webhook.Webhook
	// WebhookStatus is where a webhook stands.
	WebhookStatus = webhook.Status
	// MessageID names what a webhook is told of one event: "msg_" and 32 hex digits.
	MessageID = webhook.MessageID
	// WebhookDelivery is a message with the attempts to deliver it.
	WebhookDelivery = webhook.Delivery
	// DeliveryAttempt is one of these.
	DeliveryAttempt = webhook.Attempt
	// DeliveryState is what became of a message.
	DeliveryState = webhook.DeliveryState
	// Verb is what an operation does.
	Verb = store.Verb
	// Host is a transaction that the host of the engine brought; see
	// postgres.Tx and sqlite.Tx.
	Host = store.Host
)

// States, origins and types, under the names of this package.
const (
	StatusActive      = ledger.Active
	StatusSuspended   = ledger.Suspended
	StatusDeactivated = ledger.Deactivated

	FromBootstrap = ledger.FromBootstrap
	FromRegistry  = ledger.FromRegistry
	FromSelf      = ledger.FromSelf

	RoleAgent      = ledger.RoleAgent
	RoleAuditor    = ledger.RoleAuditor
	RoleArbitrator = ledger.RoleArbitrator
	RoleAdmin      = ledger.RoleAdmin
	RoleSystem     = ledger.RoleSystem

	WebhookActive = webhook.Active
	WebhookPaused = webhook.Paused
	WebhookEnded  = webhook.Ended

	MessageDelivered = webhook.Delivered
	MessageFailing   = webhook.Failing
	MessageFailed    = webhook.Failed

	HoldActive   = ledger.HoldActive
	HoldFrozen   = ledger.HoldFrozen
	HoldCaptured = ledger.HoldCaptured
	HoldVoided   = ledger.HoldVoided
	HoldExpired  = ledger.HoldExpired

	VoidByEither   = ledger.VoidByEither
	VoidByReceiver = ledger.VoidByReceiver

	OutcomeSuccess         = reputation.Success
	OutcomeFailureProvider = reputation.FailureProvider
	OutcomeFailureConsumer = reputation.FailureConsumer
	OutcomeDisputed        = reputation.Disputed

	ReportPending  = reputation.ReportPending
	ReportApplied  = reputation.ReportApplied
	ReportDisputed = reputation.ReportDisputed

	FlagNew           = auditor.FlagNew
	FlagUnderReview   = auditor.FlagUnderReview
	FlagResolved      = auditor.FlagResolved
	FlagFalsePositive = auditor.FlagFalsePositive

	AttestationVerified      = attestation.Verified
	AttestationUnverified    = attestation.Unverified
	AttestationAccepted      = attestation.Accepted
	AttestationPendingReview = attestation.PendingReview
	AttestationRejected      = attestation.Rejected
	AttestationPendingReward = attestation.PendingReward

	ProofHolds = attestation.ProofHolds
	ProofFails = attestation.ProofFails

	StorageUnverified          = attestation.StorageUnverified
	StorageVerified            = attestation.StorageVerified
	DisputeOpen                = dispute.Open
	DisputeUnderReview         = dispute.UnderReview
	DisputeAwaitingArbitration = dispute.AwaitingArbitration
	DisputeFavorClaimant       = dispute.FavorClaimant
	DisputeFavorDefendant      = dispute.FavorDefendant
	DisputeSplit               = dispute.Split
	DisputeRejected            = dispute.Rejected
	DisputeWithdrawn           = dispute.Withdrawn

	HoldEndReturned = dispute.HoldReturned
	HoldEndCaptured = dispute.HoldCaptured
	HoldEndVoided   = dispute.HoldVoided

	SeverityLow      = auditor.Low
	SeverityMedium   = auditor.Medium
	SeverityHigh     = auditor.High
	SeverityCritical = auditor.Critical

	PolicyAttestation = policy.Attestation
	PolicyEconomic    = policy.Economic
	PolicyAuditor     = policy.Auditor
	PolicyDispute     = policy.Dispute

	PolicyAdvisory  = policy.Advisory
	PolicyMandatory = policy.Mandatory

	// UnitAVT is that of thresholds that are amounts; all others are whole numbers.
	UnitAVT = auditor.AVT

	DefaultHoldTerm = ledger.DefaultHoldTerm
	MaxHoldTerm     = ledger.MaxHoldTerm
)

// AVT is an amount written in the source, such as AVT("1000.5"). It panics when
// the text is no amount; for input use [ParseAmount].
func AVT(text string) Amount { return amount.MustParse(text) }

// ParseAmount reads an amount in AVT: up to 18 digits, and up to 18 after a
// point. Everything else is an error; nothing is rounded.
func ParseAmount(text string) (Amount, error) { return amount.Parse(text) }

// Agent is a DID written in the source. It panics when the text is no DID; for
// input use [ParseDID].
func Agent(text string) DID { return did.MustParse(text) }

// ParseDID reads a W3C DID of at most 255 bytes.
func ParseDID(text string) (DID, error) { return did.Parse(text) }

// Percent is a rate in whole percent, 0 to 100.
func Percent(whole uint) Rate { return amount.Percent(whole) }

// Fraction is a rate written in the source as a fraction, such as
// Fraction("0.05"). It panics when the text is none.
func Fraction(text string) Rate { return amount.Fraction(text) }

// ParseTransactionID reads the text form of a transaction's id.
func ParseTransactionID(text string) (TransactionID, error) { return ledger.ParseTransactionID(text) }

// ParseHoldID reads the text form of a hold's id.
func ParseHoldID(text string) (HoldID, error) { return ledger.ParseHoldID(text) }

// ParseStakeID reads the text form of a stake's id.
func ParseStakeID(text string) (StakeID, error) { return staking.ParseStakeID(text) }

// ParseDelegationID reads the text form of a delegation's id.
func ParseDelegationID(text string) (DelegationID, error) { return staking.ParseDelegationID(text) }

// ParseEventID reads the text form of an event's id.
func ParseEventID(text string) (EventID, error) {
	id, err := ledger.ParseID(store.EventPrefix, text)
	return EventID(id), err
}

// ParseFlagID reads the text form of a flag's id.
func ParseFlagID(text string) (FlagID, error) { return auditor.ParseFlagID(text) }

// ParseAttestationID reads the text form of an attestation's id.
func ParseAttestationID(text string) (AttestationID, error) {
	return attestation.ParseSubmissionID(text)
}

// ParseAttestationStatus reads the text form of where an attestation stands, such as
// "pending_review".
func ParseAttestationStatus(text string) (AttestationStatus, error) {
	return attestation.ParseStatus(text)
}

// ParseFlagStatus reads the text form of where a flag stands, such as "UNDER_REVIEW".
func ParseFlagStatus(text string) (FlagStatus, error) { return auditor.ParseFlagStatus(text) }

// ParseDisputeID reads the text form of a dispute's id.
func ParseDisputeID(text string) (DisputeID, error) { return dispute.ParseID(text) }

// ParseDisputeStatus reads the text form of where a dispute stands, such as
// "UNDER_REVIEW".
func ParseDisputeStatus(text string) (DisputeStatus, error) { return dispute.ParseStatus(text) }

// ParseHoldRuling reads what a ruling says of a frozen hold: "capture", "void", or
// nothing, which gives it back.
func ParseHoldRuling(text string) (HoldEnd, error) { return dispute.ParseHoldRuling(text) }

// ParseSeverity reads the text form of a severity, such as "HIGH".
func ParseSeverity(text string) (Severity, error) { return auditor.ParseSeverity(text) }

// ParseFlagCode reads the code that a person gives a flag: a rule's, or one of its own,
// of 1 to [MaxFlagCode] capital letters, digits and underscores.
func ParseFlagCode(text string) (RuleCode, error) {
	return RuleCode(text), auditor.CheckCode(RuleCode(text))
}

// ParseWebhookID reads the text form of a webhook's id.
func ParseWebhookID(text string) (WebhookID, error) { return webhook.ParseID(text) }

// ParseWebhookStatus reads the text form of where a webhook stands, such as "ACTIVE".
func ParseWebhookStatus(text string) (WebhookStatus, error) { return webhook.ParseStatus(text) }

// ParseMessageID reads the text form of a message's id.
func ParseMessageID(text string) (MessageID, error) { return webhook.ParseMessageID(text) }

// ParseDeliveryState reads the text form of what became of a message, such as "DELIVERED".
func ParseDeliveryState(text string) (DeliveryState, error) {
	return webhook.ParseDeliveryState(text)
}

// ParsePolicyID reads the text form of a policy's id.
func ParsePolicyID(text string) (PolicyID, error) { return policy.ParseID(text) }

// ParsePolicyType reads the text form of a policy's type, such as "economic".
func ParsePolicyType(text string) (PolicyType, error) { return policy.ParseType(text) }

// ParsePolicyLevel reads the text form of whether a policy is enforced: "advisory" or
// "mandatory".
func ParsePolicyLevel(text string) (PolicyLevel, error) { return policy.ParseLevel(text) }

// ParseTransactionType reads the text form of a type, such as "transfer".
func ParseTransactionType(text string) (TransactionType, error) {
	return ledger.ParseTransactionType(text)
}

// Limits of texts that callers give, in characters.
const (
	MaxMessage   = 256
	MaxReference = 128
	MaxPurpose   = 256
	MaxReason    = 500
	MaxAction    = 64
	MaxKey       = 255
	MaxMetadata  = 16 << 10 // bytes of JSON
	MaxBatch     = 1000     // elements
	MaxFlagCode  = auditor.MaxCode

	MaxAttestation        = attestation.MaxData // bytes of JSON
	MaxAttestationType    = 64                  // bytes
	MaxDisputeReason      = dispute.MaxReason
	MaxDisputeDescription = dispute.MaxDescription
	MaxDisputeResponse    = dispute.MaxResponse
	MaxDisputeNotes       = dispute.MaxNotes
	MaxDisputeEvidence    = dispute.MaxEvidence // pieces of each party
)

// stamp is the precision of every time that is kept: microseconds, UTC.
func stamp(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// RolesOf returns the set of the given roles.
func RolesOf(roles ...Role) Roles { return ledger.RolesOf(roles...) }

// ParseRoles returns the set of the roles that are named, such as "admin".
func ParseRoles(names ...string) (Roles, error) { return ledger.ParseRoles(names...) }

// ParseVoider reads the text form of who may void a hold: "either", which the
// empty text means too, or "receiver".
func ParseVoider(text string) (Voider, error) { return ledger.ParseVoider(text) }

// The types of transactions that this version makes.
const (
	TypeTransfer       = ledger.TypeTransfer
	TypeSystemTransfer = ledger.TypeSystemTransfer
	TypeIssuance       = ledger.TypeIssuance
	TypeBurn           = ledger.TypeBurn
	TypeRefund         = ledger.TypeRefund
	TypeAdjustment     = ledger.TypeAdjustment
	TypeGrant          = ledger.TypeGrant
	TypeHold           = ledger.TypeHold
	TypeHoldRelease    = ledger.TypeHoldRelease
	TypeHoldCapture    = ledger.TypeHoldCapture

	TypeStake               = ledger.TypeStake
	TypeUnstake             = ledger.TypeUnstake
	TypeUnbondingRelease    = ledger.TypeUnbondingRelease
	TypeDelegationMove      = ledger.TypeDelegationMove
	TypeRewardFunding       = ledger.TypeRewardFunding
	TypeStakingReward       = ledger.TypeStakingReward
	TypeDelegationReward    = ledger.TypeDelegationReward
	TypeValidatorCommission = ledger.TypeValidatorCommission
	TypeSlash               = ledger.TypeSlash

	TypeAttestationReward   = ledger.TypeAttestationReward
	TypeBond                = ledger.TypeBond
	TypeBondReturn          = ledger.TypeBondReturn
	TypeBondForfeit         = ledger.TypeBondForfeit
	TypeDisputePenalty      = ledger.TypeDisputePenalty
	TypeDisputeCompensation = ledger.TypeDisputeCompensation // what was owed, to the creditor
	TypeGarnish             = ledger.TypeGarnish             // what came in to a debtor, set aside
)
