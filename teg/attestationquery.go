package teg

import (
	"context"
	"math"

	"github.com/agentvault/teg-layer/governance/attestation"
	"github.com/agentvault/teg-layer/ledger"
)

// AttestationsQuery selects attestations, newest first. Zero fields select everything.
type AttestationsQuery struct {
	Viewer DID // who asks: a cursor is good for nobody else
	Agent  DID
	Status AttestationStatus

	Limit  int    // 1 to [MaxLimit]; zero means [DefaultLimit]
	Offset int64  // not together with Cursor
	Cursor string // NextCursor of the page before
	Total  bool   // count also with a cursor
}

// AttestationsPage is a page of attestations.
type AttestationsPage struct {
	Attestations []Attestation
	Total        int64 // −1 where it was not counted
	TotalCapped  bool  // there are more matches than Total, which is [CountLimit]
	NextCursor   string
}

// Attestations returns a page of attestations.
func (e *Engine) Attestations(ctx context.Context, q AttestationsQuery) (AttestationsPage, error) {
	scope := newCursorScope("attestations", q.Viewer.String(), q.Agent.String(), q.Status.String())
	page := pageRequest{limit: q.Limit, offset: q.Offset, cursor: q.Cursor, total: q.Total}
	at, err := page.resolve(scope)
	if err != nil {
		return AttestationsPage{}, err
	}
	rows, counted, err := e.reader().Attestations(ctx, attestation.Query{
		Agent: q.Agent, Status: q.Status, After: AttestationID(at.id), Offset: q.Offset, Limit: page.limit + 1, Count: page.count(),
	})
	if err != nil {
		return AttestationsPage{}, outward(err)
	}
	var result AttestationsPage
	result.Total, result.TotalCapped = page.shown(counted, true)
	rows, more := cut(&page, rows)
	if more {
		result.NextCursor = scope.cursor(place{id: ledger.ID(rows[len(rows)-1].ID)})
	}
	result.Attestations = rows
	return result, nil
}

// Attestation returns one attestation; [ErrNotFound] where there is none.
func (e *Engine) Attestation(ctx context.Context, id AttestationID) (Attestation, error) {
	found, _, err := e.reader().Attestations(ctx, attestation.Query{IDs: []AttestationID{id}, Limit: 1})
	if err != nil {
		return Attestation{}, outward(err)
	}
	if len(found) == 0 {
		return Attestation{}, noAttestation()
	}
	return found[0], nil
}

// AttestationHistory returns all that became of an attestation, its handing in first;
// [ErrNotFound] where there is none.
func (e *Engine) AttestationHistory(ctx context.Context, id AttestationID) ([]AttestationStep, error) {
	steps, err := e.reader().AttestationSteps(ctx, id)
	if err == nil && len(steps) == 0 {
		return nil, noAttestation()
	}
	return steps, outward(err)
}

// AttestationCount returns how many attestations were ever handed in.
func (e *Engine) AttestationCount(ctx context.Context) (int64, error) {
	_, counted, err := e.reader().Attestations(ctx, attestation.Query{Count: math.MaxInt64})
	return counted, outward(err)
}
