package teg

import (
	"context"

	"github.com/agentvault/teg-layer/governance/auditor"
	"github.com/agentvault/teg-layer/store"
)

// Rules returns the rules of the auditor as they are set, always in the same order.
func (e *Engine) Rules(ctx context.Context) ([]Rule, error) {
	pack, err := e.settings(ctx)
	if err != nil {
		return nil, err
	}
	return pack.Settings(), nil
}

// RulesQuery selects rules.
type RulesQuery struct {
	Viewer DID    // who asks: a cursor is good for nobody else
	Limit  int    // 1 to [MaxLimit]; zero means [DefaultLimit]
	Offset int64  // not together with Cursor
	Cursor string // NextCursor of the page before
	Total  bool   // count also with a cursor
}

// RulesPage is a page of rules.
type RulesPage struct {
	Rules      []Rule
	Total      int64 // −1 where it was not counted
	NextCursor string
}

// RulesPage returns a page of what [Engine.Rules] returns.
func (e *Engine) RulesPage(ctx context.Context, q RulesQuery) (RulesPage, error) {
	scope := newCursorScope("rules", q.Viewer.String())
	page := pageRequest{limit: q.Limit, offset: q.Offset, cursor: q.Cursor, total: q.Total}
	at, err := page.resolve(scope)
	if err != nil {
		return RulesPage{}, err
	}
	rules, err := e.Rules(ctx)
	if err != nil {
		return RulesPage{}, err
	}
	all, from := int64(len(rules)), at.seq+q.Offset
	var result RulesPage
	result.Total, _ = page.shown(all, false)
	var more bool
	if result.Rules, more = cut(&page, rules[min(from, all):]); more {
		result.NextCursor = scope.cursor(place{seq: from + int64(page.limit)})
	}
	return result, nil
}

// settings are the rules as the log has set them by now.
func (e *Engine) settings(ctx context.Context) (*auditor.Pack, error) {
	pack := auditor.NewPack()
	err := e.ruleChanges(ctx, e.reader(), func(_ *store.Event, changes []RuleChange) {
		e.configure(pack, changes)
	})
	return pack, err
}
