package teg

import (
	"context"
	"errors"
	"iter"
	"slices"
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

// logPage is how many events are read at once.
const logPage = 2000

// EventsFrom reads the log from a position on, in the order of commits, to its end as
// it is when that is reached; positions begin at 0 and have no gaps. Only events of
// the given actions are read, or all where none is given. A reader that keeps the
// position after the last event in the transaction in which it keeps what it made of
// it, has each event once. A position beyond the end is [ErrInvalidState]: the log was
// restored from an older copy, or it is another one. One whose event was archived and
// forgotten is an [*ArchivedError], which says where the log begins.
//
// Reading takes no lock and holds no transaction open between pages: it slows no
// writer, however many read.
func (e *Engine) EventsFrom(ctx context.Context, position int64, actions ...string) iter.Seq2[AuditLogEntry, error] {
	return func(yield func(AuditLogEntry, error) bool) {
		for {
			events, next, err := e.reader().Follow(ctx, position, logPage, actions...)
			if err != nil {
				yield(AuditLogEntry{}, beyondLog(err))
				return
			}
			for i := range events {
				if !yield(auditLogEntry(events[i]), nil) {
					return
				}
			}
			if position = next; len(events) < logPage {
				return
			}
		}
	}
}

// beyondLog tells callers of a log that ends before where they read.
func beyondLog(err error) error {
	if errors.Is(err, store.ErrBeyondLog) {
		return ledger.Refuse(ErrInvalidState, "the log ends before this position, or has another event there; it was restored from an older copy, or is another one: find out what became of it, and begin where it ends")
	}
	return outward(err)
}

// FollowParams says what a reader of the log wants.
type FollowParams struct {
	Name    string   // under which its position is kept, at most 64 characters
	Actions []string // none: all; who wants others later reads under another name
	Batch   int      // events handed over at once, 1 to [MaxLimit]; zero means [DefaultLimit]
	// Late lets a reader that is new begin with the oldest event that is left. Without it,
	// it gets an [*ArchivedError] where earlier ones were archived and forgotten.
	Late bool
}

// MaxReaderName is how long the name of a reader is at most, in characters.
const MaxReaderName = 64

// auditorName is the reader that the auditor's rules are, and arbitratorName is who lets
// what is to be arbitrated be arbitrated, in turns as readers take.
const (
	auditorName    = "auditor"
	arbitratorName = "arbitrator"
)

// followPause is how long readers wait for events.
const followPause = 100 * time.Millisecond

// Follow hands the events of the log over as they are committed, in that order, from
// where the reader of that name stood, until the context ends, which is no error, or
// until handle returns one, which Follow returns. The position is written down once a
// second and when Follow returns: after a crash it is called again with what it had
// not finished and what it did in the last second, so that it sees every event at
// least once.
//
// Of several processes that follow under one name, one reads at a time; another takes
// over within Config.ReaderTerm when that one is gone. A call of handle that takes longer
// than two thirds of that may see another process begin with the same events.
func (e *Engine) Follow(ctx context.Context, p FollowParams, handle func(context.Context, []AuditLogEntry) error) error {
	page := pageRequest{limit: p.Batch}
	_, err := page.resolve(cursorScope{})
	if err := check(e.ownTransactions(), requiredText("name", p.Name, MaxReaderName), err); err != nil {
		return err
	}
	if p.Name == auditorName || p.Name == webhooksName || slices.Contains(withoutPosition, p.Name) {
		return ledger.Invalid("name", "%q is the engine's own", p.Name)
	}
	f := following{Engine: e, turn: e.turn(p.Name), params: p, limit: page.limit, handle: handle}
	defer e.giveUp(ctx, f.turn)
	for ctx.Err() == nil {
		wait, err := f.on(ctx)
		if err != nil {
			return err
		}
		rest(ctx, wait)
	}
	return nil
}

// following is a reader at work.
type following struct {
	*Engine
	turn   *turn
	params FollowParams
	limit  int
	handle func(context.Context, []AuditLogEntry) error
}

// on hands one page over, and says how long to wait before the next. What fails because
// the context has ended is no fault.
func (f *following) on(ctx context.Context) (time.Duration, error) {
	mine, err := f.keep(ctx, f.turn)
	if err == nil && !mine {
		return f.turnPause(), nil
	}
	var events []store.Event
	var at bookmark
	if err == nil {
		events, at, err = f.turn.at.follow(ctx, f.store.Reader(), f.limit, f.params.Actions...)
	}
	if forgotten := (*store.ForgottenError)(nil); f.params.Late && f.turn.at.next == 0 && errors.As(err, &forgotten) {
		f.turn.at.next = forgotten.Tail
		return 0, nil
	}
	if errors.Is(err, store.ErrBeyondLog) {
		f.turn.done = bookmark{} // says nothing: what the database knows stands
	}
	if err != nil {
		return 0, unlessEnded(ctx, beyondLog(err))
	}
	if len(events) > 0 {
		entries := make([]AuditLogEntry, len(events))
		for i := range events {
			entries[i] = auditLogEntry(events[i])
		}
		if err := f.handle(ctx, entries); err != nil {
			return 0, err
		}
	}
	f.turn.at, f.turn.done = at, at
	if len(events) == 0 {
		return followPause, nil
	}
	return 0, nil
}

// unlessEnded is no error where the context has ended.
func unlessEnded(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// ownTransactions refuses a host's transaction for what takes several.
func (e *Engine) ownTransactions() error {
	if e.host != nil {
		return ledger.Refuse(ErrInvalidState, "this is done in transactions of its own; call it on the engine itself")
	}
	return nil
}
