package teg

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/agentvault/teg-layer/store"
)

// How often the log is read for those at its tail, at most: the more streams there are to
// wake, the more each is to find. How often after a fault; and how many streams that are
// further behind read for themselves at once.
const (
	feedPace   = 10 * time.Millisecond
	feedEach   = 200 * time.Microsecond // for a stream that was woken
	feedAgain  = time.Second
	feedBehind = 2
)

// feed reads the log once for all who read it live. It runs while there are streams.
type feed struct {
	behind chan struct{} // a place for each stream that reads for itself
	most   keeps
	mu     sync.Mutex // by whoever opens and closes
	tail   atomic.Pointer[tail]
}

// committed has the feed look at the log at once.
func (f *feed) committed() {
	if t := f.tail.Load(); t != nil {
		t.look()
	}
}

// open gives a stream the tail that it follows. The first stream has one begin, where the
// log ended when it was opened.
func (f *feed) open(c *core, s *EventStream) {
	f.mu.Lock()
	defer f.mu.Unlock()
	t := f.tail.Load()
	if t == nil {
		t = newTail(s.end, f.most)
		f.tail.Store(t)
		ctx, end := context.WithCancel(context.Background())
		t.end = end
		c.workers.Go(func() { f.run(ctx, c, t) })
	}
	t.streams++
	s.tail = t
}

// close takes a stream from its tail, which ends with the last.
func (f *feed) close(s *EventStream) {
	s.tail.leave(s)
	f.mu.Lock()
	defer f.mu.Unlock()
	if s.tail.streams--; s.tail.streams == 0 {
		s.tail.end()
		f.tail.CompareAndSwap(s.tail, nil)
	}
}

// run reads the log until the last stream was closed, or the engine. Faults of the database
// are waited for, since nothing is lost by them.
func (f *feed) run(ctx context.Context, c *core, t *tail) {
	failing := false
	for ctx.Err() == nil && !c.ended() {
		began, wait := time.Now(), followPause
		more, err := t.read(ctx, c.store.Reader())
		switch {
		case ctx.Err() != nil:
			return
		case errors.Is(err, store.ErrBeyondLog), errors.Is(err, store.ErrForgotten):
			f.tail.CompareAndSwap(t, nil) // who comes from now on begins anew
			t.fail(beyondLog(err))
			return
		case err != nil:
			wait = feedAgain
			if !failing {
				c.config.Logger.WarnContext(ctx, "the log cannot be read for those who follow it live; it is tried again", "error", err)
			}
		case more:
			failing = false
			continue
		}
		failing = err != nil
		t.rest(ctx, c.closing, began, wait)
	}
}
