package teg

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"runtime"
	"slices"
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

const (
	slowLanes   = 8                // operations on held rows that are tried at the same time
	moreLanes   = 2                // operations that need more rows, which nobody needs to hold
	maxAttempts = 4                // technical failures of one operation before it is answered
	maxRounds   = 16               // times that a decision may ask for more rows: a ruling between two of whom much is due asks eight times
	groupLimit  = 30 * time.Second // for a group, whatever its callers' deadlines
)

// committer turns waiting operations into groups and groups into commits, one
// at a time, over a writer of its own.
type committer struct {
	*core
	writer store.Writer
}

// startCommitters opens the writers and starts the goroutines that use them.
func (c *core) startCommitters(ctx context.Context) error {
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	c.stop = stop
	for range c.config.Committers {
		writer, err := c.store.Writer(ctx)
		if err != nil {
			stop()
			close(c.closing)
			c.workers.Wait()
			return outward(err)
		}
		c.workers.Go(func() { (&committer{c, writer}).run(background) })
	}
	for range slowLanes {
		c.workers.Go(func() { c.runSlowLane(background, c.slow) })
	}
	for range moreLanes {
		c.workers.Go(func() { c.runSlowLane(background, c.more) })
	}
	return nil
}

// run commits groups until the engine is closed and nothing waits.
func (c *committer) run(ctx context.Context) {
	defer c.writer.Close()
	room := make([]*operation, c.config.MaxGroup)
	for {
		select {
		case op := <-c.queue:
			c.writer.Await(ctx)
			c.commit(ctx, c.collect(append(room[:0], op)))
			clear(room) // or it would keep what nobody waits for any more
		case <-c.closing:
			return
		}
	}
}

// collect takes one operation and whatever else is already waiting. There is
// no timer: a lone caller waits for nobody, and under load the groups fill
// while the one before is being written.
func (c *committer) collect(ops []*operation) []*operation {
	c.letCallersIn()
	weight := ops[0].weight
	for weight < c.config.MaxGroup {
		select {
		case op := <-c.queue:
			ops = append(ops, op)
			weight += op.weight
		default:
			return c.take(ops)
		}
	}
	return c.take(ops)
}

// letCallersIn lets goroutines that can run go first, as long as operations come
// in by it: many of them are the callers that the last group answered, about to
// ask for the next thing.
func (c *committer) letCallersIn() {
	const rounds = 16
	for range rounds {
		waiting := len(c.queue)
		if runtime.Gosched(); len(c.queue) == waiting {
			return
		}
	}
}

// take claims the operations. Those that their callers withdrew drop out, and
// those on rows that others hold go where they may wait, as those do that share a
// group with nobody.
func (c *core) take(ops []*operation) []*operation {
	taken := ops[:0]
	for _, op := range ops {
		c.waiting.Add(-int64(op.weight))
		if !op.state.CompareAndSwap(opWaiting, opTaken) {
			continue
		}
		if op.alone {
			c.toSlowLane(op, c.more)
			continue
		}
		if c.held.holds(op) {
			op.held = true
			c.toSlowLane(op, c.slow)
			continue
		}
		taken = append(taken, op)
	}
	return taken
}

// commit carries a group out. Rows that others hold send their operations to
// the slow lane; a technical failure halves the group once and then runs its
// operations singly, so that one bad operation cannot fail the rest.
func (c *committer) commit(ctx context.Context, ops []*operation) {
	if len(ops) == 0 {
		c.writer.Pass(ctx)
		return
	}
	ctx, cancel := context.WithTimeout(ctx, groupLimit)
	defer cancel()
	err := c.try(ctx, ops, store.LockBriefly)
	if errors.Is(err, store.ErrLocked) || errors.Is(err, store.ErrConflict) {
		err = c.try(ctx, ops, store.LockSkipping)
	}
	switch {
	case err == nil:
	case final(ctx, err):
		c.fail(ops, err)
	case len(ops) > 1:
		c.divide(ctx, ops)
	default:
		c.again(ctx, ops[0], err)
	}
}

// divide runs the halves of a group, and what fails again one by one.
func (c *committer) divide(ctx context.Context, ops []*operation) {
	for _, half := range [][]*operation{ops[:len(ops)/2], ops[len(ops)/2:]} {
		err := c.try(ctx, half, store.LockSkipping)
		if err == nil {
			continue
		}
		if final(ctx, err) {
			c.fail(half, err)
			continue
		}
		for i := range half {
			c.commit(ctx, half[i:i+1])
		}
	}
}

// final reports a failure after which nothing may be run again: it may have
// taken effect, or nothing can.
func final(ctx context.Context, err error) bool {
	return errors.Is(err, store.ErrOutcomeUnknown) || errors.Is(err, store.ErrUnavailable) || ctx.Err() != nil
}

// again tries a single operation once more where that may help, after a moment.
func (c *committer) again(ctx context.Context, op *operation, err error) {
	op.attempts++
	if op.attempts >= maxAttempts || !errors.Is(err, store.ErrConflict) && !errors.Is(err, store.ErrLocked) {
		c.fail([]*operation{op}, err)
		return
	}
	pause(ctx, op.attempts)
	c.commit(ctx, []*operation{op})
}

// pause waits a little before a retry, with jitter.
func pause(ctx context.Context, attempt int) {
	limit := time.Duration(attempt) * 4 * time.Millisecond
	select {
	case <-time.After(rand.N(limit)):
	case <-ctx.Done():
	}
}

func (c *core) fail(ops []*operation, err error) {
	c.stats.failures.Add(int64(len(ops)))
	ctx, level := context.Background(), slog.LevelError
	if len(ops) == 1 {
		ctx = ops[0].ctx
		if ctx.Err() != nil {
			level = slog.LevelInfo // its caller gave up
		}
	}
	c.config.Logger.Log(ctx, level, "a group of operations failed", "operations", len(ops), "error", err, requestsOf(ops))
	for _, op := range ops {
		op.answer(outward(err))
	}
}

// try carries the operations out in one transaction and answers them. On an
// error nobody is answered, and nothing was written unless the outcome is
// unknown.
func (c *committer) try(ctx context.Context, ops []*operation, mode store.LockMode) error {
	return c.byTerms(ctx, c.writer, func(in *snapshot) error { return c.tryBy(ctx, in, ops, mode) })
}

func (c *committer) tryBy(ctx context.Context, in *snapshot, ops []*operation, mode store.LockMode) error {
	began := time.Now()
	need := c.union(in, ops, c.writer.Stripe())
	tx, rows, err := c.begin(ctx, c.writer, in, need, mode)
	if err != nil {
		return err
	}
	g := newGroup(c.core, in, c.writer.Stripe(), need, rows)
	g.shared = len(ops) > 1
	answers, aside := c.decideAll(g, ops, mode)
	if err := c.settle(ctx, tx, g, ops, answers); err != nil {
		return err
	}
	g.publish()
	c.feed.committed()
	c.report(g, len(ops), began)
	for i, op := range ops {
		if aside[op] == nil {
			op.answer(answers[i])
		}
	}
	for op, lane := range aside {
		c.toSlowLane(op, lane)
	}
	return nil
}

// decideAll applies the operations in order. Those whose rows are not there,
// held by others or not asked for, are set aside.
func (c *committer) decideAll(g *group, ops []*operation, mode store.LockMode) ([]error, map[*operation]chan *operation) {
	answers := make([]error, len(ops))
	aside := map[*operation]chan *operation{}
	for i, op := range ops {
		op.record = nil
		if mode == store.LockSkipping && (!g.collects() || c.incomplete(g, op)) {
			aside[op] = c.slow
			continue
		}
		err := g.apply(op)
		var more errMore
		if errors.As(err, &more) {
			op.need.add(more.needs)
			aside[op] = c.more
			continue
		}
		answers[i] = err
	}
	return answers, aside
}

// incomplete reports whether the operation must wait for rows that others hold,
// and remembers which.
func (c *committer) incomplete(g *group, op *operation) bool {
	rows, other := g.missing(op)
	if len(rows) > 0 {
		c.held.add(rows)
		op.held = true
	}
	return len(rows) > 0 || other
}

// settle ends the transaction: with nothing where nothing changed, else with
// everything at once. Who hears of an earlier act under its key takes that for an
// acknowledgement, so it is as durable as one: see [store.Tx].
func (c *core) settle(ctx context.Context, tx store.Tx, g *group, ops []*operation, answers []error) error {
	if err := g.limitRefusals(ctx, tx, ops, answers); err != nil {
		return errors.Join(err, rollback(ctx, tx))
	}
	changes, err := g.finish()
	if err != nil {
		return errors.Join(err, rollback(ctx, tx))
	}
	if changes.Empty() && len(g.records) == 0 {
		return rollback(ctx, tx)
	}
	err = tx.Commit(ctx, changes)
	if err == nil && g.next != nil {
		c.adopt(g.next)
	}
	return err
}

// publish remembers where the rows of agents are that the group made, once that
// is committed. Where others held one of them, it is not known.
func (g *group) publish() {
	for id, p := range g.agents {
		if p.known() && p.locked != 0 {
			g.core.directory.put(id, p)
		}
	}
}

// rollback ends a transaction even when its context has ended.
func rollback(ctx context.Context, tx store.Tx) error {
	return tx.Rollback(context.WithoutCancel(ctx))
}

// collects reports whether the rows at which the writer collects were to be
// had.
func (g *group) collects() bool {
	collect := g.book.Collectors()
	for _, id := range []ledger.AccountID{collect.Treasury, collect.Rewards, collect.Issuance} {
		if g.wanted[id] && g.book.Account(id) == nil {
			return false
		}
	}
	return true
}

// missing returns the rows of the operation that were not to be had, and
// whether anything else was not.
func (g *group) missing(op *operation) (rows []ledger.AccountID, other bool) {
	for _, id := range op.rows() {
		if id == totalOfStakes && g.stakes == nil || id != totalOfStakes && g.book.Account(id) == nil {
			rows = append(rows, id)
		}
	}
	for _, id := range op.need.holds {
		other = other || g.holds[id] == nil
	}
	for _, id := range op.need.webhooks.IDs {
		_, found := g.webhooks[id]
		other = other || !found
	}
	return rows, other || op.need.unnamed()
}

// maxLiveRefusals is how many refusals are remembered per caller.
const maxLiveRefusals = 1000

// limitRefusals forgets what a caller's refusals would take beyond the limit,
// and tells the caller so.
func (g *group) limitRefusals(ctx context.Context, tx store.Tx, ops []*operation, answers []error) error {
	fresh := map[ledger.AccountID]int{}
	for i := range g.changes.Records {
		if r := &g.changes.Records[i]; r.Refused() && r.Caller != 0 {
			fresh[r.Caller]++
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	callers := make([]ledger.AccountID, 0, len(fresh))
	for caller := range fresh {
		callers = append(callers, caller)
	}
	live, err := tx.LiveRefusals(ctx, callers)
	if err != nil {
		return err
	}
	forgotten := map[store.Key]bool{}
	kept := g.changes.Records[:0]
	for _, r := range g.changes.Records {
		if r.Refused() && r.Caller != 0 {
			if live[r.Caller] >= maxLiveRefusals {
				forgotten[r.Key] = true
				continue
			}
			live[r.Caller]++
		}
		kept = append(kept, r)
	}
	g.changes.Records = kept
	g.forget(ops, answers, forgotten)
	return nil
}

// forget tells the callers of refusals that are not remembered, and takes the
// memory of a batch away when one of its elements has none: sent again, it is
// decided again.
func (g *group) forget(ops []*operation, answers []error, forgotten map[store.Key]bool) {
	for i, op := range ops {
		if op.mark.set && forgotten[op.mark.key] {
			answers[i], op.record = ErrTooManyRefusals, nil
		}
		for _, key := range op.need.keys {
			if forgotten[key] && op.mark.set {
				forgotten[op.mark.key] = true
			}
		}
	}
	g.changes.Records = slices.DeleteFunc(g.changes.Records, func(r store.Record) bool { return forgotten[r.Key] })
}
