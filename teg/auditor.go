package teg

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/agentvault/teg-layer/governance/auditor"
	"github.com/agentvault/teg-layer/store"
)

// auditing is where this process's rules stand.
type auditing struct {
	mu      sync.Mutex
	turn    *turn
	pack    *auditor.Pack     // nil while another process reads, or it has to be built
	changed []RuleCode        // rules that were set otherwise just before that
	pending []auditor.Finding // found, and not yet flagged
	ahead   sync.Once         // a clock that is ahead was told of
}

// AuditProgress is what the rules did.
type AuditProgress struct {
	Events    int64 // read by this call
	Findings  int64 // of them
	Position  int64 // from which on nothing was read
	Elsewhere bool  // another process reads, and this one did nothing
}

// How often the rules look for events, and how long they wait after a fault.
const (
	auditPause = 100 * time.Millisecond
	auditRetry = time.Second
)

// RunAuditor lets the rules of the auditor read the log as it grows, and raises flags,
// until the context ends, which is no error, or the engine is closed: [ErrClosed].
// Faults are logged and tried again. Run it beside [Engine.Run], in as many processes as
// there are: one of them reads at a time, and another takes over within Config.ReaderTerm
// when that one is gone. The rules' memory is built again from the log then, which takes
// a while where the last month was busy; what happens meanwhile is read afterwards, and a
// flag is raised once whatever crashes.
func (e *Engine) RunAuditor(ctx context.Context) error {
	if err := e.ownTransactions(); err != nil {
		return err
	}
	defer e.restAuditor(ctx)
	for ctx.Err() == nil {
		progress, err := e.Audit(ctx)
		wait := auditPause
		switch {
		case errors.Is(err, ErrClosed):
			return err
		case err != nil && ctx.Err() == nil:
			e.config.Logger.WarnContext(ctx, "the auditor could not go on; it tries again", "error", err)
			wait = auditRetry
		case progress.Elsewhere:
			wait = e.turnPause()
		}
		rest(ctx, wait)
	}
	return nil
}

// Audit lets the rules of the auditor read what was committed since the last call, and
// raises flags, until they have seen all. [Engine.RunAuditor] calls it again and
// again; call it yourself where there is no such loop. An error leaves what was found
// for the next call.
func (e *Engine) Audit(ctx context.Context) (AuditProgress, error) {
	if err := e.ownTransactions(); err != nil {
		return AuditProgress{}, err
	}
	a := &e.auditing
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.turn == nil {
		a.turn = e.turn(auditorName)
	}
	progress, err := e.auditOn(ctx)
	if errors.Is(err, store.ErrBeyondLog) {
		a.turn.lose()
		a.pack, a.pending = nil, nil
		err = beyondLog(err)
	}
	return progress, err
}

// SkipAudit takes what is in the log by now as read by the rules: nothing of it is
// flagged, and they remember it. It is for the history of an economy that was played into
// the books, and reports whether it was done: where another process lets rules read, it
// is not.
func (e *Engine) SkipAudit(ctx context.Context) (bool, error) {
	if err := e.ownTransactions(); err != nil {
		return false, err
	}
	a := &e.auditing
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.turn == nil {
		a.turn = e.turn(auditorName)
	}
	mine, err := e.keep(ctx, a.turn)
	if err != nil || !mine {
		return false, err
	}
	size, _, err := e.store.Reader().LogSize(ctx)
	if err != nil {
		return false, outward(err)
	}
	a.pack, a.pending, a.changed, a.turn.done = nil, nil, nil, bookmark{next: size}
	now := e.clock.now()
	_, mine, err = e.store.Claim(ctx, e.claim(a.turn, now, now)) // and leaves the turn to others
	a.turn.lose()
	return mine && err == nil, outward(err)
}

// holdAudit keeps the turn, and builds the rules' memory where there is none.
func (e *Engine) holdAudit(ctx context.Context) (mine bool, err error) {
	a := &e.auditing
	if mine, err = e.keep(ctx, a.turn); err != nil {
		return false, err
	}
	if !mine || a.turn.moved {
		a.turn.moved, a.pack, a.pending, a.changed = false, nil, nil, nil
	}
	if !mine || a.pack != nil {
		return mine, nil
	}
	pack, mine, err := e.rebuild(ctx, a.turn, a.changed)
	if err == nil && mine {
		a.pack, a.changed = pack, nil
	}
	return mine, err
}

// auditOn reads to the end of the log. What cannot be flagged is tried again now and
// then, and keeps the position from being written down, but not the rules from reading.
func (e *Engine) auditOn(ctx context.Context) (progress AuditProgress, err error) {
	a := &e.auditing
	var tried time.Time
	for {
		mine, fault := e.holdAudit(ctx)
		if fault != nil || !mine {
			progress.Elsewhere = fault == nil
			return progress, cmp.Or(fault, err)
		}
		if err == nil || time.Since(tried) >= auditRetry {
			tried, err = time.Now(), e.flagPending(ctx)
		}
		if err == nil {
			a.turn.done = a.turn.at
		} else if ctx.Err() != nil || len(a.pending) > mostPending {
			return progress, err
		}
		before := progress.Events
		if fault := e.auditPage(ctx, &progress); fault != nil || progress.Events == before {
			return progress, cmp.Or(fault, err)
		}
	}
}

// mostPending is how many findings may wait before the rules do.
const mostPending = 10_000

// auditPage shows the next events to the rules, up to one that sets rules otherwise: from
// there on their memory is another.
func (e *Engine) auditPage(ctx context.Context, progress *AuditProgress) error {
	a := &e.auditing
	events, at, err := a.turn.at.follow(ctx, e.store.Reader(), logPage)
	if err != nil {
		return inward(err)
	}
	for i := range events {
		if len(e.anew(a.pack, &events[i])) > 0 {
			for ; i < len(events) && slices.Contains(setsRules, events[i].Action); i++ { // one rebuild is enough for several
				a.changed = append(a.changed, e.unsaid(&events[i])...)
			}
			a.pack, events, at = nil, events[:i], bookmark{events[i-1].Position + 1, events[i-1].ID}
			break
		}
		found := e.observe(a.pack, &events[i])
		a.pending = append(a.pending, found...)
		progress.Findings += int64(len(found))
	}
	a.turn.at = at
	progress.Events, progress.Position = progress.Events+int64(len(events)), at.next
	return nil
}

// inward leaves a log that is too short to be told of by its reader.
func inward(err error) error {
	if errors.Is(err, store.ErrBeyondLog) {
		return err
	}
	return outward(err)
}

// flagsAtOnce is how many flags are raised together: few enough to leave room for
// others.
const flagsAtOnce = 100

// flagPending raises what was found, and leaves what could not be. What was raised
// before stays as it is.
func (e *Engine) flagPending(ctx context.Context) error {
	a := &e.auditing
	if len(a.pending) == 0 {
		return nil
	}
	var faults []error
	left := make([]auditor.Finding, 0, len(a.pending))
	for from := 0; from < len(a.pending); from += flagsAtOnce {
		kept, err := e.flagPart(ctx, a.pending[from:min(from+flagsAtOnce, len(a.pending))])
		left, faults = append(left, kept...), append(faults, err)
	}
	a.pending = left
	return joinDistinct(faults)
}

// flagPatience is how long an agent whose row somebody holds is waited for; its flag is
// raised later then.
const flagPatience = 5 * time.Second

// flagPart raises a few together, in a time of their own, so that one that waits keeps
// none but these waiting, and returns those that could not be raised.
func (e *Engine) flagPart(ctx context.Context, part []auditor.Finding) (left []auditor.Finding, err error) {
	ctx, cancel := context.WithTimeout(ctx, flagPatience)
	defer cancel()
	results := make([]error, len(part))
	err = e.together(len(part), func(i int) error {
		results[i] = e.raiseFound(ctx, part[i])
		return results[i]
	})
	for i := range part {
		if results[i] != nil {
			left = append(left, part[i])
		}
	}
	return left, err
}

// raiseFound raises a flag, unless there is one, or nobody whom it could be about.
func (e *Engine) raiseFound(ctx context.Context, finding auditor.Finding) error {
	err := e.raiseFinding(ctx, finding)
	switch {
	case errors.Is(err, ErrAlreadyExists):
		return nil
	case errors.Is(err, ErrNotFound):
		e.config.Logger.ErrorContext(ctx, "the auditor has found something about nobody; it is left out", "rule", finding.Code, "agent", finding.Agent, "error", err)
		return nil
	}
	return err
}

// restAuditor leaves reading to others.
func (e *Engine) restAuditor(ctx context.Context) {
	a := &e.auditing
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.turn == nil {
		return
	}
	e.giveUp(ctx, a.turn)
	a.pack, a.pending, a.changed = nil, nil, nil
}
