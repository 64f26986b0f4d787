package teg

import (
	"cmp"
	"context"
	"math"

	"github.com/agentvault/teg-layer/governance/dispute"
	"github.com/agentvault/teg-layer/ledger"
)

// DisputeView is a dispute as it stands now, with all that was said and done.
type DisputeView struct {
	Dispute
	Evidence []DisputeEvidence // oldest first
	Timeline []DisputeStep     // its filing first
}

// Dispute returns a dispute as it stands now: what its deadlines have done counts,
// whether or not it has been written. [ErrNotFound] unless the viewer is a party to
// it or sits on its panel; the zero DID sees every one.
func (e *Engine) Dispute(ctx context.Context, viewer DID, id DisputeID) (DisputeView, error) {
	found, _, err := e.reader().Disputes(ctx, dispute.Query{IDs: []DisputeID{id}, Limit: 1})
	if err != nil {
		return DisputeView{}, outward(err)
	}
	if len(found) == 0 {
		return DisputeView{}, noDispute()
	}
	if !viewer.IsZero() && !found[0].Party(viewer) {
		if sits, err := e.SitsOn(ctx, id, viewer); err != nil || !sits {
			return DisputeView{}, cmp.Or(err, noDispute())
		}
	}
	view := DisputeView{Dispute: found[0]}
	if view.Timeline, err = e.reader().DisputeSteps(ctx, id); err != nil {
		return DisputeView{}, outward(err)
	}
	if view.Evidence, err = e.reader().DisputeEvidence(ctx, id); err != nil {
		return DisputeView{}, outward(err)
	}
	view.Timeline = view.Timeline[:min(int(view.Steps), len(view.Timeline))] // it may have grown since
	now, steps := view.AsOf(e.clock.now(), e.TermsInForce().Dispute)
	view.Dispute, view.Timeline = now, append(view.Timeline, steps...)
	return view, nil
}

// DisputesQuery selects disputes, newest first. Zero fields select everything.
type DisputesQuery struct {
	Viewer    DID // who asks: a cursor is good for nobody else
	Claimant  DID
	Defendant DID
	Party     DID           // who is either
	Status    DisputeStatus // as it stands now

	Limit  int    // 1 to [MaxLimit]; zero means [DefaultLimit]
	Offset int64  // not together with Cursor
	Cursor string // NextCursor of the page before
	Total  bool   // count also with a cursor
}

// DisputesPage is a page of disputes as they stand now.
type DisputesPage struct {
	Disputes    []Dispute
	Total       int64 // −1 where it was not counted
	TotalCapped bool  // there are more matches than Total, which is [CountLimit]
	NextCursor  string
}

// Disputes returns a page of disputes.
func (e *Engine) Disputes(ctx context.Context, q DisputesQuery) (DisputesPage, error) {
	status := ""
	if q.Status != 0 {
		status = q.Status.String()
	}
	scope := newCursorScope("disputes", q.Viewer.String(), q.Claimant.String(), q.Defendant.String(), q.Party.String(), status)
	page := pageRequest{limit: q.Limit, offset: q.Offset, cursor: q.Cursor, total: q.Total}
	at, err := page.resolve(scope)
	if err != nil {
		return DisputesPage{}, err
	}
	now, terms := e.clock.now(), e.TermsInForce().Dispute
	query := dispute.Query{
		Claimant: q.Claimant, Defendant: q.Defendant, Party: q.Party, After: DisputeID(at.id), Offset: q.Offset, Limit: page.limit + 1, Count: page.count(),
	}
	if q.Status != 0 {
		query.Standing = terms.Standing(q.Status, now)
	}
	found, counted, err := e.reader().Disputes(ctx, query)
	if err != nil {
		return DisputesPage{}, outward(err)
	}
	var result DisputesPage
	result.Total, result.TotalCapped = page.shown(counted, true)
	found, more := cut(&page, found)
	if more {
		result.NextCursor = scope.cursor(place{id: ledger.ID(found[len(found)-1].ID)})
	}
	for i := range found {
		found[i], _ = found[i].AsOf(now, terms)
	}
	result.Disputes = found
	return result, nil
}

// DisputeCount returns how many disputes there ever were.
func (e *Engine) DisputeCount(ctx context.Context) (int64, error) {
	_, counted, err := e.reader().Disputes(ctx, dispute.Query{Count: math.MaxInt64})
	return counted, outward(err)
}
