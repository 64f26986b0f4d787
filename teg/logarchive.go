package teg

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/merkle"
	"github.com/agentvault/teg-layer/store"
)

// LogArchive is where files of the event log are kept outside of the database: a folder, a
// bucket.
type LogArchive interface {
	// Write keeps what write writes under a name, whole or not at all, and returns when it
	// is durable. A file of that name that has the same content already is no error; one
	// with other content is, and stays as it is.
	Write(ctx context.Context, name string, write func(io.Writer) error) error
	// Open opens the file of a name.
	Open(ctx context.Context, name string) (io.ReadCloser, error)
}

// SegmentEvents is how many events a file of the log's archive has where nothing else is
// said.
const SegmentEvents = merkle.Width * merkle.Width

// LogSegment is a run of the log's events that a file holds: the canonical body of each in
// a line of its own, as the tree has them for its leaves.
type LogSegment struct {
	From, To int64     // From ≤ position < To
	File     string    // its name
	SHA256   string    // of the file, in hex digits
	Root     LogHash   // of the tree over the log's first To events
	Newest   time.Time // the latest time of any event up to it
	At       time.Time // when it was archived
}

func logSegment(s *store.Segment) LogSegment {
	return LogSegment{
		From: s.From, To: s.To, File: segmentFile(s.From, s.To), SHA256: hex.EncodeToString(s.SHA256[:]), Root: s.Root, Newest: s.Newest, At: s.At,
	}
}

// segmentFile is the name of a file. Names sort as the positions do.
func segmentFile(from, to int64) string { return fmt.Sprintf("log-%012d-%012d.ndjson", from, to) }

// ArchiveEventsParams says where events are archived, and how many in a file.
type ArchiveEventsParams struct {
	To LogArchive
	// Events in a file: a multiple of 256, up to a million; zero means [SegmentEvents].
	// Fewer than that wait until there are as many.
	Events int64
}

// ArchiveEvents writes the events of the log that are not archived yet to files, as far as
// they fill files and a checkpoint covers them. Each file is read again, from where it is
// kept, and held against the log's tree before the database takes note of it; only then may
// its events be forgotten: see Config.EventRetention. It returns what was archived.
//
// A process that ends in the middle leaves a file that the next call writes again, with
// the same content. Several may archive at once, into places of their own or into one:
// each file is recorded once.
func (e *Engine) ArchiveEvents(ctx context.Context, p ArchiveEventsParams) (done []LogSegment, err error) {
	if p.Events == 0 {
		p.Events = SegmentEvents
	}
	if p.Events < 0 || p.Events > 1<<20 || p.Events%merkle.Width != 0 {
		return nil, ledger.Invalid("events", "a multiple of %d, up to %d", merkle.Width, 1<<20)
	}
	if err := e.ownTransactions(); err != nil {
		return nil, err
	}
	end, err := e.archivable(ctx)
	if err != nil {
		return nil, err
	}
	for {
		last, err := e.lastSegment(ctx)
		if err != nil || last.To+p.Events > end {
			return done, err
		}
		next, err := e.archiveSegment(ctx, p.To, last, last.To+p.Events)
		if err != nil && e.forestalled(ctx, err, last.To) {
			continue
		}
		if err != nil {
			return done, err
		}
		switch err := e.store.KeepSegment(ctx, next); {
		case errors.Is(err, store.ErrConflict): // another process was first
		case err != nil:
			return done, outward(err)
		default:
			done = append(done, logSegment(&next))
		}
	}
}

// forestalled reports whether an error is that events are gone since another process has
// archived them meanwhile.
func (e *Engine) forestalled(ctx context.Context, err error, end int64) bool {
	var gone *ArchivedError
	if !errors.As(err, &gone) {
		return false
	}
	last, err := e.lastSegment(ctx)
	return err == nil && last.To > end
}

// archivable is the position up to which tiles are complete and a checkpoint covers them
// that the log keeps.
func (e *Engine) archivable(ctx context.Context) (int64, error) {
	last, err := e.covering(ctx, -1)
	if err == nil {
		err = e.keepsPromise(ctx, last)
	}
	if err != nil {
		return 0, err
	}
	tile, err := e.store.Reader().LastTile(ctx)
	return min(last.Size, (tile.Index+1)*merkle.Width), outward(err)
}

// lastSegment is the last that was archived; of nothing, one that ends at 0.
func (e *Engine) lastSegment(ctx context.Context) (store.Segment, error) {
	last, err := e.store.Reader().LastSegment(ctx, time.Time{})
	if err != nil || last == nil {
		return store.Segment{}, outward(err)
	}
	return *last, nil
}

// archiveSegment writes the segment behind another one, and reads it again.
func (e *Engine) archiveSegment(ctx context.Context, to LogArchive, last store.Segment, end int64) (store.Segment, error) {
	name := segmentFile(last.To, end)
	if err := to.Write(ctx, name, func(w io.Writer) error { return e.writeEvents(ctx, w, last.To, end) }); err != nil {
		return store.Segment{}, fmt.Errorf("teg: archive %s: %w", name, err)
	}
	next, err := e.readSegment(ctx, to, last, end)
	next.At = e.clock.now()
	return next, err
}

// writeEvents writes the bodies of events, a line each.
func (e *Engine) writeEvents(ctx context.Context, w io.Writer, from, to int64) error {
	for from < to {
		events, err := e.store.Reader().AuditEvents(ctx, from, int(min(auditPage, to-from)))
		if err != nil {
			return outward(err)
		}
		for i := range events {
			if events[i].Position != from || bytes.IndexByte(events[i].Body, '\n') >= 0 {
				return fmt.Errorf("%w: the event at %d is missing or not canonical; verify the books", ErrInternal, from)
			}
			if _, err := w.Write(append(events[i].Body, '\n')); err != nil {
				return err
			}
			from++
		}
		if len(events) == 0 {
			return fmt.Errorf("%w: the log ends at %d", ErrInternal, from)
		}
	}
	return nil
}

// LogSegments lists what was archived of the log, ordered by position: the first
// [MaxLimit] segments that end above a position.
func (e *Engine) LogSegments(ctx context.Context, above int64) ([]LogSegment, error) {
	found, err := e.reader().Segments(ctx, above, MaxLimit)
	list := make([]LogSegment, len(found))
	for i := range found {
		list[i] = logSegment(&found[i])
	}
	return list, outward(err)
}
