package teg

import (
	"context"
	"time"

	"github.com/agentvault/teg-layer/governance/auditor"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

// TryRulesParams asks what rules would have found, had they been set otherwise.
type TryRulesParams struct {
	Changes  []RuleChange // to the rules as they are set now; none: as they are
	From, To time.Time    // of events; zero: from the first, to the last
	// MaxEvents ends the trial early, which its result tells. Zero: no limit.
	MaxEvents int64
	Patience  time.Duration // ends the trial early, too. Zero: no limit
	Limit     int           // of the findings that are returned, 1 to [MaxLimit]; zero means [DefaultLimit]
}

// RuleTrial is what rules would have found.
type RuleTrial struct {
	Rules    []RuleTrialCount // those that are enabled
	Findings []RuleFinding    // the newest, oldest first
	Events   int64            // looked at
	Until    time.Time        // of the last of them; zero: there were none
	Complete bool             // all were looked at; not where events of the time were archived, and are no longer here
}

// RuleTrialCount is what one rule would have found.
type RuleTrialCount struct {
	Code     RuleCode
	Findings int64
	Agents   int64 // different ones
}

// RuleFinding is one thing that a rule would have found, and the transactions that a flag
// of it would name.
type RuleFinding struct {
	auditor.Finding
	Transactions []TransactionID
}

// TryRules reads the log again with rules set otherwise, raises nothing and changes
// nothing. Rules look back from the first event on, so that what they find near the
// beginning is what they would have found there; reading for the memory counts to
// MaxEvents.
//
// Errors: [*RuleChangeError], [ErrInvalidInput].
func (e *Engine) TryRules(ctx context.Context, p TryRulesParams) (RuleTrial, error) {
	page := pageRequest{limit: p.Limit}
	_, err := page.resolve(cursorScope{})
	if err := check(err, span(p.From, p.To), e.ownTransactions()); err != nil {
		return RuleTrial{}, err
	}
	if len(p.Changes) > MaxRuleChanges {
		return RuleTrial{}, ledger.Invalid("rules", "at most %d changes", MaxRuleChanges)
	}
	if p.MaxEvents < 0 || p.Patience < 0 {
		return RuleTrial{}, ledger.Invalid("max_events", "zero or more, like the patience")
	}
	pack, err := e.settings(ctx)
	if err != nil {
		return RuleTrial{}, err
	}
	if err := pack.Configure(p.Changes); err != nil {
		return RuleTrial{}, err
	}
	trial := ruleTrial{params: p, began: time.Now(), limit: page.limit, pack: pack, agents: map[RuleCode]map[DID]int64{}}
	if err := trial.read(ctx, e); err != nil {
		return RuleTrial{}, err
	}
	trial.count()
	if err := trial.name(ctx, e); err != nil {
		return RuleTrial{}, err
	}
	return trial.RuleTrial, nil
}

// ruleTrial is a trial under way.
type ruleTrial struct {
	RuleTrial
	params TryRulesParams
	began  time.Time
	limit  int
	pack   *auditor.Pack
	agents map[RuleCode]map[DID]int64 // with how much was found of each
}

// bounds are the positions between which the trial reads.
func (t *ruleTrial) bounds(ctx context.Context, reader store.Reader) (from, to int64, err error) {
	if !t.params.From.IsZero() {
		from, err = reader.PositionAt(ctx, t.params.From.Add(-t.pack.Horizon()-clocksApart))
	}
	switch {
	case err != nil:
	case t.params.To.IsZero():
		to, _, err = reader.LogSize(ctx)
	default:
		to, err = reader.PositionAt(ctx, t.params.To.Add(clocksApart))
	}
	return from, to, outward(err)
}

func (t *ruleTrial) read(ctx context.Context, e *Engine) error {
	from, to, err := t.bounds(ctx, e.store.Reader())
	if err != nil {
		return err
	}
	tail, err := e.store.Reader().LogTail(ctx)
	if err != nil {
		return outward(err)
	}
	whole := tail == 0 || !t.params.From.IsZero() && from > tail
	from = max(from, tail)
	for from < to {
		limit := min(logPage, to-from)
		if t.params.MaxEvents > 0 {
			limit = min(limit, t.params.MaxEvents-t.Events)
		}
		if limit == 0 || t.params.Patience > 0 && time.Since(t.began) >= t.params.Patience {
			return nil
		}
		events, next, err := e.store.Reader().Follow(ctx, from, int(limit))
		if err != nil {
			return outward(err)
		}
		for i := range events {
			t.show(e.core, &events[i])
		}
		from = next
	}
	t.Complete = whole
	return nil
}

// show has an event looked at. One that cannot be read is told of by the auditor itself.
func (t *ruleTrial) show(c *core, event *store.Event) {
	t.Events, t.Until = t.Events+1, event.At
	seen, err := c.observed(event)
	if err != nil || !t.params.To.IsZero() && !event.At.Before(t.params.To) {
		return
	}
	for _, finding := range t.pack.Observe(seen) {
		if event.At.Before(t.params.From) {
			continue
		}
		if t.agents[finding.Code] == nil {
			t.agents[finding.Code] = map[DID]int64{}
		}
		t.agents[finding.Code][finding.Agent]++
		if t.Findings = append(t.Findings, RuleFinding{Finding: finding}); len(t.Findings) > 2*t.limit {
			t.Findings = append(t.Findings[:0], t.Findings[len(t.Findings)-t.limit:]...)
		}
	}
}

// name completes what is returned of the findings.
func (t *ruleTrial) name(ctx context.Context, e *Engine) (err error) {
	for i := range t.Findings {
		if t.Findings[i].Transactions, err = e.transactionsAt(ctx, t.Findings[i].Events); err != nil {
			return err
		}
	}
	return nil
}

// count tells how much was found, and leaves the newest findings.
func (t *ruleTrial) count() {
	t.Findings = t.Findings[max(0, len(t.Findings)-t.limit):]
	for _, rule := range t.pack.Settings() {
		if !rule.Enabled {
			continue
		}
		count := RuleTrialCount{Code: rule.Code, Agents: int64(len(t.agents[rule.Code]))}
		for _, found := range t.agents[rule.Code] {
			count.Findings += found
		}
		t.Rules = append(t.Rules, count)
	}
}
