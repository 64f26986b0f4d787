package teg

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/agentvault/teg-layer/store"
)

// slowPause is how long an operation in the slow lane waits before its rows are
// tried again. Nothing is held meanwhile, and its caller can withdraw it.
const slowPause = 100 * time.Millisecond

// toSlowLane passes an operation on to where it may wait for its rows without
// anybody waiting for it. Until it is tried its caller can withdraw it. One whose
// caller left while it was being tried, and so does not know what came of it, has
// not been done and is not tried again.
func (c *core) toSlowLane(op *operation, lane chan *operation) {
	op.state.Store(opWaiting)
	if err := op.ctx.Err(); err != nil {
		op.giveBack(outward(err))
		return
	}
	select {
	case lane <- op:
	default:
		op.giveBack(ErrOverloaded)
	}
}

// giveBack answers an operation that nobody has begun, unless its caller withdrew
// it.
func (op *operation) giveBack(err error) {
	if op.state.CompareAndSwap(opWaiting, opTaken) {
		op.answer(err)
	}
}

// later puts an operation back into its lane after a moment.
func (c *core) later(op *operation, lane chan *operation) {
	op.state.Store(opWaiting)
	time.AfterFunc(slowPause/2+rand.N(slowPause), func() { c.toSlowLane(op, lane) })
}

// runSlowLane tries operations alone, for as long as their callers wait. One whose
// rows are not to be had is tried again later, and the next one now: however many
// wait for held rows, they keep no lane, and no row.
func (c *core) runSlowLane(ctx context.Context, queue chan *operation) {
	lane := slowLane{core: c, queue: queue}
	defer lane.close()
	for {
		select {
		case op := <-queue:
			lane.take(ctx, op)
		case <-c.closing:
			return
		}
	}
}

// slowLane has a writer of its own, opened when it is first needed.
type slowLane struct {
	*core
	queue  chan *operation
	writer store.Writer
}

func (l *slowLane) close() {
	if l.writer != nil {
		l.writer.Close()
	}
}

// take decides what is to be done about an operation: nothing, where its caller
// withdrew it; back to the groups with it, where somebody got the row that it
// waited for; later, where it is too early to try that row again.
func (l *slowLane) take(ctx context.Context, op *operation) {
	if op.held {
		held, now := l.held.probe(op)
		if !held {
			op.held = false
			l.backToGroups(op)
			return
		}
		if !now {
			l.later(op, l.queue)
			return
		}
	}
	if op.state.CompareAndSwap(opWaiting, opTaken) {
		l.perform(ctx, op)
	}
}

// backToGroups lets an operation be committed with others again.
func (c *core) backToGroups(op *operation) {
	c.waiting.Add(int64(op.weight))
	select {
	case c.queue <- op:
	default:
		c.waiting.Add(-int64(op.weight))
		op.giveBack(ErrOverloaded)
	}
}

func (l *slowLane) perform(ctx context.Context, op *operation) {
	if l.writer == nil {
		writer, err := l.store.Writer(ctx)
		if err != nil {
			l.fail([]*operation{op}, err)
			return
		}
		l.writer = writer
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(op.ctx, cancel)()
	for attempt := 1; ; attempt++ {
		err := l.alone(ctx, l.writer, op, op.lockMode())
		var more errMore
		switch {
		case errors.As(err, &more) && attempt <= maxRounds:
			op.need.add(more.needs)
		case errors.Is(err, store.ErrConflict) && attempt <= maxAttempts:
			pause(ctx, attempt)
		case errors.Is(err, store.ErrLocked) && ctx.Err() == nil:
			l.again(op)
			return
		case err != nil:
			l.fail([]*operation{op}, err)
			return
		default:
			l.held.free(op.rows())
			return
		}
	}
}

// again is for an operation whose rows were not to be had at once. Where the total of
// stakes is among them, which somebody mostly has, it joins a group, which can wait
// for its turn; and comes back from there, where a row is held for long. One with
// rows that it cannot name has waited for its turn here.
func (l *slowLane) again(op *operation) {
	if op.need.staking.Empty() || op.held || op.need.unnamed() {
		l.later(op, l.queue)
		return
	}
	op.state.Store(opWaiting)
	if err := op.ctx.Err(); err != nil {
		op.giveBack(outward(err))
		return
	}
	l.backToGroups(op)
}

// lockMode is how an operation that is tried alone takes its rows: without waiting
// for any, where it can be told whether all were to be had.
func (op *operation) lockMode() store.LockMode {
	if op.need.unnamed() {
		return store.LockBriefly
	}
	return store.LockSkipping
}

// alone carries one operation out in a transaction of its own and answers it.
// On an error nobody is answered, and nothing was written unless the outcome is
// unknown.
func (c *core) alone(ctx context.Context, writer store.Writer, op *operation, mode store.LockMode) error {
	return c.byTerms(ctx, writer, func(in *snapshot) error { return c.aloneBy(ctx, in, writer, op, mode) })
}

func (c *core) aloneBy(ctx context.Context, in *snapshot, writer store.Writer, op *operation, mode store.LockMode) error {
	began, ops := time.Now(), []*operation{op}
	need := c.union(in, ops, writer.Stripe())
	tx, rows, err := c.begin(ctx, writer, in, need, mode)
	if err != nil {
		return err
	}
	g := newGroup(c, in, writer.Stripe(), need, rows)
	if missing, other := g.missing(op); mode == store.LockSkipping && (!g.collects() || other || len(missing) > 0) {
		return errors.Join(store.ErrLocked, rollback(ctx, tx)) // perhaps by a group of ours, for a moment: no mark is made
	}
	op.record = nil
	answers := []error{g.apply(op)}
	var more errMore
	if errors.As(answers[0], &more) {
		return errors.Join(more, rollback(ctx, tx))
	}
	if err := c.settle(ctx, tx, g, ops, answers); err != nil {
		return err
	}
	if _, hosted := writer.(store.Host); !hosted { // or it is the host's to commit
		c.report(g, 1, began)
		c.feed.committed()
	}
	op.answer(answers[0])
	return nil
}

// performInHost carries an operation out in the host's transaction.
func (e *Engine) performInHost(op *operation) {
	for round := 1; ; round++ {
		err := e.host.Join(op.ctx)
		if err == nil {
			err = e.alone(op.ctx, e.host, op, store.LockPatiently)
		}
		var more errMore
		switch {
		case errors.As(err, &more) && round <= maxRounds:
			op.need.add(more.needs)
		case err != nil:
			op.answer(outward(err))
			return
		default:
			return
		}
	}
}
