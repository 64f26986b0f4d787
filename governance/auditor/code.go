package auditor

import "github.com/agentvault/teg-layer/ledger"

// Code names a rule. The zero value names none.
type Code string

// The rules.
const (
	HighVelocity      Code = "HIGH_VELOCITY_TRANSFERS"
	LargeTransfer     Code = "LARGE_TRANSFER"
	Structuring       Code = "STRUCTURING"
	RapidPassThrough  Code = "RAPID_PASS_THROUGH"
	CircularTransfers Code = "CIRCULAR_TRANSFERS"
	FanIn             Code = "FAN_IN"
	FanOut            Code = "FAN_OUT"
	Dormant           Code = "DORMANT_REACTIVATION"
	NewAccounts       Code = "NEW_ACCOUNT_BURST"
	ReputationRing    Code = "REPUTATION_RING"
	RepeatedFailure   Code = "REPEATED_AVTP_FAILURE"
	FailedProofs      Code = "FAILED_PROOFS"
)

// ParseCode reads the name of a rule; anything else is [ledger.ErrInvalidInput].
func ParseCode(text string) (Code, error) {
	for i := range catalogue {
		if catalogue[i].code == Code(text) {
			return Code(text), nil
		}
	}
	return "", ledger.Invalid("code", "no rule is called %q", text)
}
