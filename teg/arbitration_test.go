package teg_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// outsider is an arbitrator that does as it is told, and remembers what it was asked.
type outsider struct {
	mu       sync.Mutex
	opened   map[teg.DisputeID]int
	evidence []int64
	asked    int
	rulings  []teg.Ruling // one after the other
	fault    error
	dead     map[teg.DisputeID]bool // cases with which it cannot be asked
	asking   func()                 // while it is
	refuses  bool                   // evidence
}

func newOutsider() *outsider { return &outsider{opened: map[teg.DisputeID]int{}} }

func (o *outsider) Open(_ context.Context, c teg.Case) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.asking != nil {
		o.asking()
	}
	if o.dead[c.Dispute] {
		return teg.ErrUnavailable
	}
	if o.fault == nil {
		o.opened[c.Dispute]++
	}
	return o.fault
}

func (o *outsider) Submit(_ context.Context, e teg.CaseEvidence) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.fault == nil && !o.refuses {
		o.evidence = append(o.evidence, e.Seq)
	}
	if o.refuses {
		return errors.New("no such evidence")
	}
	return o.fault
}

func (o *outsider) Ruling(_ context.Context, d teg.DisputeID) (teg.Ruling, bool, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.fault != nil {
		return teg.Ruling{}, false, o.fault
	}
	o.asked++
	if o.opened[d] == 0 {
		return teg.Ruling{}, false, teg.ErrNotFound
	}
	if len(o.rulings) == 0 {
		return teg.Ruling{}, false, nil
	}
	ruling := o.rulings[0]
	if len(o.rulings) > 1 {
		o.rulings = o.rulings[1:]
	}
	return ruling, true, nil
}

func (o *outsider) rules(rulings ...teg.Ruling) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.rulings = rulings
}

func (o *outsider) fails(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.fault = err
}

func withOutsider(o *outsider) func(*teg.Config) {
	return func(c *teg.Config) { c.Panel, c.Arbitrator = nil, o }
}

func sum(text string) *teg.Amount {
	a := teg.AVT(text)
	return &a
}

// An outside arbitrator gets the case and its evidence once, and its ruling is carried
// out once, in its name.
func TestOutsideArbitrator(t *testing.T) {
	t.Parallel()
	o := newOutsider()
	c := newJury(t, inMemory(t), 0, withOutsider(o))
	id := c.file(false)
	c.tick()
	c.tick()
	require.Equal(t, 1, o.opened[id])
	require.Equal(t, 1, o.asked, "it is left alone for a while")
	_, err := c.eng.AddEvidence(c.ctx, teg.EvidenceParams{By: c.bob, DisputeID: id, Pointer: somePointer})
	require.NoError(t, err)
	c.after(10 * time.Second)
	c.after(10 * time.Second)
	require.Equal(t, []int64{1}, o.evidence)
	o.rules(teg.Ruling{Resolution: teg.DisputeFavorClaimant, Notes: "so it is", Penalty: sum("5"), Hold: "void"}, teg.Ruling{Resolution: teg.DisputeSplit, Notes: "or not"})
	c.after(10 * time.Second)
	d := c.status(id)
	require.Equal(t, teg.DisputeFavorClaimant, d.Status)
	require.Equal(t, "so it is", d.Notes)
	require.Equal(t, "5", d.Penalty.String())
	require.Equal(t, teg.DefaultArbitrator, d.Timeline[len(d.Timeline)-1].By)
	asked := o.asked
	c.after(time.Minute)
	require.Equal(t, asked, o.asked, "a ruling once")
	require.Equal(t, teg.ArbitratorHealth{Configured: true, At: c.eng.ArbitratorHealth().At}, c.eng.ArbitratorHealth())
}

// An arbitrator who is away, or talks nonsense, blocks nothing; it is asked again, less
// and less often, and in the end the deadline decides.
func TestArbitratorAway(t *testing.T) {
	t.Parallel()
	o := newOutsider()
	c := newJury(t, inMemory(t), 0, withOutsider(o))
	id := c.file(true)
	o.fails(fmt.Errorf("%w: nobody listens", teg.ErrUnavailable))
	require.ErrorIs(t, c.eng.Tick(c.ctx), teg.ErrUnavailable)
	require.Contains(t, c.eng.ArbitratorHealth().Fault, "nobody listens")
	c.tick() // it is left alone
	o.fails(nil)
	c.after(10 * time.Minute)
	require.Equal(t, 1, o.opened[id])
	require.Empty(t, c.eng.ArbitratorHealth().Fault)

	for name, ruling := range map[string]teg.Ruling{
		"no end":          {Resolution: teg.DisputeRejected, Notes: "x"},
		"no notes":        {Resolution: teg.DisputeSplit},
		"too much":        {Resolution: teg.DisputeFavorClaimant, Notes: "x", Penalty: sum("5.000000000000000001")},
		"from nobody":     {Resolution: teg.DisputeSplit, Notes: "x", Penalty: sum("1")},
		"a strange hold":  {Resolution: teg.DisputeSplit, Notes: "x", Hold: "burn"},
		"nothing at all":  {},
		"an unknown end":  {Resolution: 99, Notes: "x"},
		"endless reasons": {Resolution: teg.DisputeSplit, Notes: string(make([]byte, 3000))},
	} {
		o.rules(ruling)
		c.clock.Advance(10 * time.Minute)
		require.Error(t, c.eng.Tick(c.ctx), name)
		require.Equal(t, teg.DisputeAwaitingArbitration, c.status(id).Status, name)
	}
	o.fails(errors.New("it burns"))
	c.clock.Advance(10 * time.Minute)
	require.ErrorContains(t, c.eng.Tick(c.ctx), "it burns")
	c.clock.Advance(teg.DefaultDisputeTerms().Arbitration)
	c.tick()
	require.Equal(t, teg.DisputeRejected, c.status(id).Status)
}

// A case that the arbitrator lost is opened again, with its evidence.
func TestArbitratorForgets(t *testing.T) {
	t.Parallel()
	o := newOutsider()
	c := newJury(t, inMemory(t), 0, withOutsider(o))
	id := c.file(true)
	_, err := c.eng.AddEvidence(c.ctx, teg.EvidenceParams{By: c.bob, DisputeID: id, Pointer: somePointer})
	require.NoError(t, err)
	c.tick()
	o.opened = map[teg.DisputeID]int{}
	c.after(10 * time.Second)
	require.Equal(t, 1, o.opened[id])
	require.Equal(t, []int64{1, 1}, o.evidence)
}

// A ruling that comes when the dispute has ended changes nothing, and is not asked for
// again.
func TestRulingTooLate(t *testing.T) {
	t.Parallel()
	o := newOutsider()
	c := newJury(t, inMemory(t), 0, withOutsider(o))
	id := c.file(true)
	c.tick()
	late := &lateRuling{outsider: o, before: func() {
		_, err := c.eng.ResolveDispute(c.ctx, teg.ResolveDisputeParams{By: tegtest.Admin, DisputeID: id, Resolution: teg.DisputeSplit, Notes: "by hand"})
		require.NoError(t, err)
	}}
	another := tegtest.Over(t, c.st, tegtest.WithClock(c.clock), func(config *teg.Config) { config.Arbitrator = late })
	c.clock.Advance(time.Minute) // the first server has gone
	require.NoError(t, another.Tick(c.ctx))
	require.Equal(t, teg.DisputeSplit, c.status(id).Status)
	require.Equal(t, "by hand", c.status(id).Notes)
	require.NoError(t, another.Tick(c.ctx))
}

// lateRuling rules right after somebody else has decided.
type lateRuling struct {
	*outsider
	before func()
}

func (l *lateRuling) Ruling(context.Context, teg.DisputeID) (teg.Ruling, bool, error) {
	l.before()
	return teg.Ruling{Resolution: teg.DisputeFavorClaimant, Notes: "too late"}, true, nil
}

// Of several servers one speaks to the arbitrator.
func TestOneSpeaksToTheArbitrator(t *testing.T) {
	t.Parallel()
	first, second := newOutsider(), newOutsider()
	c := newJury(t, inMemory(t), 0, withOutsider(first))
	other := tegtest.Over(t, c.st, tegtest.WithClock(c.clock), withOutsider(second))
	id := c.file(true)
	c.tick()
	require.NoError(t, other.Tick(c.ctx))
	require.Equal(t, 1, first.opened[id])
	require.Empty(t, second.opened)
	c.clock.Advance(time.Minute) // the first is gone
	require.NoError(t, other.Tick(c.ctx))
	require.Equal(t, 1, second.opened[id])
}

func TestWhoDecides(t *testing.T) {
	t.Parallel()
	st := inMemory(t)
	for name, spoil := range map[string]func(*teg.Config){
		"both":       func(c *teg.Config) { c.Panel, c.Arbitrator = panelTerms(), newOutsider() },
		"even":       func(c *teg.Config) { c.Panel = panelTerms(); c.Panel.Seats = 2 },
		"a pause":    func(c *teg.Config) { c.ArbitratorPause = -1 },
		"the system": func(c *teg.Config) { c.ArbitratorDID = teg.RewardsDID },
	} {
		config := teg.Config{}
		spoil(&config)
		_, err := teg.New(context.Background(), st, config)
		require.ErrorIs(t, err, teg.ErrInvalidInput, name)
	}
	eng := tegtest.Over(t, st)
	require.NoError(t, eng.Arbitrate(context.Background()), "people do")
	require.False(t, eng.ArbitratorHealth().Configured)
	require.True(t, eng.IsSystem(teg.DefaultArbitrator))
	_, err := eng.RegisterAgent(context.Background(), teg.RegisterParams{Agent: teg.DefaultArbitrator})
	require.ErrorIs(t, err, teg.ErrAlreadyExists)
}

// A case with which the arbitrator cannot be asked keeps it from no other, however many
// there are of them.
func TestOneDeadCaseStopsNoOther(t *testing.T) {
	o := newOutsider()
	c := newJury(t, inMemory(t), 0, withOutsider(o))
	sound := c.file(true)
	dead := map[teg.DisputeID]bool{c.file(true): true, c.file(true): true}
	o.dead = dead
	for range 6 {
		c.clock.Advance(6 * time.Minute) // longer than anything is left alone
		_ = c.eng.Tick(c.ctx)
	}
	require.Positive(t, o.opened[sound])
	o.rules(teg.Ruling{Resolution: teg.DisputeSplit, Notes: "so it is"})
	for range 6 {
		c.clock.Advance(6 * time.Minute)
		_ = c.eng.Tick(c.ctx)
	}
	require.Equal(t, teg.DisputeSplit, c.status(sound).Status)
}

// While an arbitrator is being asked, what is known of it stays what it was.
func TestHealthWhileItIsAsked(t *testing.T) {
	o := newOutsider()
	c := newJury(t, inMemory(t), 0, withOutsider(o))
	c.file(true)
	o.fails(fmt.Errorf("%w: nobody listens", teg.ErrUnavailable))
	require.Error(t, c.eng.Tick(c.ctx))
	var seen teg.ArbitratorHealth
	o.asking = func() { seen = c.eng.ArbitratorHealth() }
	c.clock.Advance(10 * time.Minute)
	require.Error(t, c.eng.Tick(c.ctx))
	require.Contains(t, seen.Fault, "nobody listens")
	require.Equal(t, 1, seen.Cases)
}

// Evidence that an arbitrator does not take keeps nobody from its ruling.
func TestRefusedEvidence(t *testing.T) {
	o := newOutsider()
	c := newJury(t, inMemory(t), 0, withOutsider(o))
	id := c.file(true)
	_, err := c.eng.AddEvidence(c.ctx, teg.EvidenceParams{By: c.bob, DisputeID: id, Pointer: somePointer})
	require.NoError(t, err)
	o.refuses = true
	require.ErrorContains(t, c.eng.Tick(c.ctx), "no such evidence")
	o.rules(teg.Ruling{Resolution: teg.DisputeSplit, Notes: "so it is"})
	c.after(10 * time.Minute)
	require.Equal(t, teg.DisputeSplit, c.status(id).Status)
}
