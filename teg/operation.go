package teg

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/agentvault/teg-layer/governance/attestation"
	"github.com/agentvault/teg-layer/governance/auditor"
	"github.com/agentvault/teg-layer/governance/dispute"
	"github.com/agentvault/teg-layer/governance/webhook"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/reputation"
	"github.com/agentvault/teg-layer/staking"
	"github.com/agentvault/teg-layer/store"
)

// operation is one act that somebody asks for, on its way through the door by
// which everything is written: what it needs loaded, how it is decided, and
// what came of it.
type operation struct {
	ctx     context.Context
	verb    store.Verb
	by      DID   // who asks: whose keys these are
	caller  party // where its rows are; unknown for an administrator without a profile
	request string
	mark    keyMark
	dryRun  bool
	allowed bool // to those who are suspended too
	weight  int  // how many elements it has; 1 but for a batch
	alone   bool // in a group of its own: whatever stands before it in the log was decided before it

	intents   []Intent              // as the decider is told; none: what every operation has
	each      bool                  // the elements that the decider denies are refused, and the others carried out
	permitted bool                  // by the decider, who need not be asked again
	denied    []error               // why, of each element; nil: it was not
	deniedKey func(i int) store.Key // under which the journal keeps that; nil: nowhere

	parties []party // whose available rows are needed
	need    needs
	decide  func(*decision) ([]ledger.ID, error)

	state    atomic.Int32 // one of the constants below
	attempts int          // technical failures so far
	held     bool         // it waits for a row that was marked as held by others
	done     chan struct{}
	err      error
	record   *store.Record // of the earlier operation under the same key
}

// The ways of an operation: from waiting it is either withdrawn by its caller
// or taken by a committer.
const (
	opWaiting int32 = iota
	opWithdrawn
	opTaken
)

// needs is what an operation must have loaded. The rows at which fees of the
// terms in force are collected are added by the writer that takes it.
type needs struct {
	accounts    []ledger.AccountID
	owners      []DID // agents that may have to be made
	holds       []HoldID
	activeHolds []ledger.AccountID // payers whose active holds are needed
	keys        []store.Key        // of the elements of a batch; the operation's own is added
	references  []store.Key
	refunded    []TransactionID
	staking     staking.Need
	reputation  reputation.Need
	flags       []auditor.FlagID
	attestation attestation.Need
	disputes    dispute.Need
	debtsOf     []ledger.AccountID // debtors whose oldest debts are needed
	fresh       int                // account rows that may have to be made, besides those of owners
	treasury    bool               // every row of the treasury, for a payment out of it
	rewards     bool               // every row of the rewards pool
	system      bool               // also the rows of issuance and rewards at which the writer collects
	panels      []dispute.ID       // disputes of whose panels all is needed
	bootstraps  []BootstrapID      // tokens that are used up
	webhooks    webhook.Need
}

// unnamed reports whether rows are needed that the operation cannot name, so that
// it cannot be told whether all of them were to be had.
func (n *needs) unnamed() bool {
	return len(n.owners) > 0 || len(n.activeHolds) > 0 || n.treasury || n.rewards
}

// errMore is how a decision asks for rows that it turned out to need. The
// operation then leaves its group and is tried again alone.
type errMore struct{ needs }

func (errMore) Error() string { return "more rows are needed" }

// perform sends an operation through the door and returns its receipt. decide
// is called once the rows are loaded and locked, possibly more than once, by
// another goroutine than the caller's; the last receipt counts. replay rebuilds
// the receipt of an earlier operation under the same key.
func perform[R any](e *Engine, op *operation,
	decide func(*decision) (R, []ledger.ID, error),
	replay func(store.Record) (R, error),
) (R, error) {
	var receipt, none R
	op.decide = func(d *decision) ([]ledger.ID, error) {
		r, subjects, err := decide(d)
		receipt = r
		return subjects, err
	}
	if err := e.traced(op); err != nil {
		return none, err
	}
	if op.record == nil {
		return receipt, nil
	}
	if op.record.Refused() {
		return none, decodeRefusal(op.record.Refusal)
	}
	return replay(*op.record)
}

// submit carries the operation out: within the host's transaction where there
// is one, else with whatever else is waiting.
func (e *Engine) submit(op *operation) error {
	if err := op.ctx.Err(); err != nil {
		return outward(err)
	}
	if !e.enter() {
		return ErrClosed
	}
	defer e.callers.Done()
	op.done = make(chan struct{})
	if op.weight == 0 {
		op.weight = 1
	}
	if e.host != nil {
		e.performInHost(op)
		return op.err
	}
	if err := e.enqueue(op); err != nil {
		return err
	}
	return op.wait()
}

// enter counts the caller in, unless the engine is closed.
func (c *core) enter() bool {
	c.gate.RLock()
	defer c.gate.RUnlock()
	if c.closed {
		return false
	}
	c.callers.Add(1)
	return true
}

// enqueue puts the operation where a committer will find it, or refuses it at
// once when too many are waiting.
func (c *core) enqueue(op *operation) error {
	if c.waiting.Add(int64(op.weight)) > int64(c.config.MaxWaiting) && op.weight < c.config.MaxWaiting {
		c.waiting.Add(-int64(op.weight))
		return ErrOverloaded
	}
	select {
	case c.queue <- op:
		return nil
	default:
		c.waiting.Add(-int64(op.weight))
		return ErrOverloaded
	}
}

// wait returns the operation's error once it is decided, or as soon as its
// context ends: then an operation that no committer has taken is withdrawn and
// has not happened, and of any other the outcome is not known yet.
func (op *operation) wait() error {
	select {
	case <-op.done:
		return op.err
	case <-op.ctx.Done():
	}
	if op.state.CompareAndSwap(opWaiting, opWithdrawn) {
		return fmt.Errorf("withdrawn before it was begun: %w", outward(op.ctx.Err()))
	}
	select {
	case <-op.done: // it was decided in the same moment
		return op.err
	default:
		return fmt.Errorf("%w (%w)", ErrOutcomeUnknown, op.ctx.Err())
	}
}

// answer ends the operation.
func (op *operation) answer(err error) {
	op.err = err
	close(op.done)
}
