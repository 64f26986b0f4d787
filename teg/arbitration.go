package teg

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/agentvault/teg-layer/governance/dispute"
)

// arbitrating is what this process knows of the cases that it hands over. All of it
// can be lost: everything is handed over again then, which changes nothing.
type arbitrating struct {
	mu     sync.Mutex // held while the arbitrator is asked
	turn   *turn
	cases  map[DisputeID]*heldCase
	after  DisputeID // where the next look goes on, where there was more than one look takes in
	faults int       // since the arbitrator was last reached
	until  time.Time // it is left alone after them

	seeing sync.Mutex // held for a moment
	health ArbitratorHealth
}

// ArbitratorHealth is how this process gets on with the arbitrator.
type ArbitratorHealth struct {
	Configured bool
	Cases      int       // that wait for a ruling, as it saw them last
	Fault      string    // why it could not be reached, or made no sense; empty: nothing is wrong
	At         time.Time // of the last attempt; zero: there was none
}

// Bounds of what is done with an arbitrator: how long one call may take, how long it
// is left alone after failures, and how many disputes are looked at.
const (
	arbitratorPatience = 15 * time.Second
	arbitratorRest     = 5 * time.Minute
	arbitratorPages    = 10
)

// arbitrator is who decides disputes, nil where people do.
func (e *Engine) arbitrator() Arbitrator {
	switch {
	case e.config.Arbitrator != nil:
		return e.config.Arbitrator
	case e.config.Panel != nil:
		return &agentPanel{Engine: e}
	}
	return nil
}

// Arbitrate hands disputes that await arbitration to the arbitrator, with their
// evidence, and resolves those that it has ruled, in the name of
// [Config.ArbitratorDID]. It does nothing where there is no arbitrator, and where
// another process does it. [Engine.Run] calls it beside everything else, so that an
// arbitrator who does not answer keeps nobody waiting; [Engine.Tick] calls it last.
func (e *Engine) Arbitrate(ctx context.Context) error {
	if err := e.ownTransactions(); err != nil {
		return err
	}
	arbitrator := e.arbitrator()
	if arbitrator == nil {
		return nil
	}
	a := &e.arbitrating
	a.mu.Lock()
	defer a.mu.Unlock()
	waiting, err := e.awaiting(ctx)
	if err != nil {
		return err
	}
	a.sort(waiting)
	if now := e.clock.now(); len(waiting) == 0 || now.Before(a.until) {
		return nil
	}
	if a.turn == nil {
		a.turn = e.turn(arbitratorName)
	}
	if mine, err := e.keep(ctx, a.turn); err != nil || !mine {
		return err
	}
	return e.arbitrateAll(ctx, arbitrator, waiting)
}

// awaiting are the disputes that await arbitration now or, where they are very many,
// those behind the ones of the last time.
func (e *Engine) awaiting(ctx context.Context) (all []Dispute, err error) {
	query := dispute.Query{
		Standing: e.TermsInForce().Dispute.Standing(dispute.AwaitingArbitration, e.clock.now()), After: e.arbitrating.after, Limit: MaxLimit,
	}
	for range arbitratorPages {
		page, _, err := e.reader().Disputes(ctx, query)
		if err != nil {
			return nil, outward(err)
		}
		for i := range page {
			now, _ := page[i].AsOf(e.clock.now(), e.TermsInForce().Dispute)
			all = append(all, now)
		}
		if len(page) < query.Limit {
			query.After = DisputeID{}
			break
		}
		query.After = page[len(page)-1].ID
	}
	e.arbitrating.after = query.After
	return all, nil
}

// sort forgets cases that wait no longer, and takes new ones in. Those that have waited
// longest for a look come first, so that cases with which the arbitrator cannot be asked
// keep it from no others.
func (a *arbitrating) sort(waiting []Dispute) {
	cases := make(map[DisputeID]*heldCase, len(waiting))
	for i := range waiting {
		held := a.cases[waiting[i].ID]
		if held == nil {
			held = &heldCase{}
		}
		cases[waiting[i].ID] = held
	}
	a.cases = cases
	slices.SortStableFunc(waiting, func(x, y Dispute) int { return cases[x.ID].next.Compare(cases[y.ID].next) })
	a.tell(func(h *ArbitratorHealth) { h.Cases = len(waiting) })
}

// tell changes what others are told of the arbitrator.
func (a *arbitrating) tell(change func(*ArbitratorHealth)) {
	a.seeing.Lock()
	defer a.seeing.Unlock()
	change(&a.health)
}

func (e *Engine) arbitrateAll(ctx context.Context, arbitrator Arbitrator, waiting []Dispute) error {
	a := &e.arbitrating
	if own, is := arbitrator.(*agentPanel); is {
		if err := own.look(ctx, a.due(waiting, e.clock.now())); err != nil {
			return err
		}
	}
	var faults []error
	for i := range waiting {
		held, now := a.cases[waiting[i].ID], e.clock.now()
		if held.over || now.Before(held.next) || ctx.Err() != nil {
			continue
		}
		if mine, err := e.keep(ctx, a.turn); err != nil || !mine { // the others' answers took long
			return joinDistinct(append(faults, err))
		}
		err := e.arbitrate(ctx, arbitrator, &waiting[i], held)
		a.note(err, now)
		if err == nil {
			held.faults, held.next = 0, now.Add(e.arbitratorPause())
			continue
		}
		held.faults++
		held.next = now.Add(backoff(held.faults))
		faults = append(faults, err)
		if errors.Is(err, ErrUnavailable) { // the others' turn will not be better
			a.faults++
			a.until = now.Add(backoff(a.faults))
			break
		}
	}
	return joinDistinct(faults)
}

// due are the cases that are to be looked at.
func (a *arbitrating) due(waiting []Dispute, now time.Time) (ids []DisputeID) {
	for i := range waiting {
		if held := a.cases[waiting[i].ID]; !held.over && !now.Before(held.next) {
			ids = append(ids, waiting[i].ID)
		}
	}
	return ids
}

func (a *arbitrating) note(err error, now time.Time) {
	fault := ""
	if err != nil {
		fault = err.Error()
	} else {
		a.faults = 0
	}
	a.tell(func(h *ArbitratorHealth) { h.At, h.Fault = now, fault })
}

// arbitratorPause is how long a case is left alone in which nothing has happened. The
// engine's own panel is looked at whenever there is a look.
func (e *Engine) arbitratorPause() time.Duration {
	if e.config.Arbitrator == nil {
		return 0
	}
	return e.config.ArbitratorPause
}

// backoff is how long to wait after so many failures: twice as long each time, and a
// little more or less, so that not all come back at once.
func backoff(faults int) time.Duration {
	wait := min(arbitratorRest, time.Second<<min(faults, 20))
	return wait - rand.N(wait/8)
}

// restArbitrator leaves the arbitrator to another process.
func (e *Engine) restArbitrator(ctx context.Context) {
	a := &e.arbitrating
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.turn != nil {
		e.giveUp(ctx, a.turn)
	}
}

// ArbitratorHealth tells how this process gets on with the arbitrator. It asks
// nobody.
func (e *Engine) ArbitratorHealth() ArbitratorHealth {
	health := ArbitratorHealth{}
	e.arbitrating.tell(func(h *ArbitratorHealth) { health = *h })
	health.Configured = e.arbitrator() != nil
	return health
}
