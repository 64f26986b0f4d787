package teg

import (
	"context"
	"errors"

	"github.com/agentvault/teg-layer/store"
)

// toSlowLane passes an operation on to where it may wait for its rows without
// anybody waiting for it.
func (c *core) toSlowLane(op *operation, lane chan *operation) {
	select {
	case lane <- op:
	default:
		op.answer(ErrOverloaded)
	}
}

// runSlowLane tries operations alone, waiting for their rows as long as their
// callers do.
func (c *core) runSlowLane(ctx context.Context, queue <-chan *operation) {
	lane := slowLane{core: c}
	defer lane.close()
	for {
		select {
		case op := <-queue:
			lane.perform(ctx, op)
		case <-c.closing:
			return
		}
	}
}

// slowLane has a writer of its own, opened when it is first needed.
type slowLane struct {
	*core
	writer store.Writer
}

func (l *slowLane) close() {
	if l.writer != nil {
		l.writer.Close()
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
		err := l.alone(ctx, l.writer, op)
		var more errMore
		switch {
		case errors.As(err, &more) && attempt <= maxRounds:
			op.need.add(more.needs)
		case errors.Is(err, store.ErrConflict) && attempt <= maxAttempts:
			pause(ctx, attempt)
		case err != nil:
			l.fail([]*operation{op}, err)
			return
		default:
			l.held.free(op.rows())
			l.stats.commit(1)
			return
		}
	}
}

// alone carries one operation out in a transaction of its own and answers it.
// On an error nobody is answered, and nothing was written unless the outcome is
// unknown.
func (c *core) alone(ctx context.Context, writer store.Writer, op *operation) error {
	ops := []*operation{op}
	need := c.union(ops, writer.Stripe())
	tx, rows, err := writer.Begin(ctx, need, store.LockPatiently)
	if err != nil {
		return err
	}
	g := newGroup(c, writer.Stripe(), need, rows)
	op.record = nil
	answers := []error{g.apply(op)}
	var more errMore
	if errors.As(answers[0], &more) {
		return errors.Join(more, rollback(ctx, tx))
	}
	if err := c.settle(ctx, tx, g, ops, answers); err != nil {
		return err
	}
	op.answer(answers[0])
	return nil
}

// performInHost carries an operation out in the host's transaction.
func (e *Engine) performInHost(op *operation) {
	for round := 1; ; round++ {
		err := e.host.Join(op.ctx)
		if err == nil {
			err = e.alone(op.ctx, e.host, op)
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
