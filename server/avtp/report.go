package avtp

import (
	"errors"
	"fmt"

	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
)

// Outcome is how a service ended.
type Outcome string

// The outcomes.
const (
	Success         Outcome = "SUCCESS"
	FailureProvider Outcome = "FAILURE_PROVIDER" // by the responder's fault
	FailureConsumer Outcome = "FAILURE_CONSUMER" // by the initiator's
	Disputed        Outcome = "DISPUTED"
)

// Report is what is said of an AVTP transaction.
type Report struct {
	Transaction string         `json:"avtp_transaction_id"` // AVTP's id of it, at most 128 characters
	Initiator   did.DID        `json:"initiating_agent_did"`
	Responder   did.DID        `json:"responding_agent_did"`
	Outcome     Outcome        `json:"outcome_status"`
	Service     string         `json:"service_identifier,omitempty"`        // at most 256 characters
	SLA         string         `json:"sla_identifier_referenced,omitempty"` // at most 128 characters
	Price       *amount.Amount `json:"price_avt,omitempty"`
	Payment     string         `json:"transaction_id,omitempty"` // of the initiator to the responder: tx_…
}

// check refuses what no server could take.
func (r *Report) check() error {
	if r.Transaction == "" || r.Initiator.IsZero() || r.Responder.IsZero() || r.Outcome == "" {
		return errors.New("avtp: a report needs an AVTP transaction, the two agents and an outcome")
	}
	return nil
}

// Result is what a report did.
type Result struct {
	LogID   string   `json:"log_id"`
	Status  string   `json:"status"` // applied, pending (until the other party reports) or disputed
	Changes []Change `json:"reputation_changes"`
	Again   bool     `json:"-"` // the server had the report before
}

// Change is what became of an agent's score.
type Change struct {
	Agent  did.DID `json:"agent_id"`
	Change int     `json:"score_change"`
	Score  int     `json:"new_score"`
}

// RefusedError is a definite no: the same report will never be taken in.
type RefusedError struct {
	Status  int    // 400 to 499
	Code    string // such as BIZ_ALREADY_EXISTS, for a report that contradicts an earlier one
	Message string
}

// Error is what the server said.
func (e *RefusedError) Error() string {
	return fmt.Sprintf("avtp: the report is refused: %s (%d): %.300s", e.Code, e.Status, e.Message)
}
