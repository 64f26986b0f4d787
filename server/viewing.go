package server

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/agentvault/teg-layer/teg"
)

// viewing is a stream of events that a client looks at.
type viewing struct {
	call   *call
	ctx    context.Context // of the request, without the bound for its work
	stream *teg.EventStream
	all    bool // the caller sees everything
	told   StreamMetrics

	sent    time.Time // when something was sent last
	checked time.Time // when it was looked last whether the caller may see this
}

// sink is what events are sent to. Each method returns an error where the client is gone,
// or too slow.
type sink interface {
	begin(seen place) error
	events(entries []teg.AuditLogEntry) error
	beat(seen place) error
}

// Why a stream ended.
var (
	errNotAnyMore = errors.New("the caller may not see this any more")
	errStopping   = errors.New("the server is shutting down")
)

// run sends what comes until there is a reason to end, which it returns.
func (v *viewing) run(ctx context.Context, to sink) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		select {
		case <-v.call.server.streams.ending:
			cancel(errStopping)
		case <-ctx.Done():
		}
	}()
	v.ctx, v.sent, v.checked = ctx, time.Now(), time.Now()
	if err := to.begin(v.seen()); err != nil {
		return err
	}
	for {
		if err := v.step(to); err != nil {
			if cause := context.Cause(ctx); cause != nil && !errors.Is(err, errSlow) { // for which net/http ends the context, too
				return cause
			}
			return err
		}
	}
}

// step waits for events for as long as there is nothing else to do, and does that.
func (v *viewing) step(to sink) error {
	bounds := &v.call.server.config.Streams
	if time.Since(v.checked) >= bounds.Recheck {
		v.checked = time.Now()
		if err := v.stillMay(); err != nil {
			return err
		}
	}
	if time.Since(v.sent) >= bounds.Beat {
		v.sent = time.Now()
		if err := to.beat(v.seen()); err != nil {
			return err
		}
	}
	wait := min(time.Until(v.checked.Add(bounds.Recheck)), time.Until(v.sent.Add(bounds.Beat)))
	entries, err := v.stream.Next(v.ctx, max(wait, time.Millisecond))
	if err != nil || len(entries) == 0 {
		return err
	}
	v.sent = time.Now()
	v.told.EventsSent(len(entries))
	return to.events(entries)
}

// place is where a client stands: the position of an event, −1 before the first, and the
// event's seal where that is at hand.
type place struct {
	position int64
	seal     string
}

// seen is the last event that the client has seen, or that was not for it.
func (v *viewing) seen() place {
	position := v.stream.Position() - 1
	return place{position, v.stream.Seal(position)}
}

// close ends the stream.
func (v *viewing) close(slow bool) {
	v.stream.Close()
	v.told.StreamEnded(slow)
	v.call.server.streams.leave(v.call.caller.Agent, v.all)
}

// ended reports whether a stream ended as streams do.
func ended(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, errStopping) || errors.Is(err, errNotAnyMore) || errors.Is(err, errGone) || errors.Is(err, context.Canceled)
}
