package teg

import (
	"context"
	"slices"

	"github.com/agentvault/teg-layer/governance/policy"
	"github.com/agentvault/teg-layer/ledger"
)

// PoliciesQuery selects policies, newest first. Zero fields select everything.
type PoliciesQuery struct {
	Viewer     DID // who asks: a cursor is good for nobody else
	Type       PolicyType
	ActiveOnly bool

	Limit  int    // 1 to [MaxLimit]; zero means [DefaultLimit]
	Offset int64  // not together with Cursor
	Cursor string // NextCursor of the page before
	Total  bool   // count also with a cursor
}

// PoliciesPage is a page of policies, each in its newest version.
type PoliciesPage struct {
	Policies   []Policy
	Total      int64 // −1 where it was not counted
	NextCursor string
}

// Policies returns a page of policies.
func (e *Engine) Policies(ctx context.Context, q PoliciesQuery) (PoliciesPage, error) {
	active := ""
	if q.ActiveOnly {
		active = "active"
	}
	scope := newCursorScope("policies", q.Viewer.String(), q.Type.String(), active)
	page := pageRequest{limit: q.Limit, offset: q.Offset, cursor: q.Cursor, total: q.Total}
	at, err := page.resolve(scope)
	if err != nil {
		return PoliciesPage{}, err
	}
	if err := e.refreshTerms(ctx); err != nil {
		return PoliciesPage{}, err
	}
	// There are never more than a thousand, and they are here: a page for anybody is
	// not to read sixteen kilobytes of each.
	all := slices.DeleteFunc(slices.Clone(e.inForce.Load().policies.Policies()), func(p Policy) bool { return q.Type != 0 && p.Type != q.Type || q.ActiveOnly && !p.Active })
	slices.Reverse(all)
	var result PoliciesPage
	result.Total, _ = page.shown(int64(len(all)), true)
	if !at.id.IsZero() {
		all = slices.DeleteFunc(all, func(p Policy) bool { return ledger.ID(p.ID).Compare(at.id) >= 0 })
	}
	var more bool
	if result.Policies, more = cut(&page, all[min(q.Offset, int64(len(all))):]); more {
		result.NextCursor = scope.cursor(place{id: ledger.ID(result.Policies[page.limit-1].ID)})
	}
	return result, nil
}

// PolicyHistory is a policy with all its versions, the oldest first.
type PolicyHistory struct {
	Policy
	Versions []Policy
}

// Policy returns a policy with its versions; [ErrNotFound] where there is none.
func (e *Engine) Policy(ctx context.Context, id PolicyID) (PolicyHistory, error) {
	versions, err := e.policyVersions(ctx, id)
	if err != nil {
		return PolicyHistory{}, err
	}
	if len(versions) == 0 {
		return PolicyHistory{}, ledger.Refuse(ErrNotFound, "no such policy")
	}
	return PolicyHistory{Policy: versions[len(versions)-1], Versions: versions}, nil
}

// policyVersions are all versions of a policy.
func (e *Engine) policyVersions(ctx context.Context, id PolicyID) (versions []Policy, err error) {
	if id.IsZero() {
		return nil, nil
	}
	query := policy.VersionQuery{Policy: id, Limit: MaxLimit}
	for {
		page, err := e.reader().PolicyVersions(ctx, query)
		if err != nil {
			return nil, outward(err)
		}
		if versions = append(versions, page...); len(page) < query.Limit {
			return versions, nil
		}
		query.After = page[len(page)-1].Change
	}
}
