package teg

import (
	"context"
	"strconv"
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/reputation"
)

// Reputation is what is known of an agent's conduct.
type Reputation struct {
	Agent        DID
	Score        int // from -1000 to 1000
	Tier         string
	Percentile   float64   // of agents, how many in a hundred have a lower score
	Positive     int64     // signals of praise
	Negative     int64     // signals of complaint
	Transactions int64     // that its available balance took part in
	UpdatedAt    time.Time // when the score last had an event; zero: never
	Trust        *float64  // from 0 to 1; nil while nothing is known
}

// Reputation returns what is known of an agent's conduct; [ErrNotFound] for one that
// is not registered.
func (e *Engine) Reputation(ctx context.Context, agent DID) (Reputation, error) {
	f, histogram, err := e.reader().PlaceOf(ctx, agent)
	if err != nil {
		return Reputation{}, outward(err)
	}
	if f == nil {
		return Reputation{}, unregistered(agent)
	}
	trust, err := e.trusted(ctx)
	if err != nil {
		return Reputation{}, err
	}
	return Reputation{
		Agent: agent, Score: f.Value, Tier: reputation.Tier(f.Value), Percentile: histogram.Percentile(f.Value), Positive: f.Positive,
		Negative: f.Negative, Transactions: f.Transactions, UpdatedAt: f.At, Trust: trust.of(agent),
	}, nil
}

// ReputationEvent is one change of an agent's score.
type ReputationEvent struct {
	At            time.Time
	Change        int // what was applied
	Requested     int // what the rules asked for
	Score         int // after it
	Reason        string
	TransactionID TransactionID // that it is about; zero: none, or not to be seen
	RelatedID     string        // the report that it came by, the flag, or the attestation; empty: none, or not to be seen
	Giver         DID           // of a signal; zero: none, or not to be seen
}

// ReputationHistoryQuery selects the changes of one agent's score, newest first.
type ReputationHistoryQuery struct {
	Agent  DID
	Since  time.Time     // zero: all
	Within time.Duration // only those of so long until now; zero: all

	// Public leaves out what a change is about, and who made it, unless Viewer is
	// the agent or was a party to it.
	Public bool
	Viewer DID // zero: a stranger

	Limit  int    // 1 to [MaxLimit]; zero means [DefaultLimit]
	Offset int64  // not together with Cursor
	Cursor string // NextCursor of the page before
	Total  bool   // count also with a cursor
}

// ReputationHistoryPage is a page of changes.
type ReputationHistoryPage struct {
	Events      []ReputationEvent
	Total       int64 // −1 where it was not counted
	TotalCapped bool  // there are more than Total, which is [CountLimit]
	NextCursor  string
}

// ReputationHistory returns a page of the changes of an agent's score; [ErrNotFound]
// for one that is not registered.
func (e *Engine) ReputationHistory(ctx context.Context, q ReputationHistoryQuery) (ReputationHistoryPage, error) {
	scope := q.scope()
	page := pageRequest{limit: q.Limit, offset: q.Offset, cursor: q.Cursor, total: q.Total}
	at, err := page.resolve(scope)
	if err != nil {
		return ReputationHistoryPage{}, err
	}
	if q.Within < 0 {
		return ReputationHistoryPage{}, ledger.Invalid("days", "zero or more")
	}
	found, err := e.parties(ctx, q.Agent)
	if err != nil {
		return ReputationHistoryPage{}, err
	}
	if !found[0].known() {
		return ReputationHistoryPage{}, unregistered(q.Agent)
	}
	rows, counted, err := e.reader().ScoreEvents(ctx, reputation.EventQuery{
		Agent: found[0].available, From: q.from(e.clock.now()), Below: at.seq, Offset: q.Offset, Limit: page.limit + 1, Count: page.count(),
	})
	if err != nil {
		return ReputationHistoryPage{}, outward(err)
	}
	var result ReputationHistoryPage
	result.Total, result.TotalCapped = page.shown(counted, true)
	rows, more := cut(&page, rows)
	if more {
		result.NextCursor = scope.cursor(place{seq: rows[len(rows)-1].Seq})
	}
	result.Events, err = e.scoreEvents(ctx, q, rows)
	return result, err
}

// scope binds cursors to what was asked and by whom. A length of time stays the same
// from page to page, where the moment that it reaches back to does not.
func (q *ReputationHistoryQuery) scope() cursorScope {
	return newCursorScope("reputation history", q.Agent.String(), q.Since.UTC().String(), q.Within.String(), strconv.FormatBool(q.Public), q.Viewer.String())
}

// from is when the oldest of the changes may have been.
func (q *ReputationHistoryQuery) from(now time.Time) time.Time {
	if q.Within == 0 {
		return q.Since
	}
	if from := now.Add(-q.Within); from.After(q.Since) {
		return from
	}
	return q.Since
}

// scoreEvents shows events, with what they are about to those who may see it.
func (e *Engine) scoreEvents(ctx context.Context, q ReputationHistoryQuery, rows []reputation.RecordedEvent) ([]ReputationEvent, error) {
	reported, err := e.reportedBy(ctx, q, rows)
	if err != nil {
		return nil, err
	}
	events := make([]ReputationEvent, len(rows))
	for i := range rows {
		r := &rows[i]
		events[i] = ReputationEvent{At: r.At, Change: r.Applied, Requested: r.Requested, Score: r.Value, Reason: r.Reason.String()}
		party := !q.Viewer.IsZero() && (q.Viewer == q.Agent || q.Viewer == r.GiverID || reported[ReportID(r.Related)])
		if !q.Public || party {
			events[i].TransactionID, events[i].RelatedID, events[i].Giver = r.Cause, relatedName(&r.Event), r.GiverID
		}
	}
	return events, nil
}

// relatedName is the text form of what a change came by.
func relatedName(e *reputation.Event) string {
	switch e.Reason {
	case reputation.FlagConfirmed:
		return FlagID(e.Related).String()
	case reputation.Attested:
		return AttestationID(e.Related).String()
	case reputation.DisputeLost, reputation.DisputeWon:
		return DisputeID(e.Related).String()
	}
	return ReportID(e.Related).String()
}

// reportedBy are the reports among what events are about to which the viewer was a
// party.
func (e *Engine) reportedBy(ctx context.Context, q ReputationHistoryQuery, rows []reputation.RecordedEvent) (map[ReportID]bool, error) {
	if !q.Public || q.Viewer.IsZero() || q.Viewer == q.Agent {
		return nil, nil
	}
	viewer, err := e.parties(ctx, q.Viewer)
	if err != nil || !viewer[0].known() {
		return nil, err
	}
	var ids []ReportID
	for i := range rows {
		if rows[i].Reason.ByReport() {
			ids = append(ids, ReportID(rows[i].Related))
		}
	}
	reports, err := e.reader().Reports(ctx, ids...)
	party := map[ReportID]bool{}
	for i := range reports {
		party[reports[i].ID] = reports[i].Initiator == viewer[0].available || reports[i].Responder == viewer[0].available
	}
	return party, outward(err)
}
