package tegbench

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/agentvault/teg-layer/store/storebench"
	"github.com/agentvault/teg-layer/teg"
)

// Plan is what to compare.
type Plan struct {
	Load
	Place   storebench.Place
	Config  teg.Config // of the engine
	Runs    int        // of which the median counts; default 3
	Ceiling bool       // also write by hand, in groups as large as the engine's
	Fixed   bool       // also write by hand in groups of [FixedGroup]
	Lone    bool       // also compare a lone caller with a lone transaction by hand
	Ones    bool       // also run an engine whose groups are limited to one
	Prove   bool       // verify all books in the end
	// Enough ends it before Runs are made, if it is satisfied with what was seen. Nil:
	// nothing is enough.
	Enough func(Report) bool
	Log    func(string)
}

// FixedGroup is the size of the groups of the second ceiling.
const FixedGroup = 500

// Compare carries a plan out: the parts take turns, run by run, so that what
// happens on the machine meanwhile happens to all of them.
func Compare(ctx context.Context, p Plan) (Report, error) {
	p.Load = p.WithDefaults()
	if p.Runs == 0 {
		p.Runs = 3
	}
	if p.Log == nil {
		p.Log = func(string) {}
	}
	if err := p.Check(); err != nil {
		return Report{}, err
	}
	c := &comparison{Plan: p}
	err := errors.Join(c.carryOut(ctx), c.close())
	return c.report(), err
}

// comparison is a plan under way.
type comparison struct {
	Plan
	subject, ones *Subject
	hand          *byHand
	sync          time.Duration
	rounds        []round
}

func (c *comparison) carryOut(ctx context.Context) error {
	if err := c.open(ctx); err != nil {
		return err
	}
	for run := range c.Runs {
		c.Log(fmt.Sprintf("run %d of %d", run+1, c.Runs))
		r, err := c.once(ctx)
		if err != nil {
			return err
		}
		c.rounds = append(c.rounds, r)
		if c.Enough != nil && c.Enough(c.report()) {
			break
		}
	}
	if c.Prove {
		return c.prove(ctx)
	}
	return nil
}

// open makes the databases, and warms everything up.
func (c *comparison) open(ctx context.Context) (err error) {
	c.Log("preparing " + c.Place.String())
	warm := c.small(10)
	if c.subject, err = NewSubject(ctx, c.Place, c.Accounts, c.Config); err != nil {
		return err
	}
	if _, err = c.subject.Run(ctx, warm); err != nil {
		return err
	}
	if c.Ones {
		alone := c.Config
		alone.MaxGroup = 1
		if c.ones, err = NewSubject(ctx, c.Place, c.Accounts, alone); err != nil {
			return err
		}
	}
	accounts := 2 // enough to see what a commit waits for
	if c.Ceiling || c.Fixed || c.Lone {
		accounts = c.Accounts
	}
	if c.hand, err = newByHand(ctx, c.Place, accounts, c.Config); err != nil {
		return err
	}
	if accounts == c.Accounts {
		if _, err = c.hand.run(ctx, warm, FixedGroup); err != nil {
			return err
		}
	}
	c.sync, err = c.hand.Sync(ctx)
	return err
}

// small is a part of the load, for what is slow by nature.
func (c *comparison) small(part int) Load {
	l := c.Load
	l.Transfers = l.Transfers / part
	if c.Transfers > 0 {
		l.Transfers = max(l.Transfers, 1)
	}
	return l
}

// once runs each part once, in turns: engine, hand, engine, hand.
func (c *comparison) once(ctx context.Context) (round, error) {
	var r round
	lone := c.small(20)
	lone.Clients, lone.Batch = 1, 1
	group := func() int { return max(int(math.Round(r.engine.Group)), 1) }
	for _, part := range []struct {
		wanted bool
		into   *Result
		run    func() (Result, error)
	}{
		{true, &r.engine, func() (Result, error) { return c.subject.Run(ctx, c.Load) }},
		{c.Ceiling, &r.mean, func() (Result, error) { return c.hand.run(ctx, c.Load, group()) }},
		{c.Ones, &r.ones, func() (Result, error) { return c.ones.Run(ctx, c.small(10)) }},
		{c.Fixed, &r.fixed, func() (Result, error) { return c.hand.run(ctx, c.Load, FixedGroup) }},
		{c.Lone, &r.lone, func() (Result, error) { return c.subject.Run(ctx, lone) }},
		{c.Lone, &r.alone, func() (Result, error) { return c.hand.run(ctx, lone, 0) }},
	} {
		if !part.wanted {
			continue
		}
		var err error
		if *part.into, err = part.run(); err != nil {
			return r, err
		}
	}
	return r, nil
}

// prove verifies the books of all databases.
func (c *comparison) prove(ctx context.Context) error {
	c.Log("verifying")
	var errs []error
	for _, s := range []*Subject{c.subject, c.ones} {
		if s != nil {
			_, err := s.engine.Verify(ctx)
			errs = append(errs, err)
		}
	}
	if c.hand != nil {
		errs = append(errs, c.hand.prove(ctx))
	}
	return errors.Join(errs...)
}

func (c *comparison) close() error {
	var errs []error
	for _, s := range []*Subject{c.subject, c.ones} {
		if s != nil {
			errs = append(errs, s.Close())
		}
	}
	if c.hand != nil {
		errs = append(errs, c.hand.close())
	}
	return errors.Join(errs...)
}
