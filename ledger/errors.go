package ledger

import (
	"fmt"

	"github.com/agentvault/teg-layer/ledger/amount"
)

// Reason is why something was refused: a sentinel with its code. Compare with
// errors.Is; read the code with errors.As.
type Reason struct {
	code, message string
}

// NewReason makes a sentinel. The codes are those of the HTTP contract.
func NewReason(code, message string) *Reason { return &Reason{code: code, message: message} }

// Code is the stable, machine-readable name of the reason.
func (r *Reason) Code() string { return r.code }

// Error says what the reason means in general.
func (r *Reason) Error() string { return r.message }

// The reasons for which the rules of this package refuse.
var (
	ErrSelfTransfer        = NewReason("BIZ_SELF_TRANSFER", "an agent cannot pay itself")
	ErrInsufficientBalance = NewReason("BIZ_INSUFFICIENT_BALANCE", "the balance does not cover amount and fee")
	ErrBelowMinimum        = NewReason("BIZ_BELOW_MINIMUM", "the amount is below the minimum")
	ErrAboveMaximum        = NewReason("BIZ_ABOVE_MAXIMUM", "the amount is above the maximum")
	ErrNotFound            = NewReason("BIZ_ENTITY_NOT_FOUND", "no such entity")
	ErrAlreadyExists       = NewReason("BIZ_ALREADY_EXISTS", "it already exists")
	ErrInvalidState        = NewReason("BIZ_INVALID_STATE", "its state does not allow this")
	ErrExpired             = NewReason("BIZ_EXPIRED", "it has expired")
	ErrTokenUsed           = NewReason("BIZ_TOKEN_USED", "this bootstrap token has been used")
	ErrUnknownToken        = NewReason("AUTH_INVALID_TOKEN", "this is no bootstrap token, or one that has been forgotten; ask for another")
	ErrForbidden           = NewReason("AUTH_FORBIDDEN", "not allowed to this caller")
	ErrSuspended           = NewReason("AUTH_AGENT_SUSPENDED", "the agent is suspended")
	ErrInvalidInput        = NewReason("VALIDATION_INVALID_INPUT", "the input is not valid")
)

// Refusal is a definite no: its reason and, for this case, a message that tells
// the caller what to do next. It changed nothing.
type Refusal struct {
	Reason  *Reason
	Field   string // what of the request is meant, such as "amount"; empty when it is the whole
	Message string

	Rule    string   // the name of the rule that refused; empty for the general one of the reason
	Figures []Figure // what that rule looked at
	Ways    []Way    // what may be done instead
}

// Error returns the message for this case.
func (r *Refusal) Error() string {
	if r.Message == "" {
		return r.Reason.Error()
	}
	return r.Message
}

// Unwrap gives the sentinel.
func (r *Refusal) Unwrap() error { return r.Reason }

// Refuse makes a refusal with a formatted message.
func Refuse(reason *Reason, format string, args ...any) *Refusal {
	return &Refusal{Reason: reason, Message: fmt.Sprintf(format, args...)}
}

// Invalid makes a refusal of one field of the request.
func Invalid(field, format string, args ...any) *Refusal {
	return &Refusal{Reason: ErrInvalidInput, Field: field, Message: fmt.Sprintf(format, args...)}
}

// InsufficientBalanceError says how much was there and how much was needed, in
// AVT. It wraps [ErrInsufficientBalance].
type InsufficientBalanceError struct {
	Available amount.Amount // what the payer could have spent
	Needed    amount.Amount // amount and fee together
	Fee       amount.Amount // the fee within Needed
	// Highest is the largest amount that would have passed, which Available covers with the
	// fee that it costs; zero where none would.
	Highest amount.Amount
}

// Error names the two sums.
func (e *InsufficientBalanceError) Error() string {
	return fmt.Sprintf("available %s AVT, needed %s AVT (of which fee %s)", e.Available, e.Needed, e.Fee)
}

// Unwrap gives the sentinel.
func (e *InsufficientBalanceError) Unwrap() error { return ErrInsufficientBalance }
