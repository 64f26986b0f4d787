package teg

import (
	"context"
	"encoding/json"
	"time"

	"github.com/agentvault/teg-layer/store"
)

// AuditLogQuery selects events of the log, newest first. Zero fields select
// everything.
type AuditLogQuery struct {
	Actor    DID
	Action   string
	From, To time.Time // From ≤ t < To

	Limit  int    // 1 to 1,000; zero means 100
	Offset int64  // not together with Cursor
	Cursor string // the page after the one that gave it
	Total  bool   // count all, also where a cursor is given
}

// AuditLogPage is a page of the log.
type AuditLogPage struct {
	Entries     []AuditLogEntry
	Total       int64 // −1 where it was not counted
	TotalCapped bool  // there are more matches than Total, which is [CountLimit]
	NextCursor  string
	Tail        int64 // the first position that the log has here: events before it were archived
}

// AuditLogEntry is one act, as its event tells it.
type AuditLogEntry struct {
	ID        EventID
	Position  int64
	Actor     DID
	Action    string
	At        time.Time
	RequestID string
	IDs       []string        // of all that the act is about
	Body      json.RawMessage // the event's canonical form
}

// AuditLog returns a page of the event log.
func (e *Engine) AuditLog(ctx context.Context, q AuditLogQuery) (AuditLogPage, error) {
	scope := newCursorScope("audit-log", q.Actor.String(), q.Action, q.From.UTC().String(), q.To.UTC().String())
	page := pageRequest{limit: q.Limit, offset: q.Offset, cursor: q.Cursor, total: q.Total}
	at, err := page.resolve(scope)
	if err := check(err, validText("action", q.Action, MaxAction), span(q.From, q.To)); err != nil {
		return AuditLogPage{}, err
	}
	query := store.EventQuery{
		Actor: q.Actor, Action: q.Action, From: q.From, To: q.To, Below: at.seq, Offset: q.Offset, Limit: page.limit + 1, Count: page.count(),
	}
	events, counted, err := e.reader().Events(ctx, query)
	if err != nil {
		return AuditLogPage{}, outward(err)
	}
	var result AuditLogPage
	if result.Tail, err = e.reader().LogTail(ctx); err != nil {
		return AuditLogPage{}, outward(err)
	}
	result.Total, result.TotalCapped = page.shown(counted, query.Filtered())
	events, more := cut(&page, events)
	if more {
		result.NextCursor = scope.cursor(place{seq: events[len(events)-1].Position})
	}
	for _, event := range events {
		result.Entries = append(result.Entries, auditLogEntry(event))
	}
	return result, nil
}

func auditLogEntry(event store.Event) AuditLogEntry {
	entry := AuditLogEntry{
		ID: event.ID, Position: event.Position, Actor: event.Actor, Action: event.Action, At: event.At, Body: event.Body,
	}
	var body eventBody
	if json.Unmarshal(event.Body, &body) != nil {
		return entry
	}
	entry.RequestID = body.Request
	entry.IDs = append(entry.IDs, body.Transactions...)
	for _, id := range []string{body.Hold, body.Stake, body.Delegation, body.Cycle, body.Agent, body.ReferenceID} {
		if id != "" {
			entry.IDs = append(entry.IDs, id)
		}
	}
	return entry
}
