package teg

import (
	"context"
	"math"

	"github.com/agentvault/teg-layer/governance/auditor"
	"github.com/agentvault/teg-layer/ledger"
)

// FlagsQuery selects flags, newest first. Zero fields select everything.
type FlagsQuery struct {
	Viewer   DID // who asks: a cursor is good for nobody else
	Agent    DID
	Code     RuleCode
	Severity Severity
	Status   FlagStatus
	Shadow   bool // what rules in shadow have found, and nothing else

	Limit  int    // 1 to [MaxLimit]; zero means [DefaultLimit]
	Offset int64  // not together with Cursor
	Cursor string // NextCursor of the page before
	Total  bool   // count also with a cursor
}

// FlagsPage is a page of flags.
type FlagsPage struct {
	Flags       []FlaggedAgent
	Total       int64 // −1 where it was not counted
	TotalCapped bool  // there are more matches than Total, which is [CountLimit]
	NextCursor  string
}

// FlaggedAgent is a flag, with what a reviewer wants to know of the agent at once.
type FlaggedAgent struct {
	Flag
	Trust *float64 // in the agent, from 0 to 1; nil while nothing is known
}

// Flags returns a page of flags.
func (e *Engine) Flags(ctx context.Context, q FlagsQuery) (FlagsPage, error) {
	shadow := ""
	if q.Shadow {
		shadow = "shadow"
	}
	scope := newCursorScope("flags", q.Viewer.String(), q.Agent.String(), string(q.Code), q.Severity.String(), q.Status.String(), shadow)
	page := pageRequest{limit: q.Limit, offset: q.Offset, cursor: q.Cursor, total: q.Total}
	at, err := page.resolve(scope)
	if err != nil {
		return FlagsPage{}, err
	}
	query := auditor.FlagQuery{
		Agent: q.Agent, Code: q.Code, Severity: q.Severity, Status: q.Status, Shadow: q.Shadow,
		After: FlagID(at.id), Offset: q.Offset, Limit: page.limit + 1, Count: page.count(),
	}
	flags, counted, err := e.reader().Flags(ctx, query)
	if err != nil {
		return FlagsPage{}, outward(err)
	}
	trust, err := e.trusted(ctx)
	if err != nil {
		return FlagsPage{}, err
	}
	var result FlagsPage
	result.Total, result.TotalCapped = page.shown(counted, true)
	flags, more := cut(&page, flags)
	if more {
		result.NextCursor = scope.cursor(place{id: ledger.ID(flags[len(flags)-1].ID)})
	}
	for _, flag := range flags {
		result.Flags = append(result.Flags, FlaggedAgent{Flag: flag, Trust: trust.of(flag.Agent)})
	}
	return result, nil
}

// Flag returns one flag, those of rules in shadow too; [ErrNotFound] where there is
// none.
func (e *Engine) Flag(ctx context.Context, id FlagID) (Flag, error) {
	found, _, err := e.reader().Flags(ctx, auditor.FlagQuery{IDs: []FlagID{id}, Limit: 1})
	if err != nil {
		return Flag{}, outward(err)
	}
	if len(found) == 0 {
		return Flag{}, noFlag()
	}
	return found[0], nil
}

func noFlag() error { return ledger.Refuse(ErrNotFound, "no such flag") }

// FlagHistory returns all that was done about a flag, its raising first; [ErrNotFound]
// where there is none.
func (e *Engine) FlagHistory(ctx context.Context, id FlagID) ([]FlagStep, error) {
	steps, err := e.reader().FlagSteps(ctx, id)
	if err == nil && len(steps) == 0 {
		return nil, noFlag()
	}
	return steps, outward(err)
}

// FlagCount returns how many flags there are, those of rules in shadow not counted.
func (e *Engine) FlagCount(ctx context.Context) (int64, error) {
	_, counted, err := e.reader().Flags(ctx, auditor.FlagQuery{Count: math.MaxInt64})
	return counted, outward(err)
}
