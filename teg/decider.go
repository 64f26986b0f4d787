package teg

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

// Decider says of acts, before they are carried out, whether they may be: an engine of
// policies outside of the economy. [Config.Decider] says who; package decider has two.
//
// It is asked before the act waits for anything, in the goroutine of its caller, once
// for a call: a batch is one question with all its elements. Dry runs, and calls that
// repeat a key, are asked about as well. What the engine does by itself, because its time
// has come, is not.
//
// It must be safe for concurrent use, and should heed its context. It fails closed: where
// it gives an error, panics, takes longer than [Config.DeciderTimeout] or does not answer
// for each act, nothing happens, and nothing is remembered under the call's key.
type Decider interface {
	// Decide has one verdict for each of the intents, in their order. There is at least
	// one; the intents of one question have the same By, Roles, RequestID and DryRun.
	Decide(ctx context.Context, intents []Intent) ([]Verdict, error)
}

// Verdict is what a [Decider] says of an act. The zero Verdict denies.
type Verdict struct {
	Allow  bool
	Reason string // why not, for the caller to read; at most [MaxPolicyReason] characters count
}

// MaxPolicyReason is how much of a decider's reason a caller is told, in characters.
const MaxPolicyReason = 256

// Intent is an act that somebody asks for, as a [Decider] is told of it. What an act has
// not, or what is not known before it, is zero.
type Intent struct {
	Verb      Verb // an element of a batch has that of the act alone
	By        DID  // who asks
	Roles     []string
	RequestID string // as [WithRequestID] has it
	DryRun    bool   // nothing will be changed, whatever the answer
	Batch     bool   // it is one of several that are carried out together

	Sender   DID // who would pay
	Receiver DID // who would be paid, or may be later
	Agent    DID // whom else it is about: who is registered, suspended, flagged, slashed, disputed, rated, delegated to
	Amount   Amount
	All      bool  // no amount was named: all that there is. Amount is the most that it can be, where that is known
	Rate     *Rate // of a slash or a cycle; nil: none was named

	Reference   string // as the caller gave it
	Transaction TransactionID
	Hold        HoldID
	Stake       StakeID
	Delegation  DelegationID
	Dispute     DisputeID
	Flag        FlagID
	Policy      PolicyID
	Attestation AttestationID
	Name        string // of what has one: a rule's or policy's code, a type of attestations, a circuit, an AVTP transaction
	Value       string // what is chosen, of a few: an outcome, a status, a signal, an origin
}

// WithRoles names the roles of who calls the engine, which a [Decider] is told. They
// mean nothing to the engine itself.
func WithRoles(ctx context.Context, roles ...string) context.Context {
	return context.WithValue(ctx, rolesKey{}, roles)
}

type rolesKey struct{}

// AsksPolicies reports whether there is a [Config.Decider] to ask.
func (e *Engine) AsksPolicies() bool { return e.config.Decider != nil }

// intend says what the operation is about, for the decider.
func (op *operation) intend(intents ...Intent) *operation {
	op.intents = intents
	return op
}

// permit asks the decider about an operation, once however often it is called. An act
// of the engine itself, which nobody asked for, is by nobody.
func (e *Engine) permit(op *operation) error {
	if e.config.Decider == nil || op.permitted || op.by.IsZero() {
		return nil
	}
	op.completeIntents()
	verdicts, err := e.consult(op)
	if err != nil {
		e.stats.undecided.Add(1)
		return err
	}
	op.permitted = true
	return e.heed(op, verdicts)
}

// completeIntents adds what all operations have.
func (op *operation) completeIntents() {
	if len(op.intents) == 0 {
		op.intents = []Intent{{}}
	}
	roles, _ := op.ctx.Value(rolesKey{}).([]string)
	for i := range op.intents {
		intent := &op.intents[i]
		if intent.Verb == 0 {
			intent.Verb = op.verb
		}
		intent.By, intent.RequestID, intent.DryRun = op.by, op.request, op.dryRun
		intent.Roles = slices.Clone(roles)
	}
}

// consult has the decider's verdicts, or an error that says that nothing was decided.
func (e *Engine) consult(op *operation) ([]Verdict, error) {
	if err := op.ctx.Err(); err != nil {
		return nil, outward(err)
	}
	if !e.enter() { // so that Close waits for those who ask
		return nil, ErrClosed
	}
	defer e.callers.Done()
	ctx, cancel := context.WithTimeout(op.ctx, e.config.DeciderTimeout)
	defer cancel()
	began := time.Now()
	verdicts, err := decided(ctx, e.config.Decider, op.intents)
	if err == nil && len(verdicts) != len(op.intents) {
		err = fmt.Errorf("it gave %d verdicts on %d acts", len(verdicts), len(op.intents))
	}
	if err == nil || op.ctx.Err() == nil {
		e.reportPolicy(verdicts, len(op.intents), err, began)
	}
	switch {
	case err == nil:
		return verdicts, nil
	case op.ctx.Err() != nil: // its caller gave up, or has no time left
		return nil, fmt.Errorf("%w (%w)", ErrUndecided, op.ctx.Err())
	}
	e.config.Logger.Warn("the policy decider did not decide; the act was refused", "verb", op.verb, "request", op.request, "error", err)
	return nil, fmt.Errorf("%w (%w)", ErrUndecided, err)
}

// decided waits for the decider no longer than its context lasts, whether it heeds that
// or not, and outlives its panics.
func decided(ctx context.Context, decider Decider, intents []Intent) ([]Verdict, error) {
	type answer struct {
		verdicts []Verdict
		err      error
	}
	answered := make(chan answer, 1)
	go func() {
		a := answer{err: errors.New("it panicked")}
		defer func() {
			if fault := recover(); fault != nil {
				a = answer{err: fmt.Errorf("it panicked: %v", fault)}
			}
			answered <- a
		}()
		a.verdicts, a.err = decider.Decide(ctx, intents)
	}()
	select {
	case a := <-answered:
		return a.verdicts, a.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// heed refuses what the decider denied: the whole operation, or, where each of its
// elements stands for itself, those elements.
func (e *Engine) heed(op *operation, verdicts []Verdict) error {
	op.denied = make([]error, len(verdicts))
	for i, v := range verdicts {
		if v.Allow {
			continue
		}
		e.stats.denied.Add(1)
		refusal := denied(v.Reason)
		switch {
		case op.each:
			op.denied[i] = refusal
			if op.deniedKey != nil {
				op.need.keys = append(op.need.keys, op.deniedKey(i))
			}
		case op.verb == store.VerbTransferBatch:
			return &BatchError{Index: i, Err: refusal}
		default:
			return refusal
		}
	}
	return nil
}

// denial is why an element of the operation was denied; nil where it was not.
func (op *operation) denial(i int) error {
	if i < len(op.denied) {
		return op.denied[i]
	}
	return nil
}

// denied is the refusal of an act for a decider's reason.
func denied(reason string) error {
	if reason == "" {
		return ErrPolicyDenied
	}
	if runes := []rune(reason); len(runes) > MaxPolicyReason {
		reason = string(runes[:MaxPolicyReason]) + "…"
	}
	return ledger.Refuse(ErrPolicyDenied, "denied by policy: %s", reason).By("decider.allows", ledger.Word("reason", reason)).
		Unless(ledger.Do("Do what the policy's reason asks for, or ask an admin about the policy."))
}

// defaultDeciderTimeout is how long a decider may take.
const defaultDeciderTimeout = 2 * time.Second
