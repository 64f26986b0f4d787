package teg

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/ledger/merkle"
	"github.com/agentvault/teg-layer/store"
)

// ErrBadArchive reports that a file is not what was archived, or that it was not archived
// from this log.
var ErrBadArchive = errors.New("teg: this file does not hold the events of the log")

// CheckArchive reads all files of the log's archive and proves that they are what was
// archived: that each has the digest that was recorded, that its events are those of the
// log's tree and lead to the root that was recorded, and that they tell what was added up
// of them then, which [Engine.Verify] goes on from; and that no event is gone that none of
// them has. It calls checked for each file that
// holds. What does not is an error that wraps [ErrBadArchive] and names the file.
func (e *Engine) CheckArchive(ctx context.Context, archive LogArchive, checked func(LogSegment)) error {
	if err := e.ownTransactions(); err != nil {
		return err
	}
	var last store.Segment
	for {
		list, err := e.store.Reader().Segments(ctx, last.To, 1)
		if err != nil {
			return outward(err)
		}
		if len(list) == 0 {
			return e.archivedWhole(ctx, last.To)
		}
		kept := &list[0]
		found, err := e.readSegment(ctx, archive, last, kept.To)
		if err != nil {
			return err
		}
		if found.SHA256 != kept.SHA256 || found.Root != kept.Root || !found.Newest.Equal(kept.Newest) || !bytes.Equal(found.Told, kept.Told) || kept.From != last.To {
			return fmt.Errorf("%w: %s is not what was recorded of it", ErrBadArchive, segmentFile(last.To, kept.To))
		}
		checked(logSegment(kept))
		last = *kept
	}
}

// archivedWhole reports with an error that files end before what the log has forgotten.
func (e *Engine) archivedWhole(ctx context.Context, end int64) error {
	tail, err := e.store.Reader().LogTail(ctx)
	if err == nil && tail > end {
		return fmt.Errorf("%w: files are known of that hold the first %d of %d events which the database has no longer", ErrBadArchive, end, tail)
	}
	return outward(err)
}

// readSegment reads the segment that follows another one from the archive, and holds it
// against the tree.
func (e *Engine) readSegment(ctx context.Context, archive LogArchive, last store.Segment, end int64) (store.Segment, error) {
	name := segmentFile(last.To, end)
	file, err := archive.Open(ctx, name)
	if err != nil {
		return store.Segment{}, fmt.Errorf("%w: %s: %w", ErrBadArchive, name, err)
	}
	defer file.Close()
	r, err := e.segmentReader(ctx, last, end)
	if err != nil {
		return store.Segment{}, err
	}
	if err := r.read(file); err != nil {
		return store.Segment{}, fmt.Errorf("%w: %s: %w", ErrBadArchive, name, err)
	}
	root, err := tlog.TreeHash(end, e.treeReader(ctx))
	if err != nil {
		return store.Segment{}, outward(e.shortLog(err))
	}
	if root != r.tree.Root() {
		return store.Segment{}, fmt.Errorf("%w: %s: its events lead to the root %s, and the log has %s", ErrBadArchive, name, r.tree.Root(), root)
	}
	return r.segment, r.finish()
}

// segmentReader reads a file of the archive.
type segmentReader struct {
	segment store.Segment
	tree    *merkle.Tree
	digest  hash.Hash
	adding  *verification
}

func (e *Engine) segmentReader(ctx context.Context, last store.Segment, end int64) (*segmentReader, error) {
	tree, err := merkle.Restore(last.To, func(level int, index int64, width int) ([]LogHash, error) {
		return tileRoots(ctx, e.store.Reader(), level, index, width)
	})
	if err != nil {
		return nil, outward(err)
	}
	r := &segmentReader{segment: store.Segment{From: last.To, To: end, Newest: last.Newest}, tree: tree, digest: sha256.New(), adding: e.verification(ctx)}
	for i := range r.adding.last { // whatever was posted
		r.adding.last[i] = 0xff
	}
	return r, outward(r.adding.goOn(last.Told))
}

// read reads all lines.
func (r *segmentReader) read(file io.Reader) error {
	in := bufio.NewReaderSize(io.TeeReader(file, r.digest), 1<<16)
	for position := r.segment.From; position < r.segment.To; position++ {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return fmt.Errorf("the event at %d: %w", position, err)
		}
		if err := r.line(position, line[:len(line)-1]); err != nil {
			return fmt.Errorf("the event at %d: %w", position, err)
		}
	}
	if _, err := in.ReadByte(); !errors.Is(err, io.EOF) {
		return errors.New("it has more lines than events")
	}
	if len(r.adding.report.Findings) > 0 {
		return r.adding.report.err()
	}
	return nil
}

// line takes an event in.
func (r *segmentReader) line(position int64, body []byte) error {
	event, err := eventOfBody(body)
	if err != nil {
		return err
	}
	event.Position = position
	if event.At.After(r.segment.Newest) {
		r.segment.Newest = event.At
	}
	r.tree.Append(merkle.Leaf(body))
	r.adding.event(event)
	r.adding.spoken = nil // words are held against their digests where they are kept
	return nil
}

// eventOfBody makes an event of its canonical form.
func eventOfBody(body []byte) (event store.Event, err error) {
	var told toldAct
	if err := json.Unmarshal(body, &told); err != nil {
		return event, err
	}
	id, err := ledger.ParseID(store.EventPrefix, told.ID)
	if err != nil {
		return event, err
	}
	actor, err := did.Parse(told.Actor)
	if err != nil {
		return event, err
	}
	at, err := time.Parse(TimeFormat, told.At)
	return store.Event{ID: store.EventID(id), Action: told.Action, Actor: actor, At: at, Body: body}, err
}

// finish fills in what is recorded.
func (r *segmentReader) finish() (err error) {
	r.segment.Root = r.tree.Root()
	r.digest.Sum(r.segment.SHA256[:0])
	r.segment.Told, err = r.adding.toldSoFar()
	return err
}
