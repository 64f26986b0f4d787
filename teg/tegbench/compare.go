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
	Ceiling bool       // also write by hand, and measure a lone caller
	Ones    bool       // also run an engine whose groups are limited to one
	Log     func(string)
}

// FixedGroup is the size of the groups of the second ceiling.
const FixedGroup = 500

// Report holds medians. What was not asked for is zero.
type Report struct {
	Database    string
	Sync        time.Duration // what one commit waits for the disk
	Engine      Result
	Ones        Result // the engine with groups limited to one
	LoneEngine  Result // a lone caller
	LoneByHand  Result
	CeilingMean Result // by hand, in groups as large as the engine's
	CeilingFix  Result // by hand, in groups of [FixedGroup]
}

// OfCeiling is what the engine reaches of the ceiling in groups of its own size.
func (r *Report) OfCeiling() float64 { return ratio(r.Engine, r.CeilingMean) }

// OfFixedCeiling is what it reaches of the ceiling in groups of [FixedGroup].
func (r *Report) OfFixedCeiling() float64 { return ratio(r.Engine, r.CeilingFix) }

// OfOnes is how many times as fast it is as with groups limited to one.
func (r *Report) OfOnes() float64 { return ratio(r.Engine, r.Ones) }

// OfLone is what a lone caller reaches of one that writes by hand.
func (r *Report) OfLone() float64 { return ratio(r.LoneEngine, r.LoneByHand) }

func ratio(a, b Result) float64 {
	if b.Rate == 0 {
		return 0
	}
	return a.Rate / b.Rate
}

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
	ceiling       *storebench.Ceiling
	sync          time.Duration

	engine, single, lone, byHand, mean, fixed []Result
}

func (c *comparison) carryOut(ctx context.Context) error {
	if err := c.open(ctx); err != nil {
		return err
	}
	for run := range c.Runs {
		c.Log(fmt.Sprintf("run %d of %d", run+1, c.Runs))
		if err := c.once(ctx); err != nil {
			return err
		}
	}
	return nil
}

// open makes the databases, and warms the engine up: the ceiling has to know how
// large its events are.
func (c *comparison) open(ctx context.Context) (err error) {
	c.Log("preparing " + c.Place.String())
	if c.subject, err = NewSubject(ctx, c.Place, c.Accounts, c.Config); err != nil {
		return err
	}
	if _, err = c.subject.Run(ctx, c.small(10)); err != nil {
		return err
	}
	if c.Ones {
		alone := c.Config
		alone.MaxGroup = 1
		if c.ones, err = NewSubject(ctx, c.Place, c.Accounts, alone); err != nil {
			return err
		}
	}
	if !c.Ceiling {
		c.sync, err = c.Place.Sync(ctx)
		return err
	}
	size, err := c.subject.eventBytes(ctx)
	if err != nil {
		return err
	}
	if c.ceiling, err = c.Place.Ceiling(ctx, storebench.Options{Accounts: c.Accounts, EventBytes: size}); err != nil {
		return err
	}
	if _, err = runByHand(ctx, c.ceiling, c.small(10), FixedGroup); err != nil {
		return err
	}
	c.sync, err = c.ceiling.Sync(ctx)
	return err
}

// small is a part of the load, for what is slow by nature.
func (c *comparison) small(part int) Load {
	l := c.Load
	l.Transfers = max(l.Transfers/part, 1)
	return l
}

// once runs each part once.
func (c *comparison) once(ctx context.Context) error {
	lone := c.small(20)
	lone.Clients, lone.Batch = 1, 1
	engine := func(s *Subject, l Load) func() (Result, error) {
		return func() (Result, error) { return s.Run(ctx, l) }
	}
	byHand := func(l Load, size func() int) func() (Result, error) {
		return func() (Result, error) { return runByHand(ctx, c.ceiling, l, size()) }
	}
	group := func() int { return max(int(math.Round(c.engine[len(c.engine)-1].Group)), 1) }
	for _, part := range []struct {
		wanted bool
		run    func() (Result, error)
		into   *[]Result
	}{
		{true, engine(c.subject, c.Load), &c.engine},
		{c.Ceiling, byHand(c.Load, group), &c.mean},
		{c.Ceiling, byHand(c.Load, func() int { return FixedGroup }), &c.fixed},
		{c.Ones, engine(c.ones, c.small(10)), &c.single},
		{c.Ceiling, engine(c.subject, lone), &c.lone},
		{c.Ceiling, byHand(lone, func() int { return 0 }), &c.byHand},
	} {
		if !part.wanted {
			continue
		}
		r, err := part.run()
		if err != nil {
			return err
		}
		*part.into = append(*part.into, r)
	}
	return nil
}

func (c *comparison) report() Report {
	return Report{
		Database: c.Place.String(), Sync: c.sync,
		Engine: MedianOf(c.engine), Ones: MedianOf(c.single), LoneEngine: MedianOf(c.lone), LoneByHand: MedianOf(c.byHand),
		CeilingMean: MedianOf(c.mean), CeilingFix: MedianOf(c.fixed),
	}
}

func (c *comparison) close() error {
	var errs []error
	for _, s := range []*Subject{c.subject, c.ones} {
		if s != nil {
			errs = append(errs, s.Close())
		}
	}
	if c.ceiling != nil {
		errs = append(errs, c.ceiling.Close())
	}
	return errors.Join(errs...)
}
