package ratings

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"github.com/agentvault/teg-layer/teg"
)

// played is what became of a step.
type played struct {
	step
	there   bool
	payment payment             // of a transfer
	receipt teg.TransferReceipt // of one that was made now
	err     error
}

var errStopped = errors.New("ratings: another rating could not be played")

// rate plays all ratings. At the first fault nothing more is begun, what is under
// way ends.
func (p *play) rate(ctx context.Context) error {
	// A trader has one transfer and one signal at a time that can be taken. As there
	// is room for all of them, who hands them out never waits for who takes them.
	work := make(chan step, 2*len(p.traders))
	results := make(chan played, p.Callers)
	var callers sync.WaitGroup
	var stop atomic.Bool
	for range min(p.Callers, 2*len(p.traders)) {
		callers.Go(func() {
			for s := range work {
				if stop.Load() {
					results <- played{step: s, err: errStopped}
					continue
				}
				results <- p.take(ctx, s)
			}
		})
	}
	err := p.conduct(work, results, &stop)
	close(work)
	callers.Wait()
	return err
}

func (p *play) take(ctx context.Context, s step) (r played) {
	if s.signal {
		r = p.signalOne(ctx, s.rating)
	} else {
		r = p.transferOne(ctx, s.rating)
	}
	r.step = s
	return r
}

// conduct hands steps out as they become ready and counts what comes back.
func (p *play) conduct(work chan<- step, results <-chan played, stop *atomic.Bool) error {
	o := newOrder(p)
	underWay := 0
	handOut := func(ready []step) {
		for _, s := range ready {
			work <- s
			underWay++
		}
	}
	handOut(o.first())
	var failure error
	for ; underWay > 0; underWay-- {
		r := <-results
		switch {
		case r.err == nil:
			p.tally(r)
		case failure == nil:
			failure = &LineError{p.ratings[r.rating].Line, r.err}
			stop.Store(true)
		}
		if failure == nil {
			handOut(o.done(r.step))
		}
	}
	return failure
}

func (p *play) tally(r played) {
	s := &p.summary
	switch {
	case r.signal && r.there:
		s.SignalsThere++
	case r.signal:
		s.Signals++
	case r.there:
		s.TransfersThere++
	default:
		s.Transfers++
		p.count(&s.Moved, r.receipt.Amount)
		p.count(&s.Fees, r.receipt.Fee)
	}
	if !r.signal {
		p.payments[r.rating] = r.payment
	}
	p.tick()
}
