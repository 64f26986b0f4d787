package teg

import (
	"github.com/agentvault/teg-layer/ledger"
)

// generalRule is what is known of a refusal that says nothing but its sentinel.
type generalRule struct {
	reason *ledger.Reason
	rule   string
	do     string // empty where nothing would help
}

// generalRules has one for each sentinel. Tests hold the list against them.
var generalRules = []generalRule{
	{ErrSelfTransfer, "transfer.self", "Name another receiver."},
	{ErrInsufficientBalance, "balance.covers", "Ask for less, or have more available first."},
	{ErrBelowMinimum, "amount.minimum", "Ask for more."},
	{ErrAboveMaximum, "amount.maximum", "Ask for less."},
	{ErrNotFound, "entity.exists", "Name one that exists, and that is yours where it has to be."},
	{ErrAlreadyExists, "entity.new", "Go on with what is there already, or name another."},
	{ErrInvalidState, "entity.state", ""},
	{ErrExpired, "entity.time", "Begin anew: this one's time is over."},
	{ErrTokenUsed, "token.unused", "Ask whoever invited you for another token."},
	{ErrUnknownToken, "token.known", "Ask whoever invited you for another token."},
	{ErrStakeDelegated, "stake.delegated", "Undelegate first, and wait until what was delegated is back in the stake."},
	{ErrStakeInactive, "stake.active", "Name a stake that is active, or stake anew."},
	{ErrSignalApplied, "signal.once", ""},
	{ErrDuplicateAttestation, "attestation.duplicate", "Attest other data: the same counts once for a policy."},
	{ErrCooldown, "attestation.cooldown", "Wait, and hand it in later."},
	{ErrForbidden, "caller.allowed", "Have it asked for by one who may."},
	{ErrSuspended, "caller.suspended", "Wait until an admin reactivates the agent."},
	{ErrInvalidInput, "input.valid", "Change the request as the message says."},
	{ErrEvidenceMismatch, "evidence.matches", "Name the pointer of what storage holds."},
	{ErrKeyReused, "key.same", "Use a new key for a new request."},
	{ErrTooManyRefusals, "key.refusals", "Wait, or send requests without a key."},
	{ErrOverloaded, "service.room", "Send the same again in a moment, with the same key."},
	{ErrUnavailable, "service.database", "Send the same again in a moment, with the same key."},
	{ErrOutcomeUnknown, "service.outcome", "Send the same again with the same key, or ask what became of the key."},
	{ErrNoVerifier, "service.verifier", "Attest without a proof, or ask the operator for a verifier."},
	{ErrPolicyDenied, "decider.allows", "Ask an admin about the policy."},
	{ErrUndecided, "decider.answers", "Send the same again in a moment, with the same key."},
	{ErrNotInTree, "log.covered", "Ask again in a moment."},
	{ErrLogForked, "log.forked", ""},
	{ErrClosed, "service.open", "Send it to a server that is running."},
	{errPolicyChanged, "service.policy", "Send the same again in a moment, with the same key."},
	{ErrInternal, "service.fault", "Look whether it was done, before sending it again."},
}

// generally is the rule of a sentinel, and what would pass. One of somebody else's is
// taken for the first that has its code.
func generally(reason *ledger.Reason) (string, []Way) {
	found := &generalRules[len(generalRules)-1]
	for i := range generalRules {
		each := &generalRules[i]
		if each.reason == reason {
			found = each
			break
		}
		if each.reason.Code() == reason.Code() && found.reason.Code() != reason.Code() {
			found = each
		}
	}
	if found.do == "" {
		return found.rule, nil
	}
	return found.rule, []Way{ledger.Do(found.do)}
}
