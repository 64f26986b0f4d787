package teg

import (
	"context"
	"errors"
	"io"
	"iter"
	"slices"
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

// FromNow is where those begin to read who want what is committed from now on.
const FromNow int64 = -1

// EventFilter says which events somebody wants to see. The zero value is all of them.
type EventFilter struct {
	Actions []string // of [EventActions]; none: all
	Agent   DID      // only events that name this agent, in whatever place
	// Viewer is the agent who reads: it gets the events in which it is a party, and of them
	// what routes for agents tell it, too. Nobody in particular sees everything.
	Viewer DID
	// Behind is the [EventSeal] of the event before the position from which on is read, where
	// that was seen before: where another stands there by now, the log is not the one that
	// was read. Empty: it is not looked at.
	Behind string
	// ToEnd ends the reading where the log ended when it began, instead of waiting for more.
	ToEnd bool
}

func (f *EventFilter) check() error {
	for _, action := range f.Actions {
		if _, known := audiences[action]; !known {
			return ledger.Invalid("types", "there are no events of this type")
		}
	}
	if !f.Viewer.IsZero() && !f.Agent.IsZero() && f.Agent != f.Viewer {
		return ledger.Refuse(ErrForbidden, "an agent reads its own events alone")
	}
	return nil
}

// about is the agent whose events alone are wanted, "" where there is none.
func (f *EventFilter) about() string {
	if !f.Viewer.IsZero() {
		return f.Viewer.String()
	}
	return f.Agent.String()
}

// wants reports whether an event is one of those that were asked for.
func (f *EventFilter) wants(event *fedEvent) bool {
	if len(f.Actions) > 0 && !slices.Contains(f.Actions, event.Action) {
		return false
	}
	if about := f.about(); about != "" {
		in := event.names(about)
		return in != 0 && (f.Viewer.IsZero() || in&audiences[event.Action].who != 0)
	}
	return true
}

// Events reads the log live: from a position on, or [FromNow], in the order of commits, and
// on as events are committed, by whichever process, until the context ends, which is no
// error. Who goes on behind the position of the last event that it has seen misses none and
// gets none twice. Errors are those of [Engine.EventStream].
//
// Reading takes no lock, and nobody waits for a reader that is slow: it holds its place,
// and reads from the database what it missed.
func (e *Engine) Events(ctx context.Context, from int64, filter EventFilter) iter.Seq2[AuditLogEntry, error] {
	return func(yield func(AuditLogEntry, error) bool) {
		stream, err := e.EventStream(ctx, from, filter)
		if err != nil {
			if ctx.Err() == nil {
				yield(AuditLogEntry{}, err)
			}
			return
		}
		defer stream.Close()
		for {
			entries, err := stream.Next(ctx, 0)
			if err != nil {
				if ctx.Err() == nil && !errors.Is(err, io.EOF) {
					yield(AuditLogEntry{}, err)
				}
				return
			}
			for i := range entries {
				if !yield(entries[i], nil) {
					return
				}
			}
		}
	}
}

// EventStream is somebody who reads the log live. It is for one goroutine, and must be
// closed.
type EventStream struct {
	core   *core
	filter EventFilter
	about  string
	end    int64 // of the log when it was opened
	tail   *tail // that it follows; nil where it reads to the end of the log alone
	wake   chan struct{}
	seat   seat
	page   *fedPage // that it is about to read, where it sees everything
}

// whole reports whether the stream sees everything, and all of it.
func (s *EventStream) whole() bool { return s.about == "" && len(s.filter.Actions) == 0 }

// EventStream opens what [Engine.Events] reads from, for those who want events in batches
// and to know how far they have read.
//
// Errors: [ErrInvalidInput] for an action that is none; [ErrForbidden] for a viewer who asks
// for another agent's events; an [*ArchivedError] where events from the position on were
// archived and forgotten; [ErrInvalidState] for a position beyond the end of the log, or
// behind another event than Behind, as the log then was restored from an older copy, or is
// another one, or, in a host's transaction;
// [ErrClosed].
func (e *Engine) EventStream(ctx context.Context, from int64, filter EventFilter) (*EventStream, error) {
	if err := check(e.ownTransactions(), filter.check(), filter.checkSeal(from)); err != nil {
		return nil, err
	}
	if from < FromNow {
		return nil, ledger.Invalid("from", "must be a position in the log")
	}
	if !e.enter() { // the engine is not closed while the feed begins
		return nil, ErrClosed
	}
	defer e.callers.Done()
	end, tail, err := e.logEnds(ctx)
	switch {
	case err != nil:
		return nil, err
	case from == FromNow:
		from = end
	case from > end:
		return nil, beyondLog(store.ErrBeyondLog)
	case from < tail:
		return nil, &ArchivedError{Tail: tail}
	}
	at, err := e.knownBefore(ctx, from, tail, filter.Behind)
	if err != nil {
		return nil, err
	}
	s := &EventStream{core: e.core, filter: filter, about: filter.about(), end: end, wake: make(chan struct{}, 1), seat: seat{bookmark: at}}
	if !filter.ToEnd {
		e.feed.open(e.core, s)
	}
	return s, nil
}

// logEnds are the position behind the last event of the log, and the first that can be
// read.
func (e *Engine) logEnds(ctx context.Context) (end, tail int64, err error) {
	reader := e.reader()
	if end, _, err = reader.LogSize(ctx); err != nil {
		return 0, 0, outward(err)
	}
	if tail, err = reader.LogTail(ctx); err != nil {
		return 0, 0, outward(err)
	}
	return end, tail, nil
}

// Next returns the events that come next, at most [MaxLimit]. It waits for them for about so
// long, as long as it takes where wait is 0, and returns none where none came. The error is
// the context's where that ends; [io.EOF] at the end of a stream to the end; [ErrClosed] where
// the engine was closed. Others are the database's: Next may be called again, or a new stream
// opened at Position.
//
// Entries are shared with other streams: what they hold is not to be changed.
func (s *EventStream) Next(ctx context.Context, wait time.Duration) ([]AuditLogEntry, error) {
	began := time.Now()
	for {
		entries, current, err := s.some(ctx)
		if err != nil || len(entries) > 0 {
			return entries, err
		}
		left := time.Duration(0)
		if wait > 0 {
			if left = wait - time.Since(began); left <= 0 {
				return nil, nil
			}
		}
		if current {
			if err := s.wait(ctx, left); err != nil {
				return nil, err
			}
		}
	}
}

// Position is from where on nothing was returned yet, of what the filter lets through.
func (s *EventStream) Position() int64 {
	if s.tail == nil {
		return s.seat.next
	}
	return s.tail.position(s)
}

// Close ends the stream.
func (s *EventStream) Close() {
	if s.tail != nil {
		s.core.feed.close(s)
	}
}

// some returns what there is for the stream, and whether that is all at the moment.
func (s *EventStream) some(ctx context.Context) (entries []AuditLogEntry, current bool, err error) {
	events, current, err := s.take()
	if err == nil && !current {
		events, err = s.read(ctx)
	}
	switch {
	case err != nil:
		return nil, false, err
	case s.page != nil:
		return s.leaf(), false, nil
	}
	return s.shown(events), current, nil
}

// take returns what the feed has for the stream, unless that is too far behind.
func (s *EventStream) take() (events []*fedEvent, current bool, err error) {
	switch {
	case s.core.ended():
		return nil, false, ErrClosed
	case s.tail != nil:
		return s.tail.take(s)
	case s.seat.next >= s.end:
		return nil, false, io.EOF
	}
	return nil, false, nil
}

// wait waits until there is something for the stream, for so long where that is not 0.
func (s *EventStream) wait(ctx context.Context, longest time.Duration) error {
	var late <-chan time.Time
	if longest > 0 {
		timer := time.NewTimer(longest)
		defer timer.Stop()
		late = timer.C
	}
	select {
	case <-s.wake:
		return nil
	case <-late:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-s.core.closing:
		return ErrClosed
	}
}

func (s *EventStream) shown(events []*fedEvent) []AuditLogEntry {
	if len(events) == 0 {
		return nil
	}
	entries := make([]AuditLogEntry, 0, len(events))
	viewer := s.filter.Viewer.String()
	for _, event := range events {
		if entry, visible := event.to(viewer); visible {
			entries = append(entries, entry)
		}
	}
	return entries
}

// read reads a page from the database, in turns with others who are behind: those who are
// at the tail, and those who write, shall not notice.
func (s *EventStream) read(ctx context.Context) ([]*fedEvent, error) {
	select {
	case s.core.feed.behind <- struct{}{}:
		defer func() { <-s.core.feed.behind }()
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-s.core.closing:
		return nil, ErrClosed
	}
	page, mark, err := s.seat.follow(ctx, s.core.store.Reader(), MaxLimit, s.filter.Actions...)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, beyondLog(err)
	}
	if s.tail == nil && mark.next == s.seat.next { // it was to be read until s.end
		return nil, beyondLog(store.ErrBeyondLog)
	}
	var events []*fedEvent
	for i := range page {
		if event := newFedEvent(page[i]); s.filter.wants(event) {
			events = append(events, event)
		}
	}
	if s.tail != nil {
		s.tail.moved(s, mark)
	} else {
		s.seat.bookmark = mark
	}
	return events, nil
}
