package teg

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/agentvault/teg-layer/governance/attestation"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/reputation"
	"github.com/agentvault/teg-layer/staking"
	"github.com/agentvault/teg-layer/store"
)

// The sentinels that every error of the engine wraps, one each. Match them with
// errors.Is; the code of an error, the same over HTTP, is [CodeOf].
//
// Errors whose code begins with BIZ_ are definite refusals: they changed
// nothing, and are remembered under the operation's key. Of the others,
// ErrOutcomeUnknown alone leaves open whether something happened; the same key
// again resolves it.
var (
	ErrSelfTransfer         = ledger.ErrSelfTransfer
	ErrInsufficientBalance  = ledger.ErrInsufficientBalance // an *[InsufficientBalanceError]
	ErrBelowMinimum         = ledger.ErrBelowMinimum
	ErrAboveMaximum         = ledger.ErrAboveMaximum
	ErrNotFound             = ledger.ErrNotFound
	ErrAlreadyExists        = ledger.ErrAlreadyExists
	ErrInvalidState         = ledger.ErrInvalidState
	ErrExpired              = ledger.ErrExpired
	ErrTokenUsed            = ledger.ErrTokenUsed
	ErrUnknownToken         = ledger.ErrUnknownToken
	ErrStakeDelegated       = staking.ErrStakeDelegated
	ErrStakeInactive        = staking.ErrStakeInactive
	ErrSignalApplied        = reputation.ErrSignalApplied
	ErrDuplicateAttestation = attestation.ErrDuplicate
	ErrCooldown             = attestation.ErrCooldown
	ErrForbidden            = ledger.ErrForbidden
	ErrSuspended            = ledger.ErrSuspended // a *[SuspendedError]
	ErrInvalidInput         = ledger.ErrInvalidInput
	ErrKeyReused            = ledger.NewReason("IDEMPOTENCY_KEY_REUSED", "this key was used for another request; use a new key for a new request")
	ErrTooManyRefusals      = ledger.NewReason("RATE_LIMITED", "too many refused requests are remembered for this agent; wait, or send requests without a key")
	ErrOverloaded           = ledger.NewReason("SYS_UNAVAILABLE", "too many operations are waiting; try again in a moment")
	ErrUnavailable          = ledger.NewReason("SYS_UNAVAILABLE", "the database is not available; nothing was changed, try again")
	ErrOutcomeUnknown       = ledger.NewReason("SYS_OUTCOME_UNKNOWN", "whether this took effect could not be learnt; send it again with the same key")
	ErrNoVerifier           = ledger.NewReason("SYS_UNAVAILABLE", "this system verifies no proofs: no verifier is configured")
	ErrPolicyDenied         = ledger.NewReason("AUTH_POLICY_DENIED", "denied by policy") // of the Decider; with its reason
	ErrUndecided            = ledger.NewReason("SYS_UNAVAILABLE", "the policy decider gave no answer; nothing was changed, try again")
	ErrNotInTree            = ledger.NewReason("SYS_UNAVAILABLE", "this is not in the tree of the log yet; ask again in a moment")
	ErrLogForked            = ledger.NewReason("SYS_UNAVAILABLE", "the log does not hold what a checkpoint of it promised, and nothing is signed; an operator has to find out why")
	ErrClosed               = ledger.NewReason("SYS_UNAVAILABLE", "the engine is closed")
	ErrInternal             = ledger.NewReason("SYS_INTERNAL_ERROR", "internal error")
)

// The errors that carry detail.
type (
	// InsufficientBalanceError says how much was there and how much was needed.
	InsufficientBalanceError = ledger.InsufficientBalanceError
	// SuspendedError says until when and why an agent is suspended.
	SuspendedError = ledger.SuspendedError
	// AttestationDataError lists what a policy's schema says against an attestation's
	// data.
	AttestationDataError = attestation.DataError
	// Refusal is a definite no, with the field it is about.
	Refusal = ledger.Refusal
)

// CodeOf is the stable, machine-readable code of an error of the engine, as the
// HTTP API shows it: SYS_INTERNAL_ERROR for a foreign error, empty for nil.
func CodeOf(err error) string {
	if err == nil {
		return ""
	}
	var reason *ledger.Reason
	if errors.As(err, &reason) {
		return reason.Code()
	}
	return ErrInternal.Code()
}

// BatchError is the failure of an atomic batch: the first element that was
// refused, and why.
type BatchError struct {
	Index int
	Err   error
}

// Error names the element.
func (e *BatchError) Error() string { return fmt.Sprintf("transfers[%d]: %v", e.Index, e.Err) }

// Unwrap gives why it was refused.
func (e *BatchError) Unwrap() error { return e.Err }

// rememberedError is a refusal that an earlier operation under the same key
// got.
type rememberedError struct{ error }

func (e rememberedError) Unwrap() error { return e.error }

// Replayed reports whether the error was given to an earlier operation under
// the same key, and is now given again.
func Replayed(err error) bool {
	var r rememberedError
	return errors.As(err, &r)
}

// anew is the refusal as one that is given for the first time.
func anew(err error) error {
	if r, old := err.(rememberedError); old { //nolint:errorlint // the outermost alone
		return r.error
	}
	return err
}

// memory is how a refusal is kept in the journal.
type memory struct {
	Code      string         `json:"code"`
	Field     string         `json:"field,omitempty"`
	Message   string         `json:"message"`
	Index     *int           `json:"index,omitempty"` // of a batch
	Available *amount.Amount `json:"available,omitempty"`
	Needed    *amount.Amount `json:"needed,omitempty"`
	Fee       *amount.Amount `json:"fee,omitempty"`
	Highest   *amount.Amount `json:"highest,omitempty"` // without it nothing would have passed
	Rule      string         `json:"rule,omitempty"`
	Figures   []Figure       `json:"figures,omitempty"`
	Ways      []Way          `json:"ways,omitempty"`
}

// remembered lists the reasons that the journal keeps: the definite refusals.
var remembered = func() map[string]*ledger.Reason {
	reasons := map[string]*ledger.Reason{}
	for _, r := range []*ledger.Reason{
		ErrSelfTransfer, ErrInsufficientBalance, ErrBelowMinimum, ErrAboveMaximum,
		ErrNotFound, ErrAlreadyExists, ErrInvalidState, ErrExpired, ErrStakeDelegated, ErrStakeInactive,
		ErrDuplicateAttestation, ErrCooldown,
	} {
		reasons[r.Code()] = r
	}
	return reasons
}()

// encodeRefusal returns what the journal keeps of a refusal, or nil when it is
// of the kind that was never decided.
func encodeRefusal(err error) []byte {
	m := memory{Code: CodeOf(err), Message: err.Error()}
	if remembered[m.Code] == nil {
		return nil
	}
	var batch *BatchError
	if errors.As(err, &batch) {
		m.Index, m.Message = &batch.Index, batch.Err.Error()
	}
	m.explain(err)
	var short *InsufficientBalanceError
	if errors.As(err, &short) {
		m.Available, m.Needed, m.Fee = &short.Available, &short.Needed, &short.Fee
		if !short.Highest.IsZero() {
			m.Highest = &short.Highest
		}
	}
	text, failed := json.Marshal(m)
	if failed != nil { // cannot be: plain strings and amounts
		return nil
	}
	return text
}

// explain keeps by which rule it was refused.
func (m *memory) explain(err error) {
	var refusal *Refusal
	if errors.As(err, &refusal) {
		m.Field, m.Rule, m.Figures, m.Ways = refusal.Field, refusal.Rule, refusal.Figures, refusal.Ways
	}
}

// encodeDenial returns what the journal keeps of an element of a batch that a policy
// denied: not as the answer to a key of its own, but as a part of that of the batch's.
func encodeDenial(err error) []byte {
	m := memory{Code: ErrPolicyDenied.Code(), Message: err.Error()}
	m.explain(err)
	text, _ := json.Marshal(m) // plain strings
	return text
}

// decodeRefusal rebuilds the refusal that the journal kept.
func decodeRefusal(text []byte) error {
	var m memory
	failed := json.Unmarshal(text, &m)
	reason := remembered[m.Code]
	if m.Code == ErrPolicyDenied.Code() {
		reason = ErrPolicyDenied
	}
	if failed != nil || reason == nil {
		return fmt.Errorf("%w: the journal holds a refusal that cannot be read", ErrInternal)
	}
	var err error = &Refusal{Reason: reason, Field: m.Field, Message: m.Message, Rule: m.Rule, Figures: m.Figures, Ways: m.Ways}
	if m.Available != nil && m.Needed != nil && m.Fee != nil {
		short := &InsufficientBalanceError{Available: *m.Available, Needed: *m.Needed, Fee: *m.Fee}
		if m.Highest != nil {
			short.Highest = *m.Highest
		}
		err = short
	}
	if m.Index != nil {
		err = &BatchError{Index: *m.Index, Err: err}
	}
	return rememberedError{err}
}

// outward turns what went wrong below into what a caller is told.
func outward(err error) error {
	var reason *ledger.Reason
	switch {
	case err == nil || errors.As(err, &reason):
		return err
	case errors.Is(err, store.ErrForgotten):
		return archived(err)
	case errors.Is(err, store.ErrOutcomeUnknown): // whatever else it wraps
		return fmt.Errorf("%w (%w)", ErrOutcomeUnknown, err)
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	case errors.Is(err, store.ErrUnavailable), errors.Is(err, store.ErrLocked), errors.Is(err, store.ErrConflict):
		return fmt.Errorf("%w (%w)", ErrUnavailable, err)
	default:
		return fmt.Errorf("%w (%w)", ErrInternal, err)
	}
}
