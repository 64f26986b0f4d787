package teg

import (
	"context"
	"errors"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/agentvault/teg-layer/store"
)

// MinEventRetention is how long events are kept at least, also once they were archived:
// longer than panels, tokens and the rules of the auditor look back.
const MinEventRetention = 90 * 24 * time.Hour

// retentionPause is how often it is looked for what may be forgotten.
const retentionPause = time.Minute

// ArchivedError says that events that were asked for have been archived and are no longer
// in the database: see [Engine.ArchiveEvents]. It wraps [ErrNotFound].
type ArchivedError struct {
	Tail int64 // the first position that can be read
}

// Error says where the log begins.
func (e *ArchivedError) Error() string {
	return (&store.ForgottenError{Tail: e.Tail}).Error() + "; the files of the archive have them"
}

// Unwrap returns [ErrNotFound].
func (e *ArchivedError) Unwrap() error { return ErrNotFound }

// archived is what callers are told of events that are gone.
func archived(err error) error {
	var forgotten *store.ForgottenError
	if !errors.As(err, &forgotten) {
		return err
	}
	return &ArchivedError{Tail: forgotten.Tail}
}

// retention remembers up to where the log may be forgotten.
type retention struct {
	mu    sync.Mutex
	next  time.Time // when it is looked again
	below int64
	told  map[string]bool // readers that were complained of
}

// forgettable is the position below which events may be forgotten: those of segments that
// were archived of which all are older than Config.EventRetention, which every reader of
// the log has read, and which the rules of the auditor need no more.
func (e *Engine) forgettable(ctx context.Context, now time.Time) (int64, error) {
	if e.config.EventRetention == 0 {
		return 0, nil
	}
	r := &e.retention
	r.mu.Lock()
	defer r.mu.Unlock()
	if now.Before(r.next) {
		return r.below, nil
	}
	below, err := e.oldEnough(ctx, now)
	if err != nil {
		return 0, outward(err)
	}
	r.below, r.next = below, now.Add(retentionPause)
	return r.below, nil
}

func (e *Engine) oldEnough(ctx context.Context, now time.Time) (int64, error) {
	reader := e.store.Reader()
	segment, err := reader.LastSegment(ctx, now.Add(-e.config.EventRetention))
	if err != nil || segment == nil {
		return 0, err
	}
	pending, behind, err := reader.WebhooksPending(ctx)
	if err != nil {
		return 0, err
	}
	tail, err := reader.LogTail(ctx)
	if err != nil || segment.To <= tail {
		return tail, err
	}
	readers, err := reader.LogReaders(ctx, math.MaxInt32)
	if err != nil {
		return 0, err
	}
	below := segment.To
	if behind && pending < below {
		if below, err = e.heldByWebhooks(ctx, now, pending, below); err != nil {
			return 0, err
		}
	}
	for _, r := range readers {
		needed := r.Position
		switch {
		case slices.Contains(withoutPosition, r.Name):
			continue
		case r.Name == auditorName:
			if needed, err = e.auditedFrom(ctx, r.Position); err != nil {
				return 0, err
			}
		}
		if needed < below {
			below = needed
			e.complain(r.Name, needed)
		}
	}
	return below, nil
}

// webhooksHold is for how much longer than Config.EventRetention events are kept for webhooks
// that were not told of them: longer than one is tried by itself. Its owner could have it
// tried again and again, and nobody else forgets what he keeps.
const webhooksHold = 7 * 24 * time.Hour

// heldByWebhooks is the position below which events may be forgotten where a webhook waits
// to be told of what is pending, and all others need nothing below a position.
func (e *Engine) heldByWebhooks(ctx context.Context, now time.Time, pending, below int64) (int64, error) {
	late, err := e.store.Reader().LastSegment(ctx, now.Add(-e.config.EventRetention-webhooksHold))
	if err != nil {
		return 0, err
	}
	if late != nil {
		pending = max(pending, late.To)
	}
	if pending < below {
		e.complain(webhooksName, pending)
	}
	return min(pending, below), nil
}

// auditedFrom is the first position that the auditor's rules read again when another
// process lets them.
func (e *Engine) auditedFrom(ctx context.Context, position int64) (int64, error) {
	pack, err := e.packAt(ctx, position)
	if err != nil {
		return 0, err
	}
	return e.rebuildFrom(ctx, pack, position)
}

// complain tells once who keeps the log from being forgotten.
func (e *Engine) complain(name string, position int64) {
	if e.retention.told[name] {
		return
	}
	if e.retention.told == nil {
		e.retention.told = map[string]bool{}
	}
	e.retention.told[name] = true
	e.config.Logger.Warn("events that are older than their retention stay, for a reader of the log still needs them; "+
		"if it has ended for good, delete its row of log_readers: see docs/operations.md", "reader", name, "position", position)
}
