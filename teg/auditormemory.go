package teg

import (
	"context"
	"slices"
	"time"

	"github.com/agentvault/teg-layer/governance/auditor"
	"github.com/agentvault/teg-layer/store"
)

// clocksApart is how far the clocks of servers may be apart, for the rules.
const clocksApart = time.Minute

// observe shows an event to the rules, or changes them by it where their memory stays
// what it is.
func (c *core) observe(pack *auditor.Pack, event *store.Event) []auditor.Finding {
	if slices.Contains(setsRules, event.Action) {
		c.configure(pack, c.ruleChangesOf(event))
		return nil
	}
	seen, err := c.observed(event)
	if err != nil {
		c.config.Logger.Error("the auditor cannot read an event of the log, and goes on", "event", event.ID, "error", err)
		return nil
	}
	return pack.Observe(seen)
}

// anew are the rules that an event sets so that they have to look at the past again:
// one that is switched on, or measures otherwise, would take the present for the
// first that ever happened.
func (c *core) anew(pack *auditor.Pack, event *store.Event) (codes []RuleCode) {
	if !slices.Contains(setsRules, event.Action) {
		return nil
	}
	settings := pack.Settings()
	for _, change := range c.ruleChangesOf(event) {
		at := slices.IndexFunc(settings, func(s Rule) bool { return s.Code == change.Code })
		if at >= 0 && change.Remembers(settings[at]) {
			codes = append(codes, change.Code)
		}
	}
	return codes
}

// unsaid are the rules of which an event makes that they say again what they have said:
// they were set otherwise then, or in shadow.
func (c *core) unsaid(event *store.Event) (codes []RuleCode) {
	for _, change := range c.ruleChangesOf(event) {
		codes = append(codes, change.Code)
	}
	return codes
}

// rebuild makes rules that are set as they are at the position of the turn, and remember
// what they would, had they always been set so. What they find on the way is theirs to
// say again where it was set otherwise then, and else was said. It takes long where much
// has happened, so that the turn is kept on the way.
func (e *Engine) rebuild(ctx context.Context, t *turn, changed []RuleCode) (pack *auditor.Pack, mine bool, err error) {
	tail, err := e.store.Reader().LogTail(ctx)
	if err != nil {
		return nil, false, outward(err)
	}
	if tail > t.at.next { // an auditor that is new sees what is left
		t.at = bookmark{next: tail}
	}
	pack, err = e.packAt(ctx, t.at.next)
	if err != nil {
		return nil, false, err
	}
	from, err := e.rebuildFrom(ctx, pack, t.at.next)
	if err != nil {
		return nil, false, err
	}
	for from < t.at.next {
		mine, err := e.keep(ctx, t)
		if err != nil || !mine || t.moved {
			return nil, false, err
		}
		events, next, err := e.store.Reader().Follow(ctx, from, int(min(logPage, t.at.next-from)))
		if err == nil && next <= from {
			err = store.ErrBeyondLog // it went back meanwhile
		}
		if err != nil {
			return nil, false, inward(err)
		}
		for i := range events {
			if slices.Contains(setsRules, events[i].Action) {
				pack.Reconsider(e.unsaid(&events[i])...)
				continue
			}
			e.observe(pack, &events[i])
		}
		from = next
	}
	pack.Reconsider(changed...)
	return pack, true, nil
}

// rebuildFrom is the position from which on events have to be observed again.
func (e *Engine) rebuildFrom(ctx context.Context, pack *auditor.Pack, position int64) (int64, error) {
	if tail, err := e.store.Reader().LogTail(ctx); err != nil || position <= tail {
		return position, outward(err)
	}
	last, _, err := e.store.Reader().Follow(ctx, position-1, 1)
	if err == nil && len(last) == 0 {
		err = store.ErrBeyondLog
	}
	if err != nil {
		return 0, inward(err)
	}
	from, err := e.store.Reader().PositionAt(ctx, e.plausible(&last[0]).Add(-pack.Horizon()-clocksApart))
	return min(from, position), outward(err)
}

// packAt is rules that remember nothing, as they are set before an event.
func (e *Engine) packAt(ctx context.Context, position int64) (*auditor.Pack, error) {
	pack := auditor.NewPack()
	err := e.ruleChanges(ctx, e.store.Reader(), func(event *store.Event, changes []RuleChange) {
		if event.Position < position {
			e.configure(pack, changes)
		}
	})
	return pack, err
}
