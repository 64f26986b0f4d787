package tegbench

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/agentvault/teg-layer/store/storebench"
	"github.com/agentvault/teg-layer/teg"
)

// byHand writes a load without an engine, into a database of its own that an
// engine has filled with the same agents.
type byHand struct {
	*storebench.Ceiling
	scratch *storebench.Scratch
	config  teg.Config
}

// newByHand populates a scratch database and takes it away from its engine.
func newByHand(ctx context.Context, place storebench.Place, accounts int, config teg.Config) (*byHand, error) {
	s, err := NewSubject(ctx, place, accounts, config)
	if err != nil {
		return nil, err
	}
	o := storebench.Options{Owners: make([]string, accounts), Fee: s.engine.Terms().Fees.Fixed}
	for i := range o.Owners {
		o.Owners[i] = AgentDID(i).String()
	}
	h := &byHand{scratch: s.scratch, config: config}
	if err = s.leave(); err == nil {
		h.Ceiling, err = s.scratch.Ceiling(ctx, o)
	}
	if err != nil {
		return nil, errors.Join(err, s.scratch.Drop())
	}
	return h, nil
}

// source makes the groups of a load.
func source(l Load) func(into []storebench.Transfer) {
	pick := newPicker(l)
	return func(into []storebench.Transfer) {
		for i := range into {
			from := rand.IntN(l.Accounts)
			into[i] = storebench.Transfer{From: from, To: pick.receiver(from), Amount: pick.sum()}
		}
	}
}

// settle chooses the faster way of writing groups of a size.
func (h *byHand) settle(ctx context.Context, l Load, size int) error {
	group, fill := make([]storebench.Transfer, size), source(l)
	return h.Settle(ctx, func() []storebench.Transfer {
		fill(group)
		return group
	})
}

// run writes a load in groups of one size; a size of 0 writes each transfer for
// itself, statement by statement.
func (h *byHand) run(ctx context.Context, l Load, size int) (Result, error) {
	if size > 1 {
		if err := h.settle(ctx, l, size); err != nil {
			return Result{}, err
		}
	}
	group, fill := make([]storebench.Transfer, max(size, 1)), source(l)
	var latencies []time.Duration
	written, began := 0, time.Now()
	for !l.done(written, began) {
		group = group[:min(l.left(written), len(group))]
		fill(group)
		start := time.Now()
		var err error
		if size == 0 {
			err = h.Alone(ctx, group[0])
		} else {
			err = h.Group(ctx, group)
		}
		if err != nil {
			return Result{}, err
		}
		latencies = append(latencies, time.Since(start))
		written += len(group)
	}
	r := summarize(written, time.Since(began), latencies)
	r.Group = float64(max(size, 1))
	return r, nil
}

// prove has an engine verify the books that were written by hand. Nothing can be
// written by hand afterwards.
func (h *byHand) prove(ctx context.Context) error {
	if err := h.leave(); err != nil {
		return err
	}
	st, err := h.scratch.Store(ctx)
	if err != nil {
		return err
	}
	engine, err := teg.New(ctx, st, h.config)
	if err != nil {
		return errors.Join(err, st.Close())
	}
	_, err = engine.Verify(ctx)
	return errors.Join(err, engine.Close(), st.Close())
}

func (h *byHand) leave() error {
	if h.Ceiling == nil {
		return nil
	}
	c := h.Ceiling
	h.Ceiling = nil
	return c.Close()
}

func (h *byHand) close() error { return errors.Join(h.leave(), h.scratch.Drop()) }
